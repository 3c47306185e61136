//! EXE_JOB_RUN: one row for each job, division and day; whoever writes it does the work.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::DivisionCode;
use sea_orm::entity::prelude::*;

/// A run of a job.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exe_job_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub job: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: NaiveDate,
    /// Another instance may take it over after that, unless it is done.
    pub claimed_until: DateTime<Utc>,
    pub done_time: Option<DateTime<Utc>>,
    /// What came of it.
    pub result_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
