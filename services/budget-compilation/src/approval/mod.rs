//! Approvals (批复): one at a time per division and year gathers every final package that no approval holds, and once
//! granted sends the lines to execution, exactly once. A later version carries only differences (IG-002).

pub(crate) mod entity;
pub(crate) mod http;
pub(crate) mod http_lines;
mod model;
mod store;

use budget_compilation_contract::{APPROVAL_GRANTED, Approval, ApprovalRequest, ApprovedBudget, BudgetTable};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money, Role};
use entity::approval;
use model::Granted;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use service_kit::{Caller, Problem, http::IfMatch, store::outbox};
use uuid::Uuid;
use workflow::{Act, ActionRequest, Document, NewDocument, State, Status};

use crate::{CHAINS, Context, RULES, package};

const DOCUMENT_TYPE: &str = "approval";
const OPEN: &str = "open";
const MAX_TITLE_CHARACTERS: usize = 180;

/// Drafts an approval over everything that is final and not yet approved.
pub(crate) async fn create(
    tx: &DatabaseTransaction,
    context: &Context,
    caller: &Caller,
    request: ApprovalRequest,
) -> Result<Approval, Problem> {
    let now = context.database.clock().now();
    check(caller, &request)?;
    let living = store::living(tx, &request.mof_div_code, request.fiscal_year).await?;
    if living.iter().any(|other| other.open_key.is_some()) {
        return Err(under_way());
    }
    let version = living.first().map_or(0, |last| last.version) + 1;
    let mut row = approval::Model {
        approval_id: Uuid::now_v7(),
        version,
        annual_line_count: 0,
        transfer_line_count: 0,
        reply_amt: Money::ZERO,
        open_key: Some(OPEN.to_owned()),
        doc_key: Some(request.cor_bgt_doc_no.to_string()),
        create_time: now,
        mof_div_code: request.mof_div_code,
        fiscal_year: request.fiscal_year,
        cor_bgt_doc_no: request.cor_bgt_doc_no,
        bgt_doc_title: request.bgt_doc_title,
        doc_date: request.doc_date,
    };
    require_free_number(&living, &row)?;
    store::insert(tx, row.clone()).await.map_err(taken_or)?;
    gather(tx, &mut row).await?;
    let new = NewDocument {
        document_id: row.approval_id,
        document_type: DOCUMENT_TYPE,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: None,
        chain: CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.reply_amt),
    };
    let document = workflow::open(tx, now, caller, new).await?;
    view(tx, row, document.state()).await
}

/// Replaces number, title and date of a draft, and gathers anew.
pub(crate) async fn revise(
    tx: &DatabaseTransaction,
    context: &Context,
    caller: &Caller,
    (approval_id, version): (Uuid, IfMatch),
    request: ApprovalRequest,
) -> Result<Approval, Problem> {
    check(caller, &request)?;
    let (mut row, document) = held_by(tx, caller, approval_id).await?;
    if document.status == Status::Final {
        return Err(package::read_only());
    }
    version.check(document.version)?;
    if (&request.mof_div_code, request.fiscal_year) != (&row.mof_div_code, row.fiscal_year) {
        return Err(Problem::field("/", "区划和年度不能修改", "division and year cannot be changed"));
    }
    let now = context.database.clock().now();
    let document = workflow::revise(tx, now, caller, &document, document.chain.clone()).await?;
    row.doc_key = Some(request.cor_bgt_doc_no.to_string());
    row.cor_bgt_doc_no = request.cor_bgt_doc_no;
    row.bgt_doc_title = request.bgt_doc_title;
    row.doc_date = request.doc_date;
    let living = store::living(tx, &row.mof_div_code, row.fiscal_year).await?;
    require_free_number(&living, &row)?;
    disperse(tx, &row).await?;
    gather(tx, &mut row).await?;
    view(tx, row, document.state()).await
}

