//! What other services know of `budget-execution`: DTOs, events and a typed client.

pub mod adjustment;
pub mod allocation;
pub mod bank;
pub mod cash_plan;
pub mod commitment;
pub mod events;
pub mod indicator;
pub mod ledger;
pub mod lineage;
pub mod payment;
pub mod rate;
pub mod setting;
pub mod transfer;
pub mod unit_fund;
pub mod verification;
pub mod voucher;
pub mod year_end;

pub use adjustment::*;
pub use allocation::*;
pub use bank::*;
pub use cash_plan::*;
pub use commitment::*;
pub use events::*;
pub use indicator::*;
pub use ledger::*;
pub use lineage::*;
pub use payment::*;
pub use rate::*;
pub use setting::*;
pub use transfer::*;
pub use unit_fund::*;
pub use verification::*;
pub use voucher::*;
pub use year_end::*;
