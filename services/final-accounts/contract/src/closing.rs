//! The year end of a unit's books (年终结转).

use common_types::{AgencyCode, DivisionCode, FiscalYear};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::UnitVoucher;

/// Body of `POST /year-end-closings`.
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
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub is_locked: bool,
    /// None when there was nothing to carry over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<UnitVoucher>,
}
