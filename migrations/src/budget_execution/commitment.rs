//! Commitments: procurement plans and contracts that keep an amount of an indicator, and their amendments.

use sea_orm_migration::prelude::*;

use crate::shape::{
    create, fen, fiscal_year, flag, id, id_null, index, instant, mof_div_code, number, table, text, text_null,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_commitment"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            index("glb_element_key", &["bgt_id"]),
            index("ba_commitment", &["commitment_id"]),
            index("ba_commitment", &["bgt_id"]),
            index("ba_commitment", &["ori_commitment_id"]),
            index("ba_commitment", &["mof_div_code", "fiscal_year", "agency_code"]),
        ];
        create(manager, vec![commitment()], indexes).await
    }
}

fn commitment() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("commitment_id"),
        fiscal_year(),
        text("agency_code", 21),
        id("bgt_id"),
        text_null("contract_no", 100),
        text("contract_name", 300),
        text("payee_acct_name", 300),
        text("payee_acct_no", 40),
        fen("commitment_amt").check(Expr::col("commitment_amt").gt(0)).take(),
        fen("contract_amt").check(Expr::col("contract_amt").gte(0)).take(),
        fen("released_amt").check(Expr::col("released_amt").gte(0)).take(),
        number("prepay_percent").check(Expr::col("prepay_percent").between(0, 100)).take(),
        id_null("ori_commitment_id"),
        flag("is_reduction"),
        id_null("carried_from"),
        text("commitment_status", 12),
        id_null("closing_pay_app_id"),
        number("posting_count"),
        instant("create_time"),
    ];
    let mut statement = table("ba_commitment", columns, &["mof_div_code", "commitment_id"]);
    statement.check(Expr::col("released_amt").lte(Expr::col("contract_amt")));
    statement
}
