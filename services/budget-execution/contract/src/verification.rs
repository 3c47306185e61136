//! The verifier's report on the ledger.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Body of `POST /verifications`. Without division and year, everything within reach of the caller is verified.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationRequest {
    #[serde(default)]
    pub mof_div_code: Option<DivisionCode>,
    #[serde(default)]
    pub fiscal_year: Option<FiscalYear>,
}

/// One invariant of the ledger and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvariantCheck {
    /// 1 to 8 of the standard; 9 commitments, 10 cash plans, 11 signatures, 12 what vouchers paid,
    /// 13 to 16 other documents against the ledger.
    pub invariant: i32,
    pub name_zh: String,
    pub name_en: String,
    pub ok: bool,
    /// How many things were looked at.
    pub checked: i64,
    /// Figures of the first differences.
    pub differences: Vec<Difference>,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    pub subject: String,
    pub expected: Money,
    pub actual: Money,
}

/// What the verifier found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    pub verification_id: Uuid,
    pub verify_time: DateTime<Utc>,
    pub ok: bool,
    pub entries: i64,
    pub balances: i64,
    pub dr_amt: Money,
    pub cr_amt: Money,
    pub invariants: Vec<InvariantCheck>,
}

/// What a night's verification of one division found, as it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptVerification {
    pub mof_div_code: DivisionCode,
    /// The business day that it was due on.
    pub day: NaiveDate,
    #[serde(flatten)]
    pub report: Verification,
}

/// Filters of `GET /verifications`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VerificationFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    pub day: Option<NaiveDate>,
    pub ok: Option<bool>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}
