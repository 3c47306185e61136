//! The audit trail: one row per write, in the transaction of the write. Rows are never changed or deleted.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, DbErr, entity::prelude::*};
use sha2::{Digest as _, Sha256};

use super::{Writes, rows};
use crate::{Caller, Clock, context};

/// One audited write.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub audit_id: Uuid,
    pub subject: String,
    pub subject_name: String,
    pub mof_div_code: String,
    pub operation: String,
    pub request_hash: String,
    pub response_hash: String,
    pub trace_id: String,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// A write that is about to commit.
pub(crate) struct Write<'a> {
    pub caller: &'a Caller,
    pub operation: &'a str,
    pub request_hash: &'a str,
    pub response: &'a str,
    pub trace_id: String,
}

impl<'a> Write<'a> {
    /// By the request that this task serves.
    pub fn of(caller: &'a Caller, operation: &'a str, request_hash: &'a str, response: &'a str) -> Self {
        Self { caller, operation, request_hash, response, trace_id: context::current().trace_id }
    }
}

/// Appends the row for a write that is about to commit.
pub async fn append(
    tx: &DatabaseTransaction,
    clock: &Clock,
    caller: &Caller,
    operation: &str,
    request_hash: &str,
    response: &str,
) -> Result<(), DbErr> {
    rows::insert(tx, vec![row_of(clock.now(), Write::of(caller, operation, request_hash, response))]).await?;
    Ok(())
}

/// Appends the rows of writes that commit together.
pub(crate) fn append_many<'a>(
    writes: &mut Writes,
    clock: &Clock,
    audited: impl Iterator<Item = Write<'a>>,
) -> Result<(), DbErr> {
    let now = clock.now();
    writes.insert(&audited.map(|write| row_of(now, write)).collect::<Vec<_>>())
}

fn row_of(now: DateTime<Utc>, write: Write<'_>) -> ActiveModel {
    ActiveModel {
        audit_id: Set(Uuid::now_v7()),
        subject: Set(write.caller.subject.clone()),
        subject_name: Set(write.caller.name.clone()),
        mof_div_code: Set(write.caller.mof_div_code.to_string()),
        operation: Set(write.operation.to_owned()),
        request_hash: Set(write.request_hash.to_owned()),
        response_hash: Set(format!("{:x}", Sha256::digest(write.response))),
        trace_id: Set(write.trace_id),
        create_time: Set(now),
    }
}
