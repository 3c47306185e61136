//! Direct allocations (PAY_ALLOCATION_CERT).

use sea_orm_migration::prelude::*;

use crate::shape::{
    create, day, day_null, fen, fiscal_year, id, id_null, index, instant, mof_div_code, table, text, text_null, unique,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0013_allocation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            mof_div_code(),
            id("pay_alloc_cert_id"),
            text("pay_alloc_cert_no", 100),
            day("vou_date"),
            fiscal_year(),
            text_null("agency_code", 21),
            id("bgt_id"),
            text_null("exp_func_code", 13),
            text_null("gov_bgt_eco_code", 11),
            text_null("pro_code", 21),
            text("fund_type_code", 10),
            text("pay_alloc_type", 1),
            fen("pay_amt").check(Expr::col("pay_amt").gt(0)).take(),
            text("pay_acct_no", 40),
            text("pay_acct_name", 300),
            text("pay_acct_bank_name", 180),
            text("payee_acct_name", 300),
            text("payee_acct_no", 40),
            text("payee_acct_bank_name", 180),
            text("use_des", 300),
            text("status", 16),
            id_null("reservation_id"),
            text("reason", 300),
            day_null("acc_date"),
            instant("create_time"),
        ];
        let tables = vec![table("pay_allocation_cert", columns, &["mof_div_code", "pay_alloc_cert_id"])];
        let indexes = vec![
            unique("pay_allocation_cert", &["mof_div_code", "pay_alloc_cert_no"]),
            index("pay_allocation_cert", &["pay_alloc_cert_id"]),
        ];
        create(manager, tables, indexes).await
    }
}
