//! Real-time evaluation: every rule in force, one verdict, warnings opened once. Many documents are judged together:
//! rules, exceptions, windows and warnings are read and written for all of them at once. A rule that cannot be
//! evaluated counts as an interception: nothing passes because a rule is broken.

pub mod http;
pub mod store;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use common_types::{AffirmResult, CtrlType, DivisionCode, Role, TriggerClass, WarnStatus};
use monitoring_contract::{
    EvaluationRequest, Hit, Outcome, PaymentFacts, Rule, Verdict, Verdicts, VersionedEvaluation, Warning, Window,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, store::Writes};
use uuid::Uuid;

use crate::{
    Monitoring,
    fact::{self, Measured},
    rule::{self, engine::Payment},
    warning,
};

const MOST_DOCUMENTS: usize = 500;

/// A document with its verdict and the versions of the rules that were looked at.
pub(crate) struct Judged {
    pub(crate) request: EvaluationRequest,
    pub(crate) verdict: Verdict,
    pub(crate) applied: Arc<BTreeMap<String, i32>>,
}

/// Evaluates a document and records what was applied.
pub async fn evaluate(
    tx: &DatabaseTransaction,
    monitoring: &Monitoring,
    caller: &Caller,
    request: EvaluationRequest,
) -> Result<Verdict, Problem> {
    caller.require(&[Role::S1])?;
    let sight = Sight::over(tx, monitoring, &[&request]).await?;
    let mut judged = judge(monitoring, &sight, 0, &request)?;
    let ids = warning::store::open_for_documents(tx, warnings_of(monitoring, std::iter::once(&judged))).await?;
    name_warnings(std::iter::once(&mut judged), &ids);
    store::insert(tx, &judged, monitoring.database.clock().now()).await?;
    Ok(judged.verdict)
}

/// Many documents, each version of one judged once.
pub struct JudgedBatch {
    /// Versions that were evaluated before.
    known: BTreeMap<store::Key, Verdict>,
    judged: Vec<(store::Key, Judged)>,
    warnings: warning::store::Standing,
}

/// Evaluates many documents; what bears on them is looked at for all at once. Writes nothing: [`record`] does.
pub async fn evaluate_batch(
    monitoring: &Monitoring,
    caller: &Caller,
    items: &[VersionedEvaluation],
) -> Result<JudgedBatch, Problem> {
    caller.require(&[Role::S1])?;
    if items.len() > MOST_DOCUMENTS {
        let en = format!("at most {MOST_DOCUMENTS} documents are evaluated at once");
        return Err(Problem::field("/items", format!("每次最多监控 {MOST_DOCUMENTS} 笔"), en));
    }
    let db = &monitoring.database.look().await?;
    // in the order of their keys, so that two batches with the same documents wait for each other and never deadlock
    let distinct: BTreeMap<_, _> = items.iter().map(|item| (store::Key::of(item), &item.evaluation)).collect();
    let requests: Vec<_> = distinct.values().copied().collect();
    let known = store::earlier(db, items).await?;
    let sight = Sight::over(db, monitoring, &requests).await?;
    let mut judged = Vec::new();
    for (index, (key, request)) in distinct.into_iter().enumerate() {
        if !known.contains_key(&key) {
            judged.push((key, judge(monitoring, &sight, index, request)?));
        }
    }
    let warnings = warnings_of(monitoring, judged.iter().map(|(_, one)| one));
    let warnings = warning::store::standing(db, warnings).await?;
    name_warnings(judged.iter_mut().map(|(_, one)| one), &warnings.ids);
    Ok(JudgedBatch { known, judged, warnings })
}

/// Adds what was judged, and gives the verdicts in the order of the items.
pub fn record(
    writes: &mut Writes,
    monitoring: &Monitoring,
    items: &[VersionedEvaluation],
    JudgedBatch { mut known, judged, warnings }: JudgedBatch,
) -> Result<Verdicts, Problem> {
    writes.insert(&warnings.rows()?)?;
    store::insert_versions(writes, &judged, monitoring.database.clock().now())?;
    known.extend(judged.into_iter().map(|(key, one)| (key, one.verdict)));
    let verdicts = items.iter().map(|item| known.get(&store::Key::of(item)).cloned()).collect::<Option<Vec<_>>>();
    Ok(Verdicts { items: verdicts.ok_or_else(|| Problem::internal(&"an evaluation vanished"))? })
}

