//! The rows of payment vouchers.

use budget_execution_contract::{StampKind, VoucherStatus};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AccountNo, AgencyCode, BgtTypeCode, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear, FundTypeCode,
    GovBgtEcoCode, MofDepCode, Money, ProCatCode, ProCode,
};
use sea_orm::entity::prelude::*;

use crate::{certificate::entity::Algorithm, payment::status::stored_status};

stored_status! {
    /// Where a voucher stands (支付凭证状态).
    Stage stores VoucherStatus {
        Generated, Signed, Sealed, Sent, Unknown, BankAccepted, BankRejected, Paid, Failed, Cleared, Withdrawn,
    }
}

/// Whether another indicator bears the voucher by now (更正).
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CorrectStatus {
    None,
    InProgress,
    Corrected,
}

/// PAY_VOUCHER_BILL: the voucher (支付凭证). What was signed is never changed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pay_voucher_bill")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub pay_app_id: Uuid,
    pub pay_app_no: String,
    pub reservation_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub vou_date: NaiveDate,
    pub agency_code: AgencyCode,
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
    pub use_des: String,
    pub pay_amt: Money,
    pub pay_acct_no: AccountNo,
    pub pay_acct_name: String,
    pub pay_acct_bank_name: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub payee_acct_bank_code: String,
    pub is_gov_pur: bool,
    pub voucher_status: Stage,
    pub reason: String,
    pub content_hash: Option<String>,
    pub generated_by: String,
    pub generated_person: String,
    pub signed_by: Option<String>,
    pub sealed_by: Option<String>,
    pub send_date: Option<NaiveDate>,
    pub xpay_amt: Money,
    pub xpay_date: Option<NaiveDate>,
    pub agent_business_no: Option<String>,
    pub receipt_add_word: String,
    /// Refunds asked for and not refused, at most what was paid (PAY-017).
    pub ref_app_amt: Money,
    /// Refunds that took effect.
    pub ref_amt: Money,
    pub correct_status: CorrectStatus,
    /// The indicator that bears it since its correction, or since the write-off of its advance.
    pub corrected_to: Option<Json>,
    pub lqd_quota_notice_no: Option<String>,
    pub pay_cert_sum_no: Option<String>,
    pub lqd_cert_no: Option<String>,
    pub act_lqd_date: Option<NaiveDate>,
    /// How often the bank was asked what became of it.
    pub inquiry_count: i32,
    /// When it is asked next; none when nothing is open.
    pub next_inquiry_time: Option<DateTime<Utc>>,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

stored_status! {
    /// Which of the two stamps.
    Kind stores StampKind { Sign, Seal, }
}

/// PAY_VOUCHER_STAMP: a signature under a voucher (签章). Never changed.
pub mod stamp {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_voucher_stamp")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub pay_cert_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub stamp_kind: Kind,
        pub signer: String,
        pub signer_person: String,
        pub cert_id: Uuid,
        pub sign_algorithm: Algorithm,
        pub signature: String,
        pub sign_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
