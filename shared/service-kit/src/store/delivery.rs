//! The queue of each subscriber: which events it does not have yet. An event of one document never overtakes an earlier
//! one of the same document.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Statement,
    entity::prelude::*,
    sea_query::{OnConflict, Query},
};

use crate::Database;

const CLAIM_SECONDS: i64 = 60;
const CLAIMING: &str = "SELECT pg_advisory_xact_lock(hashtext($1))";

/// An event on its way to a subscriber. The row goes when the subscriber has it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub subscriber: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    pub subject: String,
    pub tries: i32,
    /// Claimed by a relay, or not to be tried again, until then; follows the system clock.
    pub next_try_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Queues events: subscriber, event, subject.
pub(super) async fn queue(tx: &DatabaseTransaction, rows: Vec<(&str, Uuid, &str)>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let now = Utc::now();
    let rows = rows.into_iter().map(|(subscriber, event_id, subject)| ActiveModel {
        subscriber: Set(subscriber.to_owned()),
        event_id: Set(event_id),
        subject: Set(subject.to_owned()),
        tries: Set(0),
        next_try_at: Set(now),
    });
    let on_conflict = OnConflict::columns([Column::Subscriber, Column::EventId]).do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether anything of a queue is due.
pub(super) async fn is_due(database: &Database, subscriber: &str) -> Result<bool, DbErr> {
    let due = Entity::find()
        .select_only()
        .column(Column::EventId)
        .filter(Column::Subscriber.eq(subscriber))
        .filter(Column::NextTryAt.lte(Utc::now()))
        .limit(1)
        .into_tuple::<Uuid>()
        .one(database.read())
        .await?;
    Ok(due.is_some())
}

/// Claims the oldest events that are due, but none whose document has an earlier one that is claimed or put off.
/// Relays of several instances claim one after the other.
pub(super) async fn claim(tx: &DatabaseTransaction, subscriber: &str, limit: u64) -> Result<Vec<Model>, DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = Statement::from_sql_and_values(DbBackend::Postgres, CLAIMING, [subscriber.into()]);
        tx.execute_raw(lock).await?;
    }
    let now = Utc::now();
    let (earlier, this) = ("earlier", Entity);
    let overtaken = Query::select()
        .expr(Expr::value(1))
        .from_as(Entity, earlier)
        .and_where(Expr::col((earlier, Column::Subscriber)).eq(subscriber))
        .and_where(Expr::col((earlier, Column::Subject)).eq(Expr::col((this, Column::Subject))))
        .and_where(Expr::col((earlier, Column::EventId)).lt(Expr::col((this, Column::EventId))))
        .and_where(Expr::col((earlier, Column::NextTryAt)).gt(now))
        .to_owned();
    let due = Entity::find()
        .filter(Column::Subscriber.eq(subscriber))
        .filter(Column::NextTryAt.lte(now))
        .filter(Expr::exists(overtaken).not())
        .order_by_asc(Column::EventId)
        .limit(limit)
        .all(tx)
        .await?;
    put_off(tx, subscriber, due.iter().map(|row| row.event_id).collect(), CLAIM_SECONDS, 0).await?;
    Ok(due)
}

/// Leaves events alone for a while, and counts a failed try when there was one.
pub(super) async fn put_off(
    tx: &DatabaseTransaction,
    subscriber: &str,
    events: Vec<Uuid>,
    seconds: i64,
    failed_tries: i32,
) -> Result<(), DbErr> {
    if events.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::NextTryAt, Expr::value(Utc::now() + TimeDelta::seconds(seconds)))
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(failed_tries))
        .filter(Column::Subscriber.eq(subscriber))
        .filter(Column::EventId.is_in(events))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets what the subscriber has.
pub(super) async fn settle(tx: &DatabaseTransaction, subscriber: &str, events: Vec<Uuid>) -> Result<(), DbErr> {
    if events.is_empty() {
        return Ok(());
    }
    Entity::delete_many()
        .filter(Column::Subscriber.eq(subscriber))
        .filter(Column::EventId.is_in(events))
        .exec(tx)
        .await?;
    Ok(())
}
