//! 待分指标分解 documents as they stand in the database; their state is with the workflow.

use chrono::{DateTime, Utc};
use common_types::{DivisionCode, FiscalYear, Money};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ba_bgt_distribution")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub distribution_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub bgt_id: Uuid,
    pub total_amt: Money,
    pub remark: String,
    pub lines: Json,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
