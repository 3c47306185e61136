//! 指标下达 documents as they stand in the database; their state is with the workflow.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AgencyCode, DivisionCode, DocNo, FiscalYear, Money};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ba_bgt_issue")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub issue_id: Uuid,
    pub fiscal_year: FiscalYear,
    /// The unit, when all lines are of one.
    pub agency_code: Option<AgencyCode>,
    pub cor_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
    pub total_amt: Money,
    pub lines: Json,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
