//! Settings as they stand in the database: what was proposed, and what is in force.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, FiscalYear};
use sea_orm::entity::prelude::*;

/// A document that proposes a value; its state is with the workflow.
pub mod change {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sys_param_change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub setting_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub setting_key: String,
        pub setting_value: Json,
        pub start_date: NaiveDate,
        pub reason: String,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// SYS_PARAM: a value in force from a day on, never edited.
pub mod value {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sys_param")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub setting_key: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub start_date: NaiveDate,
        pub setting_value: Json,
        pub setting_id: Uuid,
        pub set_by: String,
        pub reason: String,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
