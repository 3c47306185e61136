//! Events received: each is handled once, however often it is delivered. Several are taken in one transaction; when one
//! of them cannot be taken, each is taken on its own, and those of the same document after it wait with it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QuerySelect as _, entity::prelude::*,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};

use super::outbox::CloudEvent;
use crate::{
    Database, Problem,
    http::{ProblemDocument, RULES},
};

const MOST_EVENTS: usize = 500;

/// An event that was handled.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: String,
    pub event_type: String,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Body of `POST …/event-batches`, in the order in which the events happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventBatch {
    pub items: Vec<CloudEvent>,
}

/// What became of a batch: what is not named here was taken, now or before.
#[derive(Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Taken {
    pub refused: Vec<RefusedEvent>,
}

/// An event that was not taken and is to be delivered again.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RefusedEvent {
    pub id: String,
    pub problem: ProblemDocument,
}

/// Takes one event with its effect in one transaction.
pub async fn take<F>(database: &Database, event: &CloudEvent, effect: F) -> Result<(), Problem>
where
    F: AsyncFn(&DatabaseTransaction, &[&CloudEvent]) -> Result<(), Problem>,
{
    together(database, std::slice::from_ref(event), &effect).await
}

/// Takes many events with their effects. The effect gets those that are new, in their order.
pub async fn take_batch<F>(database: &Database, batch: &EventBatch, effect: F) -> Result<Taken, Problem>
where
    F: AsyncFn(&DatabaseTransaction, &[&CloudEvent]) -> Result<(), Problem>,
{
    if batch.items.len() > MOST_EVENTS {
        let en = format!("at most {MOST_EVENTS} events are taken at once");
        return Err(Problem::field("/items", format!("每次最多接收 {MOST_EVENTS} 个事件"), en));
    }
    if together(database, &batch.items, &effect).await.is_ok() {
        return Ok(Taken::default());
    }
    let mut taken = Taken::default();
    let mut waiting = HashSet::new();
    for event in &batch.items {
        let result = if waiting.contains(&event.subject) {
            Err(RULES.refuse(
                "HTTP-409",
                "同一单据较早的事件尚未接收",
                "an earlier event of the document was not taken",
            ))
        } else {
            together(database, std::slice::from_ref(event), &effect).await
        };
        if let Err(problem) = result {
            waiting.insert(&event.subject);
            taken.refused.push(RefusedEvent { id: event.id.clone(), problem: problem.document() });
        }
    }
    Ok(taken)
}

async fn together<F>(database: &Database, events: &[CloudEvent], effect: &F) -> Result<(), Problem>
where
    F: AsyncFn(&DatabaseTransaction, &[&CloudEvent]) -> Result<(), Problem>,
{
    let tx = database.begin_write().await?;
    let fresh = accept(&tx, events, database.clock().now()).await?;
    if !fresh.is_empty() {
        effect(&tx, &fresh).await?;
    }
    Ok(tx.commit().await?)
}

/// Notes the events that were not handled before, in the transaction of their effect, and gives them back.
async fn accept<'e>(
    tx: &DatabaseTransaction,
    events: &'e [CloudEvent],
    now: DateTime<Utc>,
) -> Result<Vec<&'e CloudEvent>, Problem> {
    let mut seen = handled(tx, events).await?;
    let fresh: Vec<_> = events.iter().filter(|event| seen.insert((event.source.clone(), event.id.clone()))).collect();
    if fresh.is_empty() {
        return Ok(fresh);
    }
    let rows = fresh.iter().map(|event| ActiveModel {
        source: Set(event.source.clone()),
        event_id: Set(event.id.clone()),
        event_type: Set(event.r#type.clone()),
        create_time: Set(now),
    });
    let on_conflict = OnConflict::columns([Column::Source, Column::EventId]).do_nothing().to_owned();
    let noted = Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
    if usize::try_from(noted).is_ok_and(|noted| noted == fresh.len()) {
        return Ok(fresh);
    }
    if events.len() == 1 {
        // the same event, delivered twice at once: the other delivery has handled it
        return Ok(Vec::new());
    }
    Err(Problem::conflict("事件正在接收", "some of the events are being taken by another delivery"))
}

async fn handled(tx: &DatabaseTransaction, events: &[CloudEvent]) -> Result<HashSet<(String, String)>, DbErr> {
    let sources: HashSet<&str> = events.iter().map(|event| event.source.as_str()).collect();
    let rows = Entity::find()
        .select_only()
        .columns([Column::Source, Column::EventId])
        .filter(Column::Source.is_in(sources))
        .filter(Column::EventId.is_in(events.iter().map(|event| event.id.as_str())))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().collect())
}
