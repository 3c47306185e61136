//! FA_REPORT and FA_REPORT_VERSION: final account reports (决算报表) and what was submitted of them.

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use sea_orm::entity::prelude::*;

/// A report with its present figures.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "fa_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub report_id: Uuid,
    pub report_code: String,
    pub fiscal_year: FiscalYear,
    /// None: the whole division.
    pub agency_code: Option<AgencyCode>,
    /// Code, year and scope while the report stands; unique, so that there is one.
    pub open_key: Option<String>,
    pub explanation: String,
    pub figures: Json,
    pub submissions: i32,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What was submitted once (RP-003).
pub mod version {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "fa_report_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub report_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version_no: i32,
        pub explanation: String,
        pub figures: Json,
        pub submitter: String,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
