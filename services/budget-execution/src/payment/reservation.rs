//! The beginning of a reservation (E16): applications leave the hands of their makers, one alone or many in one
//! transaction. Every application is decided as if it came alone; a refused one leaves nothing behind.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use actix_web::http::StatusCode;
use budget_execution_contract::{PAYMENT_SUBMITTED, Payment, PaymentSubmitted};
use chrono::{DateTime, Utc};
use common_types::PayBusTypeCode;
use sea_orm::{DatabaseExecutor, DatabaseTransaction};
use service_kit::{
    Caller, Problem,
    http::group::{Effect, Grouped, Prepare, Settled},
    store::{Writes, outbox},
};
use uuid::Uuid;
use workflow::{ActionRequest, Document, Transition};

use super::{
    DOCUMENT, claim,
    entity::{Standing, application},
    model::Warnings,
    posting,
    sight::{self, Sight},
    since_draft, store,
    submission::{self, Cleared},
    view,
};
use crate::{
    Execution, commitment,
    ledger::{self, Posting},
};

/// A submission as it is asked for.
#[derive(Debug, Clone)]
pub struct Requested {
    pub pay_app_id: Uuid,
    pub request: ActionRequest,
}

/// Clears submissions of many requests together before they share a commit.
pub struct Clearing(pub Execution);

impl Prepare<Requested> for Clearing {
    type Seen = Result<Company, Problem>;
    type Ready = Submission;

    async fn look(&self, db: DatabaseExecutor<'_>, group: &[&Grouped<Requested>]) -> Result<Company, Problem> {
        let mut ids: Vec<Uuid> = group.iter().map(|command| command.body.pay_app_id).collect();
        let mut seen = BTreeSet::new();
        let twice = ids.iter().copied().filter(|id| !seen.insert(*id));
        let mut alone: BTreeSet<Uuid> = twice.collect();
        ids.retain(|id| !alone.contains(id));
        let in_company = |row: &application::Model| !takes_more(row) && !has_many_payees(row);
        let sights = sight::look(&self.0, db, &ids, in_company).await?;
        alone.extend(ids.into_iter().filter(|id| !sights.contains_key(id)));
        Ok(Company { sights, alone })
    }

    async fn prepare(
        &self,
        group: &[&Grouped<Requested>],
        seen: Result<Company, Problem>,
    ) -> Vec<Option<Result<Submission, Problem>>> {
        let Company { mut sights, alone } = match seen {
            Ok(seen) => seen,
            Err(problem) => return vec![Some(Err(problem)); group.len()],
        };
        let together = || group.iter().filter(|command| !alone.contains(&command.body.pay_app_id));
        let asked = together().map(|command| {
            let asked = submission::Asked { caller: &command.caller, context: command.context() };
            (asked, sights.remove(&command.body.pay_app_id))
        });
        let mut cleared = submission::clear_each(&self.0, asked.collect(), false).await.into_iter();
        let ready = |command: &&Grouped<Requested>| {
            let Requested { pay_app_id, request } = command.body.clone();
            if alone.contains(&pay_app_id) {
                return None;
            }
            Some(cleared.next()?.map(|cleared| Submission { pay_app_id, request, cleared }))
        };
        group.iter().map(ready).collect()
    }
}

/// Applications that are submitted together.
pub struct Company {
    sights: BTreeMap<Uuid, Sight>,
    /// Those that take more than money, those of ten thousand payees, and those that are asked for twice.
    alone: BTreeSet<Uuid>,
}

/// A submission with what `submission::clear` found.
#[derive(Debug, Clone)]
pub struct Submission {
    pub pay_app_id: Uuid,
    pub request: ActionRequest,
    pub cleared: Cleared,
}

/// Submissions of many requests in one commit.
pub struct Together(pub service_kit::Clock);

impl Effect for Together {
    type Body = Submission;
    type Answer = Payment;

    async fn carry_out(
        &self,
        tx: &DatabaseTransaction,
        writes: &mut Writes,
        group: &[&Grouped<Submission>],
    ) -> Result<Vec<Settled<Payment>>, Problem> {
        let asked: Vec<Asked<'_>> = group.iter().map(|command| Asked::together(command)).collect();
        let answers = submit_each((tx, writes), self.0.now(), &asked).await?;
        Ok(answers.into_iter().map(|answer| answer.map(|one| one.map(|payment| (StatusCode::OK, payment)))).collect())
    }
}

