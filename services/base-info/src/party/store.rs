//! All SQL on the sides of payments: one query for all accounts, one for all payees.

use std::collections::{BTreeMap, BTreeSet};

use base_info_contract::{Account, PartiesQuestion};
use common_types::{AccountNo, DivisionCode};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter as _, QuerySelect as _, entity::prelude::*};
use service_kit::store::rows;

use crate::{account::store as account, payee::store as payee};

type Key = (DivisionCode, AccountNo);

/// The accounts of payers and payees that are registered.
pub(crate) async fn accounts<C: ConnectionTrait>(
    db: &C,
    asked: &[PartiesQuestion],
) -> Result<BTreeMap<Key, Account>, DbErr> {
    let numbers: BTreeSet<_> =
        asked.iter().flat_map(|one| one.payee_acct_nos.iter().chain([&one.pay_acct_no])).collect();
    let rows = account::Entity::find()
        .filter(rows::one_of(db, account::Column::MofDivCode, divisions(asked)))
        .filter(rows::one_of(db, account::Column::AccountNo, numbers.into_iter().cloned()))
        .all(db)
        .await?;
    let accounts = rows.into_iter().map(account::account_of);
    Ok(accounts.map(|account| ((account.mof_div_code.clone(), account.account_no.clone()), account)).collect())
}

/// The payees that are on the blacklist of their division.
pub(crate) async fn blacklisted<C: ConnectionTrait>(db: &C, asked: &[PartiesQuestion]) -> Result<BTreeSet<Key>, DbErr> {
    let numbers: BTreeSet<_> = asked.iter().flat_map(|one| &one.payee_acct_nos).collect();
    let rows = payee::Entity::find()
        .select_only()
        .columns([payee::Column::MofDivCode, payee::Column::PayeeAcctNo])
        .filter(rows::one_of(db, payee::Column::MofDivCode, divisions(asked)))
        .filter(rows::one_of(db, payee::Column::PayeeAcctNo, numbers.into_iter().cloned()))
        .filter(payee::Column::IsBlacklisted.eq(true))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

fn divisions(asked: &[PartiesQuestion]) -> BTreeSet<DivisionCode> {
    asked.iter().map(|one| one.mof_div_code.clone()).collect()
}
