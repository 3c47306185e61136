//! The rows of clearing and reconciliation.

use budget_execution_contract::ClearingStatus;
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AgencyCode, DivisionCode, ExpFuncCode, FiscalYear, FundTypeCode, Money, ReconResult};
use sea_orm::entity::prelude::*;

use crate::payment::status::stored_status;

stored_status! {
    /// Where a request for transfer stands.
    Progress stores ClearingStatus { Requested, Cleared, Refused, }
}

/// PAY_LQD_CERT: a day's request for transfer (申请划款凭证 2301).
pub mod certificate {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_lqd_cert")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub clearing_id: Uuid,
        pub lqd_cert_no: String,
        /// 申请退款凭证 2302; none on a day without refunds.
        pub ref_cert_no: Option<String>,
        pub fiscal_year: FiscalYear,
        pub day: NaiveDate,
        pub status: Progress,
        pub voucher_count: i32,
        pub paid_amt: Money,
        pub ref_amt: Money,
        pub lqd_amt: Money,
        pub act_lqd_date: Option<NaiveDate>,
        pub create_time: DateTime<Utc>,
        pub update_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// PAY_SUM: the part of one kind of funds, paid in one mode (支付凭证汇总清单).
pub mod sum {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_sum")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub pay_cert_sum_no: String,
        pub lqd_cert_no: String,
        pub lqd_quota_notice_no: Option<String>,
        pub fund_type_code: FundTypeCode,
        /// Of the notice that covers it.
        pub vt_code: String,
        pub voucher_count: i32,
        pub paid_amt: Money,
        pub ref_amt: Money,
        pub lqd_amt: Money,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// PAY_QUOTA: what finance lets the bank be repaid (清算额度通知单).
pub mod notice {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_quota")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub lqd_quota_notice_no: String,
        pub vt_code: String,
        pub fiscal_year: FiscalYear,
        pub day: NaiveDate,
        pub lqd_cert_no: String,
        pub pay_cert_sum_no: String,
        pub fund_type_code: FundTypeCode,
        pub notice_amt: Money,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The part of a unit and function in a quota notice.
pub mod notice_line {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_quota_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub lqd_quota_notice_no: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub agency_code: AgencyCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub exp_func_code: ExpFuncCode,
        pub notice_amt: Money,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A day of clearing that was closed (日终).
pub mod closed_day {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_clearing_day")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub fiscal_year: FiscalYear,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: NaiveDate,
        pub closed_by: String,
        pub close_id: Uuid,
        pub close_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// FRBS_RECON: one comparison of a day with the bank (对账).
pub mod reconciliation {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "frbs_recon")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub recon_id: Uuid,
        pub day: NaiveDate,
        /// The last day, when more than one is compared.
        pub until: Option<NaiveDate>,
        /// The unit, when its books are compared.
        pub agency_code: Option<AgencyCode>,
        pub our_count: i32,
        pub our_amt: Money,
        pub bank_count: i32,
        pub bank_amt: Money,
        pub result: ReconResult,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