/// Takes a step; the last one grants the budget and tells execution in the same transaction.
pub(crate) async fn act(
    tx: &DatabaseTransaction,
    context: &Context,
    caller: &Caller,
    approval_id: Uuid,
    request: &ActionRequest,
) -> Result<Approval, Problem> {
    let now = context.database.clock().now();
    let act = Act { document_type: DOCUMENT_TYPE, document_id: approval_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    let mut row = store::find(tx, approval_id).await?.ok_or_else(not_found)?;
    if transition.became_void() {
        return Err(package::read_only());
    }
    if transition.after.status == Status::Deleted {
        disperse(tx, &row).await?;
        row.open_key = None;
        row.doc_key = None;
        store::update(tx, &row).await?;
    }
    if transition.became_final() {
        grant(tx, context, &mut row).await?;
    }
    view(tx, row, transition.after.state()).await
}

async fn grant(tx: &DatabaseTransaction, context: &Context, row: &mut approval::Model) -> Result<(), Problem> {
    store::grant_lines(tx, row).await?;
    package::set_approved(tx, &row.mof_div_code, row.approval_id).await?;
    row.open_key = None;
    store::update(tx, row).await?;
    let annual = store::annual_lines(tx, row).await?;
    let transfers = store::transfer_lines(tx, row).await?;
    let budget = ApprovedBudget {
        approval_id: row.approval_id,
        version: row.version,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        cor_bgt_doc_no: row.cor_bgt_doc_no.clone(),
        bgt_doc_title: row.bgt_doc_title.clone(),
        doc_date: row.doc_date,
        annual_lines: annual.into_iter().map(entity::annual::Model::line).collect(),
        transfer_lines: transfers.into_iter().map(entity::transfer::Model::line).collect(),
    };
    let now = context.database.clock().now();
    outbox::append(tx, now, APPROVAL_GRANTED, row.approval_id, &budget).await?;
    context.relay.notify_one();
    Ok(())
}

/// Gathers the packages that are due and writes their lines.
async fn gather(tx: &DatabaseTransaction, row: &mut approval::Model) -> Result<(), Problem> {
    if package::collect(tx, &row.mof_div_code, row.fiscal_year, row.approval_id).await? == 0 {
        let zh = format!("{} 年没有终审后待批复的预算", row.fiscal_year);
        return Err(RULES.refuse("BG-106", zh, format!("no final package of {} waits for approval", row.fiscal_year)));
    }
    let packages = package::held(tx, &row.mof_div_code, row.approval_id).await?;
    let ids: Vec<_> = packages.iter().map(|package| package.package_id).collect();
    let lines = package::lines(tx, &ids).await?;
    let (annual, transfers) = model::lines_of(row, &packages, lines)
        .ok_or_else(|| Problem::internal(&"a line does not belong to its package"))?;
    store::insert_lines(tx, &annual, &transfers).await?;
    let amounts = annual.iter().map(|line| line.reply_amt).chain(transfers.iter().map(|line| line.reply_amt));
    row.reply_amt = Money::try_sum(amounts).ok_or_else(|| Problem::internal(&"the sum is out of range"))?;
    row.annual_line_count = i64::try_from(annual.len()).unwrap_or(i64::MAX);
    row.transfer_line_count = i64::try_from(transfers.len()).unwrap_or(i64::MAX);
    store::update(tx, row).await.map_err(taken_or)
}

/// Lets go of what a draft had gathered.
async fn disperse(tx: &DatabaseTransaction, row: &approval::Model) -> Result<(), Problem> {
    store::remove_lines(tx, row).await?;
    Ok(package::let_go(tx, &row.mof_div_code, row.approval_id).await?)
}

fn check(caller: &Caller, request: &ApprovalRequest) -> Result<(), Problem> {
    caller.require_in(&[Role::M2], &request.mof_div_code, None)?;
    let length = request.bgt_doc_title.trim().chars().count();
    if (1..=MAX_TITLE_CHARACTERS).contains(&length) {
        return Ok(());
    }
    let zh = format!("标题应为 1 至 {MAX_TITLE_CHARACTERS} 个字");
    Err(Problem::field("/bgt_doc_title", zh, format!("the title has 1 to {MAX_TITLE_CHARACTERS} characters")))
}

fn require_free_number(living: &[approval::Model], row: &approval::Model) -> Result<(), Problem> {
    let is_other = |other: &&approval::Model| other.approval_id != row.approval_id && other.doc_key == row.doc_key;
    match living.iter().find(is_other) {
        None => Ok(()),
        Some(_) => {
            let zh = format!("文号 {} 已用于本年度另一批复", row.cor_bgt_doc_no);
            let en = format!("{} is the number of another approval of the year", row.cor_bgt_doc_no);
            Err(RULES.refuse("BG-105", zh.clone(), en.clone()).at("/cor_bgt_doc_no", zh, en))
        }
    }
}

/// The index behind the checks above caught a racing approval.
fn taken_or(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => under_way(),
        _ => error.into(),
    }
}

