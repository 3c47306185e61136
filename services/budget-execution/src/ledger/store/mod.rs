//! All SQL that changes the ledger. Queries for people are in `query`.

pub(crate) mod query;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common_types::ledger::Account;
use common_types::{DivisionCode, Elements, FiscalYear, Money};
use sea_orm::{
    ActiveValue::Set, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, entity::prelude::*, sea_query::OnConflict,
};

use super::entity::{balance, detail, head, key, year};
use super::model::{Movement, Place, Posting, Slot, room_above, room_below};

/// Rows per statement: stays below the limits of both databases on bound values.
const CHUNK: usize = 1_000;

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

/// The year of a division, kept open or closed until this transaction ends; made on first use.
pub async fn hold_year(
    tx: &DatabaseTransaction,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
    exclusive: bool,
) -> Result<year::Model, DbErr> {
    if let Some(row) = find_year(tx, mof_div_code, fiscal_year, exclusive).await? {
        return Ok(row);
    }
    let row = year::ActiveModel {
        mof_div_code: Set(mof_div_code.clone()),
        fiscal_year: Set(fiscal_year),
        close_time: Set(None),
    };
    let on_conflict = OnConflict::columns([year::Column::MofDivCode, year::Column::FiscalYear]).do_nothing().to_owned();
    year::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    let found = find_year(tx, mof_div_code, fiscal_year, exclusive).await?;
    found.ok_or_else(|| DbErr::RecordNotFound(format!("year {fiscal_year} of {mof_div_code}")))
}

