//! What the variants of payment say beside what all say (2.28, 2.30), and what a submission claims once: the salary of a
//! person and month, a collection notice.

use sea_orm_migration::prelude::*;

use crate::shape::{
    create, day_null, fen, fen_null, fiscal_year, flag, id, index, mof_div_code, table, text, text_null,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0011_payment_variant"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "pay_voucher", application()).await?;
        add(manager, "pay_detail", detail()).await?;
        let indexes = vec![
            index("pay_claim", &["pay_app_id"]),
            index("pay_voucher", &["mof_div_code", "payee_acct_no", "pay_app_amt"]),
        ];
        create(manager, vec![claim()], indexes).await
    }
}

async fn add(manager: &SchemaManager<'_>, name: &'static str, columns: Vec<ColumnDef>) -> Result<(), DbErr> {
    for column in columns {
        manager.alter_table(Table::alter().table(Alias::new(name)).add_column(column).take()).await?;
    }
    Ok(())
}

fn application() -> Vec<ColumnDef> {
    vec![
        text("pay_variant", 20).default("UNIT_ZERO_BALANCE").take(),
        text_null("apply_agency_code", 21),
        fen_null("foreign_amt"),
        text_null("currency_code", 3),
        text_null("est_rat", 20),
        text_null("receiver_code", 42),
        text_null("internal_dep_code", 30),
        text_null("bond_code", 38),
        text_null("pro_loangrant_num", 80),
        text_null("entpay_app_no", 100),
        text_null("pay_month", 2),
        flag("is_prepayment").default(false).take(),
        fen("draft_available_amt").default(0).take(),
    ]
}

fn detail() -> Vec<ColumnDef> {
    vec![
        text_null("receiver_code", 42),
        flag("is_to_peop_enterp").default(false).take(),
        text_null("per_name", 60),
        text_null("iden_no", 20),
        text_null("corp_name", 200),
        text_null("unifsoc_cred_code", 18),
        text_null("pay_month", 2),
        text_null("to_peop_enterp", 2),
        text_null("to_peop_family", 1),
        text_null("town_code", 40),
        text_null("village_code", 40),
        text_null("card_no", 40),
        day_null("swipe_date"),
        text_null("merchant_name", 200),
    ]
}

/// One row while an application holds the claim, or has been paid on it.
fn claim() -> TableCreateStatement {
    let columns = vec![mof_div_code(), fiscal_year(), text("claim_kind", 20), text("claim_key", 160), id("pay_app_id")];
    table("pay_claim", columns, &["mof_div_code", "fiscal_year", "claim_kind", "claim_key"])
}
