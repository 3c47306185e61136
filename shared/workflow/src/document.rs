//! Use cases on documents. Each takes part in the transaction of the service, so that a step and its effect commit
//! together.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use service_kit::{
    Caller, Problem,
    store::{Unwritten, Writes},
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Action, Document, Node, RULES, Status, Transition, log, log::Step, store};

/// What a new document starts with.
pub struct NewDocument<'a> {
    pub document_id: Uuid,
    pub document_type: &'a str,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub chain: Vec<Node>,
}

/// Body of `POST …/{collection}/{id}/actions`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionRequest {
    pub action: Action,
    /// Required to return, hang and void.
    #[serde(default)]
    pub opinion: String,
    /// The version that the actor saw; a stale one is refused with WF-409.
    #[serde(default)]
    pub version: Option<i64>,
}

/// Body of `POST …/{collection}/actions`: the same action on many documents, each on its own.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    pub action: Action,
    #[serde(default)]
    pub opinion: String,
    pub items: Vec<Row>,
}

/// One document of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub id: Uuid,
    #[serde(default)]
    pub version: Option<i64>,
}

/// One action on one document.
#[derive(Debug, Clone)]
pub struct Act<'a> {
    pub document_type: &'a str,
    pub document_id: Uuid,
    pub request: &'a ActionRequest,
}

/// Records a new draft made by the caller.
pub async fn open(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    new: NewDocument<'_>,
) -> Result<Document, Problem> {
    let document = Document {
        document_id: new.document_id,
        document_type: new.document_type.to_owned(),
        mof_div_code: new.mof_div_code,
        fiscal_year: new.fiscal_year,
        agency_code: new.agency_code,
        status: Status::Draft,
        node: 0,
        chain: new.chain,
        version: 1,
        maker: caller.subject.clone(),
        maker_person: caller.person.clone(),
        last_person: String::new(),
        hung_from: None,
        update_time: now,
    };
    let mut writes = Writes::of(tx);
    store::insert(&mut writes, &document)?;
    let step = Step { caller, action: Action::Open, before: None, after: &document, opinion: "" };
    log::append(&mut writes, now, &[step])?;
    writes.send(tx).await?;
    Ok(document)
}

/// Notes that the maker changed the content of a draft; the chain may have changed with the amount.
/// `version` is the one that the maker read; 409 when it is stale.
pub async fn revise(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    before: &Document,
    chain: Vec<Node>,
) -> Result<Document, Problem> {
    let revision = Revision { agency_code: before.agency_code.clone(), chain };
    revise_as(tx, now, caller, before, revision).await?.ok_or_else(|| changed_meanwhile(before))
}

/// What follows from the new content of a draft.
pub(crate) struct Revision {
    pub agency_code: Option<AgencyCode>,
    pub chain: Vec<Node>,
}

/// The revised document; none when it is not at the version of `before` any more.
pub(crate) async fn revise_as(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    before: &Document,
    revision: Revision,
) -> Result<Option<Document>, Problem> {
    before.require_editable(caller)?;
    let mut after = before.clone();
    after.agency_code = revision.agency_code;
    after.chain = revision.chain;
    after.version = before.version.saturating_add(1);
    after.update_time = now;
    let step = Step { caller, action: Action::Revise, before: Some(before), after: &after, opinion: "" };
    let mut writes = Writes::of(tx);
    record(&mut writes, now, &[step])?;
    match writes.send(tx).await {
        Ok(()) => Ok(Some(after)),
        Err(Unwritten::Missed(_)) => Ok(None),
        Err(failed) => Err(failed.into()),
    }
}

/// Carries out an action, or refuses it and changes nothing. Effects of the document are up to the service, in the
/// same transaction, by what the transition says.
///
/// 404 outside the caller's scope, 403 for the wrong actor, 409 for the wrong state or a stale version.
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    act: Act<'_>,
) -> Result<Transition, Problem> {
    let before = store::document(tx, act.document_type, act.document_id).await?;
    let transition = decide(before.as_ref(), now, caller, act.request)?;
    let mut writes = Writes::of(tx);
    record_many(&mut writes, now, &[(caller, &transition, act.request.opinion.as_str())])?;
    writes.send(tx).await?;
    Ok(transition)
}

/// Documents by their ids, locked in the order of the ids until this transaction ends.
pub async fn lock(
    tx: &DatabaseTransaction,
    document_type: &str,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Document>, Problem> {
    store::locked(tx, document_type, ids).await
}

/// What an action of this caller would make of a document; writes nothing. `record_many` writes it.
pub fn decide(
    before: Option<&Document>,
    now: DateTime<Utc>,
    caller: &Caller,
    request: &ActionRequest,
) -> Result<Transition, Problem> {
    let before = before
        .filter(|document| caller.acts_in(&document.mof_div_code, document.agency_code.as_ref()))
        .ok_or_else(|| Problem::not_found("单据", "the document"))?;
    if request.version.is_some_and(|version| version != before.version) {
        return Err(changed_meanwhile(before));
    }
    let mut after = before.after(request.action, caller, &request.opinion)?;
    after.update_time = now;
    Ok(Transition { action: request.action, before: before.clone(), after })
}

/// Adds decided actions, each with its caller and opinion, and their log; 409 when a document has changed since.
pub fn record_many(
    writes: &mut Writes,
    now: DateTime<Utc>,
    taken: &[(&Caller, &Transition, &str)],
) -> Result<(), Problem> {
    let steps: Vec<Step<'_>> = taken
        .iter()
        .map(|(caller, transition, opinion)| Step {
            caller,
            action: transition.action,
            before: Some(&transition.before),
            after: &transition.after,
            opinion,
        })
        .collect();
    record(writes, now, &steps)
}

fn record(writes: &mut Writes, now: DateTime<Utc>, steps: &[Step<'_>]) -> Result<(), Problem> {
    let after: Vec<&Document> = steps.iter().map(|step| step.after).collect();
    let before = steps.iter().find_map(|step| step.before);
    let changed = before.map_or_else(|| Problem::not_found("单据", "the document"), changed_meanwhile);
    store::advance(writes, &after, changed)?;
    log::append(writes, now, steps)
}

pub(crate) fn changed_meanwhile(document: &Document) -> Problem {
    RULES
        .refuse(
            "WF-409",
            format!("单据已被他人处理，当前版本为 {}", document.version),
            format!("document was changed meanwhile, it is at version {}", document.version),
        )
        .with("version", document.version)
}
