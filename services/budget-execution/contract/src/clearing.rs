//! Clearing (清算), reconciliation (对账) and differences (差异单) on the wire.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AgencyCode, DivisionCode, ExpFuncCode, FiscalYear, Money, ReconResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

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

/// A day's vouchers of one kind of funds, paid in one mode (支付凭证汇总清单).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClearingSum {
    pub pay_cert_sum_no: String,
    /// Absent when the day only has refunds of this kind of funds.
    pub lqd_quota_notice_no: Option<String>,
    pub fund_type_code: String,
    /// Of the notice that covers it: 5106 for authorised payments (授权支付), 5108 for direct ones (直接支付)
    pub vt_code: String,
    pub voucher_count: u32,
    pub paid_amt: Money,
    pub ref_amt: Money,
    /// Paid less refunded (CLR-002).
    pub lqd_amt: Money,
}

/// The clearing of one day.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Clearing {
    /// 申请划款凭证 2301
    pub lqd_cert_no: String,
    /// 申请退款凭证 2302; absent on a day without refunds
    pub ref_cert_no: Option<String>,
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

/// What finance lets the bank be repaid for a day's vouchers of one kind of funds (清算额度通知单 5106, 5108).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct QuotaNotice {
    pub lqd_quota_notice_no: String,
    /// 5106 for unit zero-balance accounts, 5108 for those of finance
    pub vt_code: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub day: NaiveDate,
    pub pay_cert_sum_no: String,
    pub fund_type_code: String,
    pub notice_amt: Money,
    pub lines: Vec<QuotaLine>,
}

/// The part of a unit and function in a quota notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotaLine {
    pub agency_code: AgencyCode,
    pub exp_func_code: ExpFuncCode,
    pub notice_amt: Money,
}

/// A day of clearing that was closed (日终): `POST /clearing-days` with the fields of [`ClearingRequest`].
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClearingDay {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub day: NaiveDate,
    pub closed_by: String,
    pub close_time: DateTime<Utc>,
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

/// Body of `POST /reconciliations`: a day (凭证对账 3501) or, with `until`, a longer time such as a month (3508).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconciliationRequest {
    pub mof_div_code: DivisionCode,
    pub day: NaiveDate,
    /// At most 31 days after `day`.
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// Body of `POST /unit-reconciliations` (单位与财政对账): what a unit's own books say of a month.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitReconciliationRequest {
    pub mof_div_code: DivisionCode,
    pub agency_code: AgencyCode,
    /// The first day of the month.
    pub day: NaiveDate,
    pub voucher_count: u32,
    /// Paid in the month.
    pub paid_amt: Money,
    /// Refunded in the month.
    pub ref_amt: Money,
}

/// What a person does to a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceAction {
    /// 说明: says what was found
    Explain,
    /// 核销: another person agrees that it is settled
    Settle,
}

/// Body of `POST /bank-differences/{diff_id}/actions`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DifferenceActionRequest {
    pub action: DifferenceAction,
    /// 1 to 300 characters.
    pub opinion: String,
}

/// Where a difference stands (差异处理状态).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DifferenceStatus {
    Open,
    Explained,
    Settled,
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
    pub diff_status: DifferenceStatus,
    pub explained_by: Option<String>,
    pub explanation: String,
    pub settled_by: Option<String>,
    pub opinion: String,
}

/// The comparison of a day with the bank's statement.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reconciliation {
    pub recon_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub day: NaiveDate,
    pub until: NaiveDate,
    /// The unit, when its books are compared.
    pub agency_code: Option<AgencyCode>,
    pub our_count: u32,
    pub our_amt: Money,
    pub bank_count: u32,
    pub bank_amt: Money,
    pub result: ReconResult,
    pub differences: Vec<BankDifference>,
}
