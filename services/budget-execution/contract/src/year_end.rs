//! The year end (年终结转): what is left is carried over or recovered, and the books of the year are closed.

use chrono::{DateTime, Utc};
use common_types::{DivisionCode, FiscalYear, FundTypeCode, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Type of [`YearClosed`].
pub const YEAR_CLOSED: &str = "budget-execution.year.closed";

/// Closes one division's year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewYearEnd {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
}

/// What the year end did, or with `dry_run` would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct YearEnd {
    pub year_end_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub close_time: DateTime<Utc>,
    /// By kind of funds: remaining = carried + recovered (CL-005).
    pub totals: Vec<FundTotal>,
    /// Every indicator that had something left.
    pub lines: Vec<YearEndLine>,
    /// Every account before and after.
    pub accounts: Vec<AccountClosing>,
}

/// Remaining authority of one kind of funds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FundTotal {
    pub fund_type_code: FundTypeCode,
    pub remaining: Money,
    pub carried: Money,
    pub recovered: Money,
}

/// What became of one indicator's remaining authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct YearEndLine {
    pub bgt_id: Uuid,
    pub remaining: Money,
    pub carried: Money,
    pub recovered: Money,
    /// The rule that decided, such as `CL-002`.
    pub rule: String,
    /// The indicator of the next year that holds what was carried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_bgt_id: Option<Uuid>,
}

/// One account of the closed year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountClosing {
    pub acct_cls_code: String,
    pub acct_cls_name: String,
    pub before: Money,
    /// Zero on every account of a closed year.
    pub after: Money,
}

/// The books of a year are closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct YearClosed {
    pub year_end_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub totals: Vec<FundTotal>,
}
