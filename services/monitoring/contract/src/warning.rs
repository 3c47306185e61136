//! Warnings (预警单, FI_WARN) as cases that are handled to their end.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AffirmResult, AgencyCode, CtrlType, DivisionCode, FiscalYear, Money, VerifyResult, WarnLevel, WarnStatus,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Type of [`WarningAffirmed`].
pub const WARNING_AFFIRMED: &str = "monitoring.warning.affirmed";

/// The supervisors have said what a warning is (处室认定).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WarningAffirmed {
    pub warn_id: Uuid,
    pub document_type: String,
    pub document_id: Uuid,
    pub affirm_result: AffirmResult,
    pub opinion: String,
}

/// A file that proves something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseAttachment {
    pub kind: String,
    pub name: String,
    /// SHA-256 of the content, 64 hexadecimal digits.
    pub hash: String,
}

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    pub warn_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub rule_code: String,
    pub rule_version: i32,
    pub rule_name: String,
    pub warn_level: WarnLevel,
    pub ctrl_type: CtrlType,
    pub document_type: String,
    pub document_id: Uuid,
    /// The indicator that it is about, or that its payment is made from.
    pub bgt_id: Option<Uuid>,
    pub agency_code: AgencyCode,
    pub amount: Money,
    pub payee_acct_name: String,
    pub use_des: String,
    pub message_zh: String,
    pub message_en: String,
    pub status: WarnStatus,
    pub affirm_result: AffirmResult,
    pub verify_result: Option<VerifyResult>,
    pub is_archived: bool,
    pub case: CaseRecord,
    pub create_time: DateTime<Utc>,
}

/// What was said and done about a warning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseRecord {
    pub explanation: Option<Explanation>,
    pub explained_by: Option<String>,
    pub affirmation: Option<Affirmation>,
    pub affirmed_by: Option<String>,
    pub verification_request: Option<String>,
    pub verification: Option<Verification>,
    pub verified_by: Option<String>,
    pub inquiry: Option<Inquiry>,
    pub rectification: Option<Rectification>,
    pub rectified_by: Option<String>,
}

/// What the unit says (单位说明); an intercepted payment needs contact, phone and attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    pub text: String,
    #[serde(default)]
    pub contact: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub attachments: Vec<CaseAttachment>,
}

/// What the supervisors find (认定): 1 normal, 2 violation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Affirmation {
    pub affirm_result: AffirmResult,
    pub opinion: String,
}

/// Asks the unit to verify (下发单位核实).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationOrder {
    pub opinion: String,
}

/// What the unit verified (单位核实意见).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    pub verify_result: VerifyResult,
    pub text: String,
}

/// A letter of inquiry (问询函).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Inquiry {
    pub letter_no: String,
    pub content: String,
}

/// How a violation was put right (整改).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rectification {
    pub opinion: String,
    /// Money given back.
    pub back_amt: Money,
    /// Money moved in the accounts.
    pub adjust_amt: Money,
    pub rectify_date: NaiveDate,
    #[serde(default)]
    pub attachments: Vec<CaseAttachment>,
}

/// Closes a case (归档).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Archiving {}

/// Filters of `GET /warnings`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WarningFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    pub document_id: Option<Uuid>,
    pub rule_code: Option<String>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}

/// Body of `POST /open-warnings`: what somebody is about to change, all of one division. Of an indicator, the warnings of
/// payments made from it count too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenWarningsQuestion {
    pub mof_div_code: DivisionCode,
    /// At most 1000.
    pub document_ids: Vec<Uuid>,
}

/// A warning that is not settled yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenWarning {
    pub warn_id: Uuid,
    pub document_type: String,
    pub document_id: Uuid,
    /// The indicator that it is about, or that its payment is made from.
    pub bgt_id: Option<Uuid>,
    pub rule_code: String,
    pub rule_name: String,
    pub warn_level: WarnLevel,
}

/// What is open of the documents asked about, the oldest first; at most 1000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenWarnings {
    pub items: Vec<OpenWarning>,
}

/// One line of the statistics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WarningCount {
    pub rule_code: String,
    pub rule_name: String,
    pub warn_level: WarnLevel,
    pub status: WarnStatus,
    pub count: u64,
}
