//! The SQL of a batch: what it locks, what it reads behind the locks, what it writes. One statement each on PostgreSQL;
//! SQLite has one writer and no way to it, so it moves balances row by row.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use common_types::{DivisionCode, FiscalYear, Money};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExprTrait as _, QueryFilter as _,
    UpdateMany,
    entity::prelude::*,
};
use service_kit::{
    Problem,
    store::{Writes, rows},
};

use super::super::PostError;
use super::super::entity::{balance, detail, head, year};
use super::super::model::{Balance, Books, Identity, Movement, Place, Posting, places};

/// Values that SQLite binds in one condition.
const CHUNK: usize = 10_000;
const SAME_BALANCE: &str = "b.mof_div_code = r.mof_div_code AND b.fiscal_year = r.fiscal_year \
     AND b.acct_cls_code = r.acct_cls_code AND b.key_id = r.key_id";

/// Locks the years and balances that these postings touch, in one order, and reads what counts for them: behind the locks
/// what was posted before, except of events that are new.
pub async fn lock_books(
    tx: &DatabaseTransaction,
    postings: &[&Posting],
    new_events: &BTreeSet<Uuid>,
) -> Result<Books, DbErr> {
    let years = postings.iter().map(|posting| (posting.mof_div_code.clone(), posting.fiscal_year)).collect();
    let places = places(postings.iter().copied());
    let closed = closed_years(tx, years, &places).await?;
    let balances = lock_balances(tx, &places).await?;
    let known: Vec<&Posting> =
        postings.iter().copied().filter(|posting| !new_events.contains(&posting.event_id)).collect();
    let posted = heads_of(tx, &known).await?.into_iter().map(|head| (identity_of(&head), head.content_hash)).collect();
    Ok(Books { balances, posted, closed })
}

fn identity_of(head: &head::Model) -> Identity {
    (head.mof_div_code.clone(), head.event_id, head.template, head.line)
}

/// Which of these years are closed; all are kept as they are until this transaction ends, and made on first use. Behind them
/// every balance has its row.
async fn closed_years(
    tx: &DatabaseTransaction,
    years: BTreeSet<(DivisionCode, FiscalYear)>,
    places: &BTreeSet<Place>,
) -> Result<BTreeSet<(DivisionCode, FiscalYear)>, DbErr> {
    let mut found = hold_years(tx, &years, places).await?;
    if found.len() < years.len() {
        rows::insert_absent(tx, years.iter().map(year_row).collect()).await?;
        found = hold_years(tx, &years, places).await?;
    }
    let closed = found.into_iter().filter(|row| row.close_time.is_some());
    Ok(closed.map(|row| (row.mof_div_code, row.fiscal_year)).collect())
}

fn year_key(year: &(DivisionCode, FiscalYear)) -> year::ActiveModel {
    year::ActiveModel { close_time: NotSet, ..year_row(year) }
}

fn year_row((mof_div_code, fiscal_year): &(DivisionCode, FiscalYear)) -> year::ActiveModel {
    year::ActiveModel { mof_div_code: Set(mof_div_code.clone()), fiscal_year: Set(*fiscal_year), close_time: Set(None) }
}

async fn hold_years(
    tx: &DatabaseTransaction,
    years: &BTreeSet<(DivisionCode, FiscalYear)>,
    places: &BTreeSet<Place>,
) -> Result<Vec<year::Model>, DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = |r: &str| {
            format!(
                "SELECT b.* FROM glb_year b JOIN {r} ON b.mof_div_code = r.mof_div_code \
                 AND b.fiscal_year = r.fiscal_year ORDER BY b.mof_div_code, b.fiscal_year FOR SHARE OF b"
            )
        };
        let (keys, empty): (Vec<_>, Vec<_>) =
            (years.iter().map(year_key).collect(), places.iter().map(empty_row).collect());
        return rows::select_then_insert_absent(tx, (&keys, sql), &empty).await;
    }
    ensure_balances(tx, places).await?;
    let divisions: BTreeSet<DivisionCode> = years.iter().map(|(mof_div_code, _)| mof_div_code.clone()).collect();
    let rows = year::Entity::find().filter(year::Column::MofDivCode.is_in(divisions)).all(tx).await?;
    Ok(rows.into_iter().filter(|row| years.contains(&(row.mof_div_code.clone(), row.fiscal_year))).collect())
}

