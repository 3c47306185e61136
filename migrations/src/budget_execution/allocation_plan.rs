//! Whether a direct allocation is reserved on the cash plan beside its indicator.

use sea_orm_migration::prelude::*;

use crate::shape::flag;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0032_allocation_plan"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = flag("is_contrlbyplan").default(false).take();
        let statement = Table::alter().table(Alias::new("pay_allocation_cert")).add_column(&mut column).to_owned();
        manager.alter_table(statement).await
    }
}
