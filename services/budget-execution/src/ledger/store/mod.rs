//! All SQL that changes the ledger: a batch of postings in `batch`, keys and years here. Queries for people are in
//! `query`.

mod batch;
pub(crate) mod query;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common_types::ledger::Account;
use common_types::{DivisionCode, Elements, FiscalYear, Money};
use sea_orm::{
    ActiveValue::Set, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, entity::prelude::*, sea_query::OnConflict,
};

use super::entity::{balance, key, year};
use super::model::{Place, Slot};

use batch::ensure_balances;
pub use batch::{insert_details, insert_heads, lock_books, move_balances, raced};

/// Records what a key stands for; the first one stays.
pub async fn insert_key<C: ConnectionTrait>(
    tx: &C,
    key_id: Uuid,
    elements: &Elements,
    bgt_id: Option<Uuid>,
) -> Result<(), DbErr> {
    let row = key::ActiveModel {
        mof_div_code: Set(elements.mof_div_code.clone()),
        key_id: Set(key_id),
        fiscal_year: Set(elements.fiscal_year),
        bgt_id: Set(bgt_id),
        agency_code: Set(elements.agency_code.clone()),
        elements: Set(serde_json::to_value(elements).map_err(|error| DbErr::Json(error.to_string()))?),
    };
    let on_conflict = OnConflict::columns([key::Column::MofDivCode, key::Column::KeyId]).do_nothing().to_owned();
    key::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    Ok(())
}

/// The year of a division, for this transaction alone until it ends; made on first use.
pub async fn lock_year(
    tx: &DatabaseTransaction,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<year::Model, DbErr> {
    if let Some(row) = find_year(tx, mof_div_code, fiscal_year).await? {
        return Ok(row);
    }
    let row = year::ActiveModel {
        mof_div_code: Set(mof_div_code.clone()),
        fiscal_year: Set(fiscal_year),
        close_time: Set(None),
    };
    let on_conflict = OnConflict::columns([year::Column::MofDivCode, year::Column::FiscalYear]).do_nothing().to_owned();
    year::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    let found = find_year(tx, mof_div_code, fiscal_year).await?;
    found.ok_or_else(|| DbErr::RecordNotFound(format!("year {fiscal_year} of {mof_div_code}")))
}

async fn find_year(
    tx: &DatabaseTransaction,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<Option<year::Model>, DbErr> {
    let mut query = year::Entity::find_by_id((mof_div_code.clone(), fiscal_year));
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.one(tx).await
}

/// Marks a year closed; false when it was closed before.
pub async fn close_year(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<bool, DbErr> {
    let result = year::Entity::update_many()
        .col_expr(year::Column::CloseTime, Expr::value(now))
        .filter(year::Column::MofDivCode.eq(mof_div_code.clone()))
        .filter(year::Column::FiscalYear.eq(fiscal_year))
        .filter(year::Column::CloseTime.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Locks balances in the order of postings and reads them. All have rows then: one that is made only later would be locked
/// out of order.
pub async fn hold(tx: &DatabaseTransaction, places: &[Place]) -> Result<BTreeMap<Slot, Money>, DbErr> {
    ensure_balances(tx, &places.iter().cloned().collect()).await?;
    let mut wanted = Condition::any();
    for place in places {
        wanted = wanted.add(
            balance::Column::MofDivCode
                .eq(place.mof_div_code.clone())
                .and(balance::Column::FiscalYear.eq(place.fiscal_year))
                .and(balance::Column::AcctClsCode.eq(place.slot.account))
                .and(balance::Column::KeyId.eq(place.slot.key_id)),
        );
    }
    let rows = balance::Entity::find()
        .filter(wanted)
        .order_by_asc(balance::Column::KeyId)
        .order_by_asc(balance::Column::AcctClsCode)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| (Slot::new(row.acct_cls_code, row.key_id), row.bal_amt)).collect())
}

/// All balances of one key.
pub async fn balances<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
    key_id: Uuid,
) -> Result<BTreeMap<Account, Money>, DbErr> {
    let rows = balance::Entity::find()
        .filter(balance::Column::MofDivCode.eq(mof_div_code.clone()))
        .filter(balance::Column::FiscalYear.eq(fiscal_year))
        .filter(balance::Column::KeyId.eq(key_id))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.acct_cls_code, row.bal_amt)).collect())
}

/// The elements that a key stands for.
pub async fn elements_of<C: ConnectionTrait>(db: &C, mof_div_code: &DivisionCode, key_id: Uuid) -> Result<Json, DbErr> {
    let row = key::Entity::find_by_id((mof_div_code.clone(), key_id)).one(db).await?;
    row.map(|row| row.elements).ok_or_else(|| DbErr::RecordNotFound(format!("element key {key_id}")))
}
