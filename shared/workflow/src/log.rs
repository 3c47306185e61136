//! The immutable log of who did what to which document (W1).

use chrono::{DateTime, Utc};
use common_types::DivisionCode;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter as _, QueryOrder as _, entity::prelude::*};
use serde::{Deserialize, Serialize};
use service_kit::{Caller, Problem, store::Writes};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::{Action, Document, Status};

/// A row of `workflow_log`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workflow_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub log_id: Uuid,
    pub document_id: Uuid,
    pub action: Action,
    pub node: Option<String>,
    pub from_status: Option<Status>,
    pub to_status: Status,
    pub actor: String,
    pub actor_name: String,
    pub opinion: String,
    pub before_hash: Option<String>,
    pub after_hash: String,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// One line of a document's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogEntry {
    pub action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_status: Option<Status>,
    pub to_status: Status,
    pub actor: String,
    pub actor_name: String,
    pub opinion: String,
    pub create_time: DateTime<Utc>,
}

/// What is logged: an action and the document around it.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub caller: &'a Caller,
    pub action: Action,
    pub before: Option<&'a Document>,
    pub after: &'a Document,
    pub opinion: &'a str,
}

pub(crate) fn append(writes: &mut Writes, now: DateTime<Utc>, steps: &[Step<'_>]) -> Result<(), Problem> {
    Ok(writes.insert(&steps.iter().map(|step| line_of(now, step)).collect::<Vec<_>>())?)
}

fn line_of(now: DateTime<Utc>, step: &Step<'_>) -> ActiveModel {
    let Step { caller, action, before, after, opinion } = *step;
    ActiveModel {
        mof_div_code: Set(after.mof_div_code.clone()),
        log_id: Set(Uuid::now_v7()),
        document_id: Set(after.document_id),
        action: Set(action),
        node: Set(before.and_then(Document::current_node).map(|node| node.code.clone())),
        from_status: Set(before.map(|document| document.status)),
        to_status: Set(after.status),
        actor: Set(caller.subject.clone()),
        actor_name: Set(caller.name.clone()),
        opinion: Set(opinion.to_owned()),
        before_hash: Set(before.map(hash)),
        after_hash: Set(hash(after)),
        create_time: Set(now),
    }
}

fn hash(document: &Document) -> String {
    let text = format!("{document:?}");
    format!("{:x}", Sha256::digest(text))
}

/// The history of a document, oldest first.
pub async fn history<C: ConnectionTrait>(db: &C, document_id: Uuid) -> Result<Vec<LogEntry>, Problem> {
    let rows = Entity::find().filter(Column::DocumentId.eq(document_id)).order_by_asc(Column::LogId).all(db).await?;
    Ok(rows.into_iter().map(entry_of).collect())
}

fn entry_of(row: Model) -> LogEntry {
    LogEntry {
        action: row.action,
        node: row.node,
        from_status: row.from_status,
        to_status: row.to_status,
        actor: row.actor,
        actor_name: row.actor_name,
        opinion: row.opinion,
        create_time: row.create_time,
    }
}
