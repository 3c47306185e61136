//! The rows below a project: plans, details, purchases, assets, goals and indicators.

/// Declares a child table: its own columns behind the project's key and a line number.
macro_rules! child {
    ($(#[$meta:meta])* $module:ident, $table:literal, $($column:ident: $type:ty,)+) => {
        $(#[$meta])*
        pub mod $module {
            use common_types::DivisionCode;
            use sea_orm::entity::prelude::*;
            #[allow(unused_imports, reason = "not every table has every type")]
            use common_types::{
                DepBgtEcoCode, ExpCriClass, FiscalYear, GovBgtEcoCode, KpiLv1, KpiLv2, KpiSign, Money, PurMethod,
            };
            #[allow(unused_imports, reason = "not every table has a span")]
            use super::Span;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub mof_div_code: DivisionCode,
                #[sea_orm(primary_key, auto_increment = false)]
                pub pro_id: Uuid,
                #[sea_orm(primary_key, auto_increment = false)]
                pub line_no: i32,
                $(pub $column: $type,)+
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

use sea_orm::entity::prelude::*;

/// Span of a goal or indicator, as the column has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(1))")]
pub enum Span {
    #[sea_orm(string_value = "0")]
    MidTerm,
    #[sea_orm(string_value = "1")]
    Annual,
}

child! {
    /// PM_ANNUAL_PLAN 分年支出计划.
    annual_plan, "pm_annual_plan",
    fiscal_year: FiscalYear,
    plan_amt: Money,
    support_amount: Money,
}

child! {
    /// PM_DETAIL 任务明细.
    detail, "pm_detail",
    fiscal_year: FiscalYear,
    task_name: String,
    exp_cri_code: Option<String>,
    exp_cri_class: Option<ExpCriClass>,
    exp_cri_amt: Option<Money>,
    measmt_unit: String,
    qty: i64,
    price: Money,
    est_amt: Money,
    check_amt: Money,
    dep_bgt_eco_code: Option<DepBgtEcoCode>,
    gov_bgt_eco_code: Option<GovBgtEcoCode>,
}

child! {
    /// PM_GOVPUR 政府采购.
    purchase, "pm_govpur",
    pur_class: String,
    pur_method: Option<PurMethod>,
    purorgform: String,
    measmt_unit: String,
    pur_qua: i64,
    price: Money,
    pur_amt: Money,
}

child! {
    /// PM_ASSET 新增资产.
    asset, "pm_asset",
    asset_class: String,
    asset_name: String,
    asset_qua: i64,
    price: Money,
    sum_amt: Money,
    usage: String,
}

child! {
    /// PM_PERF_GOAL_INFO 绩效目标.
    perf_goal, "pm_perf_goal_info",
    yearflag: Span,
    kpi_target: String,
}

child! {
    /// PM_PERF_INDICATOR 绩效指标.
    perf_indicator, "pm_perf_indicator",
    yearflag: Span,
    kpi_lv1: KpiLv1,
    kpi_lv2: KpiLv2,
    kpi_lv3: String,
    computesign: KpiSign,
    kpi_val: String,
    meterunit: String,
    weight: i32,
    kpi_evalstd: String,
}
