//! What other services know of `final-accounts`: unit vouchers, trial balances, reports, and a typed client.

mod client;
mod period;
mod report;
mod trial_balance;
mod voucher;

pub use client::FinalAccounts;
pub use period::*;
pub use report::*;
pub use trial_balance::*;
pub use voucher::*;
