//! The tables that every service has: commands carried out, audit, events in and out, documents and their log.

use sea_orm_migration::prelude::*;

use crate::shape::{
    big_number, create, fiscal_year, flag, id, index, instant, json, mof_div_code, number, table, text, text_null,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_platform"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![idempotency_record(), audit_log(), outbox(), inbox(), workflow_document(), workflow_log()];
        let indexes = vec![
            index("outbox", &["delivered", "next_try_at"]),
            index("audit_log", &["mof_div_code", "create_time"]),
            index("workflow_document", &["document_id"]),
            index("workflow_log", &["document_id"]),
        ];
        create(manager, tables, indexes).await
    }
}

/// Each subscriber of events has a queue of its own; the outbox only knows which events no queue has yet.
pub(crate) struct Deliveries;

impl MigrationName for Deliveries {
    fn name(&self) -> &str {
        "m0101_outbox_delivery"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Deliveries {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            index("outbox_delivery", &["subscriber", "next_try_at"]),
            index("outbox_delivery", &["subscriber", "subject", "event_id"]),
        ];
        create(manager, vec![outbox_delivery()], indexes).await?;
        let old = Index::drop().name("outbox__delivered_next_try_at").table("outbox").to_owned();
        manager.drop_index(old).await?;
        for column in ["tries", "next_try_at"] {
            manager.alter_table(Table::alter().table("outbox").drop_column(column).to_owned()).await?;
        }
        // only what no queue has yet is looked for, and that is little
        let unseen = "CREATE INDEX outbox__unseen ON outbox (event_id) WHERE NOT delivered";
        manager.get_connection().execute_unprepared(unseen).await?;
        Ok(())
    }
}

fn outbox_delivery() -> TableCreateStatement {
    let columns =
        vec![text("subscriber", 60), id("event_id"), text("subject", 120), number("tries"), instant("next_try_at")];
    table("outbox_delivery", columns, &["subscriber", "event_id"])
}

fn idempotency_record() -> TableCreateStatement {
    let columns = vec![
        text("subject", 64),
        text("idempotency_key", 200),
        text("operation", 300),
        text("body_hash", 64),
        number("status"),
        ColumnDef::new("body").text().null().take(),
    ];
    table("idempotency_record", columns, &["subject", "idempotency_key"])
}

fn audit_log() -> TableCreateStatement {
    let columns = vec![
        id("audit_id"),
        text("subject", 64),
        text("subject_name", 120),
        mof_div_code(),
        text("operation", 300),
        text("request_hash", 64),
        text("response_hash", 64),
        text("trace_id", 32),
        instant("create_time"),
    ];
    table("audit_log", columns, &["audit_id"])
}

fn outbox() -> TableCreateStatement {
    let columns = vec![
        id("event_id"),
        text("event_type", 120),
        text("subject", 120),
        json("data"),
        instant("create_time"),
        flag("delivered"),
        number("tries"),
        instant("next_try_at"),
    ];
    table("outbox", columns, &["event_id"])
}

fn inbox() -> TableCreateStatement {
    let columns = vec![text("source", 60), text("event_id", 64), text("event_type", 120), instant("create_time")];
    table("inbox", columns, &["source", "event_id"])
}

fn workflow_document() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("document_id"),
        text("document_type", 60),
        fiscal_year(),
        text_null("agency_code", 21),
        text("status", 12),
        number("node"),
        json("chain"),
        big_number("version"),
        text("maker", 64),
        text("maker_person", 64),
        text("last_person", 64),
        text_null("hung_from", 12),
        instant("update_time"),
    ];
    table("workflow_document", columns, &["mof_div_code", "document_id"])
}

fn workflow_log() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("log_id"),
        id("document_id"),
        text("action", 12),
        text_null("node", 60),
        text_null("from_status", 12),
        text("to_status", 12),
        text("actor", 64),
        text("actor_name", 120),
        text("opinion", 1000),
        text_null("before_hash", 64),
        text("after_hash", 64),
        instant("create_time"),
    ];
    table("workflow_log", columns, &["mof_div_code", "log_id"])
}
