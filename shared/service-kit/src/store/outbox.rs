//! Events leave through the outbox: written in the transaction that caused them, delivered at least once by the relay.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Writes, delivery, rows};
use crate::Database;

/// A CloudEvents 1.0 event in structured JSON form.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema, PartialEq)]
pub struct CloudEvent {
    pub specversion: String,
    pub id: String,
    /// The service, for example `budget-execution`.
    pub source: String,
    /// Past tense, for example `execution.payment.paid`.
    pub r#type: String,
    /// The document that it is about.
    pub subject: String,
    pub time: DateTime<Utc>,
    #[schema(value_type = Object)]
    pub data: Value,
}

/// An event that happened.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    pub event_type: String,
    pub subject: String,
    pub data: Json,
    pub create_time: DateTime<Utc>,
    /// Whether it was handed to the queues of its subscribers, or has none.
    pub delivered: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(super) fn envelope(self, source: &str) -> CloudEvent {
        CloudEvent {
            specversion: "1.0".to_owned(),
            id: self.event_id.to_string(),
            source: source.to_owned(),
            r#type: self.event_type,
            subject: self.subject,
            time: self.create_time,
            data: self.data,
        }
    }
}

/// Appends an event in the transaction that caused it.
pub async fn append<T: Serialize>(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    event_type: &str,
    subject: impl ToString,
    data: &T,
) -> Result<(), DbErr> {
    append_many(tx, now, event_type, [(subject, data)]).await
}

/// Appends events of one type, each with its subject, in the transaction that caused them.
pub async fn append_many<S: ToString, T: Serialize>(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    event_type: &str,
    events: impl IntoIterator<Item = (S, T)>,
) -> Result<(), DbErr> {
    rows::insert(tx, rows_of(now, (event_type, false), events)?).await?;
    Ok(())
}

/// The same of a type that nobody subscribes to: kept, and nothing for the relay to do.
pub fn keep_many<S: ToString, T: Serialize>(
    writes: &mut Writes,
    now: DateTime<Utc>,
    event_type: &str,
    events: impl IntoIterator<Item = (S, T)>,
) -> Result<(), DbErr> {
    writes.insert(&rows_of(now, (event_type, true), events)?)
}

fn rows_of<S: ToString, T: Serialize>(
    now: DateTime<Utc>,
    (event_type, is_delivered): (&str, bool),
    events: impl IntoIterator<Item = (S, T)>,
) -> Result<Vec<ActiveModel>, DbErr> {
    let mut written = Vec::new();
    for (subject, data) in events {
        written.push(ActiveModel {
            event_id: Set(Uuid::now_v7()),
            event_type: Set(event_type.to_owned()),
            subject: Set(subject.to_string()),
            data: Set(serde_json::to_value(data).map_err(|error| DbErr::Custom(error.to_string()))?),
            create_time: Set(now),
            delivered: Set(is_delivered),
        });
    }
    Ok(written)
}

/// Events that some subscriber does not have yet.
pub async fn pending(database: &Database) -> Result<u64, DbErr> {
    let unseen = Entity::find().filter(Column::Delivered.eq(false)).count(database.read()).await?;
    let queued = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::EventId)
        .distinct()
        .count(database.read())
        .await?;
    Ok(unseen.saturating_add(queued))
}

/// The oldest events that no queue has yet: id, type, subject.
pub(super) async fn unseen(database: &Database, limit: u64) -> Result<Vec<(Uuid, String, String)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::EventId, Column::EventType, Column::Subject])
        .filter(Column::Delivered.eq(false))
        .order_by_asc(Column::EventId)
        .limit(limit)
        .into_tuple()
        .all(database.read())
        .await
}

/// Marks events as handed on; false when another relay was faster with one of them.
pub(super) async fn hand_on(tx: &DatabaseTransaction, events: Vec<Uuid>) -> Result<bool, DbErr> {
    let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
    let result = Entity::update_many()
        .col_expr(Column::Delivered, Expr::value(true))
        .filter(Column::EventId.is_in(events))
        .filter(Column::Delivered.eq(false))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == count)
}

/// The events of these ids.
pub(super) async fn events(tx: &DatabaseTransaction, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::EventId.is_in(ids)).order_by_asc(Column::EventId).all(tx).await
}
