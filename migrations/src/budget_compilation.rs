//! The schema of `budget-compilation`.

use sea_orm_migration::prelude::*;

use crate::{
    platform,
    shape::{
        big_number, create, day, fen, fiscal_year, flag, id, id_null, index, instant, mof_div_code, table, text,
        text_null, unique,
    },
};

/// All migrations of the service, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(platform::Migration), Box::new(Budget), Box::new(platform::Deliveries)]
    }
}

struct Budget;

impl MigrationName for Budget {
    fn name(&self) -> &str {
        "m0002_budget"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Budget {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            package(),
            package_line(),
            reservation(),
            control_number(),
            control_usage(),
            three_public_limit(),
            approval(),
            annual_line(),
            transfer_line(),
        ];
        let indexes = vec![
            unique("bgt_package", &["mof_div_code", "fiscal_year", "live_key"]),
            index("bgt_package", &["package_id"]),
            index("bgt_package_line", &["package_id"]),
            index("bgt_package_line", &["reservation_id"]),
            unique("bgt_control_number", &["mof_div_code", "fiscal_year", "control_key"]),
            unique("bgt_approval", &["mof_div_code", "fiscal_year", "open_key"]),
            unique("bgt_approval", &["mof_div_code", "fiscal_year", "doc_key"]),
            index("bgt_approval", &["approval_id"]),
            index("bgt_pm_annual", &["mof_div_code", "fiscal_year", "agency_code"]),
            index("bgt_pm_annual", &["approval_id"]),
            index("bgt_tra", &["mof_div_code", "fiscal_year", "sub_mof_div_code"]),
            index("bgt_tra", &["approval_id"]),
        ];
        create(manager, tables, indexes).await
    }
}

fn fen_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().take()
}

/// Money in fen that never goes below zero.
fn fen_not_negative(name: &'static str) -> ColumnDef {
    fen(name).check(Expr::col(Alias::new(name)).gte(0)).take()
}

fn package() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("package_id"),
        fiscal_year(),
        text_null("agency_code", 21),
        text_null("dept_code", 21),
        text("stage", 12),
        big_number("version"),
        fen_null("income_amt"),
        fen_not_negative("apply_up"),
        fen_not_negative("fin_audit_money"),
        // One live package per unit and stage; null once it is void, or approved and open to change.
        text_null("live_key", 60),
        // Changes with every change of the lines.
        big_number("content_version"),
        flag("is_final"),
        flag("is_void"),
        id_null("approval_id"),
        instant("create_time"),
        instant("update_time"),
    ];
    table("bgt_package", columns, &["mof_div_code", "package_id"])
}

fn package_line() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("line_id"),
        id("package_id"),
        id("bgt_pman_id"),
        text("pro_code", 21),
        text("pro_name", 360),
        text("pro_kind_code", 4),
        text("exp_func_code", 13),
        text_null("dep_bgt_eco_code", 20),
        text("gov_bgt_eco_code", 11),
        text("fund_type_code", 4),
        text("manage_mof_dep_code", 6),
        fen_not_negative("apply_up"),
        fen_null("fin_audit_money").check(Expr::col(Alias::new("fin_audit_money")).gte(0)).take(),
        // What earlier approvals granted under the same bgt_pman_id.
        fen("prior_amt"),
        // Under which the project library is asked for the amount.
        id("reservation_id"),
        flag("is_gov_pur"),
        flag("is_scientific"),
        flag("is_capital"),
        flag("is_debt"),
        flag("is_three_ensure"),
        text("found_type_code", 6),
        text_null("sub_mof_div_code", 9),
        text_null("tp_func_code", 13),
        text_null("tra_type", 32),
        flag("is_track"),
        text("direct_flag", 2),
    ];
    table("bgt_package_line", columns, &["mof_div_code", "line_id"])
}

/// What was asked of the project library for a line; kept until it is released again.
fn reservation() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("reservation_id"),
        id("package_id"),
        text("pro_code", 21),
        fiscal_year(),
        fen("amt"),
        instant("create_time"),
    ];
    table("bgt_reservation", columns, &["mof_div_code", "reservation_id"])
}

fn control_number() -> TableCreateStatement {
    let amounts = Expr::col(Alias::new("used_amt")).lte(Expr::col(Alias::new("control_amt")));
    let columns = vec![
        mof_div_code(),
        id("control_id"),
        fiscal_year(),
        text("dept_code", 21),
        text_null("agency_code", 21),
        text("pro_kind_code", 4),
        text("fund_type_code", 4),
        text("control_key", 60),
        fen_not_negative("control_amt"),
        fen_not_negative("used_amt"),
    ];
    let mut statement = table("bgt_control_number", columns, &["mof_div_code", "control_id"]);
    statement.check(amounts);
    statement
}

fn control_usage() -> TableCreateStatement {
    let columns = vec![mof_div_code(), id("package_id"), id("control_id"), fen_not_negative("amt")];
    table("bgt_control_usage", columns, &["mof_div_code", "package_id", "control_id"])
}

fn three_public_limit() -> TableCreateStatement {
    let columns = vec![mof_div_code(), fiscal_year(), text("agency_code", 21), fen_not_negative("last_year_amt")];
    table("bgt_three_public_limit", columns, &["mof_div_code", "fiscal_year", "agency_code"])
}

fn approval() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("approval_id"),
        fiscal_year(),
        big_number("version"),
        text("cor_bgt_doc_no", 100),
        text("bgt_doc_title", 360),
        day("doc_date"),
        big_number("annual_line_count"),
        big_number("transfer_line_count"),
        fen("reply_amt"),
        // One approval under way per division and year; null once granted or deleted.
        text_null("open_key", 4),
        // The document number while the approval lives.
        text_null("doc_key", 100),
        instant("create_time"),
    ];
    table("bgt_approval", columns, &["mof_div_code", "approval_id"])
}

fn annual_line() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("bgt_pman_id"),
        big_number("version"),
        fiscal_year(),
        id("approval_id"),
        flag("is_granted"),
        text_null("agency_code", 21),
        text_null("dept_code", 21),
        text("pro_code", 21),
        text("pro_name", 360),
        text("pro_kind_code", 4),
        text("exp_func_code", 13),
        text("gov_bgt_eco_code", 11),
        text_null("dep_bgt_eco_code", 20),
        text("fund_type_code", 4),
        text("manage_mof_dep_code", 6),
        fen("apply_up"),
        fen_null("fin_audit_money"),
        fen("reply_amt"),
        flag("is_gov_pur"),
        flag("is_scientific"),
        flag("is_capital"),
        flag("is_debt"),
        flag("is_three_ensure"),
        text("budget_level_code", 1),
        text("found_type_code", 6),
        flag("is_assigned"),
    ];
    table("bgt_pm_annual", columns, &["mof_div_code", "bgt_pman_id", "version"])
}

fn transfer_line() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("bgt_pman_id"),
        big_number("version"),
        fiscal_year(),
        id("approval_id"),
        flag("is_granted"),
        text("pro_code", 21),
        text("pro_name", 360),
        text("pro_kind_code", 4),
        text("sub_mof_div_code", 9),
        text("tp_func_code", 13),
        text("exp_func_code", 13),
        text("gov_bgt_eco_code", 11),
        text("fund_type_code", 4),
        text("manage_mof_dep_code", 6),
        text("tra_type", 32),
        fen("apply_up"),
        fen("reply_amt"),
        flag("is_track"),
        text("direct_flag", 2),
    ];
    table("bgt_tra", columns, &["mof_div_code", "bgt_pman_id", "version"])
}
