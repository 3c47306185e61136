//! Payment vouchers (国库集中支付凭证, PAY_VOUCHER_BILL), refunds, corrections and clearing on the wire.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AccountNo, AgencyCode, CorrectType, DepBgtEcoCode, DivisionCode, DocNo, FiscalYear, Money, ReconResult, RefundType,
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

/// Body of `POST /clearings` (当日清算).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearingRequest {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub day: NaiveDate,
}

/// Where a transfer request to the bank stands (申请划款凭证 2301).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClearingStatus {
    /// 已申请, the bank has not confirmed
    Requested,
    /// 已清算
    Cleared,
    /// 银行退回
    Refused,
}

/// A day's vouchers of one kind of funds (支付凭证汇总清单).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClearingSum {
    pub pay_cert_sum_no: String,
    pub fund_type_code: String,
    pub voucher_count: u32,
    pub paid_amt: Money,
    pub ref_amt: Money,
    /// Paid less refunded (CLR-002).
    pub lqd_amt: Money,
}

/// The clearing of one day.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Clearing {
    pub lqd_cert_no: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub day: NaiveDate,
    pub status: ClearingStatus,
    pub voucher_count: u32,
    pub paid_amt: Money,
    pub ref_amt: Money,
    /// Paid less refunded (CLR-002).
    pub lqd_amt: Money,
    pub act_lqd_date: Option<NaiveDate>,
    pub sums: Vec<ClearingSum>,
}

/// Filters of lists by day.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DayFilter {
    #[param(value_type = String)]
    pub mof_div_code: DivisionCode,
    pub day: Option<NaiveDate>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}

/// Body of `POST /reconciliations` (凭证对账 3501).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconciliationRequest {
    pub mof_div_code: DivisionCode,
    pub day: NaiveDate,
}

/// How our books and the bank's differ (差异类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DifferenceKind {
    /// The bank has it, we do not.
    MissingHere,
    /// We have it, the bank does not.
    MissingAtBank,
    Amount,
    Status,
    /// A receipt that says otherwise than an earlier one (CLR-101).
    Contradiction,
    /// A receipt for a voucher that we never sent (CLR-004).
    Unmatched,
}

/// One difference, kept as a ticket (差异单).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BankDifference {
    pub diff_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub day: NaiveDate,
    pub pay_cert_no: String,
    pub kind: DifferenceKind,
    /// What we say.
    pub ours: String,
    /// What the bank says.
    pub theirs: String,
}

/// The comparison of a day with the bank's statement.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reconciliation {
    pub recon_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub day: NaiveDate,
    pub our_count: u32,
    pub our_amt: Money,
    pub bank_count: u32,
    pub bank_amt: Money,
    pub result: ReconResult,
    pub differences: Vec<BankDifference>,
}
