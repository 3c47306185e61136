//! BA_BGT_OPERATION: operations on indicators as they stand in the database; their state is with the workflow.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, DocNo, FiscalYear, Money};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ba_bgt_operation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub document_type: String,
    pub entry_source: Option<String>,
    pub cor_bgt_doc_no: Option<DocNo>,
    pub bgt_doc_title: Option<String>,
    pub doc_date: Option<NaiveDate>,
    pub reason: String,
    pub total_amt: Money,
    pub lines: Json,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
