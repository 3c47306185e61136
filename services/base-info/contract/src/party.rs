//! What base data says of the two sides of a payment, asked for many payments at once.

use std::collections::{BTreeMap, BTreeSet};

use common_types::{AccountNo, AgencyCode, DivisionCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Account;

/// Payees that are asked about at once, over all payments of a request; one that has more is asked about in parts.
pub const MOST_PAYEES: usize = 10_000;

/// The payer's and the payees' accounts of one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartiesQuestion {
    pub mof_div_code: DivisionCode,
    pub pay_acct_no: AccountNo,
    /// Of the payment itself and of its details.
    pub payee_acct_nos: BTreeSet<AccountNo>,
}

/// Body of `POST /payment-parties`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartiesRequest {
    pub items: Vec<PartiesQuestion>,
}

/// What is known of the sides of one payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Parties {
    /// The payer's account; none when the division has no such account.
    pub payer: Option<Account>,
    /// Of the payees' accounts those on the blacklist of the division.
    pub blacklisted: BTreeSet<AccountNo>,
    /// Of the payees' accounts those that belong to a unit of the division.
    pub owners: BTreeMap<AccountNo, AgencyCode>,
}

/// The answers, in the order of the questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartiesAnswer {
    pub items: Vec<Parties>,
}
