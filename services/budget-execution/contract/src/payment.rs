//! Payment applications (国库集中支付申请, PAY_VOUCHER) on the wire.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AccountNo, AgencyCode, AgencyType, BgtTypeCode, CurrencyCode, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear,
    FundTraobjTypeCode, FundTypeCode, GovBgtEcoCode, MofDepCode, Money, PayBusTypeCode, PayTypeCode, ProCatCode,
    ProCode, SetModeCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use workflow::State;

use crate::ExchangeRate;

/// Which indicator bears a payment, with the codes that accounts and rules need (指标及其要素).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChargedTo {
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
}

/// A file that proves something (附件): where it is kept is not this service's matter, its hash is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// For example `invoice`, `contract`, `approval`.
    pub kind: String,
    pub name: String,
    /// SHA-256 of the content, 64 hexadecimal digits.
    pub hash: String,
}

/// One payee of a batch (支付明细, PAY_DETAIL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentDetail {
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub pay_amt: Money,
    #[serde(default)]
    pub add_word: String,
    /// The payee as `base-info` knows it; of a salary the id of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_code: Option<String>,
    /// 惠企利民: what is paid to people or enterprises says to whom and for which month (PAY-022).
    #[serde(default)]
    pub is_to_peop_enterp: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_name: Option<String>,
    /// Identity number of a person; all but the last four characters are hidden when read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iden_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corp_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unifsoc_cred_code: Option<String>,
    /// `01` to `12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_month: Option<String>,
    /// Kind of benefit (惠企利民标识).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_peop_enterp: Option<String>,
    /// `1` by household, `2` by person (按户按人补助标识).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_peop_family: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub town_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub village_code: Option<String>,
    /// Official card that was swiped (公务卡).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swipe_date: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_name: Option<String>,
}

/// Which account pays, and who makes the voucher (支付业务模式, domain 1.7.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PayVariant {
    /// 单位零余额账户: the unit pays
    #[default]
    UnitZeroBalance,
    /// 代编: the unit applies, the treasury makes the voucher on its zero-balance account
    FinanceZeroBalance,
    /// 财政支付: the same, and the treasury reviews the application
    FinancePayment,
    /// 单位资金: the unit pays from its deposit account
    UnitFunds,
}

/// What some payments say beside what all say: foreign money, bonds, collection, payroll (2.28).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Particulars {
    #[serde(default)]
    pub pay_variant: PayVariant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign_amt: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<CurrencyCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub est_rat: Option<ExchangeRate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_dep_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bond_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pro_loangrant_num: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entpay_app_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_month: Option<String>,
    #[serde(default)]
    pub is_prepayment: bool,
}

/// Body of `POST /payments` and `PUT /payments/{pay_app_id}` (录入支付申请).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub bgt_id: Uuid,
    /// Above zero (PAY-007).
    pub pay_app_amt: Money,
    /// A leaf class whose government class is the indicator's (PAY-004).
    pub dep_bgt_eco_code: DepBgtEcoCode,
    pub pay_bus_type_code: PayBusTypeCode,
    pub set_mode_code: SetModeCode,
    pub fund_traobj_type_code: FundTraobjTypeCode,
    /// Purpose, four characters or more, not a vague word (PAY-008).
    pub use_des: String,
    /// The unit's own account that pays; must be open at `base-info` (PAY-006).
    pub pay_acct_no: AccountNo,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    /// Twelve digits of the payee's bank (行号).
    pub payee_acct_bank_code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_no: Option<String>,
    /// The commitment (采购占用) that it draws on instead of the indicator's free amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment_id: Option<Uuid>,
    /// The last payment on the commitment: what is left of it goes back to the indicator when this is submitted.
    #[serde(default)]
    pub close_commitment: bool,
    /// What the unit says to a warning of the monitor.
    #[serde(default)]
    pub explanation: String,
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// Payees of a batch or swipes of an official card; together they make `pay_app_amt` (PAY-007).
    #[serde(default)]
    pub details: Vec<PaymentDetail>,
    #[serde(default)]
    pub pay_variant: PayVariant,
    /// The amount in the other currency; times `est_rat` it makes `pay_app_amt`, rounded half up to the fen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign_amt: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<CurrencyCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub est_rat: Option<ExchangeRate>,
    /// The payee as `base-info` knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_code: Option<String>,
    /// A part of the unit (单位内部机构).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_dep_code: Option<String>,
    /// Needed where bond money pays (PAY-023).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bond_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pro_loangrant_num: Option<String>,
    /// The collection notice that a 托收 payment answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entpay_app_no: Option<String>,
    /// The month that a salary is for, `01` to `12` (PAY-021).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_month: Option<String>,
    /// Paid in advance on a contract (PAY-010).
    #[serde(default)]
    pub is_prepayment: bool,
}

