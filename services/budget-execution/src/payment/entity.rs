//! The rows of payment applications.

use budget_execution_contract::PaymentStatus;
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AccountNo, AgencyCode, AgencyType, BgtTypeCode, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear,
    FundTraobjTypeCode, FundTypeCode, GovBgtEcoCode, MofDepCode, Money, PayBusTypeCode, PayTypeCode, ProCatCode,
    ProCode, SetModeCode,
};
use sea_orm::entity::prelude::*;

use super::status::stored_status;

stored_status! {
    /// Where an application stands (支付申请状态).
    Standing stores PaymentStatus {
        Draft, InReview, Held, Returned, Rejected, Approved, Vouchered, Paid, BankReturned, Hung, Void, Deleted,
    }
}

/// PAY_VOUCHER: the application (支付申请).
pub mod application {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_voucher")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub pay_app_id: Uuid,
        pub pay_app_no: String,
        pub fiscal_year: FiscalYear,
        pub agency_code: AgencyCode,
        pub agency_name: String,
        pub agency_type_code: AgencyType,
        pub bgt_id: Uuid,
        pub bgt_type_code: BgtTypeCode,
        pub pro_code: ProCode,
        pub pro_name: String,
        pub pro_kind_code: Option<ProCatCode>,
        pub exp_func_code: ExpFuncCode,
        pub gov_bgt_eco_code: GovBgtEcoCode,
        pub dep_bgt_eco_code: DepBgtEcoCode,
        pub fund_type_code: FundTypeCode,
        pub manage_mof_dep_code: Option<MofDepCode>,
        pub pay_type_code: PayTypeCode,
        pub pay_bus_type_code: PayBusTypeCode,
        pub set_mode_code: SetModeCode,
        pub fund_traobj_type_code: FundTraobjTypeCode,
        pub use_des: String,
        pub pay_app_amt: Money,
        pub xpay_amt: Money,
        pub pay_acct_no: AccountNo,
        pub pay_acct_name: String,
        pub pay_acct_bank_name: String,
        pub payee_acct_name: String,
        pub payee_acct_no: AccountNo,
        pub payee_acct_bank_name: String,
        pub payee_acct_bank_code: String,
        pub contract_no: Option<String>,
        pub commitment_id: Option<Uuid>,
        pub close_commitment: bool,
        /// The reservation in force also stands on the cash plan; decided at each submission.
        pub is_contrlbyplan: bool,
        pub explanation: String,
        pub attachments: Json,
        pub is_gov_pur: bool,
        pub create_date: NaiveDate,
        pub pay_status: Standing,
        /// The reservation in force; a new one with every submission.
        pub reservation_id: Option<Uuid>,
        pub warn_ids: Json,
        pub create_time: DateTime<Utc>,
        pub update_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// PAY_DETAIL: one payee of a batch (支付明细).
pub mod detail {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_detail")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub pay_detail_id: Uuid,
        pub pay_apply_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub agency_code: AgencyCode,
        pub payee_acct_name: String,
        pub payee_acct_no: AccountNo,
        pub payee_acct_bank_name: String,
        pub pay_amt: Money,
        pub add_word: String,
        /// What the bank paid; none until it said.
        pub xpay_amt: Option<Money>,
        pub receipt_add_word: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The next number of a kind and day (N3).
pub mod sequence {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_sequence")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub rule_code: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: NaiveDate,
        pub next_no: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
