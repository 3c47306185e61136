//! What is asked of others before a draft is kept and before it leaves its maker: the unit, the payer's account, the
//! payee, the monitor. All outside any transaction, for many submissions at once; what they say is bound to the version that
//! they saw.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use budget_execution_contract::{Notice, PaymentDraft};
use chrono::NaiveDate;
use common_types::{AgencyCode, AgencyType, Role};
use monitoring_contract::VersionedEvaluation;
use service_kit::{
    Caller, Problem,
    context::{self, RequestContext},
    together::ask_each,
};
use uuid::Uuid;

use super::{
    entity::{Standing, application},
    findings,
    model::Bearer,
    not_found, require_held, require_room,
    rules::{self, Facts, Findings},
    sight::{self, Sight},
    since_draft,
    store::{self, Reservation, Step},
    view, with_shortage,
};
use crate::{
    Execution, RULES,
    cash_plan::control::{self, PlanLayer, Planned},
    indicator::refusal,
    peers::{
        base_info::BaseInfo,
        monitoring::{self, Hit, Outcome, Verdict},
    },
    setting::Settings,
};

/// Applications of a batch that are put to the peers together; peers take some hundreds at once.
pub const TOGETHER: usize = 200;

/// What `base-info` knows of the unit that drafts.
#[derive(Debug, Clone)]
pub struct Known {
    pub agency_name: String,
    pub agency_type_code: AgencyType,
    pub pay_acct_name: String,
    pub pay_acct_bank_name: String,
    pub settings: Arc<Settings>,
    /// The centre that drafts for the unit.
    pub apply_agency_code: Option<AgencyCode>,
    pub findings: Findings,
}

impl Known {
    /// What the rules of a draft look at.
    pub fn facts<'a>(&'a self, content: &'a PaymentDraft, bearer: &'a Bearer, today: NaiveDate) -> Facts<'a> {
        Facts {
            content,
            bearer,
            agency_type_code: self.agency_type_code,
            settings: &self.settings,
            today,
            findings: &self.findings,
        }
    }

    /// What the drafter is reminded of.
    pub fn reminders(&self, content: &PaymentDraft, bearer: &Bearer, today: NaiveDate) -> Vec<Notice> {
        rules::reminders(&self.facts(content, bearer, today))
    }
}

/// Why a submission may go on.
#[derive(Debug, Clone)]
pub struct Cleared {
    /// The version of the document that was looked at.
    pub version: i64,
    /// The application of that version.
    pub application: Arc<application::Model>,
    pub is_held: bool,
    pub warn_ids: Vec<Uuid>,
    pub pay_acct_name: String,
    pub pay_acct_bank_name: String,
    /// The plan layer that it is reserved on beside its source (PAY-025).
    pub plan: PlanLayer,
    pub content: Arc<PaymentDraft>,
    /// What rules say of it without refusing it.
    pub notices: Vec<Notice>,
}

/// Asks for the unit and the payer's account of a draft.
pub async fn know(execution: &Execution, caller: &Caller, draft: &PaymentDraft) -> Result<Known, Problem> {
    let settings = execution.settings.today(&execution.database, &draft.mof_div_code).await?;
    let apply_agency_code = applicant(caller, draft, &settings)?;
    let peer = BaseInfo(execution.peers.base_info.clone());
    let agency = peer
        .agency(&draft.mof_div_code, draft.fiscal_year, &draft.agency_code)
        .await?
        .filter(|agency| agency.is_enabled)
        .ok_or_else(|| {
            RULES.refuse("PAY-003", "申请单位不存在或已停用", "the unit does not exist or is disabled").at(
                "/agency_code",
                "不存在或已停用",
                "does not exist or is disabled",
            )
        })?;
    let account = peer.account(&draft.mof_div_code, &draft.pay_acct_no).await?;
    let (pay_acct_name, pay_acct_bank_name) =
        account.map(|account| (account.account_name, account.bank_name)).unwrap_or_default();
    Ok(Known {
        agency_name: agency.agency_name,
        agency_type_code: agency.agency_type_code,
        pay_acct_name,
        pay_acct_bank_name,
        findings: findings::of_draft(execution, draft, &settings).await?,
        settings,
        apply_agency_code,
    })
}

/// The unit itself, or a centre that the division lets apply for it (PAY-003).
fn applicant(caller: &Caller, draft: &PaymentDraft, settings: &Settings) -> Result<Option<AgencyCode>, Problem> {
    match &caller.agency_code {
        Some(centre)
            if caller.mof_div_code == draft.mof_div_code && settings.may_apply_for(centre, &draft.agency_code) =>
        {
            caller.require(&[Role::U1])?;
            Ok(Some(centre.clone()))
        }
        _ => caller.require_in(&[Role::U1], &draft.mof_div_code, Some(&draft.agency_code)).map(|()| None),
    }
}

/// Who asks for a submission.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    pub caller: &'a Caller,
    /// Refusals are told in its language.
    pub context: RequestContext,
}

