//! Bank accounts (银行账户, BAS_ACCOUNT).

use common_types::{AccTypeCode, AccountNo, AgencyCode, DivisionCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Opens an account for a unit, or for the finance bureau itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    pub mof_div_code: DivisionCode,
    #[serde(default)]
    pub agency_code: Option<AgencyCode>,
    pub account_no: AccountNo,
    pub account_name: String,
    /// Twelve digits (行号).
    pub bank_code: String,
    pub bank_name: String,
    pub acc_type_code: AccTypeCode,
    /// Approval of the opening.
    pub approve_no: String,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    pub account_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub agency_code: Option<AgencyCode>,
    pub account_no: AccountNo,
    pub account_name: String,
    pub bank_code: String,
    pub bank_name: String,
    pub acc_type_code: AccTypeCode,
    pub approve_no: String,
    pub is_enabled: bool,
}

/// Stops an account (账户停用): no payment leaves it any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountStop {}

/// Filters of `GET /accounts`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<String>)]
    pub agency_code: Option<AgencyCode>,
    #[param(value_type = Option<String>)]
    pub account_no: Option<AccountNo>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}
