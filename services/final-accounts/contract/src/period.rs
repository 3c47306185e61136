//! Accounting periods of a unit (会计期间) and its year end.

use common_types::{AgencyCode, DivisionCode, FiscalYear};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::UnitVoucher;

/// Body of `POST /periods/closings` (结账): closes the period and all before it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodClosing {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    /// 1 to 13.
    pub period: i32,
}

/// The books of one unit and year (账套).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Books {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    /// The last closed period; 0 when all are open.
    pub closed_period: i32,
    /// Income and expenses are carried to the balances and nothing more is posted (RP-002).
    pub is_year_closed: bool,
}

/// Body of `POST /year-end-closings` (年终结转).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearEndClosing {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
}

/// What the year end did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct YearEndClosed {
    pub books: Books,
    /// None when there was nothing to carry over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<UnitVoucher>,
}
