//! Direct allocations (实拨, PAY_ALLOCATION_CERT) on the wire: from the treasury to an account that is no zero-balance one.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AccountNo, AgencyCode, Amount, DivisionCode, ExpFuncCode, FiscalYear, FundTypeCode, GovBgtEcoCode, Money, ProCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use workflow::State;

/// What an allocation is for (拨款类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum AllocationType {
    /// 拨财政专户
    #[serde(rename = "1")]
    FiscalSpecialAccount,
    /// 拨社保基金
    #[serde(rename = "2")]
    SocialInsuranceFund,
    /// 拨非预算单位
    #[serde(rename = "3")]
    OutsideUnit,
    /// 拨下级财政
    #[serde(rename = "4")]
    LowerDivision,
    /// 其他
    #[serde(rename = "9")]
    Other,
}

/// Body of `POST /allocations` and `PUT /allocations/{pay_alloc_cert_id}` (预算拨款).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllocationDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub bgt_id: Uuid,
    pub pay_alloc_type: AllocationType,
    pub pay_amt: Amount,
    /// The treasury's single account (国库单一账户).
    pub pay_acct_no: AccountNo,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub use_des: String,
}

/// Where an allocation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AllocationStatus {
    /// 未送审, 已退回 or 已作废: nothing reserved
    Free,
    /// 在途: reserved, in review or with the central bank
    Reserved,
    /// 已拨付
    Allocated,
    /// 拨付失败: the money is free again
    Failed,
}

/// An allocation as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Allocation {
    pub pay_alloc_cert_id: Uuid,
    /// `BK<division><day><sequence>`.
    pub pay_alloc_cert_no: String,
    pub vou_date: NaiveDate,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub bgt_id: Uuid,
    pub exp_func_code: Option<ExpFuncCode>,
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    pub pro_code: Option<ProCode>,
    pub fund_type_code: FundTypeCode,
    pub pay_alloc_type: AllocationType,
    pub pay_amt: Money,
    pub pay_acct_no: AccountNo,
    pub pay_acct_name: String,
    pub pay_acct_bank_name: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub use_des: String,
    /// Whether it is reserved on the cash plan beside the indicator (双控制); decided at its submission.
    pub is_contrlbyplan: bool,
    pub status: AllocationStatus,
    pub reason: String,
    /// When the central bank paid it.
    pub acc_date: Option<NaiveDate>,
    pub create_time: DateTime<Utc>,
    pub state: State,
}

/// Body of `POST /allocations/{pay_alloc_cert_id}/receipts`: what the central bank did (B2).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllocationReceipt {
    /// Whether it was paid.
    pub is_paid: bool,
    pub acc_date: NaiveDate,
    /// Why it was not.
    #[serde(default)]
    pub reason: String,
}
