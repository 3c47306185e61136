//! Indicators and the documents that make, split, issue and freeze them.

use sea_orm_migration::prelude::*;

use crate::shape::{
    create, day, day_null, fen, fiscal_year, flag, id, id_null, index, instant, json, mof_div_code, number, table,
    text, text_null, unique,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_indicator"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables =
            vec![indicator(), document_number(), generation(), generated_line(), distribution(), issue(), freeze()];
        let indexes = vec![
            index("ba_bgt_info", &["mof_div_code", "fiscal_year", "agency_code"]),
            index("ba_bgt_info", &["mof_div_code", "fiscal_year", "pro_code"]),
            index("ba_bgt_info", &["bgt_id"]),
            index("ba_bgt_info", &["ori_bgt_id"]),
            index("ba_bgt_info", &["bgt_pman_id"]),
            unique("ba_bgt_generation", &["mof_div_code", "approval_id", "version"]),
            index("ba_bgt_distribution", &["mof_div_code", "fiscal_year"]),
            index("ba_bgt_issue", &["mof_div_code", "fiscal_year"]),
            index("ba_bgt_freeze", &["mof_div_code", "bgt_id"]),
        ];
        create(manager, tables, indexes).await
    }
}

fn indicator() -> TableCreateStatement {
    let mut columns = vec![
        mof_div_code(),
        id("bgt_id"),
        fiscal_year(),
        text_null("bgt_doc_title", 360),
        day_null("doc_date"),
        text_null("bgt_dec", 360),
        text("bgt_exe_flag", 1),
        fen("amount").check(Expr::col("amount").gte(0)).take(),
        id_null("ori_bgt_id"),
        text_null("bgt_pman_id", 38),
        text_null("adj_batch_no", 38),
        flag("is_track"),
        text_null("track_pro_code", 21),
        text("source_type_code", 1),
        flag("is_three_ensure"),
        text_null("pro_kind_code", 2),
        text_null("found_type_code", 2),
        text_null("pro_name", 360),
        text_null("agency_name", 360),
        id("origin_id"),
        instant("create_time"),
    ];
    columns.extend(elements());
    table("ba_bgt_info", columns, &["mof_div_code", "bgt_id"])
}

/// The elements beside division and year, in the order of the regulation.
fn elements() -> Vec<ColumnDef> {
    vec![
        text_null("cor_bgt_doc_no", 100),
        text_null("pro_code", 21),
        text_null("agency_code", 21),
        text("fund_type_code", 10),
        text_null("manage_mof_dep_code", 6),
        text_null("bgt_mof_dep_code", 6),
        text_null("income_sort_code", 20),
        text_null("tp_func_code", 13),
        text_null("exp_func_code", 13),
        text_null("gov_bgt_eco_code", 11),
        text_null("dep_bgt_eco_code", 20),
        text("bgt_type_code", 50),
        text("bgt_source_code", 1),
        flag("is_advance"),
        text_null("rec_div_code", 9),
        text("budget_level_code", 1),
        text_null("sup_bgt_doc_no", 100),
        flag("is_gov_pur"),
        text("pay_type_code", 2),
        flag("is_uni_sala"),
        text("direct_flag", 2),
        flag("is_scientific"),
        flag("is_debt"),
        flag("is_capital"),
    ]
}

/// A document number belongs to one division and one year (BA-005).
fn document_number() -> TableCreateStatement {
    let columns = vec![mof_div_code(), text("cor_bgt_doc_no", 100), fiscal_year(), instant("create_time")];
    table("ba_bgt_doc_no", columns, &["cor_bgt_doc_no"])
}

fn generation() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("generation_id"),
        fiscal_year(),
        text("approval_id", 64),
        number("version"),
        text("status", 12),
        json("approval"),
        json("problems"),
        number("bgt_count"),
        fen("total_amt"),
        instant("create_time"),
        instant("update_time"),
    ];
    table("ba_bgt_generation", columns, &["mof_div_code", "generation_id"])
}

/// What a budget line has generated so far, so that a later version generates the difference (IG-002).
fn generated_line() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        text("bgt_pman_id", 38),
        id("bgt_id"),
        number("version"),
        fen("reply_amt"),
        fen("change_amt"),
    ];
    table("ba_bgt_generated_line", columns, &["mof_div_code", "bgt_pman_id", "version"])
}

fn distribution() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("distribution_id"),
        fiscal_year(),
        id("bgt_id"),
        fen("total_amt").check(Expr::col("total_amt").gt(0)).take(),
        text("remark", 360),
        json("lines"),
        instant("create_time"),
    ];
    table("ba_bgt_distribution", columns, &["mof_div_code", "distribution_id"])
}

fn issue() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("issue_id"),
        fiscal_year(),
        text("cor_bgt_doc_no", 100),
        text("bgt_doc_title", 360),
        day("doc_date"),
        fen("total_amt").check(Expr::col("total_amt").gt(0)).take(),
        json("lines"),
        instant("create_time"),
    ];
    table("ba_bgt_issue", columns, &["mof_div_code", "issue_id"])
}

fn freeze() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("freeze_id"),
        fiscal_year(),
        id("bgt_id"),
        text_null("agency_code", 21),
        fen("freeze_amt").check(Expr::col("freeze_amt").gt(0)).take(),
        text("reason", 360),
        text("freeze_role", 2),
        flag("is_frozen"),
        fen("thaw_amt")
            .check(Expr::col("thaw_amt").gte(0).and(Expr::col("thaw_amt").lte(Expr::col("freeze_amt"))))
            .take(),
        number("thaw_count"),
        instant("create_time"),
    ];
    table("ba_bgt_freeze", columns, &["mof_div_code", "freeze_id"])
}
