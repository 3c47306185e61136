//! 指标冻结 documents as they stand in the database; their state is with the workflow.

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money, Role};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ba_bgt_freeze")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub freeze_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub bgt_id: Uuid,
    pub agency_code: Option<AgencyCode>,
    pub freeze_amt: Money,
    /// Percent, as it was written.
    pub freeze_ratio: Option<String>,
    pub reason: String,
    pub freeze_role: Role,
    pub is_frozen: bool,
    pub thaw_amt: Money,
    pub thaw_count: i32,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
