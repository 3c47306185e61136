//! 预拨 (advances) that a formal indicator must be rid of before it is used for the first time (IG-005).

use std::collections::BTreeMap;

use common_types::{BgtTypeCode, Money, ledger::Account};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{Indicator, store};
use crate::ledger;

/// What makes a formal indicator a used one.
const USED: [Account; 5] =
    [Account::InPayment, Account::Paid, Account::Committed, Account::Allocated, Account::UnitFundsSpent];

type Balances = BTreeMap<Uuid, BTreeMap<Account, Money>>;

/// For each of these indicators that is formal and not used yet: an advance for the same purpose that is not written off.
pub async fn before_first_use<C: ConnectionTrait>(
    db: &C,
    indicators: impl Iterator<Item = &Indicator>,
    balances: &Balances,
) -> Result<BTreeMap<Uuid, Uuid>, DbErr> {
    let is_used = |one: &Indicator| {
        let on = |account: &Account| balances.get(&one.bgt_id).and_then(|of_key| of_key.get(account));
        USED.iter().any(|account| on(account).is_some_and(|sum| !sum.is_zero()))
    };
    let is_advance = |one: &Indicator| one.elements.bgt_type_code == BgtTypeCode::Advance;
    let formal: Vec<&Indicator> = indicators.filter(|one| !is_advance(one) && !is_used(one)).collect();
    if formal.is_empty() {
        return Ok(BTreeMap::new());
    }
    let advances = store::advances(db, &formal).await?;
    let held = ledger::balances_of_keys(db, advances.iter().map(|advance| advance.bgt_id).collect()).await?;
    let is_held = |advance: &&Indicator| {
        let of_key = held.get(&advance.bgt_id);
        of_key.is_some_and(|of_key| of_key.values().any(|sum| !sum.is_zero()))
    };
    let open: Vec<&Indicator> = advances.iter().filter(is_held).collect();
    let of = |one: &Indicator| open.iter().find(|advance| is_same_purpose(advance, one)).map(|advance| advance.bgt_id);
    Ok(formal.into_iter().filter_map(|one| Some((one.bgt_id, of(one)?))).collect())
}

fn is_same_purpose(advance: &Indicator, formal: &Indicator) -> bool {
    let (one, other) = (&advance.elements, &formal.elements);
    one.mof_div_code == other.mof_div_code
        && one.fiscal_year == other.fiscal_year
        && one.agency_code == other.agency_code
        && one.pro_code == other.pro_code
        && one.exp_func_code == other.exp_func_code
        && one.fund_type_code == other.fund_type_code
}
