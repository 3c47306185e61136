//! All SQL of year ends.

use std::collections::BTreeMap;

use common_types::ledger::{Account, Side};
use common_types::{Amount, DivisionCode, Elements, FiscalYear, Money};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*,
};
use service_kit::{Caller, http::Paged};

use super::entity::{Column, Entity, Model, carried, recovered};
use super::model::Remaining;
use crate::ledger::{Slot, entity};
use crate::scope;

/// Rows per statement: stays below the limits of both databases on bound values.
const CHUNK: usize = 500;

/// Every balance of the year that is not zero, with what its key stands for.
pub async fn remaining(
    tx: &DatabaseTransaction,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<Vec<Remaining>, DbErr> {
    let keys = entity::key::Entity::find()
        .filter(entity::key::Column::MofDivCode.eq(mof_div_code.clone()))
        .filter(entity::key::Column::FiscalYear.eq(fiscal_year))
        .all(tx)
        .await?;
    let keys: BTreeMap<Uuid, entity::key::Model> = keys.into_iter().map(|key| (key.key_id, key)).collect();
    let balances = entity::balance::Entity::find()
        .filter(entity::balance::Column::MofDivCode.eq(mof_div_code.clone()))
        .filter(entity::balance::Column::FiscalYear.eq(fiscal_year))
        .filter(entity::balance::Column::BalAmt.ne(Money::ZERO))
        .order_by_asc(entity::balance::Column::AcctClsCode)
        .order_by_asc(entity::balance::Column::KeyId)
        .all(tx)
        .await?;
    balances.into_iter().map(|row| remaining_of(&row, &keys)).collect()
}

fn remaining_of(row: &entity::balance::Model, keys: &BTreeMap<Uuid, entity::key::Model>) -> Result<Remaining, DbErr> {
    let key = keys.get(&row.key_id).ok_or_else(|| DbErr::RecordNotFound(format!("ledger key {}", row.key_id)))?;
    let elements: Elements =
        serde_json::from_value(key.elements.clone()).map_err(|error| DbErr::Json(error.to_string()))?;
    let (side, amount) = standing(row.acct_cls_code, row.bal_amt).ok_or_else(|| {
        DbErr::Custom(format!("account {} of {} stands at {}", row.acct_cls_code, row.key_id, row.bal_amt))
    })?;
    Ok(Remaining { slot: Slot::new(row.acct_cls_code, row.key_id), amount, side, elements, bgt_id: key.bgt_id })
}

/// The side on which a balance stands, and by how much: below zero it is not the normal one.
fn standing(account: Account, balance: Money) -> Option<(Side, Amount)> {
    let is_credit = (account.normal_side() == Side::Credit) != balance.is_negative();
    let size = if balance.is_negative() { balance.checked_neg()? } else { balance };
    Some((if is_credit { Side::Credit } else { Side::Debit }, Amount::try_from(size).ok()?))
}

/// Records the closing and what it carried and took back.
pub async fn insert(
    tx: &DatabaseTransaction,
    row: Model,
    carried: Vec<carried::Model>,
    recovered: Vec<recovered::Model>,
) -> Result<(), DbErr> {
    for chunk in carried.chunks(CHUNK) {
        let rows = chunk.iter().cloned().map(|row| row.into_active_model());
        carried::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for chunk in recovered.chunks(CHUNK) {
        let rows = chunk.iter().cloned().map(|row| row.into_active_model());
        recovered::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn of_year<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((mof_div_code.clone(), fiscal_year)).one(db).await
}

pub async fn find<C: ConnectionTrait>(db: &C, year_end_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::YearEndId.eq(year_end_id)).one(db).await
}

pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    mof_div_code: Option<DivisionCode>,
    fiscal_year: Option<FiscalYear>,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::divisions(caller, Column::MofDivCode))
        .apply_if(mof_div_code, |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(after, |query, id| query.filter(Column::YearEndId.gt(id)))
        .order_by_asc(Column::YearEndId)
        .limit(paged.limit())
        .all(db)
        .await
}
