//! The schema of `final-accounts`.

use sea_orm_migration::prelude::*;

use crate::{
    platform,
    shape::{
        create, day, fen, fiscal_year, flag, id, index, instant, instant_null, json, mof_div_code, number, table, text,
        text_null, unique,
    },
};

/// All migrations of the service, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(platform::Migration), Box::new(Migration), Box::new(platform::Deliveries)]
    }
}

/// Books, vouchers and reports of units.
struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_final_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![gla_period_lock(), gla_vou_head(), gla_vou_detail(), fa_report()];
        let indexes = vec![
            unique("gla_vou_head", &["source_kind", "source_id"]),
            unique("gla_vou_head", &["mof_div_code", "fiscal_year", "agency_code", "voucher_no"]),
            index("gla_vou_head", &["vou_id"]),
            unique("fa_report", &["mof_div_code", "fiscal_year", "agency_code", "report_code", "version"]),
            index("fa_report", &["report_id"]),
        ];
        create(manager, tables, indexes).await
    }
}

fn gla_period_lock() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        fiscal_year(),
        text("agency_code", 21),
        flag("is_locked"),
        // number of the last posted voucher
        number("last_no"),
        instant_null("lock_time"),
    ];
    table("gla_period_lock", columns, &["mof_div_code", "fiscal_year", "agency_code"])
}

fn gla_vou_head() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("vou_id"),
        fiscal_year(),
        text("agency_code", 21),
        number("acct_period").check(Expr::col("acct_period").gte(1)).check(Expr::col("acct_period").lte(13)).take(),
        // null until posted
        number_null("voucher_no"),
        text("voucher_abs", 300),
        day("voucher_date"),
        text("source_kind", 12),
        id("source_id"),
        text_null("pay_cert_no", 60),
        text("vou_status", 10),
        flag("red_flag"),
        flag("is_adjust_period"),
        flag("is_carry_over"),
        text("inputer", 60),
        text_null("poster", 60),
        fen("dr_amt"),
        fen("cr_amt"),
        fen("dr_ys_amt"),
        fen("cr_ys_amt"),
        instant("create_time"),
        instant_null("post_time"),
    ];
    let mut statement = table("gla_vou_head", columns, &["mof_div_code", "vou_id"]);
    statement.check(Expr::col("dr_amt").eq(Expr::col("cr_amt")));
    statement.check(Expr::col("dr_ys_amt").eq(Expr::col("cr_ys_amt")));
    statement
}

fn gla_vou_detail() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("vou_id"),
        number("vou_seq"),
        text("vou_det_desc", 300),
        text("gov_acct_cls_code", 20),
        text("dr_cr", 2),
        fen("amt").check(Expr::col("amt").gt(0)).take(),
        text_null("pro_code", 21),
        text_null("pro_kind_code", 10),
        text_null("exp_func_code", 20),
        text_null("gov_bgt_eco_code", 20),
        text_null("dep_bgt_eco_code", 20),
        text_null("fund_type_code", 10),
        text_null("bgt_type_code", 10),
        text_null("fund_tra_obj_name", 300),
    ];
    table("gla_vou_detail", columns, &["mof_div_code", "vou_id", "vou_seq"])
}

fn fa_report() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("report_id"),
        fiscal_year(),
        text("agency_code", 21),
        text("report_code", 20),
        number("version"),
        json("figures"),
        text("explanation", 2000),
        instant("create_time"),
        instant("update_time"),
    ];
    table("fa_report", columns, &["mof_div_code", "report_id"])
}

fn number_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().null().take()
}
