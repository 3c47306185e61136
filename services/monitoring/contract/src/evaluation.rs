//! Real-time evaluation (事中监控) of a document before it goes on.

use chrono::NaiveDate;
use common_types::{
    AccountNo, AgencyCode, BgtTypeCode, CtrlType, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear,
    FundTraobjTypeCode, FundTypeCode, GovBgtEcoCode, Money, PayBusTypeCode, ProCatCode, ProCode, SetModeCode,
    WarnLevel,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What rules know of a payment application. Unknown fields are left aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentFacts {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub agency_name: String,
    pub pay_app_no: String,
    pub pay_app_amt: Money,
    pub bgt_id: Uuid,
    pub bgt_type_code: BgtTypeCode,
    pub pro_code: ProCode,
    #[serde(default)]
    pub pro_kind_code: Option<ProCatCode>,
    pub exp_func_code: ExpFuncCode,
    pub gov_bgt_eco_code: GovBgtEcoCode,
    pub dep_bgt_eco_code: DepBgtEcoCode,
    pub fund_type_code: FundTypeCode,
    pub pay_bus_type_code: PayBusTypeCode,
    pub set_mode_code: SetModeCode,
    pub fund_traobj_type_code: FundTraobjTypeCode,
    pub use_des: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub pay_acct_no: AccountNo,
    pub pay_acct_name: String,
    /// Whether a payee is the unit itself, by name or by account.
    #[serde(default)]
    pub is_to_own: bool,
    #[serde(default)]
    pub is_gov_pur: bool,
    #[serde(default)]
    pub contract_no: Option<String>,
    #[serde(default)]
    pub attachments: Vec<FactAttachment>,
    #[serde(default)]
    pub explanation: String,
    pub create_date: NaiveDate,
}

/// An attachment as rules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactAttachment {
    pub kind: String,
}

/// Body of `POST /evaluations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationRequest {
    /// For example `payment`.
    pub document_type: String,
    pub document_id: Uuid,
    /// For example `submit`.
    pub stage: String,
    pub facts: PaymentFacts,
}

/// A document at one version. The same version is evaluated once; asking again gives the first answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionedEvaluation {
    pub version: i64,
    pub evaluation: EvaluationRequest,
}

/// Body of `POST /evaluation-batches`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationBatch {
    pub items: Vec<VersionedEvaluation>,
}

/// The verdicts of a batch, in the order of its documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verdicts {
    pub items: Vec<Verdict>,
}

/// The hardest handling that a document met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pass,
    /// 记录
    Record,
    /// 预警（无需附件）
    Warn,
    /// 预警（需上传附件）
    WarnWithAttachment,
    /// 拦截
    Intercept,
    /// 禁止
    Forbid,
}

impl From<CtrlType> for Outcome {
    fn from(ctrl_type: CtrlType) -> Self {
        match ctrl_type {
            CtrlType::Record => Self::Record,
            CtrlType::Warn => Self::Warn,
            CtrlType::WarnWithAttachment => Self::WarnWithAttachment,
            CtrlType::Intercept => Self::Intercept,
            CtrlType::Forbid => Self::Forbid,
        }
    }
}

/// One rule that a document met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hit {
    pub warn_id: Uuid,
    pub rule_code: String,
    /// The version of the rule that was applied.
    pub rule_version: i32,
    pub rule_name: String,
    pub warn_level: WarnLevel,
    pub ctrl_type: CtrlType,
    pub message_zh: String,
    pub message_en: String,
}

/// The answer to an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    pub evaluation_id: Uuid,
    pub outcome: Outcome,
    pub warnings: Vec<Hit>,
    /// Codes of rules that were met and pass by the whitelist (白名单).
    #[serde(default)]
    pub whitelisted: Vec<String>,
    /// How many rules were in force and looked at.
    pub rules: usize,
}
