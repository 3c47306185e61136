//! Room on the pages of rows that are updated again and again, so that PostgreSQL keeps their new versions beside the old
//! ones and leaves the indexes alone. SQLite updates in place.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Balances move with every posting, documents and applications with every step.
const ROOM: [&str; 3] = [
    "ALTER TABLE glb_bal SET (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.05)",
    "ALTER TABLE workflow_document SET (fillfactor = 70)",
    "ALTER TABLE pay_voucher SET (fillfactor = 70)",
];

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0031_often_updated"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            for statement in ROOM {
                manager.get_connection().execute_unprepared(statement).await?;
            }
        }
        Ok(())
    }
}
