//! Tables of adjustments, transfers between levels and the year end.

use sea_orm_migration::prelude::*;

use crate::shape::{
    create, day, fen, fiscal_year, flag, id, id_null, index, instant, instant_null, json, json_null, mof_div_code,
    table, text, text_null, unique,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_adjustment_transfer_year_end"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            ba_adjustment(),
            ba_bgt_adjsub(),
            ba_transfer(),
            ba_transfer_line(),
            ba_year_end(),
            ba_bgt_carryovers(),
            ba_bgt_balance(),
        ];
        let indexes = vec![
            index("ba_bgt_adjsub", &["adj_id"]),
            index("ba_transfer_line", &["transfer_id"]),
            index("ba_transfer_line", &["rec_div_code", "fiscal_year"]),
            unique("ba_year_end", &["year_end_id"]),
            unique("ba_bgt_carryovers", &CARRIED_ONCE),
            index("ba_bgt_balance", &["mof_div_code", "fiscal_year"]),
        ];
        create(manager, tables, indexes).await
    }
}

/// CL-004, for each indicator that gives.
const CARRIED_ONCE: [&str; 8] = [
    "mof_div_code",
    "fiscal_year",
    "pro_code",
    "agency_code",
    "exp_func_code",
    "gov_bgt_eco_code",
    "fund_type_code",
    "ori_bgt_id",
];

fn positive(name: &'static str) -> ColumnDef {
    let mut column = fen(name);
    column.check(Expr::col(Alias::new(name)).gt(0));
    column
}

fn not_negative(name: &'static str) -> ColumnDef {
    let mut column = fen(name);
    column.check(Expr::col(Alias::new(name)).gte(0));
    column
}

fn ba_adjustment() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("adj_id"),
        fiscal_year(),
        text("adj_kind", 2),
        text_null("agency_code", 21),
        text("cor_bgt_doc_no", 100),
        text("adj_reason", 360),
        positive("total_amt"),
        instant("create_time"),
    ];
    table("ba_adjustment", columns, &["mof_div_code", "adj_id"])
}

fn ba_bgt_adjsub() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("adj_sub_id"),
        id("adj_id"),
        id("ori_bgt_id"),
        id_null("bgt_id"),
        json_null("target"),
        positive("add_amount"),
    ];
    table("ba_bgt_adjsub", columns, &["mof_div_code", "adj_sub_id"])
}

fn ba_transfer() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("transfer_id"),
        fiscal_year(),
        text("cor_bgt_doc_no", 100),
        text("bgt_doc_title", 360),
        day("doc_date"),
        instant("create_time"),
    ];
    table("ba_transfer", columns, &["mof_div_code", "transfer_id"])
}

fn ba_transfer_line() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("line_id"),
        id("transfer_id"),
        fiscal_year(),
        id("bgt_id"),
        text("rec_div_code", 9),
        positive("amount"),
        instant_null("issue_time"),
        id_null("accept_bgt_id"),
        instant_null("accept_time"),
        text_null("accept_user", 64),
    ];
    table("ba_transfer_line", columns, &["mof_div_code", "line_id"])
}

/// A year is closed once (CL-007).
fn ba_year_end() -> TableCreateStatement {
    let columns = vec![mof_div_code(), fiscal_year(), id("year_end_id"), instant("close_time"), json("report")];
    table("ba_year_end", columns, &["mof_div_code", "fiscal_year"])
}

fn ba_bgt_carryovers() -> TableCreateStatement {
    let mut columns =
        vec![mof_div_code(), id("carryovers_bgt_id"), not_negative("approve_amt"), positive("carryovers_amt")];
    columns.extend(of_indicator());
    table("ba_bgt_carryovers", columns, &["mof_div_code", "carryovers_bgt_id"])
}

fn ba_bgt_balance() -> TableCreateStatement {
    let mut columns = vec![
        mof_div_code(),
        id("balance_bgt_id"),
        not_negative("approve_amt"),
        positive("balance"),
        not_negative("back_balance"),
        flag("is_rec_exp"),
        id_null("carryovers_bgt_id"),
    ];
    columns.extend(of_indicator());
    table("ba_bgt_balance", columns, &["mof_div_code", "balance_bgt_id"])
}

/// What both keep of the indicator that had something left.
fn of_indicator() -> Vec<ColumnDef> {
    vec![
        fiscal_year(),
        id("ori_bgt_id"),
        text_null("cor_bgt_doc_no", 100),
        text_null("bgt_dec", 360),
        text_null("pro_code", 21),
        text_null("agency_code", 21),
        text_null("exp_func_code", 13),
        text_null("gov_bgt_eco_code", 11),
        text("fund_type_code", 10),
        text_null("manage_mof_dep_code", 6),
        text_null("bgt_mof_dep_code", 6),
        text("bgt_type_code", 50),
        text("budget_level_code", 1),
        text("bgt_exe_flag", 1),
        flag("is_gov_pur"),
        flag("is_track"),
        instant("create_time"),
    ]
}