/// What is read once for all documents of a batch.
struct Sight {
    rules: BTreeMap<DivisionCode, Vec<Arc<Rule>>>,
    applied: BTreeMap<DivisionCode, Arc<BTreeMap<String, i32>>>,
    exceptions: rule::store::Exceptions,
    measured: Measured,
}

impl Sight {
    async fn over<C: ConnectionTrait>(
        db: &C,
        monitoring: &Monitoring,
        requests: &[&EvaluationRequest],
    ) -> Result<Self, Problem> {
        let day = monitoring.database.clock().today();
        let divisions = requests.iter().map(|request| request.facts.mof_div_code.clone()).collect::<BTreeSet<_>>();
        let rules = monitoring.book.in_force(db, divisions, day, TriggerClass::RealTime).await?;
        let exceptions = rule::store::exceptions(db, requests, day).await?;
        let windows: Vec<&Window> = rules.values().flatten().flat_map(|rule| &rule.content.windows).collect();
        let measured = fact::measured(db, requests, &windows, day).await?;
        let versions = |rules: &Vec<Arc<Rule>>| {
            Arc::new(rules.iter().map(|rule| (rule.content.rule_code.clone(), rule.rule_version)).collect())
        };
        let applied = rules.iter().map(|(division, rules)| (division.clone(), versions(rules))).collect();
        Ok(Self { rules, applied, exceptions, measured })
    }
}

fn judge(monitoring: &Monitoring, sight: &Sight, index: usize, request: &EvaluationRequest) -> Result<Judged, Problem> {
    let facts = &request.facts;
    let unread = || Problem::internal(&"the rules of a division were not read");
    let rules = sight.rules.get(&facts.mof_div_code).ok_or_else(unread)?;
    let applied = sight.applied.get(&facts.mof_div_code).ok_or_else(unread)?.clone();
    let payment = Payment::of(facts);
    let (mut warnings, mut whitelisted) = (Vec::new(), Vec::new());
    for rule in rules {
        let windows = sight.measured.of(index, &rule.content.windows);
        match hit_of(monitoring, rule, &payment, &windows, facts) {
            Some(hit) if sight.exceptions.let_pass(facts, &hit.rule_code) => whitelisted.push(hit.rule_code),
            Some(hit) => warnings.push(hit),
            None => {}
        }
    }
    let outcome = warnings.iter().map(|hit| Outcome::from(hit.ctrl_type)).max().unwrap_or(Outcome::Pass);
    let verdict = Verdict { evaluation_id: Uuid::now_v7(), outcome, warnings, whitelisted, rules: rules.len() };
    Ok(Judged { request: request.clone(), verdict, applied })
}

fn hit_of(
    monitoring: &Monitoring,
    rule: &Rule,
    payment: &Result<Payment<'_>, String>,
    windows: &BTreeMap<String, i64>,
    facts: &PaymentFacts,
) -> Option<Hit> {
    let content = &rule.content;
    let holds = || {
        let program = monitoring.programs.get(rule.rule_id, &content.condition)?;
        payment.as_ref().map_err(Clone::clone)?.holds(&program, windows, &content.params)
    };
    let (ctrl_type, message_zh, message_en) = match holds() {
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

fn warnings_of<'a>(monitoring: &Monitoring, judged: impl Iterator<Item = &'a Judged>) -> Vec<Warning> {
    judged.flat_map(|one| one.verdict.warnings.iter().map(|hit| warning_of(monitoring, &one.request, hit))).collect()
}

/// Gives each hit the warning that stands for it, in the order of [`warnings_of`].
fn name_warnings<'a>(judged: impl Iterator<Item = &'a mut Judged>, ids: &[Uuid]) {
    for (hit, warn_id) in judged.flat_map(|one| &mut one.verdict.warnings).zip(ids) {
        hit.warn_id = *warn_id;
    }
}

fn warning_of(monitoring: &Monitoring, request: &EvaluationRequest, hit: &Hit) -> Warning {
    let facts = &request.facts;
    Warning {
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
        bgt_id: Some(facts.bgt_id),
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
    }
}
