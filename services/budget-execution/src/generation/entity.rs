//! Generations and what each budget line has generated.

use chrono::{DateTime, Utc};
use common_types::{DivisionCode, FiscalYear, Money};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ba_bgt_generation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub approval_id: String,
    pub version: i32,
    /// `generated` or `blocked`.
    pub status: String,
    pub approval: Json,
    pub problems: Json,
    pub bgt_count: i32,
    pub total_amt: Money,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// One version of one budget line.
pub mod line {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ba_bgt_generated_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bgt_pman_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub bgt_id: Uuid,
        /// What the line has given in all, up to this version.
        pub reply_amt: Money,
        pub change_amt: Money,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
