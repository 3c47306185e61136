//! Projects (项目): declared, reviewed node by node, stored in the library, ended.

mod children;
mod content;
pub(crate) mod entity;
pub(crate) mod generation;
pub(crate) mod http;
mod mapping;
mod model;
mod numbering;
pub(crate) mod store;
mod warning;

use base_info_contract::Agency;
use chrono::{DateTime, Utc};
use common_types::Role;
use project_library_contract::{
    PROJECT_STORED, PROJECT_TERMINATED, Project, ProjectDraft, ProjectTerminated, ReviewAmount, TerminateProject,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, http::IfMatch, store::outbox};
use uuid::Uuid;
use workflow::{Act, Action, ActionRequest, Document, NewDocument, Status, Transition};

use crate::RULES;
use entity::Model;
use mapping::Origin;
use model::{CHAINS, REVIEW_CENTRE};

/// Whether the caller may declare this project and its content is acceptable; needs neither database nor peer.
pub(crate) fn require_declaration(caller: &Caller, draft: &ProjectDraft) -> Result<(), Problem> {
    caller.require_in(&[Role::U1, Role::D1, Role::M1], &draft.mof_div_code, Some(&draft.agency_code))?;
    model::require_declarable(draft.pro_cat_code)?;
    content::require_content(draft)
}

/// Records a draft under a code of its own.
pub(crate) async fn create(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: &ProjectDraft,
    unit: &Agency,
) -> Result<Project, Problem> {
    require_declaration(caller, draft)?;
    let serial = take_numbers(tx, draft, 1).await?;
    let (row, document) = record(tx, now, caller, draft, NewProject { unit, serial, gen_item: None }).await?;
    store::whole(tx, &row, &document).await
}

async fn take_numbers(tx: &DatabaseTransaction, draft: &ProjectDraft, count: i32) -> Result<i32, Problem> {
    store::take_numbers(tx, &draft.mof_div_code, draft.fiscal_year, count).await?.ok_or_else(|| {
        let zh = format!("{} 年度项目代码流水号已用完", draft.fiscal_year);
        RULES.refuse("PL-107", zh, format!("serial numbers of {} are used up", draft.fiscal_year))
    })
}

struct NewProject<'a> {
    unit: &'a Agency,
    serial: i32,
    gen_item: Option<String>,
}

async fn record(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: &ProjectDraft,
    new: NewProject<'_>,
) -> Result<(Model, Document), Problem> {
    let origin = Origin {
        pro_id: Uuid::now_v7(),
        pro_code: model::pro_code(&draft.mof_div_code, draft.fiscal_year, &draft.agency_code, new.serial)?,
        dept_code: new.unit.dept_code.clone(),
        manage_mof_dep_code: draft.manage_mof_dep_code.as_ref().unwrap_or(&new.unit.manage_mof_dep_code).clone(),
        gen_item: new.gen_item,
        now,
    };
    let row = mapping::new_row(draft, content::end_year(draft)?, origin);
    let kind = model::kind_of(draft.pro_cat_code)?;
    let document = NewDocument {
        document_id: row.pro_id,
        document_type: kind.document_type(),
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: Some(row.agency_code.clone()),
        chain: CHAINS.resolve(kind.document_type(), &row.mof_div_code, row.pro_total_amt),
    };
    store::insert(tx, row.clone(), draft).await?;
    Ok((row, workflow::open(tx, now, caller, document).await?))
}

/// Replaces the content of a draft; a review of the old content falls away.
pub(crate) async fn revise(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    id: Uuid,
    version: IfMatch,
    draft: &ProjectDraft,
) -> Result<Project, Problem> {
    let (row, document) = held(tx, caller, id).await?;
    let head = mapping::head(&row);
    model::require_unlocked(&head, draft)?;
    model::require_declarable(row.pro_cat_code)?;
    version.check(document.version)?;
    document.require_editable(caller)?;
    model::require_same_identity(&head, draft)?;
    content::require_content(draft)?;
    let (row, document) = rewrite(tx, now, caller, (row, document), draft).await?;
    store::whole(tx, &row, &document).await
}

async fn rewrite(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    before: (Model, Document),
    draft: &ProjectDraft,
) -> Result<(Model, Document), Problem> {
    let (row, document) = before;
    let chain = CHAINS.resolve(&document.document_type, &row.mof_div_code, draft.pro_total_amt);
    let document = workflow::revise(tx, now, caller, &document, chain).await?;
    let row = mapping::revised_row(&row, draft, content::end_year(draft)?, now);
    store::replace(tx, row.clone(), draft).await?;
    Ok((row, document))
}

