//! Operations on indicators: entry, element change, conversion, recovery, write-off; freezes by ratio; issues of one unit.

use sea_orm_migration::prelude::*;

use crate::shape::{
    create, day_null, fen, fiscal_year, id, index, instant, json, mof_div_code, table, text, text_null,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m_indicator_operation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut ratio = text_null("freeze_ratio", 20);
        let freeze = Table::alter().table(Alias::new("ba_bgt_freeze")).add_column(&mut ratio).to_owned();
        manager.alter_table(freeze).await?;
        let mut agency = text_null("agency_code", 21);
        let issue = Table::alter().table(Alias::new("ba_bgt_issue")).add_column(&mut agency).to_owned();
        manager.alter_table(issue).await?;
        let indexes = vec![index("ba_bgt_operation", &["document_type", "operation_id"])];
        create(manager, vec![ba_bgt_operation()], indexes).await
    }
}

fn ba_bgt_operation() -> TableCreateStatement {
    let mut total_amt = fen("total_amt");
    total_amt.check(Expr::col(Alias::new("total_amt")).gte(0));
    let columns = vec![
        mof_div_code(),
        id("operation_id"),
        fiscal_year(),
        text("document_type", 60),
        text_null("entry_source", 20),
        text_null("cor_bgt_doc_no", 100),
        text_null("bgt_doc_title", 360),
        day_null("doc_date"),
        text("reason", 360),
        total_amt,
        json("lines"),
        instant("create_time"),
    ];
    table("ba_bgt_operation", columns, &["mof_div_code", "operation_id"])
}
