//! Deposit accounts of units with what is reserved on them, collection notices, booked receipts. The check behind the
//! guarded statement: nothing is reserved below zero.

use sea_orm_migration::prelude::*;

use crate::shape::{create, day, fen, fiscal_year, flag, id, index, instant, mof_div_code, table, text, unique};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0012_unit_fund"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("pay_collection_notice", &["mof_div_code", "entpay_app_no"]),
            index("pay_collection_notice", &["notice_id"]),
            index("pay_booking", &["pay_cert_id"]),
            index("pay_voucher_bill", &["mof_div_code", "agency_code", "xpay_date"]),
        ];
        create(manager, vec![account(), notice(), booking()], indexes).await
    }
}

fn account() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        text("account_no", 40),
        fen("balance_amt"),
        fen("reserved_amt").check(Expr::col("reserved_amt").gte(0)).take(),
        instant("as_of"),
        instant("update_time"),
    ];
    table("inc_account", columns, &["mof_div_code", "account_no"])
}

fn notice() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("notice_id"),
        fiscal_year(),
        text("agency_code", 21),
        text("entpay_app_no", 100),
        text("payee_acct_name", 300),
        text("payee_acct_no", 40),
        text("payee_acct_bank_name", 180),
        fen("pay_amt").check(Expr::col("pay_amt").gt(0)).take(),
        text("use_des", 300),
        day("due_date"),
        flag("is_withdrawn"),
        instant("create_time"),
    ];
    table("pay_collection_notice", columns, &["mof_div_code", "notice_id"])
}

fn booking() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("pay_cert_id"),
        text("pay_cert_no", 100),
        text("agency_code", 21),
        day("book_date"),
        text("booked_by", 64),
    ];
    table("pay_booking", columns, &["mof_div_code", "pay_cert_id"])
}
