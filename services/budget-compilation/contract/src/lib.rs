//! What `budget-compilation` offers to others: packages, control numbers, approvals, the approved lines, and a typed
//! client. Holds shapes only; every rule stays in the service.

mod approval;
mod client;
mod control_number;
mod package;
mod transfer_package;

pub use approval::*;
pub use client::*;
pub use control_number::*;
pub use package::*;
pub use transfer_package::*;

/// Event type: a budget was approved (批复). Its data is an [`ApprovedBudget`].
pub const APPROVAL_GRANTED: &str = "budget-compilation.approval.granted";