/// Makes sure that every balance has its row, in lock order.
pub(super) async fn ensure_balances(tx: &DatabaseTransaction, places: &BTreeSet<Place>) -> Result<(), DbErr> {
    rows::insert_absent(tx, places.iter().map(empty_row).collect()).await?;
    Ok(())
}

fn empty_row(place: &Place) -> balance::ActiveModel {
    balance_row(place, Movement::default(), Money::ZERO)
}

fn balance_row(place: &Place, movement: Movement, change: Money) -> balance::ActiveModel {
    balance::ActiveModel {
        mof_div_code: Set(place.mof_div_code.clone()),
        fiscal_year: Set(place.fiscal_year),
        acct_cls_code: Set(place.slot.account),
        key_id: Set(place.slot.key_id),
        bal_amt: Set(change),
        dr_amt: Set(movement.dr_amt),
        cr_amt: Set(movement.cr_amt),
        ctrl_level: Set(i32::from(place.slot.account.ctrl_level())),
    }
}

async fn lock_balances(tx: &DatabaseTransaction, places: &BTreeSet<Place>) -> Result<BTreeMap<Place, Balance>, DbErr> {
    let rows = if tx.get_database_backend() == DbBackend::Postgres {
        let sql = |r: &str| {
            format!(
                "SELECT b.* FROM glb_bal b JOIN {r} ON {SAME_BALANCE} \
                 ORDER BY b.mof_div_code, b.fiscal_year, b.key_id, b.acct_cls_code FOR UPDATE OF b"
            )
        };
        rows::select(tx, &places.iter().map(key_row).collect::<Vec<_>>(), sql).await?
    } else {
        let keys: BTreeSet<Uuid> = places.iter().map(|place| place.slot.key_id).collect();
        let mut found = Vec::with_capacity(places.len());
        for chunk in keys.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
            let of_keys = balance::Column::KeyId.is_in(chunk.to_vec());
            found.extend(balance::Entity::find().filter(of_keys).all(tx).await?);
        }
        found
    };
    Ok(rows.into_iter().map(placed).filter(|(place, _)| places.contains(place)).collect())
}

fn key_row(place: &Place) -> balance::ActiveModel {
    balance::ActiveModel { bal_amt: NotSet, dr_amt: NotSet, cr_amt: NotSet, ctrl_level: NotSet, ..empty_row(place) }
}

fn placed(row: balance::Model) -> (Place, Balance) {
    let slot = super::super::Slot::new(row.acct_cls_code, row.key_id);
    let place = Place { mof_div_code: row.mof_div_code, fiscal_year: row.fiscal_year, slot };
    (place, Balance { bal_amt: row.bal_amt, dr_amt: row.dr_amt, cr_amt: row.cr_amt })
}

/// What was posted before under the identities of these postings.
async fn heads_of(tx: &DatabaseTransaction, postings: &[&Posting]) -> Result<Vec<head::Model>, DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = |r: &str| {
            format!(
                "SELECT b.* FROM glb_vou_head b JOIN {r} ON b.mof_div_code = r.mof_div_code \
                 AND b.event_id = r.event_id AND b.template = r.template AND b.line = r.line"
            )
        };
        return rows::select(tx, &postings.iter().map(|posting| identity_row(posting)).collect::<Vec<_>>(), sql).await;
    }
    let divisions: BTreeSet<DivisionCode> = postings.iter().map(|posting| posting.mof_div_code.clone()).collect();
    let events: BTreeSet<Uuid> = postings.iter().map(|posting| posting.event_id).collect();
    let mut found = Vec::new();
    for chunk in events.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let of_divisions = head::Column::MofDivCode.is_in(divisions.clone());
        let of_events = head::Column::EventId.is_in(chunk.to_vec());
        found.extend(head::Entity::find().filter(of_divisions).filter(of_events).all(tx).await?);
    }
    Ok(found)
}

