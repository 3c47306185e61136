//! Cash plans by indicator and month.

use sea_orm_migration::prelude::*;

use crate::shape::{create, fen, fiscal_year, flag, id, index, instant, mof_div_code, number, table, text};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0008_cash_plan"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            index("ba_cash_plan", &["cash_plan_id"]),
            index("ba_cash_plan", &["mof_div_code", "fiscal_year", "agency_code"]),
            index("ba_cash_plan_month", &["cash_plan_id"]),
            index("ba_cash_plan_month", &["bgt_id"]),
        ];
        create(manager, vec![cash_plan(), month()], indexes).await
    }
}

fn cash_plan() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("cash_plan_id"),
        fiscal_year(),
        text("agency_code", 21),
        id("bgt_id"),
        text("remark", 300),
        fen("total_amt"),
        instant("create_time"),
    ];
    table("ba_cash_plan", columns, &["mof_div_code", "cash_plan_id"])
}

fn month() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("line_id"),
        id("cash_plan_id"),
        fiscal_year(),
        id("bgt_id"),
        number("plan_month").check(Expr::col("plan_month").between(1, 12)).take(),
        fen("plan_amt").check(Expr::col("plan_amt").ne(0)).take(),
        flag("is_in_force"),
    ];
    table("ba_cash_plan_month", columns, &["mof_div_code", "line_id"])
}
