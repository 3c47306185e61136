//! What other services know of `budget-execution`: DTOs, events and a typed client.

pub mod bank;
pub mod events;
pub mod indicator;
pub mod ledger;
pub mod payment;
pub mod verification;
pub mod voucher;

pub use bank::*;
pub use events::*;
pub use indicator::*;
pub use ledger::*;
pub use payment::*;
pub use verification::*;
pub use voucher::*;
