//! Unit accounting vouchers (单位会计凭证, GLA_VOU_HEAD and GLA_VOU_DETAIL) on the wire.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AgencyCode, BgtTypeCode, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear, FundTypeCode, GovBgtEcoCode, Money,
    ProCatCode, ProCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// One of the two parallel groups of a voucher (平行记账); each balances for itself (ACC-001).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryGroup {
    /// 财务会计: accrual, accounts 1 to 5
    Financial,
    /// 预算会计: cash, accounts 6 to 8
    Budget,
}

/// 借 or 贷 (DR_CR).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntrySide {
    /// 借
    Debit,
    /// 贷
    Credit,
}

/// What a voucher was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoucherSource {
    /// 支付成功
    Payment,
    /// 退款
    Refund,
    /// 更正, the red half
    CorrectionRed,
    /// 更正, the new half
    Correction,
    /// 手工凭证
    Manual,
    /// 年终结转
    YearEnd,
}

/// Whether a voucher counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VoucherStatus {
    /// 未记账
    Draft,
    /// 已记账
    Posted,
    /// 已删除
    Deleted,
}

/// What a line is kept by besides its account (辅助核算要素, ACC-004).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Auxiliary {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pro_code: Option<ProCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pro_kind_code: Option<ProCatCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_func_code: Option<ExpFuncCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fund_type_code: Option<FundTypeCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bgt_type_code: Option<BgtTypeCode>,
    /// Who owes or is owed (往来对象).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fund_tra_obj_name: Option<String>,
}

/// One line of a voucher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherLine {
    /// Account of the unit (单位会计科目); the group follows from it.
    pub gov_acct_cls_code: String,
    pub dr_cr: EntrySide,
    /// Below zero only in a red voucher (红字).
    pub amt: Money,
    #[serde(default)]
    pub vou_det_desc: String,
    #[serde(flatten)]
    pub auxiliary: Auxiliary,
}

/// Body of `POST /unit-vouchers` and `PUT /unit-vouchers/{vou_id}` (手工凭证).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitVoucherDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    /// 1 to 12; 13 is the adjustment period (调整期, ACC-006).
    pub acct_period: i32,
    pub voucher_date: NaiveDate,
    pub voucher_abs: String,
    /// Attachments (附件张数).
    #[serde(default)]
    pub vou_cnt: i32,
    pub details: Vec<VoucherLine>,
}

/// Body of `POST /unit-vouchers/{vou_id}/reversals` (红字冲销, ACC-003): drafts the red voucher.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReversalRequest {
    pub acct_period: i32,
    pub voucher_date: NaiveDate,
    pub reason: String,
}

/// One line of a voucher as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitVoucherDetail {
    pub vou_seq: i32,
    pub entry_group: EntryGroup,
    pub gov_acct_cls_name: String,
    #[serde(flatten)]
    pub line: VoucherLine,
}

/// A voucher as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnitVoucher {
    pub vou_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub acct_period: i32,
    /// Given when the voucher is posted, without gaps within a unit's year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher_no: Option<String>,
    pub voucher_abs: String,
    pub voucher_date: NaiveDate,
    pub vou_cnt: i32,
    pub vou_status: VoucherStatus,
    pub source: VoucherSource,
    /// Payments and what follows from them (ACC-005).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_cert_no: Option<String>,
    /// Posted by the platform, or the reviewer who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster: Option<String>,
    pub red_flag: bool,
    /// The voucher that this one reverses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub red_vou_no: Option<String>,
    pub is_adjust_period: bool,
    /// Made by the year end (年终结转); reports leave it out.
    pub is_carry_over: bool,
    /// 财务会计 debits.
    pub dr_amt: Money,
    /// 财务会计 credits.
    pub cr_amt: Money,
    /// 预算会计 debits.
    pub dr_ys_amt: Money,
    /// 预算会计 credits.
    pub cr_ys_amt: Money,
    pub details: Vec<UnitVoucherDetail>,
    /// Manual vouchers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_time: Option<DateTime<Utc>>,
    pub create_time: DateTime<Utc>,
}

/// Filters of `GET /unit-vouchers`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnitVoucherFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
    /// This unit and those below it.
    #[param(value_type = Option<String>)]
    pub agency_code: Option<AgencyCode>,
    pub acct_period: Option<i32>,
    pub pay_cert_no: Option<String>,
    #[param(value_type = Option<String>)]
    pub vou_status: Option<VoucherStatus>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}