/// Who asks for which submission, and in whose words a refusal is told.
struct Asked<'a> {
    caller: &'a Caller,
    submission: &'a Submission,
    command: Option<&'a Grouped<Submission>>,
}

impl<'a> Asked<'a> {
    fn together(command: &'a Grouped<Submission>) -> Self {
        Self { caller: &command.caller, submission: &command.body, command: Some(command) }
    }

    fn told<R>(&self, decide: impl FnOnce() -> R) -> R {
        match self.command {
            Some(command) => command.told(decide),
            None => decide(),
        }
    }
}

/// None leaves the submission to its request.
type Answer = Option<Result<Payment, Problem>>;

/// An application that may leave, and what its leaving writes.
struct Leaving<'a> {
    place: usize,
    asked: &'a Asked<'a>,
    transition: Transition,
    after: application::Model,
    postings: Vec<Posting>,
}

/// Submits one application.
pub async fn submit(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    submission: &Submission,
) -> Result<Payment, Problem> {
    let asked = [Asked { caller, submission, command: None }];
    let mut writes = Writes::of(tx);
    let alone = submit_each((tx, &mut writes), now, &asked).await?.pop().flatten();
    writes.send(tx).await?;
    alone.unwrap_or_else(|| Err(Problem::internal(&"a submission was not settled")))
}

