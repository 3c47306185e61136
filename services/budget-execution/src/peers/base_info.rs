//! What this service asks `base-info`: the unit, its accounts, what is known of a payee. Reads only what it needs.

use common_types::{AccTypeCode, AccountNo, AgencyCode, AgencyType, DivisionCode, FiscalYear};
use serde::Deserialize;
use service_kit::{Peer, PeerError};

/// A unit (单位).
#[derive(Debug, Clone, Deserialize)]
pub struct Agency {
    pub agency_name: String,
    pub agency_type_code: AgencyType,
    #[serde(default = "enabled")]
    pub is_enabled: bool,
}

/// A bank account of a unit or of the finance department (账户).
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    #[serde(default)]
    pub agency_code: Option<AgencyCode>,
    pub account_no: AccountNo,
    pub account_name: String,
    pub bank_name: String,
    pub acc_type_code: AccTypeCode,
    #[serde(default = "enabled")]
    pub is_enabled: bool,
}

/// A payee that the division knows (收款人).
#[derive(Debug, Clone, Deserialize)]
pub struct Payee {
    #[serde(default)]
    pub is_blacklisted: bool,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

fn enabled() -> bool {
    true
}

/// The unit of that division and year.
pub async fn agency(
    peer: &Peer,
    division: &DivisionCode,
    year: FiscalYear,
    agency: &AgencyCode,
) -> Result<Option<Agency>, PeerError> {
    peer.find(&format!("/api/base-info/v1/agencies/{division}/{year}/{agency}")).await
}

/// The account of that number in the division.
pub async fn account(peer: &Peer, division: &DivisionCode, number: &AccountNo) -> Result<Option<Account>, PeerError> {
    let path = format!("/api/base-info/v1/accounts?mof_div_code={division}&account_no={number}");
    let found: Items<Account> = peer.get(&path).await?;
    Ok(found.items.into_iter().find(|account| account.account_no == *number))
}

/// What the division knows of the payee with that account.
pub async fn payee(peer: &Peer, division: &DivisionCode, number: &AccountNo) -> Result<Vec<Payee>, PeerError> {
    let path = format!("/api/base-info/v1/payees?mof_div_code={division}&payee_acct_no={number}");
    let found: Items<Payee> = peer.get(&path).await?;
    Ok(found.items)
}
