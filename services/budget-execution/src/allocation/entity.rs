//! PAY_ALLOCATION_CERT as it stands in the database; the review is with the workflow.

use budget_execution_contract::AllocationStatus;
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AccountNo, AgencyCode, DivisionCode, ExpFuncCode, FiscalYear, FundTypeCode, GovBgtEcoCode, Money, ProCode,
};
use sea_orm::entity::prelude::*;

use crate::payment::status::stored_status;

stored_status! {
    /// Where an allocation stands (拨款状态).
    Standing stores AllocationStatus { Free, Reserved, Allocated, Failed, }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pay_allocation_cert")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pay_alloc_cert_id: Uuid,
    pub pay_alloc_cert_no: String,
    pub vou_date: NaiveDate,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub bgt_id: Uuid,
    pub exp_func_code: Option<ExpFuncCode>,
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    pub pro_code: Option<ProCode>,
    pub fund_type_code: FundTypeCode,
    pub pay_alloc_type: String,
    pub pay_amt: Money,
    pub pay_acct_no: AccountNo,
    pub pay_acct_name: String,
    pub pay_acct_bank_name: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub use_des: String,
    pub status: Standing,
    /// The reservation in force; a new one with every submission.
    pub reservation_id: Option<Uuid>,
    pub reason: String,
    pub acc_date: Option<NaiveDate>,
    pub create_time: DateTime<Utc>,
    /// Whether the reservation stands on the cash plan too (双控制).
    pub is_contrlbyplan: bool,
}

impl ActiveModelBehavior for ActiveModel {}
