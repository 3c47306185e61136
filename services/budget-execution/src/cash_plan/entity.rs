//! BA_CASH_PLAN and its months; how much of them is used stands on the memo accounts of the ledger.

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ba_cash_plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub cash_plan_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub bgt_id: Uuid,
    pub remark: String,
    pub total_amt: Money,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// BA_CASH_PLAN_MONTH: what a document adds to or takes from a month.
pub mod month {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ba_cash_plan_month")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_id: Uuid,
        pub cash_plan_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub bgt_id: Uuid,
        pub plan_month: i32,
        pub plan_amt: Money,
        pub is_in_force: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