/// Asks everybody who has a say in a submission; refuses with what they say, or clears it. A dry run is told the same,
/// and leaves nothing behind, neither here nor with the monitor.
pub async fn clear(
    execution: &Execution,
    caller: &Caller,
    pay_app_id: Uuid,
    is_dry_run: bool,
) -> Result<Cleared, Problem> {
    let alone = clear_many(execution, caller, BTreeSet::from([pay_app_id]), is_dry_run).await.remove(&pay_app_id);
    alone.unwrap_or_else(|| Err(Problem::internal(&"a submission was not cleared")))
}

/// Clears the submissions of a batch: peers are asked for all of them at once, and each is cleared or refused on its own.
pub async fn clear_many(
    execution: &Execution,
    caller: &Caller,
    payments: BTreeSet<Uuid>,
    is_dry_run: bool,
) -> BTreeMap<Uuid, Result<Cleared, Problem>> {
    let (payments, mut cleared) = (Vec::from_iter(payments), BTreeMap::new());
    for ids in payments.chunks(TOGETHER) {
        let answers = match look(execution, ids).await {
            Ok(mut sights) => {
                let asked = || Asked { caller, context: context::current() };
                let seen = ids.iter().map(|id| (asked(), sights.remove(id))).collect();
                clear_each(execution, seen, is_dry_run).await
            }
            Err(problem) => vec![Err(problem); ids.len()],
        };
        cleared.extend(ids.iter().copied().zip(answers));
    }
    cleared
}

async fn look(execution: &Execution, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Sight>, Problem> {
    sight::look(execution, execution.database.look().await?, ids, |_| true).await
}

/// An application on its way through those who have a say in it.
struct Candidate<'a> {
    asked: Asked<'a>,
    sight: Sight,
    content: Arc<PaymentDraft>,
}

/// Clears many submissions, each as if it were alone; what peers are asked travels together.
pub async fn clear_each(
    execution: &Execution,
    seen: Vec<(Asked<'_>, Option<Sight>)>,
    is_dry_run: bool,
) -> Vec<Result<Cleared, Problem>> {
    let peers = &execution.peers;
    let mut ruled = Vec::new();
    for (asked, sight) in seen {
        ruled.push(match candidate(asked, sight) {
            Ok(candidate) => context::within(candidate.asked.context.clone(), rule(execution, candidate)).await,
            Err(refused) => Err(refused),
        });
    }
    let ask = |questions| monitoring::verdicts(&peers.monitoring, questions, is_dry_run);
    let mut cleared = Vec::new();
    for judged in ask_each(ruled, |(_, _, question)| question.clone(), ask).await {
        cleared.push(match judged {
            Ok(((candidate, found, _), verdict)) => {
                let context = candidate.asked.context.clone();
                context::within(context, judged_by(execution, &candidate.sight.row, found, verdict, is_dry_run)).await
            }
            Err(refused) => Err(refused),
        });
    }
    cleared
}

fn candidate<'a>(asked: Asked<'a>, sight: Option<Sight>) -> Result<Candidate<'a>, Problem> {
    let caller = asked.caller;
    let mut sight = sight
        .filter(|sight| caller.acts_in(&sight.row.mof_div_code, Some(sight.row.applicant())))
        .ok_or_else(not_found)?;
    super::require_unmonitored(&sight.row)?;
    sight.document.require_editable(caller)?;
    let content = Arc::new(view::content(&sight.row, std::mem::take(&mut sight.details))?);
    Ok(Candidate { asked, sight, content })
}

/// What the rules of this service leave for the monitor to judge.
async fn rule<'a>(
    execution: &Execution,
    candidate: Candidate<'a>,
) -> Result<(Candidate<'a>, Cleared, VersionedEvaluation), Problem> {
    let Candidate { sight, content, .. } = &candidate;
    let (findings, notices, plan) = ruled(execution, sight, content).await?;
    let is_to_own = findings.is_to_own;
    let account = findings.payer.ok_or_else(|| Problem::internal(&"a payer that is not there passed its rule"))?;
    let cleared = Cleared {
        version: sight.document.version,
        application: Arc::new(sight.row.clone()),
        is_held: false,
        warn_ids: Vec::new(),
        pay_acct_name: account.account_name,
        pay_acct_bank_name: account.bank_name,
        plan,
        content: content.clone(),
        notices,
    };
    let facts = monitoring::facts(&sight.row, &sight.bearer, &content.attachments, is_to_own);
    let question = monitoring::question(cleared.version, sight.row.pay_app_id, facts);
    Ok((candidate, cleared, question))
}

async fn judged_by(
    execution: &Execution,
    row: &application::Model,
    cleared: Cleared,
    verdict: Verdict,
    is_dry_run: bool,
) -> Result<Cleared, Problem> {
    if verdict.outcome == Outcome::Forbid && !is_dry_run {
        reject(execution, row).await?;
    }
    let is_attached = !cleared.content.attachments.is_empty();
    judge(row, &verdict, (cleared, is_attached))
}

