//! 预拨 (advances) that a formal indicator must be rid of before it is used for the first time (IG-005).

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

/// The advance for this purpose that is not written off, while the formal indicator is not used yet.
pub async fn before_first_use<C: ConnectionTrait>(
    db: &C,
    purpose: Purpose<'_>,
    formal: Uuid,
) -> Result<Option<Uuid>, DbErr> {
    let advances = store::advances(db, purpose).await?;
    if advances.is_empty() || advances.contains(&formal) {
        return Ok(None);
    }
    let keys = advances.iter().copied().chain([formal]).collect();
    let balances = ledger::balances_of_keys(db, keys).await?;
    let on = |bgt_id: &Uuid, account: &Account| -> Money {
        balances.get(bgt_id).and_then(|of_key| of_key.get(account)).copied().unwrap_or_default()
    };
    if USED.iter().any(|account| !on(&formal, account).is_zero()) {
        return Ok(None);
    }
    let held = |bgt_id: &&Uuid| balances.get(*bgt_id).is_some_and(|of_key| of_key.values().any(|sum| !sum.is_zero()));
    Ok(advances.iter().find(held).copied())
}
