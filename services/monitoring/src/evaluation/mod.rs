//! Real-time evaluation: every rule in force, one verdict, warnings opened once. A rule that cannot be evaluated
//! counts as an interception: nothing passes because a rule is broken.

pub mod http;
pub mod store;

use common_types::{AffirmResult, CtrlType, TriggerClass, WarnStatus};
use monitoring_contract::{EvaluationRequest, Hit, Outcome, PaymentFacts, Rule, Verdict, Warning};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use crate::{
    Monitoring, fact,
    rule::{
        self,
        engine::{self, PayVariables, Variables},
    },
    warning,
};

/// Evaluates a document and records what was applied.
pub async fn evaluate(
    tx: &DatabaseTransaction,
    monitoring: &Monitoring,
    caller: &Caller,
    request: EvaluationRequest,
) -> Result<Verdict, Problem> {
    caller.require(&[common_types::Role::S1])?;
    let clock = monitoring.database.clock();
    let facts = &request.facts;
    let rules = rule::effective(tx, &facts.mof_div_code, clock.today(), TriggerClass::RealTime).await?;
    let passed = rule::store::whitelisted(tx, facts, clock.today()).await?;
    let (mut hits, mut whitelisted) = (Vec::new(), Vec::new());
    for rule in &rules {
        let windows = fact::windows(tx, &request, &rule.content.windows, clock.today()).await?;
        let variables = Variables::Payment(Box::new(PayVariables::of(facts)), windows);
        match hit_of(monitoring, rule, &variables, facts) {
            Some(hit) if passed.contains(&hit.rule_code) => whitelisted.push(hit.rule_code),
            Some(hit) => hits.push(open(tx, monitoring, &request, hit).await?),
            None => {}
        }
    }
    let outcome = hits.iter().map(|hit| Outcome::from(hit.ctrl_type)).max().unwrap_or(Outcome::Pass);
    let verdict = Verdict { evaluation_id: Uuid::now_v7(), outcome, warnings: hits, whitelisted, rules: rules.len() };
    store::insert(tx, &request, &verdict, &rules, clock.now()).await?;
    Ok(verdict)
}

fn hit_of(monitoring: &Monitoring, rule: &Rule, variables: &Variables, facts: &PaymentFacts) -> Option<Hit> {
    let content = &rule.content;
    let result = monitoring
        .programs
        .get(rule.rule_id, &content.condition)
        .and_then(|program| engine::holds(&program, variables, &content.params));
    let (ctrl_type, message_zh, message_en) = match result {
        Ok(false) => return None,
        Ok(true) => (content.ctrl_type, filled(&content.message_zh, facts), filled(&content.message_en, facts)),
        Err(error) => {
            tracing::error!(rule = content.rule_code, %error, "rule cannot be evaluated");
            let zh = format!("规则 {} 无法执行，先行拦截", content.rule_code);
            (CtrlType::Intercept, zh, format!("rule {} cannot be evaluated", content.rule_code))
        }
    };
    Some(Hit {
        warn_id: Uuid::now_v7(),
        rule_code: content.rule_code.clone(),
        rule_version: rule.rule_version,
        rule_name: content.rule_name.clone(),
        warn_level: content.warn_level,
        ctrl_type,
        message_zh,
        message_en,
    })
}

fn filled(message: &str, facts: &PaymentFacts) -> String {
    message.replace("{amount}", &facts.pay_app_amt.to_string()).replace("{payee}", &facts.payee_acct_name)
}

/// Opens the warning, or finds the undecided one that an earlier evaluation of the same document opened.
async fn open(
    tx: &DatabaseTransaction,
    monitoring: &Monitoring,
    request: &EvaluationRequest,
    mut hit: Hit,
) -> Result<Hit, Problem> {
    let facts = &request.facts;
    let warning = Warning {
        warn_id: hit.warn_id,
        mof_div_code: facts.mof_div_code.clone(),
        fiscal_year: facts.fiscal_year,
        rule_code: hit.rule_code.clone(),
        rule_version: hit.rule_version,
        rule_name: hit.rule_name.clone(),
        warn_level: hit.warn_level,
        ctrl_type: hit.ctrl_type,
        document_type: request.document_type.clone(),
        document_id: request.document_id,
        agency_code: facts.agency_code.clone(),
        amount: facts.pay_app_amt,
        payee_acct_name: facts.payee_acct_name.clone(),
        use_des: facts.use_des.clone(),
        message_zh: hit.message_zh.clone(),
        message_en: hit.message_en.clone(),
        status: WarnStatus::Pending,
        affirm_result: AffirmResult::Undetermined,
        verify_result: None,
        is_archived: false,
        case: Default::default(),
        create_time: monitoring.database.clock().now(),
    };
    hit.warn_id = warning::store::open_for_document(tx, &warning).await?;
    Ok(hit)
}
