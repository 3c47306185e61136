//! The rows of clearing and reconciliation.

use budget_execution_contract::ClearingStatus;
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, FiscalYear, FundTypeCode, Money, ReconResult};
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

/// PAY_SUM: the part of one kind of funds (支付凭证汇总清单).
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
        pub fund_type_code: FundTypeCode,
        pub voucher_count: i32,
        pub paid_amt: Money,
        pub ref_amt: Money,
        pub lqd_amt: Money,
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
        pub our_count: i32,
        pub our_amt: Money,
        pub bank_count: i32,
        pub bank_amt: Money,
        pub result: ReconResult,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
