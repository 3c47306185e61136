//! What other services know of `budget-execution`: DTOs, events and a typed client.

pub mod adjustment;
pub mod bank;
pub mod cash_plan;
pub mod certificate;
pub mod clearing;
pub mod commitment;
pub mod day_file;
pub mod events;
pub mod indicator;
pub mod ledger;
pub mod lineage;
pub mod payment;
pub mod transfer;
pub mod verification;
pub mod voucher;
pub mod year_end;

pub use adjustment::*;
pub use bank::*;
pub use cash_plan::*;
pub use certificate::*;
pub use clearing::*;
pub use commitment::*;
pub use day_file::*;
pub use events::*;
pub use indicator::*;
pub use ledger::*;
pub use lineage::*;
pub use payment::*;
pub use transfer::*;
pub use verification::*;
pub use voucher::*;
pub use year_end::*;