/// Something that a rule says without refusing (提醒).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Notice {
    /// The rule, such as `PAY-014`.
    pub code: String,
    pub pointer: String,
    pub detail: String,
}

/// Where a payment application stands (支付申请状态, domain 1.7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// 未送审
    Draft,
    /// 审核中: with the unit or the treasury division, see `workflow.node`
    InReview,
    /// 拦截: money reserved, waits for the supervisors
    Held,
    /// 被退回
    Returned,
    /// 监控禁止
    Rejected,
    /// 终审
    Approved,
    /// 已生成凭证
    Vouchered,
    /// 已支付
    Paid,
    /// 银行退回: the bank did not pay; the money is free again, a new application is needed
    BankReturned,
    /// 挂起
    Hung,
    /// 作废
    Void,
    /// 已删除
    Deleted,
}

/// A payment application as it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Payment {
    pub pay_app_id: Uuid,
    /// `SQ-<division>-<day>-<sequence>`.
    pub pay_app_no: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub agency_name: String,
    pub agency_type_code: AgencyType,
    #[serde(flatten)]
    pub charged_to: ChargedTo,
    pub pay_type_code: PayTypeCode,
    pub pay_bus_type_code: PayBusTypeCode,
    pub set_mode_code: SetModeCode,
    pub fund_traobj_type_code: FundTraobjTypeCode,
    pub use_des: String,
    pub pay_app_amt: Money,
    /// What the bank paid.
    pub xpay_amt: Money,
    pub pay_acct_no: AccountNo,
    pub pay_acct_name: String,
    pub pay_acct_bank_name: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub payee_acct_bank_code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment_id: Option<Uuid>,
    #[serde(default)]
    pub close_commitment: bool,
    /// Whether its latest submission was also held to the cash plan (双控制).
    #[serde(default)]
    pub is_contrlbyplan: bool,
    pub explanation: String,
    pub attachments: Vec<Attachment>,
    pub details: Vec<PaymentDetail>,
    #[serde(flatten)]
    pub particulars: Particulars,
    /// The centre that applies for the unit (代编, 核算中心).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply_agency_code: Option<AgencyCode>,
    /// What the indicator had available when the draft was last saved.
    #[serde(default)]
    pub draft_available_amt: Money,
    /// What rules say of it without refusing it, on this request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    pub create_date: NaiveDate,
    pub pay_status: PaymentStatus,
    /// Whether the amount is set aside on the indicator (支付占用).
    pub is_reserved: bool,
    /// Ids of the monitor's warnings on the latest submission.
    pub warn_ids: Vec<Uuid>,
    /// The maker of the application, for separation of duty at signing.
    pub workflow: State,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

/// Filters of `GET /payments`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
    #[param(value_type = Option<String>)]
    pub agency_code: Option<AgencyCode>,
    pub bgt_id: Option<Uuid>,
    pub pay_app_no: Option<String>,
    #[param(value_type = Option<String>)]
    pub pay_status: Option<PaymentStatus>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}