async fn submit_each(
    (tx, writes): (&DatabaseTransaction, &mut Writes),
    now: DateTime<Utc>,
    asked: &[Asked<'_>],
) -> Result<Vec<Answer>, Problem> {
    let ids: Vec<Uuid> =
        asked.iter().map(|one| one.submission.pay_app_id).collect::<BTreeSet<_>>().into_iter().collect();
    let documents = workflow::lock(tx, DOCUMENT, &ids).await?;
    let mut settled: Vec<Answer> = Vec::with_capacity(asked.len());
    let mut leaving = Vec::with_capacity(asked.len());
    let mut seen = HashSet::new();
    for (place, one) in asked.iter().enumerate() {
        let id = one.submission.pay_app_id;
        let takes_more = takes_more(&one.submission.cleared.application);
        // a second submission of the same application depends on the end of the first, and what an application takes
        // beside its money may refuse it after the ledger accepted it
        if !seen.insert(id) || (takes_more && one.command.is_some()) {
            settled.push(None);
            continue;
        }
        settled.push(match one.told(|| leave(now, one, documents.get(&id))) {
            Ok((transition, after, mut postings)) => {
                if takes_more {
                    postings.extend(closing(tx, now, &after).await?);
                    claim::take(tx, &after, &one.submission.cleared.content).await?;
                }
                leaving.push(Leaving { place, asked: one, transition, after, postings });
                None
            }
            Err(problem) => Some(Err(problem)),
        });
    }
    let left = reserve((tx, writes), now, leaving, &mut settled).await?;
    record(writes, now, &left)?;
    for Leaving { place, asked, transition, after, .. } in left {
        if let Some(one) = settled.get_mut(place) {
            // of the version that left: a change meanwhile would have been another version
            let Cleared { content, notices, .. } = &asked.submission.cleared;
            let payment = view::payment(after, content.details.clone(), &transition.after)?;
            *one = Some(Ok(Payment { notices: notices.clone(), ..payment }));
        }
    }
    Ok(settled)
}

/// Whether the application may leave its maker, and what becomes of it then.
fn leave(
    now: DateTime<Utc>,
    asked: &Asked<'_>,
    document: Option<&Document>,
) -> Result<(Transition, application::Model, Vec<Posting>), Problem> {
    let Submission { request, cleared, .. } = asked.submission;
    let before = cleared.application.as_ref();
    let request = ActionRequest { version: request.version.or(Some(cleared.version)), ..request.clone() };
    let transition = workflow::decide(document, now, asked.caller, &request)?;
    let reservation_id = Uuid::now_v7();
    let pending = if cleared.is_held { cleared.warn_ids.clone() } else { Vec::new() };
    let after = application::Model {
        pay_status: match (cleared.is_held, transition.became_final()) {
            (true, _) => Standing::Held,
            (false, true) => Standing::Approved,
            (false, false) => Standing::InReview,
        },
        reservation_id: Some(reservation_id),
        warn_ids: view::write(&Warnings { all: cleared.warn_ids.clone(), pending })?,
        pay_acct_name: cleared.pay_acct_name.clone(),
        pay_acct_bank_name: cleared.pay_acct_bank_name.clone(),
        is_contrlbyplan: cleared.plan.is_controlling,
        update_time: now,
        ..before.clone()
    };
    let mut postings = cleared.plan.due.clone();
    postings.push(posting::reservation(&after, reservation_id, service_kit::clock::china_date(now))?);
    Ok((transition, after, postings))
}

/// Whether the application takes more than money of its indicator, or releases some.
fn takes_more(row: &application::Model) -> bool {
    row.close_commitment || claim::is_claiming(row)
}

fn has_many_payees(row: &application::Model) -> bool {
    use PayBusTypeCode::{Batch, OfficialCardRepayment, Salary};
    matches!(row.pay_bus_type_code, Batch | OfficialCardRepayment | Salary)
}

/// What the last payment of a commitment gives back of it.
async fn closing(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &application::Model,
) -> Result<Option<Posting>, Problem> {
    let Some(commitment_id) = row.commitment_id.filter(|_| row.close_commitment) else { return Ok(None) };
    commitment::drawing::close_by(tx, now, (commitment_id, row.pay_app_id), row.pay_app_amt).await
}

/// Reserves what each application asks for; those that the ledger refuses are settled with its figures.
async fn reserve<'a>(
    (tx, writes): (&DatabaseTransaction, &mut Writes),
    now: DateTime<Utc>,
    leaving: Vec<Leaving<'a>>,
    settled: &mut [Answer],
) -> Result<Vec<Leaving<'a>>, Problem> {
    let groups: Vec<&[Posting]> = leaving.iter().map(|one| one.postings.as_slice()).collect();
    let reservations = leaving.iter().filter_map(|one| one.after.reservation_id).collect();
    let decisions = ledger::post_each(tx, writes, now, &groups, &reservations).await?;
    let mut left = Vec::with_capacity(leaving.len());
    for (one, decision) in leaving.into_iter().zip(decisions) {
        match decision {
            Ok(_) => left.push(one),
            // in company the refusal goes to the request, whose own transaction explains it with the figures of one moment
            Err(_) if one.asked.command.is_some() => {}
            Err(refused) => {
                let problem = since_draft(posting::refused(tx, &one.after, refused).await, &one.after);
                if let Some(place) = settled.get_mut(one.place) {
                    *place = Some(Err(problem));
                }
            }
        }
    }
    Ok(left)
}

/// Adds what the ledger accepted: the step and its log, the application, the event.
fn record(writes: &mut Writes, now: DateTime<Utc>, left: &[Leaving<'_>]) -> Result<(), Problem> {
    let Some(first) = left.first() else { return Ok(()) };
    let taken: Vec<_> = left
        .iter()
        .map(|one| (one.asked.caller, &one.transition, one.asked.submission.request.opinion.as_str()))
        .collect();
    workflow::record_many(writes, now, &taken)?;
    let rows: Vec<&application::Model> = left.iter().map(|one| &one.after).collect();
    store::submit(writes, &rows, super::stands_elsewhere(&first.after))?;
    let events = left.iter().map(|one| (one.after.pay_app_id, submitted(&one.after, &one.asked.submission.cleared)));
    Ok(outbox::keep_many(writes, now, PAYMENT_SUBMITTED, events)?)
}

fn submitted(row: &application::Model, cleared: &Cleared) -> PaymentSubmitted {
    PaymentSubmitted {
        pay_app_id: row.pay_app_id,
        pay_app_no: row.pay_app_no.clone(),
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code.clone(),
        bgt_id: row.bgt_id,
        pay_app_amt: row.pay_app_amt,
        is_held: cleared.is_held,
        warn_ids: cleared.warn_ids.clone(),
    }
}
