//! What the platform and the agent bank (代理银行) say to each other over HTTP.

use chrono::NaiveDate;
use common_types::{AccountNo, DivisionCode, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::certificate::SignStamp;

/// A voucher (5214) as the bank gets it: `POST /api/bank/v1/vouchers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankVoucher {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub pay_cert_no: String,
    pub vou_date: NaiveDate,
    pub pay_amt: Money,
    pub pay_acct_no: AccountNo,
    pub pay_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_name: String,
    pub payee_acct_bank_name: String,
    pub payee_acct_bank_code: String,
    pub use_des: String,
    /// Payees of a batch; together they make `pay_amt`.
    #[serde(default)]
    pub details: Vec<BankVoucherDetail>,
    /// SM3 of the signed content.
    pub content_hash: String,
    /// 签名 and 签章, in this order.
    pub stamps: Vec<SignStamp>,
}

/// One payee of a batch voucher (批量支付明细 8207).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankVoucherDetail {
    pub pay_detail_id: Uuid,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub pay_amt: Money,
}

/// Whether the bank took a voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BankAcceptance {
    Accepted,
    Rejected,
}

/// The bank's first answer to a voucher; a repeat gets the same (PAY-020).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherAnswer {
    pub pay_cert_no: String,
    pub answer: BankAcceptance,
    /// Why it was rejected.
    #[serde(default)]
    pub reason: String,
}

/// How a payment ended at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BankResult {
    /// 支付成功
    Paid,
    /// 支付失败
    Failed,
    /// 退票: paid first, then sent back by the payee's bank
    Returned,
}

/// A receipt (回单): `POST /api/budget-execution/v1/bank-receipts`, delivered until it is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankReceipt {
    pub mof_div_code: DivisionCode,
    pub pay_cert_no: String,
    pub result: BankResult,
    /// What was paid, or sent back.
    pub xpay_amt: Money,
    pub xpay_date: NaiveDate,
    /// The bank's own number of the transaction.
    pub agent_business_no: String,
    #[serde(default)]
    pub receipt_add_word: String,
    /// What became of the details of a batch; all of them or none are named.
    #[serde(default)]
    pub details: Vec<ReceiptDetail>,
    /// The bank's signature over [`Self::signed_content`], base64.
    #[serde(default)]
    pub signature: Option<String>,
}

/// What became of one detail of a batch: paid in full, or 0.00 with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptDetail {
    pub pay_detail_id: Uuid,
    pub xpay_amt: Money,
    #[serde(default)]
    pub receipt_add_word: String,
}

impl BankReceipt {
    /// What the bank signs: the JSON array of all fields but the signature, in their order.
    pub fn signed_content(&self) -> String {
        serde_json::json!([
            self.mof_div_code,
            self.pay_cert_no,
            self.result,
            self.xpay_amt,
            self.xpay_date,
            self.agent_business_no,
            self.receipt_add_word,
            self.details,
        ])
        .to_string()
    }
}

/// What became of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReceiptOutcome {
    /// It settled the voucher now.
    Settled,
    /// It had settled the voucher before.
    Already,
    /// No such voucher was sent; kept for inspection (CLR-004).
    Unmatched,
}

/// Answer to a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptAnswer {
    pub pay_cert_no: String,
    pub outcome: ReceiptOutcome,
    pub pay_cert_id: Option<Uuid>,
}

/// Where a voucher stands at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BankVoucherStatus {
    Accepted,
    Rejected,
    Paid,
    Failed,
    Returned,
}

/// Answer to `GET /api/bank/v1/vouchers/{pay_cert_no}` and a line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankVoucherState {
    pub mof_div_code: DivisionCode,
    pub pay_cert_no: String,
    pub status: BankVoucherStatus,
    pub pay_amt: Money,
    pub xpay_amt: Money,
    pub xpay_date: Option<NaiveDate>,
    pub agent_business_no: Option<String>,
    #[serde(default)]
    pub reason: String,
    /// What became of the details of a batch.
    #[serde(default)]
    pub details: Vec<ReceiptDetail>,
}

/// One line of a clearing request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearingLine {
    pub pay_cert_no: String,
    pub amount: Money,
}

/// Request for transfer (申请划款凭证 2301) or for the return of refunds (申请退款凭证 2302):
/// `POST /api/bank/v1/clearing-requests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankClearingRequest {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    /// 2301 or 2302
    pub vt_code: String,
    pub lqd_cert_no: String,
    pub day: NaiveDate,
    pub lqd_amt: Money,
    /// The quota notices (5106, 5108) that cover the transfer.
    #[serde(default)]
    pub notices: Vec<BankQuota>,
    pub lines: Vec<ClearingLine>,
}

/// What a quota notice allows the bank to be repaid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankQuota {
    pub lqd_quota_notice_no: String,
    /// 5106 or 5108
    pub vt_code: String,
    pub notice_amt: Money,
}

/// The bank's answer to a request for transfer; a repeat gets the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankClearingAnswer {
    pub lqd_cert_no: String,
    pub answer: BankAcceptance,
    /// What the bank cleared: the sum of the lines as the bank knows them.
    pub lqd_amt: Money,
    pub act_lqd_date: Option<NaiveDate>,
    #[serde(default)]
    pub reason: String,
}

/// Answer to `GET /api/bank/v1/statements`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankStatement {
    pub mof_div_code: DivisionCode,
    pub day: NaiveDate,
    /// The last day of the list; `day` for one of a single day.
    pub until: NaiveDate,
    pub lines: Vec<BankVoucherState>,
}
