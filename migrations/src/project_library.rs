//! The schema of `project-library`.

use sea_orm_migration::prelude::*;

use crate::platform;
use crate::shape::{
    big_number, create, day_null, fen, fiscal_year, flag, id, index, instant, mof_div_code, number, table, text,
    text_null, unique,
};

/// All migrations of the service, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(platform::Migration), Box::new(Projects), Box::new(platform::Deliveries)]
    }
}

struct Projects;

impl MigrationName for Projects {
    fn name(&self) -> &str {
        "m0002_projects"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Projects {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            pm_project_info(),
            pm_annual_plan(),
            pm_detail(),
            pm_govpur(),
            pm_asset(),
            pm_perf_goal_info(),
            pm_perf_indicator(),
            pm_reservation(),
            pm_numbering(),
        ];
        let indexes = vec![
            unique("pm_project_info", &["mof_div_code", "pro_code"]),
            unique("pm_project_info", &["mof_div_code", "fiscal_year", "agency_code", "pro_cat_code", "gen_item"]),
            index("pm_project_info", &["pro_id"]),
            index("pm_project_info", &["mof_div_code", "agency_code", "status"]),
            index("pm_reservation", &["mof_div_code", "pro_code"]),
        ];
        create(manager, tables, indexes).await
    }
}

fn long_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

fn positive_or_zero(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().check(Expr::col(name).gte(0)).take()
}

fn pm_project_info() -> TableCreateStatement {
    let mut columns = vec![
        mof_div_code(),
        id("pro_id"),
        fiscal_year(),
        text("pro_code", 21),
        text("pro_name", 180),
        text("pro_cat_code", 4),
        text("exist_statue_code", 3),
        text_null("distri_type_code", 1),
        text("agency_code", 21),
        text("dept_code", 21),
        text("manage_mof_dep_code", 6),
        text("exp_func_code", 13),
        text("fund_type_code", 4),
        number("pro_start_year"),
        number("end_year"),
        positive_or_zero("pro_total_amt"),
        positive_or_zero("support_amount"),
        long_text("pro_desc"),
        long_text("degisn_consideration"),
        text("leader_name", 100),
    ];
    columns.extend(pm_project_flags());
    columns.extend([
        text_null("ex_ante_report_no", 100),
        day_null("ex_ante_date"),
        text_null("ex_ante_opinion_code", 1),
        text_null("approval_file_no", 500),
        text_null("gen_item", 180),
        text("status", 3),
        ColumnDef::new("review_amt").big_integer().null().take(),
        text("review_opinion", 2000),
        positive_or_zero("library_amt"),
        positive_or_zero("reserved_amt"),
        text("end_reason", 2000),
        instant("create_time"),
        instant("update_time"),
    ]);
    let mut statement = table("pm_project_info", columns, &["mof_div_code", "pro_id"]);
    statement.check(Expr::col("reserved_amt").lte(Expr::col("library_amt")));
    statement
}

fn pm_project_flags() -> Vec<ColumnDef> {
    let names = [
        "is_track",
        "is_captial_cons_pro",
        "is_scientific",
        "is_gov_info_server",
        "is_secret_pro",
        "is_govpur",
        "is_wait_divide",
        "is_three_ensure",
        "is_early_release",
        "direct_funds",
        "is_major_policy",
        "is_end",
        "is_deleted",
    ];
    names.into_iter().map(flag).collect()
}

/// A child table of the project: its own columns behind the project's key and a line number.
fn child(name: &'static str, own: Vec<ColumnDef>) -> TableCreateStatement {
    let mut columns = vec![mof_div_code(), id("pro_id"), number("line_no")];
    columns.extend(own);
    table(name, columns, &["mof_div_code", "pro_id", "line_no"])
}

fn pm_annual_plan() -> TableCreateStatement {
    child("pm_annual_plan", vec![fiscal_year(), positive_or_zero("plan_amt"), positive_or_zero("support_amount")])
}

fn pm_detail() -> TableCreateStatement {
    let columns = vec![
        fiscal_year(),
        text("task_name", 180),
        text_null("exp_cri_code", 40),
        text_null("exp_cri_class", 1),
        ColumnDef::new("exp_cri_amt").big_integer().null().take(),
        text("measmt_unit", 40),
        big_number("qty"),
        positive_or_zero("price"),
        positive_or_zero("est_amt"),
        positive_or_zero("check_amt"),
        text_null("dep_bgt_eco_code", 20),
        text_null("gov_bgt_eco_code", 11),
    ];
    child("pm_detail", columns)
}

fn pm_govpur() -> TableCreateStatement {
    let columns = vec![
        text("pur_class", 180),
        text_null("pur_method", 4),
        text("purorgform", 180),
        text("measmt_unit", 40),
        big_number("pur_qua"),
        positive_or_zero("price"),
        positive_or_zero("pur_amt"),
    ];
    child("pm_govpur", columns)
}

fn pm_asset() -> TableCreateStatement {
    let columns = vec![
        text("asset_class", 180),
        text("asset_name", 180),
        big_number("asset_qua"),
        positive_or_zero("price"),
        positive_or_zero("sum_amt"),
        text("usage", 360),
    ];
    child("pm_asset", columns)
}

fn pm_perf_goal_info() -> TableCreateStatement {
    child("pm_perf_goal_info", vec![text("yearflag", 1), text("kpi_target", 2000)])
}

fn pm_perf_indicator() -> TableCreateStatement {
    let columns = vec![
        text("yearflag", 1),
        text("kpi_lv1", 30),
        text("kpi_lv2", 30),
        text("kpi_lv3", 180),
        text("computesign", 1),
        text("kpi_val", 60),
        text("meterunit", 40),
        number("weight"),
        text("kpi_evalstd", 2000),
    ];
    child("pm_perf_indicator", columns)
}

fn pm_reservation() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("reservation_id"),
        text("pro_code", 21),
        fiscal_year(),
        fen("amt"),
        text("reason", 360),
        instant("create_time"),
    ];
    table("pm_reservation", columns, &["mof_div_code", "reservation_id"])
}

fn pm_numbering() -> TableCreateStatement {
    let columns = vec![mof_div_code(), fiscal_year(), number("last_no")];
    table("pm_numbering", columns, &["mof_div_code", "fiscal_year"])
}