fn under_way() -> Problem {
    RULES.refuse("BG-104", "本区划本年度已有批复正在办理", "an approval of this division and year is under way")
}

async fn held_by(
    tx: &DatabaseTransaction,
    caller: &Caller,
    approval_id: Uuid,
) -> Result<(approval::Model, Document), Problem> {
    let row = store::find(tx, approval_id)
        .await?
        .filter(|row| caller.acts_in(&row.mof_div_code, None))
        .ok_or_else(not_found)?;
    let document = workflow::document(tx, DOCUMENT_TYPE, approval_id).await?.ok_or_else(not_found)?;
    Ok((row, document))
}

/// An approval, if the caller may read it.
pub(crate) async fn show<C: ConnectionTrait>(db: &C, caller: &Caller, approval_id: Uuid) -> Result<Approval, Problem> {
    let row = store::find(db, approval_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, None, "批复", "the approval")?;
    let document = workflow::document(db, DOCUMENT_TYPE, approval_id).await?.ok_or_else(not_found)?;
    view(db, row, document.state()).await
}

fn not_found() -> Problem {
    Problem::not_found("批复", "the approval")
}

/// What earlier approvals granted to a unit, line by line.
pub(crate) async fn granted_to(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    year: FiscalYear,
    agency: &AgencyCode,
) -> Result<Vec<Granted>, DbErr> {
    Ok(Granted::of(store::granted_to(tx, division, year, agency).await?))
}

/// The approved budget of a division and year in one table.
pub(crate) async fn budget<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    division: &DivisionCode,
    year: FiscalYear,
) -> Result<BudgetTable, Problem> {
    caller.require_readable(division, None, "预算", "the budget")?;
    let annual = store::annual_groups(db, division, year).await?;
    let transfers = store::transfer_groups(db, division, year).await?;
    let out_of_range = || Problem::internal(&"the sum is out of range");
    let annual_amt = Money::try_sum(annual.iter().map(|group| group.3)).ok_or_else(out_of_range)?;
    let transfer_amt = Money::try_sum(transfers.iter().map(|group| group.3)).ok_or_else(out_of_range)?;
    let transfer_rows = transfers.into_iter().map(model::transfer_row);
    Ok(BudgetTable {
        mof_div_code: division.clone(),
        fiscal_year: year,
        rows: annual.into_iter().map(model::annual_row).chain(transfer_rows).collect(),
        annual_amt,
        transfer_amt,
        total_amt: annual_amt.checked_add(transfer_amt).ok_or_else(out_of_range)?,
    })
}

async fn view<C: ConnectionTrait>(db: &C, row: approval::Model, state: State) -> Result<Approval, Problem> {
    let lines = store::budget_with(db, &row).await?;
    let facts = lines.iter().map(|line| (&line.exp_func_code, &line.fund_type_code, line.reply_amt));
    let warnings = model::reserve_warning(facts).into_iter().collect();
    Ok(summary(row, state, warnings))
}

fn summary(
    row: approval::Model,
    state: State,
    warnings: Vec<budget_compilation_contract::ApprovalWarning>,
) -> Approval {
    Approval {
        approval_id: row.approval_id,
        version: row.version,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        cor_bgt_doc_no: row.cor_bgt_doc_no,
        bgt_doc_title: row.bgt_doc_title,
        doc_date: row.doc_date,
        annual_line_count: row.annual_line_count,
        transfer_line_count: row.transfer_line_count,
        reply_amt: row.reply_amt,
        warnings,
        state,
    }
}
