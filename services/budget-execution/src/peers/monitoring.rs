//! What this service asks `monitoring`: whether a payment may go on (事中监控), and which
//! warnings of an indicator are open.

use budget_execution_contract::Attachment;
use common_types::{CtrlType, DivisionCode};
use monitoring_contract::{EvaluationRequest, FactAttachment, OpenWarningsQuestion, PaymentFacts, VersionedEvaluation};
pub use monitoring_contract::{Hit, Monitoring, OpenWarning, Outcome, Verdict};
use service_kit::{Peer, PeerError, Problem};
use uuid::Uuid;

use super::Peers;
use crate::payment::{DOCUMENT, entity::application, model::Bearer};

const STAGE: &str = "submit";

/// What is asked about a version of an application.
pub fn question(version: i64, document_id: Uuid, facts: PaymentFacts) -> VersionedEvaluation {
    let evaluation =
        EvaluationRequest { document_type: DOCUMENT.to_owned(), document_id, stage: STAGE.to_owned(), facts };
    VersionedEvaluation { version, evaluation }
}

/// The verdicts on many payments. The same version of a document is judged once, however often it is asked; a dry run is
/// judged alike and leaves nothing behind.
pub async fn verdicts(
    peer: &Peer,
    questions: Vec<VersionedEvaluation>,
    is_dry_run: bool,
) -> Result<Vec<Verdict>, Problem> {
    let monitoring = Monitoring(peer.clone());
    if !is_dry_run {
        return Ok(monitoring.evaluate_batch(questions, &Uuid::now_v7().to_string()).await?);
    }
    let mut verdicts = Vec::with_capacity(questions.len());
    for question in questions {
        verdicts.push(monitoring.rehearse(question).await?);
    }
    Ok(verdicts)
}

/// The warnings of these indicators of a division, and of payments from them, that are not settled yet.
pub async fn open_warnings(
    peers: &Peers,
    mof_div_code: DivisionCode,
    indicators: Vec<Uuid>,
) -> Result<Vec<OpenWarning>, PeerError> {
    let question = OpenWarningsQuestion { mof_div_code, document_ids: indicators };
    Monitoring(peers.monitoring.clone()).open_warnings(&question).await
}

/// Whether it is this rule that holds the payment.
pub fn intercepts(hit: &Hit) -> bool {
    hit.ctrl_type == CtrlType::Intercept
}

/// What rules know of an application.
pub fn facts(row: &application::Model, bearer: &Bearer, attachments: &[Attachment], is_to_own: bool) -> PaymentFacts {
    PaymentFacts {
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code.clone(),
        agency_name: row.agency_name.clone(),
        pay_app_no: row.pay_app_no.clone(),
        pay_app_amt: row.pay_app_amt,
        bgt_id: row.bgt_id,
        bgt_type_code: row.bgt_type_code,
        pro_code: row.pro_code.clone(),
        pro_kind_code: row.pro_kind_code,
        exp_func_code: row.exp_func_code.clone(),
        gov_bgt_eco_code: row.gov_bgt_eco_code.clone(),
        dep_bgt_eco_code: row.dep_bgt_eco_code.clone(),
        fund_type_code: row.fund_type_code.clone(),
        pay_bus_type_code: row.pay_bus_type_code,
        set_mode_code: row.set_mode_code,
        fund_traobj_type_code: row.fund_traobj_type_code,
        use_des: row.use_des.clone(),
        payee_acct_name: row.payee_acct_name.clone(),
        payee_acct_no: row.payee_acct_no.clone(),
        payee_acct_bank_name: row.payee_acct_bank_name.clone(),
        pay_acct_no: row.pay_acct_no.clone(),
        pay_acct_name: row.pay_acct_name.clone(),
        is_to_own,
        is_gov_pur: bearer.is_gov_pur,
        contract_no: row.contract_no.clone(),
        attachments: attachments.iter().map(|file| FactAttachment { kind: file.kind.clone() }).collect(),
        explanation: row.explanation.clone(),
        create_date: row.create_date,
    }
}
