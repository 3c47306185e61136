//! PAY_REFUND: money of a paid voucher that came back (退款).

use budget_execution_contract::RefundLanding;
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money, RefundType};
use sea_orm::entity::prelude::*;

use crate::payment::status::stored_status;

stored_status! {
    /// Where refunded money goes.
    Landing stores RefundLanding { Indicator, CarryOver, Treasury, }
}

/// One refund.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pay_refund")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ref_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub agency_code: AgencyCode,
    pub refund_type: RefundType,
    pub ref_amt: Money,
    pub ref_reason: String,
    pub landing: Landing,
    /// The indicator that holds the money again, once it is there.
    pub bgt_id: Option<Uuid>,
    /// The day it took effect.
    pub ref_date: Option<NaiveDate>,
    /// The clearing that took it into account.
    pub lqd_cert_no: Option<String>,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
