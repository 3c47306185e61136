//! What other services know of `final-accounts`: unit vouchers, trial balances, year ends, reports, a typed client.

mod client;
mod closing;
mod report;
mod trial_balance;
mod voucher;

pub use client::FinalAccounts;
pub use closing::*;
pub use report::*;
pub use trial_balance::*;
pub use voucher::*;
