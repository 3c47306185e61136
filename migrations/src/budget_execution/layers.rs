//! What a payment application is reserved on beside its indicator: a commitment that it draws on, the cash plan.

use sea_orm_migration::prelude::*;

use crate::shape::{flag, id_null, index};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_payment_layers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            id_null("commitment_id"),
            flag("close_commitment").default(false).take(),
            flag("is_contrlbyplan").default(false).take(),
        ];
        for column in columns {
            let mut statement = Table::alter();
            statement.table(Alias::new("pay_voucher")).add_column(column);
            manager.alter_table(statement).await?;
        }
        manager.create_index(index("pay_voucher", &["commitment_id"])).await
    }
}
