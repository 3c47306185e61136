//! What this service asks `monitoring`: whether a payment may go on (事中监控).

use common_types::{CtrlType, WarnLevel};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_kit::{Peer, PeerError};
use uuid::Uuid;

use crate::payment::{entity::application, model::Bearer};

/// How the monitor answers a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pass,
    Record,
    Warn,
    WarnWithAttachment,
    Intercept,
    Forbid,
}

/// One rule that the payment met.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Warning {
    pub warn_id: Uuid,
    pub rule_code: String,
    #[serde(default)]
    pub rule_name: String,
    #[serde(default)]
    pub warn_level: Option<WarnLevel>,
    #[serde(default)]
    pub ctrl_type: Option<CtrlType>,
    pub message_zh: String,
    pub message_en: String,
}

/// What the monitor says to a payment.
#[derive(Debug, Clone, Deserialize)]
pub struct Verdict {
    pub outcome: Outcome,
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// What is asked.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    pub document_type: String,
    pub document_id: Uuid,
    pub stage: String,
    pub facts: Value,
}

/// Asks for a verdict. `key` is the same for the same content of the document.
pub async fn evaluate(peer: &Peer, evaluation: &Evaluation, key: &str) -> Result<Verdict, PeerError> {
    peer.post("/api/monitoring/v1/evaluations", evaluation, key).await
}

/// Whether it is this warning that holds the payment.
pub fn intercepts(warning: &Warning) -> bool {
    warning.ctrl_type.is_none_or(|ctrl_type| ctrl_type == CtrlType::Intercept)
}

/// The facts of a payment that rules look at.
pub fn facts(row: &application::Model, bearer: &Bearer) -> Value {
    json!({
        "mof_div_code": row.mof_div_code,
        "fiscal_year": row.fiscal_year,
        "agency_code": row.agency_code,
        "agency_name": row.agency_name,
        "agency_type_code": row.agency_type_code,
        "pay_app_no": row.pay_app_no,
        "pay_app_amt": row.pay_app_amt,
        "bgt_id": row.bgt_id,
        "bgt_type_code": row.bgt_type_code,
        "pro_code": row.pro_code,
        "pro_kind_code": row.pro_kind_code,
        "exp_func_code": row.exp_func_code,
        "gov_bgt_eco_code": row.gov_bgt_eco_code,
        "dep_bgt_eco_code": row.dep_bgt_eco_code,
        "fund_type_code": row.fund_type_code,
        "pay_type_code": row.pay_type_code,
        "pay_bus_type_code": row.pay_bus_type_code,
        "set_mode_code": row.set_mode_code,
        "fund_traobj_type_code": row.fund_traobj_type_code,
        "use_des": row.use_des,
        "payee_acct_name": row.payee_acct_name,
        "payee_acct_no": row.payee_acct_no,
        "payee_acct_bank_name": row.payee_acct_bank_name,
        "pay_acct_no": row.pay_acct_no,
        "pay_acct_name": row.pay_acct_name,
        "is_gov_pur": bearer.is_gov_pur,
        "contract_no": row.contract_no,
        "attachments": row.attachments,
        "explanation": row.explanation,
        "create_date": row.create_date,
    })
}
