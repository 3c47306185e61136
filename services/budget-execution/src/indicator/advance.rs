//! 预拨 (advances) that a formal indicator must be rid of before it is used for the first time (IG-005).

use std::collections::BTreeMap;

use common_types::{AgencyCode, DivisionCode, ExpFuncCode, FiscalYear, FundTypeCode, Money, ProCode, ledger::Account};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::store;
use crate::ledger;

/// What money is for, as far as an advance and its formal indicator agree.
#[derive(Debug, Clone, Copy)]
pub struct Purpose<'a> {
    pub mof_div_code: &'a DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: &'a AgencyCode,
    pub pro_code: &'a ProCode,
    pub exp_func_code: &'a ExpFuncCode,
    pub fund_type_code: &'a FundTypeCode,
}

/// What makes a formal indicator a used one.
const USED: [Account; 3] = [Account::InPayment, Account::Paid, Account::Committed];

/// The advance for this purpose that is not written off, while the formal indicator with these balances is not used yet.
pub async fn before_first_use<C: ConnectionTrait>(
    db: &C,
    purpose: Purpose<'_>,
    (formal, balances): (Uuid, &BTreeMap<Account, Money>),
) -> Result<Option<Uuid>, DbErr> {
    if USED.iter().any(|account| balances.get(account).is_some_and(|sum| !sum.is_zero())) {
        return Ok(None);
    }
    let advances = store::advances(db, purpose).await?;
    if advances.is_empty() || advances.contains(&formal) {
        return Ok(None);
    }
    let balances = ledger::balances_of_keys(db, advances.clone()).await?;
    let held = |bgt_id: &&Uuid| balances.get(*bgt_id).is_some_and(|of_key| of_key.values().any(|sum| !sum.is_zero()));
    Ok(advances.iter().find(held).copied())
}
