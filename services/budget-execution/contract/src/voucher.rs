//! Payment vouchers (国库集中支付凭证, PAY_VOUCHER_BILL), refunds and corrections on the wire.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AccountNo, AgencyCode, CorrectType, DepBgtEcoCode, DivisionCode, DocNo, FiscalYear, Money, RefundType,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use workflow::State;

use crate::{indicator::LineageNode, payment::ChargedTo};

/// Body of `POST /vouchers` (生成支付凭证).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVoucher {
    /// An approved application.
    pub pay_app_id: Uuid,
}

/// What a person does to a voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoucherAction {
    /// 签名, by another person than the makers (PAY-019)
    Sign,
    /// 复核签章, by a third person (PAY-019)
    Seal,
    /// 发送 to the agent bank (PAY-020)
    Send,
    /// 撤回 before it is sent
    Withdraw,
}

/// Body of `POST /vouchers/{pay_cert_id}/actions`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherActionRequest {
    pub action: VoucherAction,
}

/// Body of `POST /vouchers/{pay_cert_id}/inquiries` (查询银行处理结果).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InquiryRequest {}

/// Body of `POST /jobs/inquiries` (查询到期未答复凭证): the worker does the same by itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InquiryRun {
    /// Only of this division.
    #[serde(default)]
    pub mof_div_code: Option<DivisionCode>,
}

/// What a round of inquiries came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InquiryReport {
    /// Vouchers that the bank was asked about.
    pub asked: u32,
    /// Paid by what the bank said.
    pub settled: u32,
    /// Rejected or failed by what the bank said; their money is free again.
    pub released: u32,
    /// Still not known; they are asked about again later.
    pub open: u32,
}

/// Where a voucher stands (支付凭证状态, domain 1.7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VoucherStatus {
    /// 待签
    Generated,
    /// 已签
    Signed,
    /// 已签章
    Sealed,
    /// 已发送: the bank has been, or is being, asked
    Sent,
    /// 银行未应答: whether the bank acted is not known, the money stays reserved
    Unknown,
    /// 银行已收
    BankAccepted,
    /// 银行拒收
    BankRejected,
    /// 支付成功
    Paid,
    /// 支付失败
    Failed,
    /// 已清算
    Cleared,
    /// 已撤回
    Withdrawn,
}

/// A payment voucher as it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Voucher {
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub pay_app_id: Uuid,
    pub pay_app_no: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub vou_date: NaiveDate,
    pub agency_code: AgencyCode,
    #[serde(flatten)]
    pub charged_to: ChargedTo,
    pub use_des: String,
    pub pay_amt: Money,
    pub pay_acct_no: AccountNo,
    pub pay_acct_name: String,
    pub pay_acct_bank_name: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub payee_acct_bank_code: String,
    pub voucher_status: VoucherStatus,
    /// Why the bank refused or failed.
    pub reason: String,
    /// SM3 of the content at signing.
    pub content_hash: Option<String>,
    pub generated_by: String,
    pub signed_by: Option<String>,
    pub sealed_by: Option<String>,
    pub xpay_amt: Money,
    pub xpay_date: Option<NaiveDate>,
    pub agent_business_no: Option<String>,
    pub receipt_add_word: String,
    /// Refunded so far.
    pub ref_amt: Money,
    pub is_corrected: bool,
    pub lqd_quota_notice_no: Option<String>,
    pub pay_cert_sum_no: Option<String>,
    pub lqd_cert_no: Option<String>,
    pub act_lqd_date: Option<NaiveDate>,
    pub update_time: DateTime<Utc>,
}

/// One payee of a batch voucher and what became of it (支付明细, PAY_DETAIL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherDetail {
    pub pay_detail_id: Uuid,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub pay_amt: Money,
    pub add_word: String,
    /// Absent until the bank said; 0.00 when it could not be paid.
    pub xpay_amt: Option<Money>,
    /// Why it could not be paid.
    pub receipt_add_word: String,
}

/// Filters of `GET /vouchers`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VoucherFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
    #[param(value_type = Option<String>)]
    pub agency_code: Option<AgencyCode>,
    pub pay_app_id: Option<Uuid>,
    pub pay_cert_no: Option<String>,
    #[param(value_type = Option<String>)]
    pub voucher_status: Option<VoucherStatus>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}

/// From a voucher back to its budget line or the document of the higher level (资金追溯).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PaymentLineage {
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub pay_app_id: Uuid,
    pub pay_app_no: String,
    pub pay_amt: Money,
    /// The indicator that bears the payment first, its oldest ancestor last.
    pub indicators: Vec<LineageNode>,
    /// The budget line (BGT_PM_ANNUAL) it came from.
    pub bgt_pman_id: Option<String>,
    /// The document of the higher level it came from.
    pub sup_bgt_doc_no: Option<DocNo>,
}

/// Body of `POST /refunds` (退款申请).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundDraft {
    pub pay_cert_id: Uuid,
    /// At most what was paid and not yet refunded (PAY-017).
    pub ref_amt: Money,
    pub ref_reason: String,
    /// Only for money that comes back after the year of the payment; the treasury when absent.
    #[serde(default)]
    pub landing: Option<RefundLanding>,
}

/// Where refunded money goes (退款去向).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundLanding {
    /// 恢复原指标: the indicator that bears the payment
    Indicator,
    /// 上年结转: a carried-over indicator of the year in which it came back
    CarryOver,
    /// 缴入国库: no indicator
    Treasury,
}

/// A refund as it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Refund {
    pub ref_id: Uuid,
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub refund_type: RefundType,
    pub ref_amt: Money,
    pub ref_reason: String,
    pub landing: RefundLanding,
    /// The indicator that holds the money again, once it is there.
    pub bgt_id: Option<Uuid>,
    /// The day it took effect.
    pub ref_date: Option<NaiveDate>,
    /// Absent for money that the bank sent back by itself.
    pub workflow: Option<State>,
    pub update_time: DateTime<Utc>,
}

/// Body of `POST /corrections` (更正申请): another indicator bears the payment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionDraft {
    pub pay_cert_id: Uuid,
    /// Of the same agency and year (PAY-018).
    pub new_bgt_id: Uuid,
    pub new_dep_bgt_eco_code: DepBgtEcoCode,
    pub correct_type: CorrectType,
    pub reason: String,
}

/// A correction as it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Correction {
    pub correct_id: Uuid,
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub old: ChargedTo,
    pub new: ChargedTo,
    pub amount: Money,
    pub correct_type: CorrectType,
    pub reason: String,
    pub workflow: State,
    pub update_time: DateTime<Utc>,
}
