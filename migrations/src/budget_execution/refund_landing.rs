//! Where refunded money goes when the year of its payment is over.

use sea_orm_migration::prelude::*;

use crate::shape::{id_null, text};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0009_refund_landing"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in [text("landing", 20).default("INDICATOR").take(), id_null("bgt_id")] {
            let statement = Table::alter().table(Alias::new("pay_refund")).add_column(&mut column).to_owned();
            manager.alter_table(statement).await?;
        }
        Ok(())
    }
}