/// What was found out, what the rules say of it and the plan layer; refuses with everything that is wrong.
async fn ruled(
    execution: &Execution,
    sight: &Sight,
    content: &PaymentDraft,
) -> Result<(Findings, Vec<Notice>, PlanLayer), Problem> {
    let Sight { row, bearer, settings, .. } = sight;
    let findings = findings::of(execution, sight, content).await?;
    let facts = Facts {
        content,
        bearer,
        agency_type_code: row.agency_type_code,
        settings,
        today: execution.database.clock().today(),
        findings: &findings,
    };
    let (refused, notices) = match rules::judge(rules::of_submission(&facts), !row.explanation.trim().is_empty()) {
        Ok(notices) => (None, notices),
        Err(problem) => (Some(problem), Vec::new()),
    };
    let plan = match layers(execution, sight).await {
        Ok(plan) => Ok(plan),
        Err(problem) => Err(since_draft(explained(execution, problem, row).await, row)),
    };
    Ok((findings, notices, with_shortage(refused, plan)?))
}

async fn explained(execution: &Execution, problem: Problem, row: &application::Model) -> Problem {
    refusal::with_changes(execution.database.read(), problem, (row.bgt_id, row.update_time)).await
}

/// Whether every layer holds the amount today: its source, and the cash plan when the division controls by it (PAY-025).
async fn layers(execution: &Execution, sight: &Sight) -> Result<PlanLayer, Problem> {
    let (Sight { row, bearer, .. }, db) = (sight, execution.database.read());
    match row.commitment_id {
        None => require_held(db, bearer, &sight.balances, row.pay_app_amt).await?,
        in_part => require_room(db, bearer, in_part, row.pay_app_amt).await?,
    };
    if !sight.settings.is_contrlbyplan {
        return Ok(PlanLayer::default());
    }
    let planned = Planned { mof_div_code: &row.mof_div_code, fiscal_year: row.fiscal_year, bgt_id: row.bgt_id };
    control::require_planned(db, planned, row.pay_app_amt, execution.database.clock().today()).await
}

/// What the verdict means for the submission.
fn judge(
    row: &application::Model,
    verdict: &Verdict,
    (cleared, is_attached): (Cleared, bool),
) -> Result<Cleared, Problem> {
    let warn_ids = verdict.warnings.iter().map(|warning| warning.warn_id).collect();
    let is_explained = !row.explanation.trim().is_empty();
    match verdict.outcome {
        Outcome::Pass | Outcome::Record => Ok(Cleared { warn_ids, ..cleared }),
        Outcome::Warn if is_explained => Ok(Cleared { warn_ids, ..cleared }),
        Outcome::WarnWithAttachment if is_explained && is_attached => Ok(Cleared { warn_ids, ..cleared }),
        Outcome::Warn => {
            Err(unexplained(&verdict.warnings, "/explanation", ("请填写说明", "an explanation is needed")))
        }
        Outcome::WarnWithAttachment => {
            let asked = ("请填写说明并上传附件", "an explanation and an attachment are needed");
            Err(unexplained(&verdict.warnings, "/attachments", asked))
        }
        Outcome::Intercept => {
            let holding: Vec<Uuid> = verdict
                .warnings
                .iter()
                .filter(|warning| monitoring::intercepts(warning))
                .map(|warning| warning.warn_id)
                .collect();
            let warn_ids = if holding.is_empty() { warn_ids } else { holding };
            Ok(Cleared { is_held: true, warn_ids, ..cleared })
        }
        Outcome::Forbid => Err(RULES
            .refuse("PAY-102", told(&verdict.warnings, true), told(&verdict.warnings, false))
            .with("warnings", &verdict.warnings)),
    }
}

fn unexplained(warnings: &[Hit], pointer: &str, asked: (&str, &str)) -> Problem {
    let zh = format!("{}；{}", told(warnings, true), asked.0);
    let en = format!("{}; {}", told(warnings, false), asked.1);
    RULES.refuse("PAY-101", zh, en).at(pointer, asked.0, asked.1).with("warnings", warnings)
}

fn told(warnings: &[Hit], is_chinese: bool) -> String {
    let texts: Vec<&str> = warnings
        .iter()
        .map(|warning| if is_chinese { warning.message_zh.as_str() } else { warning.message_en.as_str() })
        .collect();
    texts.join("; ")
}

/// A forbidden application stays with its maker and never leaves again; nothing was reserved.
async fn reject(execution: &Execution, row: &application::Model) -> Result<(), Problem> {
    let tx = execution.database.begin_write().await?;
    let from = vec![Standing::Draft, Standing::Returned];
    let step = Step { from, to: Standing::Rejected, reservation: Reservation::Kept };
    store::advance(&tx, execution.database.clock().now(), row.pay_app_id, step).await?;
    Ok(tx.commit().await?)
}