fn identity_row(posting: &Posting) -> head::ActiveModel {
    head::ActiveModel {
        mof_div_code: Set(posting.mof_div_code.clone()),
        event_id: Set(posting.event_id),
        template: Set(posting.template),
        line: Set(posting.line),
        ..Default::default()
    }
}

/// Adds the heads, whose identities have to be free.
pub fn insert_heads(
    writes: &mut Writes,
    now: DateTime<Utc>,
    postings: &[(Uuid, &Posting)],
    taken: PostError,
) -> Result<(), DbErr> {
    let row = |(vou_id, posting): &(Uuid, &Posting)| head::ActiveModel {
        vou_id: Set(*vou_id),
        fiscal_year: Set(posting.fiscal_year),
        vou_date: Set(posting.vou_date),
        source_doc: Set(posting.source_doc.clone()),
        content_hash: Set(posting.content_hash()),
        post_time: Set(now),
        ..identity_row(posting)
    };
    writes.insert_free(&postings.iter().map(row).collect::<Vec<_>>(), Problem::from(taken))
}

/// The refusal of the first of these postings whose identity another transaction has taken, or of the first of all.
pub async fn raced(tx: &DatabaseTransaction, postings: &[(Uuid, &Posting)]) -> Result<Option<PostError>, DbErr> {
    let all: Vec<&Posting> = postings.iter().map(|(_, posting)| *posting).collect();
    let heads: HashMap<Identity, Uuid> =
        heads_of(tx, &all).await?.into_iter().map(|head| (identity_of(&head), head.vou_id)).collect();
    let is_taken =
        |(vou_id, posting): &&(Uuid, &Posting)| heads.get(&posting.identity()).is_some_and(|other| other != vou_id);
    Ok(postings.iter().find(is_taken).or(postings.first()).map(|(_, posting)| posting.reused()))
}

/// Adds the movement of every balance; the CHECK of the table stands behind what was decided.
pub fn move_balances(writes: &mut Writes, movements: &BTreeMap<Place, Movement>) -> Result<(), PostError> {
    let mut rows = Vec::with_capacity(movements.len());
    for (place, movement) in movements {
        let change = movement.change(place.slot.account).ok_or(PostError::Overflow)?;
        rows.push((place, *movement, change));
    }
    let sql = |r: &str| {
        format!(
            "UPDATE glb_bal b SET bal_amt = b.bal_amt + r.bal_amt, dr_amt = b.dr_amt + r.dr_amt, \
             cr_amt = b.cr_amt + r.cr_amt FROM {r} WHERE {SAME_BALANCE}"
        )
    };
    let moved: Vec<_> = rows.iter().map(|(place, movement, change)| balance_row(place, *movement, *change)).collect();
    let one_by_one = rows.iter().map(|(place, movement, change)| move_balance(place, *movement, *change));
    Ok(writes.update(&moved, sql, one_by_one, None)?)
}

fn move_balance(place: &Place, movement: Movement, change: Money) -> UpdateMany<balance::Entity> {
    balance::Entity::update_many()
        .col_expr(balance::Column::BalAmt, Expr::col(balance::Column::BalAmt).add(change.fen()))
        .col_expr(balance::Column::DrAmt, Expr::col(balance::Column::DrAmt).add(movement.dr_amt.fen()))
        .col_expr(balance::Column::CrAmt, Expr::col(balance::Column::CrAmt).add(movement.cr_amt.fen()))
        .filter(balance::Column::MofDivCode.eq(place.mof_div_code.clone()))
        .filter(balance::Column::FiscalYear.eq(place.fiscal_year))
        .filter(balance::Column::AcctClsCode.eq(place.slot.account))
        .filter(balance::Column::KeyId.eq(place.slot.key_id))
}

/// Adds both sides of every entry.
pub fn insert_details(writes: &mut Writes, now: DateTime<Utc>, postings: &[(Uuid, &Posting)]) -> Result<(), DbErr> {
    let sides = postings.iter().flat_map(|(vou_id, posting)| sides_of(now, *vou_id, posting));
    writes.insert(&sides.collect::<Vec<_>>())
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
