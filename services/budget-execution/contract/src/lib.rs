//! What other services know of `budget-execution`: DTOs, events and a typed client.

pub mod bank;
pub mod events;
pub mod payment;
pub mod voucher;

pub use bank::*;
pub use events::*;
pub use payment::*;
pub use voucher::*;