async fn find_year(
    tx: &DatabaseTransaction,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
    exclusive: bool,
) -> Result<Option<year::Model>, DbErr> {
    let mut query = year::Entity::find_by_id((mof_div_code.clone(), fiscal_year));
    if tx.get_database_backend() == DbBackend::Postgres {
        query = if exclusive { query.lock_exclusive() } else { query.lock_shared() };
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

/// Inserts the heads that are not there yet; those of an identity that exists are passed over.
pub async fn insert_heads(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    postings: &[(Uuid, &Posting)],
) -> Result<u64, DbErr> {
    let mut inserted = 0_u64;
    for chunk in postings.chunks(CHUNK) {
        let rows = chunk.iter().map(|(vou_id, posting)| head::ActiveModel {
            mof_div_code: Set(posting.mof_div_code.clone()),
            vou_id: Set(*vou_id),
            fiscal_year: Set(posting.fiscal_year),
            vou_date: Set(posting.vou_date),
            event_id: Set(posting.event_id),
            template: Set(posting.template),
            line: Set(posting.line),
            source_doc: Set(posting.source_doc.clone()),
            content_hash: Set(posting.content_hash()),
            post_time: Set(now),
        });
        let identity = [head::Column::MofDivCode, head::Column::EventId, head::Column::Template, head::Column::Line];
        let on_conflict = OnConflict::columns(identity).do_nothing().to_owned();
        let count = head::Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
        inserted = inserted.saturating_add(count);
    }
    Ok(inserted)
}

/// The heads of these events.
pub async fn heads_of(tx: &DatabaseTransaction, postings: &[(Uuid, &Posting)]) -> Result<Vec<head::Model>, DbErr> {
    let mut found = Vec::with_capacity(postings.len());
    for chunk in postings.chunks(CHUNK) {
        let mut events: Vec<Uuid> = chunk.iter().map(|(_, posting)| posting.event_id).collect();
        events.sort_unstable();
        events.dedup();
        found.extend(head::Entity::find().filter(head::Column::EventId.is_in(events)).all(tx).await?);
    }
    Ok(found)
}

/// Makes sure that every balance has its row, in lock order.
pub async fn ensure_balances(tx: &DatabaseTransaction, movements: &BTreeMap<Place, Movement>) -> Result<(), DbErr> {
    let places: Vec<&Place> = movements.keys().collect();
    for chunk in places.chunks(CHUNK) {
        let rows = chunk.iter().map(|place| balance::ActiveModel {
            mof_div_code: Set(place.mof_div_code.clone()),
            fiscal_year: Set(place.fiscal_year),
            acct_cls_code: Set(place.slot.account),
            key_id: Set(place.slot.key_id),
            bal_amt: Set(Money::ZERO),
            dr_amt: Set(Money::ZERO),
            cr_amt: Set(Money::ZERO),
            ctrl_level: Set(i32::from(place.slot.account.ctrl_level())),
        });
        let primary_key = [
            balance::Column::MofDivCode,
            balance::Column::FiscalYear,
            balance::Column::AcctClsCode,
            balance::Column::KeyId,
        ];
        let on_conflict = OnConflict::columns(primary_key).do_nothing().to_owned();
        balance::Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The guard and the change are one statement; false when the guard did not hold.
pub async fn move_balance(
    tx: &DatabaseTransaction,
    place: &Place,
    movement: Movement,
    change: Money,
) -> Result<bool, DbErr> {
    let needed = change.fen().checked_neg().unwrap_or(i64::MAX);
    let fits = balance::Column::BalAmt
        .lte(room_above(change))
        .and(balance::Column::BalAmt.gte(room_below(change)))
        .and(balance::Column::DrAmt.lte(room_above(movement.dr_amt)))
        .and(balance::Column::CrAmt.lte(room_above(movement.cr_amt)));
    let holds = balance::Column::CtrlLevel.ne(2).or(balance::Column::BalAmt.gte(Money::from_fen(needed)));
    let result = balance::Entity::update_many()
        .col_expr(balance::Column::BalAmt, Expr::col(balance::Column::BalAmt).add(change.fen()))
        .col_expr(balance::Column::DrAmt, Expr::col(balance::Column::DrAmt).add(movement.dr_amt.fen()))
        .col_expr(balance::Column::CrAmt, Expr::col(balance::Column::CrAmt).add(movement.cr_amt.fen()))
        .filter(balance::Column::MofDivCode.eq(place.mof_div_code.clone()))
        .filter(balance::Column::FiscalYear.eq(place.fiscal_year))
        .filter(balance::Column::AcctClsCode.eq(place.slot.account))
        .filter(balance::Column::KeyId.eq(place.slot.key_id))
        .filter(fits)
        .filter(holds)
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// One balance as this transaction sees it.
pub async fn balance<C: ConnectionTrait>(tx: &C, place: &Place) -> Result<Money, DbErr> {
    let id = (place.mof_div_code.clone(), place.fiscal_year, place.slot.account, place.slot.key_id);
    Ok(balance::Entity::find_by_id(id).one(tx).await?.map_or(Money::ZERO, |row| row.bal_amt))
}

/// Locks balances in the order of postings and reads them.
pub async fn hold(tx: &DatabaseTransaction, places: &[Place]) -> Result<BTreeMap<Slot, Money>, DbErr> {
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

/// Writes both sides of every entry.
pub async fn insert_details(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    postings: &[(Uuid, &Posting)],
) -> Result<(), DbErr> {
    let rows: Vec<detail::ActiveModel> =
        postings.iter().flat_map(|(vou_id, posting)| sides_of(now, *vou_id, posting)).collect();
    for chunk in rows.chunks(CHUNK) {
        detail::Entity::insert_many(chunk.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn sides_of(now: DateTime<Utc>, vou_id: Uuid, posting: &Posting) -> Vec<detail::ActiveModel> {
    let sides =
        posting.entries.iter().flat_map(|entry| [(entry.debit, 1, entry.amount), (entry.credit, -1, entry.amount)]);
    (1..)
        .zip(sides)
        .map(|(seq, (slot, dr_cr, amount))| detail::ActiveModel {
            mof_div_code: Set(posting.mof_div_code.clone()),
            vou_id: Set(vou_id),
            seq: Set(seq),
            fiscal_year: Set(posting.fiscal_year),
            acct_cls_code: Set(slot.account),
            key_id: Set(slot.key_id),
            dr_cr: Set(dr_cr),
            amt: Set(amount.money()),
            template: Set(posting.template),
            vou_date: Set(posting.vou_date),
            post_time: Set(now),
        })
        .collect()
}

/// The elements that a key stands for.
pub async fn elements_of<C: ConnectionTrait>(db: &C, mof_div_code: &DivisionCode, key_id: Uuid) -> Result<Json, DbErr> {
    let row = key::Entity::find_by_id((mof_div_code.clone(), key_id)).one(db).await?;
    row.map(|row| row.elements).ok_or_else(|| DbErr::RecordNotFound(format!("element key {key_id}")))
}
