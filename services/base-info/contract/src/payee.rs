//! Payees (收款人) that a division knows, and its blacklist.

use common_types::{AccountNo, DivisionCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Records a payee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayee {
    pub mof_div_code: DivisionCode,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    /// Twelve digits (行号).
    pub payee_acct_bank_code: String,
    #[serde(default)]
    pub is_blacklisted: bool,
    /// Why it is on the blacklist.
    #[serde(default)]
    pub basis: String,
}

/// A payee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Payee {
    pub payee_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub payee_acct_bank_code: String,
    pub is_blacklisted: bool,
    pub basis: String,
}

/// Puts a payee on the blacklist, or takes it off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlacklistChange {
    pub is_blacklisted: bool,
    /// Why, in both cases.
    pub basis: String,
}

/// Filters of `GET /payees`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PayeeFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<String>)]
    pub payee_acct_no: Option<AccountNo>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}
