//! What base data says of the two sides of a payment, asked for many payments at once.

use common_types::{AccountNo, DivisionCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Account;

/// The payer's and the payee's account of one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartiesQuestion {
    pub mof_div_code: DivisionCode,
    pub pay_acct_no: AccountNo,
    pub payee_acct_no: AccountNo,
}

/// Body of `POST /payment-parties`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartiesRequest {
    pub items: Vec<PartiesQuestion>,
}

/// What is known of the sides of one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Parties {
    /// The payer's account; none when the division has no such account.
    pub payer: Option<Account>,
    /// Whether the payee's account is on the blacklist of the division.
    pub is_blacklisted: bool,
}

/// The answers, in the order of the questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartiesAnswer {
    pub items: Vec<Parties>,
}
