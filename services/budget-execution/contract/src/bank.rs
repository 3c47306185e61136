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
    /// SM3 of the signed content, 64 lower-case hexadecimal digits.
    pub content_hash: String,
    /// 签名 and 签章, in this order. The first signs the text `<content_hash>:Sign`, the second `<content_hash>:Seal`, with
    /// the key of the certificate that it names (`GET /certificates`).
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

/// A receipt (回单): `POST /api/budget-execution/v1/bank-receipts`, delivered until it is taken; a line of a day file.
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
    /// The bank's signature, standard base64 with padding, without line breaks.
    ///
    /// Signed are the UTF-8 bytes of one JSON array without blanks between its parts: `mof_div_code`, `pay_cert_no`,
    /// `result`, `xpay_amt`, `xpay_date`, `agent_business_no`, `receipt_add_word`, `details`, in this order, each as it
    /// stands in the receipt. Amounts are texts in yuan with two places, days are `YYYY-MM-DD`; what was left out stands
    /// as `""` or `[]`. A detail is an object with exactly `pay_detail_id` (lower case, with hyphens), `receipt_add_word`
    /// and `xpay_amt`, in this order. In texts only `"`, `\` and control characters are escaped (`\n`, `\r`, `\t`);
    /// Chinese characters and `/` stand as they are. For example:
    ///
    /// ```json
    /// ["360100000","W3601002026031000017","PAID","1200.00","2026-03-10","ABC20260310-000017","部分成功",[{"pay_detail_id":"0190a000-0000-7000-8000-000000000001","receipt_add_word":"","xpay_amt":"1200.00"},{"pay_detail_id":"0190a000-0000-7000-8000-000000000002","receipt_add_word":"户名\"不符\"","xpay_amt":"0.00"}]]
    /// ```
    ///
    /// The bytes themselves are the message, not a digest of them. `ED25519`: the 64 bytes of RFC 8032. `SM2` (GB/T 32918
    /// over SM3): user id `1234567812345678`, the signature is `r` then `s`, 32 bytes each, big endian, not DER.
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
    /// What the bank signs: the JSON array of all fields but the signature, in their order, as told at `signature`.
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    const GUIDE: &str = include_str!("../../README.md");

    /// The example of "Connecting a bank".
    fn example() -> BankReceipt {
        let block = GUIDE.split("```json").find(|block| block.contains("\"agent_business_no\"")).unwrap();
        serde_json::from_str(block.split("```").next().unwrap()).unwrap()
    }

    #[test]
    fn what_is_signed_is_what_the_guide_and_the_interface_document_show() {
        let content = example().signed_content();
        let expected = concat!(
            r#"["360100000","W3601002026031000017","PAID","1200.00","2026-03-10","ABC20260310-000017","部分成功","#,
            r#"[{"pay_detail_id":"0190a000-0000-7000-8000-000000000001","receipt_add_word":"","xpay_amt":"1200.00"},"#,
            r#"{"pay_detail_id":"0190a000-0000-7000-8000-000000000002","receipt_add_word":"户名\"不符\"","xpay_amt":"0.00"}]]"#,
        );
        assert_eq!(content, expected);
        assert!(GUIDE.contains(&content) && GUIDE.contains(&format!("{} bytes", content.len())));
        let schema = serde_json::to_value(<BankReceipt as utoipa::PartialSchema>::schema()).unwrap();
        assert!(schema["properties"]["signature"]["description"].as_str().unwrap().contains(&content));
    }

    #[test]
    fn what_was_left_out_is_signed_as_empty() {
        let text = r#"{"mof_div_code": "360100000", "pay_cert_no": "W1", "result": "FAILED", "xpay_amt": "0.00",
            "xpay_date": "2026-03-10", "agent_business_no": "B/1"}"#;
        let receipt: BankReceipt = serde_json::from_str(text).unwrap();
        assert_eq!(receipt.signed_content(), r#"["360100000","W1","FAILED","0.00","2026-03-10","B/1","",[]]"#);
    }
}
