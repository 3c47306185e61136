//! What the rules of a submission are told of the world outside the application.

use std::collections::{BTreeMap, BTreeSet};

use base_info_contract::Account;
use chrono::NaiveDate;
use common_types::{AccountNo, Money};
use uuid::Uuid;

/// What was looked up for a submission.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// None when there is no such account.
    pub payer: Option<Account>,
    /// Accounts of payees that are on the blacklist.
    pub blacklisted: BTreeSet<AccountNo>,
    /// Whether a payee is the unit itself, by name or by account (PAY-012).
    pub is_to_own: bool,
    /// The advance that must be written off before this first use of the indicator.
    pub advance: Option<Uuid>,
    pub contract: Option<Contract>,
    pub duplicate: Option<Duplicate>,
    /// Serving and other persons of the unit, by id.
    pub persons: BTreeMap<String, Person>,
    /// Persons whose salary of the month is paid or on its way.
    pub paid_persons: BTreeSet<String>,
    /// What the unit's own account still has; none when the bank never said.
    pub balance_amt: Option<Money>,
    pub notice: Option<Collection>,
    /// The oldest receipt of the unit that is not booked.
    pub unbooked_since: Option<NaiveDate>,
}

/// A procurement contract and what was paid on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    pub contract_no: String,
    pub contract_amt: Money,
    pub supplier_name: String,
    pub supplier_acct_no: AccountNo,
    /// Paid and on its way, without this one.
    pub paid_amt: Money,
    /// Of that in advance.
    pub prepaid_amt: Money,
    /// What the contract itself allows in advance, in per cent.
    pub prepay_percent: i32,
}

/// An earlier application that looks the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    pub pay_app_no: String,
    pub create_date: NaiveDate,
}

/// A person as a payroll sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub per_name: String,
    pub is_serving: bool,
}

/// A collection notice (托收通知).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub pay_amt: Money,
    pub is_open: bool,
}