/// Carries out a workflow action with its effect on the library.
pub(crate) async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    id: Uuid,
    request: &ActionRequest,
) -> Result<Project, Problem> {
    let (row, document) = held(tx, caller, id).await?;
    if request.action == Action::Discard && document.status == Status::Final {
        return Err(RULES.refuse("PM-009", "项目已入库，不能删除", "the project is stored and cannot be deleted"));
    }
    let act = Act { document_type: &document.document_type, document_id: id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    require_fit(&store::whole(tx, &row, &document).await?, &transition)?;
    take_effect(tx, now, &row, &transition).await?;
    let row = store::by_id(tx, id).await?.unwrap_or(row);
    store::whole(tx, &row, &transition.after).await
}

/// What the step needs of the project: completeness to be submitted and stored, an amount to leave the review centre.
fn require_fit(project: &Project, transition: &Transition) -> Result<(), Problem> {
    if transition.was_submitted() || transition.became_final() {
        model::require_entry(project)?;
    }
    let at_review = transition.before.current_node().is_some_and(|node| node.code == REVIEW_CENTRE);
    let reviewed = transition.after.chain.iter().any(|node| node.code == REVIEW_CENTRE);
    let leaves_review = at_review && transition.action == Action::Approve;
    if leaves_review || (reviewed && transition.became_final()) {
        model::require_review(&project.head)?;
    }
    Ok(())
}

async fn take_effect(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &Model,
    transition: &Transition,
) -> Result<(), Problem> {
    if transition.after.status == Status::Deleted {
        store::delete(tx, row).await?;
    }
    if transition.became_final() {
        let library_amt = row.review_amt.unwrap_or(row.pro_total_amt);
        store::enter_library(tx, row, library_amt).await?;
        if let Some(stored) = store::by_id(tx, row.pro_id).await? {
            outbox::append(tx, now, PROJECT_STORED, row.pro_id, &mapping::head(&stored)).await?;
        }
    }
    Ok(())
}

/// Enters the amount of the review centre while the project is at its node (PM-003).
pub(crate) async fn review(
    tx: &DatabaseTransaction,
    caller: &Caller,
    id: Uuid,
    version: IfMatch,
    review: &ReviewAmount,
) -> Result<Project, Problem> {
    let (row, document) = held(tx, caller, id).await?;
    caller.require_in(&[Role::M6], &row.mof_div_code, Some(&row.agency_code))?;
    version.check(document.version)?;
    if document.current_node().is_none_or(|node| node.code != REVIEW_CENTRE) {
        return Err(Problem::conflict("项目不在财政评审环节", "the project is not at the review centre"));
    }
    model::require_review_amount(&mapping::head(&row), review.review_amt)?;
    if review.review_opinion.chars().count() > MOST_OPINION {
        return Err(too_long("/review_opinion"));
    }
    store::set_review(tx, &row, review.review_amt, &review.review_opinion).await?;
    let row = store::by_id(tx, id).await?.unwrap_or(row);
    store::whole(tx, &row, &document).await
}

const MOST_OPINION: usize = 2000;

fn too_long(pointer: &str) -> Problem {
    Problem::field(pointer, format!("最多 {MOST_OPINION} 个字符"), format!("at most {MOST_OPINION} characters"))
}

/// Ends a stored project; what no budget took is released (PM-009).
pub(crate) async fn terminate(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    id: Uuid,
    request: &TerminateProject,
) -> Result<Project, Problem> {
    let (row, document) = held(tx, caller, id).await?;
    caller.require_in(&[Role::M1, Role::M2], &row.mof_div_code, Some(&row.agency_code))?;
    if request.reason.trim().is_empty() {
        return Err(Problem::field("/reason", "请填写终止原因", "a reason is needed"));
    }
    if request.reason.chars().count() > MOST_OPINION {
        return Err(too_long("/reason"));
    }
    if !store::terminate(tx, &row, &request.reason).await? {
        return Err(not_to_be_terminated(&row));
    }
    let ended = store::by_id(tx, id).await?.unwrap_or_else(|| row.clone());
    let released_amt = row.library_amt.checked_sub(ended.library_amt).unwrap_or_default();
    let event = ProjectTerminated { project: mapping::head(&ended), released_amt, reason: request.reason.clone() };
    outbox::append(tx, now, PROJECT_TERMINATED, id, &event).await?;
    store::whole(tx, &ended, &document).await
}

fn not_to_be_terminated(row: &Model) -> Problem {
    if row.is_end {
        return RULES.refuse("PL-108", "项目已经终止", "the project is terminated already");
    }
    Problem::conflict("项目未入库，请作废草稿", "the project is not stored, discard its draft")
}

async fn held(tx: &DatabaseTransaction, caller: &Caller, id: Uuid) -> Result<(Model, Document), Problem> {
    let row = store::hold(tx, id).await?;
    let row = row.filter(|row| caller.acts_in(&row.mof_div_code, Some(&row.agency_code))).ok_or_else(not_found)?;
    let document = document_of(tx, id).await?;
    Ok((row, document))
}

pub(crate) async fn document_of<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Document, Problem> {
    workflow::documents(db, vec![id]).await?.remove(&id).ok_or_else(not_found)
}

fn not_found() -> Problem {
    Problem::not_found("项目", "the project")
}

/// The project of this row as its reader sees it; 404 out of reach.
pub(crate) async fn shown<C: ConnectionTrait>(db: &C, caller: &Caller, row: Option<Model>) -> Result<Project, Problem> {
    let row = row.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, Some(&row.agency_code), "项目", "the project")?;
    let document = document_of(db, row.pro_id).await?;
    store::whole(db, &row, &document).await
}
