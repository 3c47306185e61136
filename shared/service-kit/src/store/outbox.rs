//! Events leave through the outbox: written in the transaction that caused them, relayed at least once, in order of
//! their ids as far as receivers answer. Receivers take each once through their inbox.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Notify;

use crate::{Database, Peer, peer};

const BATCH: u64 = 100;
const IDLE: Duration = Duration::from_millis(200);
const CLAIM_SECONDS: i64 = 30;
const LONGEST_BACKOFF_SECONDS: i64 = 60;

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

/// An event waiting for, or past, its delivery.
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
    pub delivered: bool,
    pub tries: i32,
    /// Not to be tried, or claimed by a relay, until then; follows the system clock.
    pub next_try_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Appends an event in the transaction that caused it.
pub async fn append<T: Serialize>(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    event_type: &str,
    subject: impl ToString,
    data: &T,
) -> Result<(), DbErr> {
    Entity::insert(row_of(now, event_type, subject, data)?).exec_without_returning(tx).await?;
    Ok(())
}

/// Appends many events of one type, each with its subject.
pub async fn append_all<S: ToString, T: Serialize>(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    event_type: &str,
    events: &[(S, T)],
) -> Result<(), DbErr> {
    const CHUNK: usize = 500;
    for chunk in events.chunks(CHUNK) {
        let rows: Vec<ActiveModel> = chunk
            .iter()
            .map(|(subject, data)| row_of(now, event_type, subject.to_string(), data))
            .collect::<Result<_, _>>()?;
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn row_of<T: Serialize>(
    now: DateTime<Utc>,
    event_type: &str,
    subject: impl ToString,
    data: &T,
) -> Result<ActiveModel, DbErr> {
    Ok(ActiveModel {
        event_id: Set(Uuid::now_v7()),
        event_type: Set(event_type.to_owned()),
        subject: Set(subject.to_string()),
        data: Set(serde_json::to_value(data).map_err(|error| DbErr::Custom(error.to_string()))?),
        create_time: Set(now),
        delivered: Set(false),
        tries: Set(0),
        next_try_at: Set(Utc::now()),
    })
}

/// Events that are not delivered yet.
pub async fn pending(database: &Database) -> Result<u64, DbErr> {
    Entity::find().filter(Column::Delivered.eq(false)).count(database.read()).await
}

/// One receiver of events: a service and its `events` path.
#[derive(Clone)]
pub struct Subscriber {
    pub name: &'static str,
    pub peer: Peer,
}

/// Delivers the outbox of one service to its subscribers until the process ends.
pub struct Relay {
    pub source: &'static str,
    pub database: Database,
    pub subscribers: Vec<Subscriber>,
    pub wake: Arc<Notify>,
}

impl Relay {
    /// Runs for ever; an unreachable subscriber delays its events and never loses them.
    pub async fn run(self) -> Result<(), DbErr> {
        loop {
            if self.deliver_batch().await? == 0 {
                let _ = tokio::time::timeout(IDLE, self.wake.notified()).await;
            }
        }
    }

    async fn deliver_batch(&self) -> Result<usize, DbErr> {
        let due = Entity::find()
            .filter(Column::Delivered.eq(false))
            .filter(Column::NextTryAt.lte(Utc::now()))
            .order_by_asc(Column::EventId)
            .limit(BATCH)
            .all(self.database.read())
            .await?;
        for event in &due {
            if self.claim(event).await? {
                self.deliver(event).await?;
            }
        }
        Ok(due.len())
    }

    async fn claim(&self, event: &Model) -> Result<bool, DbErr> {
        let tx = self.database.begin_write().await?;
        let claimed = Entity::update_many()
            .col_expr(Column::NextTryAt, Expr::value(Utc::now() + TimeDelta::seconds(CLAIM_SECONDS)))
            .filter(Column::EventId.eq(event.event_id))
            .filter(Column::Delivered.eq(false))
            .filter(Column::NextTryAt.eq(event.next_try_at))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(claimed.rows_affected == 1)
    }

    async fn deliver(&self, event: &Model) -> Result<(), DbErr> {
        let envelope = CloudEvent {
            specversion: "1.0".to_owned(),
            id: event.event_id.to_string(),
            source: self.source.to_owned(),
            r#type: event.event_type.clone(),
            subject: event.subject.clone(),
            time: event.create_time,
            data: event.data.clone(),
        };
        let mut delivered = true;
        for subscriber in &self.subscribers {
            if let Err(error) = send(subscriber, &envelope).await {
                delivered = false;
                tracing::warn!(subscriber = subscriber.name, event = %event.event_id, kind = %event.event_type, %error, "event not delivered");
            }
        }
        let tx = self.database.begin_write().await?;
        let next_try_at = Utc::now() + TimeDelta::seconds(backoff_seconds(event.tries));
        Entity::update_many()
            .col_expr(Column::Delivered, Expr::value(delivered))
            .col_expr(Column::Tries, sea_orm::sea_query::ExprTrait::add(Expr::col(Column::Tries), 1))
            .col_expr(Column::NextTryAt, Expr::value(next_try_at))
            .filter(Column::EventId.eq(event.event_id))
            .exec(&tx)
            .await?;
        tx.commit().await
    }
}

fn backoff_seconds(tries: i32) -> i64 {
    1_i64.checked_shl(tries.unsigned_abs()).unwrap_or(LONGEST_BACKOFF_SECONDS).clamp(1, LONGEST_BACKOFF_SECONDS)
}

async fn send(subscriber: &Subscriber, envelope: &CloudEvent) -> Result<(), peer::PeerError> {
    let path = format!("/api/{}/v1/events", subscriber.name);
    let _answer: Value = subscriber.peer.post(&path, envelope, &envelope.id).await?;
    Ok(())
}
