//! The audit trail: one row per write, in the transaction of the write. Rows are never changed or deleted.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, entity::prelude::*};
use sha2::{Digest as _, Sha256};

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

/// Appends the row for a write that is about to commit.
pub async fn append(
    tx: &DatabaseTransaction,
    clock: &Clock,
    caller: &Caller,
    operation: &str,
    request_hash: &str,
    response: &str,
) -> Result<(), DbErr> {
    let response_hash = Sha256::digest(response).iter().map(|byte| format!("{byte:02x}")).collect();
    let row = ActiveModel {
        audit_id: Set(Uuid::now_v7()),
        subject: Set(caller.subject.clone()),
        subject_name: Set(caller.name.clone()),
        mof_div_code: Set(caller.mof_div_code.to_string()),
        operation: Set(operation.to_owned()),
        request_hash: Set(request_hash.to_owned()),
        response_hash: Set(response_hash),
        trace_id: Set(context::current().trace_id),
        create_time: Set(clock.now()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
