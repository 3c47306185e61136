//! The way of a package through review. Library money is asked for before the last approval is written, so that a
//! refusal or a silent project library leaves the package where it was.

use std::collections::BTreeSet;

use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;
use workflow::{Act, Action, ActionRequest, Document, Status, Transition};

use super::{
    Whole,
    entity::{Kind, package},
    locked, model, not_found, read_only, store, whole,
};
use crate::{Context, control_number, reservation};

/// One step on one package.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub package_id: Uuid,
    pub kinds: &'static [Kind],
    pub request: ActionRequest,
    pub is_dry_run: bool,
}

/// What was asked of the peers for a step: the state of the package at that moment.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    version: i64,
    content_version: i64,
}

/// Does what must be done before the transaction of a step: a submission has its projects looked up again (BG-001), a
/// last approval takes the library money (PM-010).
pub(crate) async fn ready(context: &Context, caller: &Caller, step: &Step) -> Result<Ready, Problem> {
    let db = context.database.read();
    let row = store::find(db, step.package_id, step.kinds)
        .await?
        .filter(|row| caller.acts_in(&row.mof_div_code, row.agency_code.as_ref()))
        .ok_or_else(not_found)?;
    let document = workflow::document(db, row.stage.document_type(), row.package_id).await?.ok_or_else(not_found)?;
    let ready = Ready { version: document.version, content_version: row.content_version };
    if step.request.version.is_some_and(|version| version != document.version) {
        return Ok(ready);
    }
    let Ok(after) = document.after(step.request.action, caller, &step.request.opinion) else { return Ok(ready) };
    if step.request.action == Action::Submit {
        check_projects(context, &row).await?;
    }
    let becomes_final = document.status != Status::Final && after.status == Status::Final;
    if becomes_final && row.stage.is_approvable() && !step.is_dry_run {
        let lines = store::lines(db, &[row.package_id]).await?;
        reservation::take(context, &row, &lines).await?;
    }
    Ok(ready)
}

async fn check_projects(context: &Context, row: &package::Model) -> Result<(), Problem> {
    let lines = store::lines(context.database.read(), &[row.package_id]).await?;
    let asked: Vec<_> = lines.iter().filter(|line| line.amount().is_positive()).collect();
    let codes: BTreeSet<_> = asked.iter().map(|line| line.pro_code.clone()).collect();
    let projects = context.peers.projects(&row.mof_div_code, codes).await?;
    for (index, line) in asked.iter().enumerate() {
        model::check_project(projects.get(&line.pro_code), &line.pro_code, row.agency_code.as_ref(), index)?;
    }
    Ok(())
}

/// Takes the step and what follows from it, in one transaction.
pub(crate) async fn act(
    tx: &DatabaseTransaction,
    context: &Context,
    caller: &Caller,
    step: &Step,
    ready: Ready,
) -> Result<Whole, Problem> {
    let now = context.database.clock().now();
    let (row, before) = locked(tx, caller, step.package_id, step.kinds).await?;
    let request = ActionRequest { version: step.request.version.or(Some(ready.version)), ..step.request.clone() };
    if ready.content_version != row.content_version {
        return Err(changed_meanwhile(&before));
    }
    let act = Act { document_type: row.stage.document_type(), document_id: row.package_id, request: &request };
    let transition = workflow::act(tx, now, caller, act).await?;
    follow(tx, &row, &transition).await?;
    context.release.notify_one();
    let row = store::find(tx, row.package_id, step.kinds).await?.ok_or_else(not_found)?;
    whole(tx, row, &transition.after).await
}

async fn follow(tx: &DatabaseTransaction, row: &package::Model, transition: &Transition) -> Result<(), Problem> {
    let is_controlled = row.stage == Kind::TwoUp;
    if transition.was_submitted() && is_controlled {
        let lines = store::lines(tx, &[row.package_id]).await?;
        control_number::check_three_public(tx, row, &lines).await?;
        control_number::take(tx, row, &lines).await?;
    }
    if transition.became_final() {
        store::set_final(tx, row).await?;
    }
    if transition.went_back() && is_controlled {
        control_number::give_back(tx, row).await?;
    }
    if transition.became_void() || transition.after.status == Status::Deleted {
        if !store::set_void(tx, row).await? {
            return Err(read_only());
        }
        control_number::give_back(tx, row).await?;
    }
    Ok(())
}

fn changed_meanwhile(document: &Document) -> Problem {
    let en = format!("document was changed meanwhile, it is at version {}", document.version);
    workflow::RULES
        .refuse("WF-409", format!("单据已被他人处理，当前版本为 {}", document.version), en)
        .with("version", document.version)
}
