//! Payment applications, vouchers, receipts, refunds, corrections and clearing. The checks behind the guarded
//! statements: nothing is refunded that was not paid, nothing is paid that was not asked for.

use sea_orm_migration::prelude::*;

use crate::shape::{
    create, day, day_null, fen, fiscal_year, flag, id, id_null, index, instant, json, json_null, mof_div_code, number,
    table, text, text_null, unique,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_payment"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            sequence(),
            application(),
            detail(),
            voucher(),
            receipt(),
            refund(),
            correction(),
            clearing(),
            clearing_sum(),
            reconciliation(),
            difference(),
        ];
        create(manager, tables, indexes()).await
    }
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("pay_voucher", &["mof_div_code", "fiscal_year", "pay_app_no"]),
        index("pay_voucher", &["mof_div_code", "fiscal_year", "agency_code", "create_date"]),
        index("pay_voucher", &["bgt_id"]),
        index("pay_voucher", &["pay_app_id"]),
        index("pay_detail", &["pay_apply_id"]),
        unique("pay_voucher_bill", &["mof_div_code", "pay_cert_no"]),
        index("pay_voucher_bill", &["pay_cert_id"]),
        index("pay_voucher_bill", &["pay_app_id"]),
        index("pay_voucher_bill", &["lqd_cert_no"]),
        index("pay_voucher_bill", &["payee_acct_no", "xpay_date"]),
        index("pay_voucher_bill", &["mof_div_code", "xpay_date"]),
        unique("pay_bank_receipt", &["mof_div_code", "pay_cert_no", "result"]),
        index("pay_refund", &["ref_id"]),
        index("pay_refund", &["pay_cert_id"]),
        index("pay_correct", &["correct_id"]),
        unique("pay_lqd_cert", &["mof_div_code", "lqd_cert_no"]),
        index("pay_sum", &["lqd_cert_no"]),
        index("frbs_diff", &["mof_div_code", "day"]),
    ]
}

/// The next number of a kind and day (N3): gap-free, because it is taken in the transaction that uses it.
fn sequence() -> TableCreateStatement {
    let columns = vec![mof_div_code(), text("rule_code", 20), day("day"), number("next_no")];
    table("pay_sequence", columns, &["mof_div_code", "rule_code", "day"])
}

/// The codes of the indicator that bears the payment.
fn charge() -> Vec<ColumnDef> {
    vec![
        id("bgt_id"),
        text("bgt_type_code", 50),
        text("pro_code", 21),
        text("pro_name", 360),
        text_null("pro_kind_code", 4),
        text("exp_func_code", 13),
        text("gov_bgt_eco_code", 11),
        text("dep_bgt_eco_code", 20),
        text("fund_type_code", 10),
        text_null("manage_mof_dep_code", 6),
    ]
}

fn parties() -> Vec<ColumnDef> {
    vec![
        text("pay_acct_no", 40),
        text("pay_acct_name", 300),
        text("pay_acct_bank_name", 180),
        text("payee_acct_name", 300),
        text("payee_acct_no", 40),
        text("payee_acct_bank_name", 180),
        text("payee_acct_bank_code", 12),
    ]
}

fn application() -> TableCreateStatement {
    let mut columns = vec![
        mof_div_code(),
        id("pay_app_id"),
        text("pay_app_no", 100),
        fiscal_year(),
        text("agency_code", 21),
        text("agency_name", 300),
        text("agency_type_code", 2),
        text("pay_type_code", 2),
        text("pay_bus_type_code", 40),
        text("set_mode_code", 2),
        text("fund_traobj_type_code", 2),
        text("use_des", 300),
        fen("pay_app_amt").check(Expr::col("pay_app_amt").gt(0)).take(),
        fen("xpay_amt").check(Expr::col("xpay_amt").gte(0)).take(),
        text_null("contract_no", 100),
        text("explanation", 2000),
        json("attachments"),
        flag("is_gov_pur"),
        day("create_date"),
        text("pay_status", 16),
        id_null("reservation_id"),
        json("warn_ids"),
        instant("create_time"),
        instant("update_time"),
    ];
    columns.extend(charge());
    columns.extend(parties());
    let mut statement = table("pay_voucher", columns, &["mof_div_code", "pay_app_id"]);
    statement.check(Expr::col("xpay_amt").lte(Expr::col("pay_app_amt")));
    statement
}

fn detail() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("pay_detail_id"),
        id("pay_apply_id"),
        fiscal_year(),
        text("agency_code", 21),
        text("payee_acct_name", 300),
        text("payee_acct_no", 40),
        text("payee_acct_bank_name", 180),
        fen("pay_amt").check(Expr::col("pay_amt").gt(0)).take(),
        text("add_word", 300),
    ];
    table("pay_detail", columns, &["mof_div_code", "pay_detail_id"])
}

