//! GLB_VERIFICATION: what the nightly verification of a division found on a day.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::DivisionCode;
use sea_orm::entity::prelude::*;

/// A kept report.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "glb_verification")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub verification_id: Uuid,
    pub day: NaiveDate,
    pub ok: bool,
    pub report: Json,
    pub verify_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
