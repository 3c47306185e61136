//! Lists of a day's vouchers by the mode of payment: authorised (5106) or direct (5108).

use sea_orm_migration::prelude::*;

use crate::shape::text;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0034_payment_mode"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = text("vt_code", 4).default("5106").take();
        manager.alter_table(Table::alter().table(Alias::new("pay_sum")).add_column(&mut column).to_owned()).await
    }
}