fn voucher() -> TableCreateStatement {
    let mut columns = vec![
        mof_div_code(),
        id("pay_cert_id"),
        text("pay_cert_no", 100),
        id("pay_app_id"),
        text("pay_app_no", 100),
        id("reservation_id"),
        fiscal_year(),
        day("vou_date"),
        text("agency_code", 21),
        text("use_des", 300),
        fen("pay_amt").check(Expr::col("pay_amt").gt(0)).take(),
        flag("is_gov_pur"),
        text("voucher_status", 16),
        text("reason", 1000),
        text_null("content_hash", 64),
        text("generated_by", 64),
        text("generated_person", 64),
        text_null("signed_by", 64),
        day_null("send_date"),
        fen("xpay_amt").check(Expr::col("xpay_amt").gte(0)).take(),
        day_null("xpay_date"),
        text_null("agent_business_no", 360),
        text("receipt_add_word", 300),
        fen("ref_app_amt").check(Expr::col("ref_app_amt").gte(0)).take(),
        fen("ref_amt").check(Expr::col("ref_amt").gte(0)).take(),
        text("correct_status", 16),
        json_null("corrected_to"),
        text_null("pay_cert_sum_no", 100),
        text_null("lqd_cert_no", 100),
        day_null("act_lqd_date"),
        instant("create_time"),
        instant("update_time"),
    ];
    columns.extend(charge());
    columns.extend(parties());
    let mut statement = table("pay_voucher_bill", columns, &["mof_div_code", "pay_cert_id"]);
    statement.check(Expr::col("ref_app_amt").lte(Expr::col("xpay_amt")));
    statement.check(Expr::col("ref_amt").lte(Expr::col("ref_app_amt")));
    statement.check(Expr::col("xpay_amt").lte(Expr::col("pay_amt")));
    statement
}

/// One settling receipt of each kind for a voucher.
fn receipt() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("receipt_id"),
        text("pay_cert_no", 100),
        text("result", 10),
        fen("xpay_amt"),
        day("xpay_date"),
        text("agent_business_no", 360),
        text("receipt_add_word", 300),
        instant("create_time"),
    ];
    table("pay_bank_receipt", columns, &["mof_div_code", "receipt_id"])
}

fn refund() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("ref_id"),
        fiscal_year(),
        id("pay_cert_id"),
        text("pay_cert_no", 100),
        text("agency_code", 21),
        text("refund_type", 1),
        fen("ref_amt").check(Expr::col("ref_amt").gt(0)).take(),
        text("ref_reason", 300),
        day_null("ref_date"),
        text_null("lqd_cert_no", 100),
        instant("create_time"),
        instant("update_time"),
    ];
    table("pay_refund", columns, &["mof_div_code", "ref_id"])
}

fn correction() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("correct_id"),
        fiscal_year(),
        id("pay_cert_id"),
        text("pay_cert_no", 100),
        text("agency_code", 21),
        json("old_charge"),
        json("new_charge"),
        fen("amount").check(Expr::col("amount").gt(0)).take(),
        text("correct_type", 1),
        text("reason", 300),
        instant("create_time"),
        instant("update_time"),
    ];
    table("pay_correct", columns, &["mof_div_code", "correct_id"])
}

fn clearing() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("clearing_id"),
        text("lqd_cert_no", 100),
        fiscal_year(),
        day("day"),
        text("status", 16),
        number("voucher_count"),
        fen("paid_amt"),
        fen("ref_amt"),
        fen("lqd_amt"),
        day_null("act_lqd_date"),
        instant("create_time"),
        instant("update_time"),
    ];
    let mut statement = table("pay_lqd_cert", columns, &["mof_div_code", "clearing_id"]);
    statement.check(Expr::col("lqd_amt").eq(Expr::col("paid_amt").sub(Expr::col("ref_amt"))));
    statement
}

fn clearing_sum() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        text("pay_cert_sum_no", 100),
        text("lqd_cert_no", 100),
        text("fund_type_code", 10),
        number("voucher_count"),
        fen("paid_amt"),
        fen("ref_amt"),
        fen("lqd_amt"),
    ];
    table("pay_sum", columns, &["mof_div_code", "pay_cert_sum_no"])
}

fn reconciliation() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("recon_id"),
        day("day"),
        number("our_count"),
        fen("our_amt"),
        number("bank_count"),
        fen("bank_amt"),
        text("result", 1),
        instant("create_time"),
    ];
    table("frbs_recon", columns, &["mof_div_code", "recon_id"])
}

fn difference() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("diff_id"),
        id_null("recon_id"),
        day("day"),
        text("pay_cert_no", 100),
        text("kind", 20),
        text("ours", 300),
        text("theirs", 300),
        instant("create_time"),
    ];
    table("frbs_diff", columns, &["mof_div_code", "diff_id"])
}
