//! Packages: drafting, revising, auditing and the way through review. One kind of thing for units (一上, 二上), for
//! lines that are still to be allocated, and for transfers; only their makers, rules and chains differ.

mod draft;
pub(crate) mod entity;
pub(crate) mod http;
mod model;
mod review;
mod store;
mod view;

use budget_compilation_contract::AuditRequest;
use common_types::{Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem};
use uuid::Uuid;
use workflow::{Document, NewDocument, Status};

pub(crate) use draft::{Prepared, prepare};
use entity::{Kind, line, package};
pub(crate) use model::{Draft, control_kind, is_three_public};
pub(crate) use review::{Step, act, ready};
pub(crate) use store::{Filter, collect, held, let_go, lines, page, set_approved};
pub(crate) use view::{Whole, summary, transfer_summary};

use crate::{CHAINS, Context, RULES, approval, control_number, reservation};

/// Kinds behind `/packages`.
pub(crate) const OF_UNITS: &[Kind] = &[Kind::OneUp, Kind::TwoUp, Kind::Unallocated];
/// Kinds behind `/transfer-packages`.
pub(crate) const OF_TRANSFERS: &[Kind] = &[Kind::Transfer];

/// Records a new draft.
pub(crate) async fn create(
    tx: &DatabaseTransaction,
    context: &Context,
    caller: &Caller,
    prepared: Prepared,
) -> Result<Whole, Problem> {
    let now = context.database.clock().now();
    let mut row = new_row(&prepared, now);
    if row.live_key.is_some() && store::live(tx, &row).await?.is_some() {
        return Err(exists_already(&row));
    }
    row.version = store::last_version(tx, &row).await? + 1;
    let lines = with_prior(tx, &row, prepared.lines).await?;
    store::insert(tx, row.clone()).await.map_err(|error| taken_or(error, &row))?;
    store::replace_lines(tx, row.package_id, lines).await?;
    let new = NewDocument {
        document_id: row.package_id,
        document_type: row.stage.document_type(),
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code.clone(),
        chain: CHAINS.resolve(row.stage.document_type(), &row.mof_div_code, row.apply_up),
    };
    let document = workflow::open(tx, now, caller, new).await?;
    whole(tx, row, &document).await
}

/// Replaces the content of a draft or returned package; unit, year and stage stay.
pub(crate) async fn revise(
    tx: &DatabaseTransaction,
    context: &Context,
    caller: &Caller,
    (package_id, kinds, version): (Uuid, &[Kind], service_kit::http::IfMatch),
    prepared: Prepared,
) -> Result<(Whole, i64), Problem> {
    let now = context.database.clock().now();
    let (row, document) = locked(tx, caller, package_id, kinds).await?;
    require_not_final(&document)?;
    version.check(document.version)?;
    let asked = &prepared.draft;
    if (asked.kind, &asked.mof_div_code, asked.fiscal_year, &asked.agency_code)
        != (row.stage, &row.mof_div_code, row.fiscal_year, &row.agency_code)
    {
        let (zh, en) = ("区划、年度、单位和阶段不能修改", "division, year, unit and stage cannot be changed");
        return Err(Problem::field("/", zh, en));
    }
    let chain = CHAINS.resolve(row.stage.document_type(), &row.mof_div_code, prepared.apply_up);
    let document = workflow::revise(tx, now, caller, &document, chain).await?;
    let lines = with_prior(tx, &row, prepared.lines).await?;
    let changed = package::Model {
        income_amt: prepared.draft.income_amt,
        apply_up: prepared.apply_up,
        fin_audit_money: prepared.apply_up,
        ..row
    };
    store::replace_lines(tx, package_id, lines).await?;
    store::set_totals(tx, &changed, now).await?;
    let version = document.version;
    Ok((whole(tx, changed, &document).await?, version))
}

/// Sets audited amounts (财政审核数) at a finance node; control numbers and audited amounts move together.
pub(crate) async fn audit(
    tx: &DatabaseTransaction,
    context: &Context,
    caller: &Caller,
    (package_id, version): (Uuid, service_kit::http::IfMatch),
    request: AuditRequest,
) -> Result<(Whole, i64), Problem> {
    let (row, document) = locked(tx, caller, package_id, OF_UNITS).await?;
    require_not_final(&document)?;
    version.check(document.version)?;
    require_auditor(caller, &document)?;
    let lines = store::lines(tx, &[package_id]).await?;
    for (index, item) in request.items.iter().enumerate() {
        let line = lines.iter().find(|line| line.line_id == item.line_id);
        set_audited(tx, line, item.fin_audit_money, index).await?;
    }
    let lines = store::lines(tx, &[package_id]).await?;
    let changed = package::Model { fin_audit_money: total(&lines)?, ..row };
    store::set_totals(tx, &changed, context.database.clock().now()).await?;
    if changed.stage == Kind::TwoUp {
        control_number::give_back(tx, &changed).await?;
        control_number::take(tx, &changed, &lines).await?;
    }
    let version = document.version;
    Ok((whole(tx, changed, &document).await?, version))
}

async fn set_audited(
    tx: &DatabaseTransaction,
    line: Option<&line::Model>,
    amount: Money,
    index: usize,
) -> Result<(), Problem> {
    let pointer = format!("/items/{index}");
    let Some(line) = line else {
        return Err(Problem::field(format!("{pointer}/line_id"), "本预算没有这一行", "the package has no such line"));
    };
    let pointer = format!("{pointer}/fin_audit_money");
    if amount.is_negative() {
        return Err(Problem::field(pointer, "财政审核数不能为负", "the audited amount may not be negative"));
    }
    let reservation_id = if reservation::exists(tx, line).await? { Uuid::now_v7() } else { line.reservation_id };
    if store::audit_line(tx, line, amount, reservation_id).await? {
        return Ok(());
    }
    let zh = format!("申报数 {} 元，审核数 {amount} 元", line.apply_up);
    let en = format!("applied for {}, audited {amount}", line.apply_up);
    Err(RULES.refuse("BG-111", zh.clone(), en.clone()).at(pointer, zh, en))
}

fn require_auditor(caller: &Caller, document: &Document) -> Result<(), Problem> {
    caller.require(&[Role::M1, Role::M2])?;
    let node = document.current_node();
    let is_here = node.is_some_and(|node| {
        let is_finance = node.roles.iter().any(|role| matches!(role, Role::M1 | Role::M2));
        is_finance && caller.has_any(&node.roles)
    });
    if is_here && caller.person != document.maker_person {
        return Ok(());
    }
    let at = node.map_or("-", |node| node.name.as_str());
    Err(RULES.refuse("BG-110", format!("单据现处“{at}”环节"), format!("the package is at node {at}")))
}

/// A package with its lines, if the caller may read it.
pub(crate) async fn show<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    package_id: Uuid,
    kinds: &[Kind],
) -> Result<Whole, Problem> {
    let row = store::find(db, package_id, kinds).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, row.agency_code.as_ref(), "预算", "the package")?;
    let document = workflow::document(db, row.stage.document_type(), package_id).await?.ok_or_else(not_found)?;
    whole(db, row, &document).await
}

/// BG-012: what is final changes no more by revision.
fn require_not_final(document: &Document) -> Result<(), Problem> {
    match document.status {
        Status::Final => Err(read_only()),
        Status::Draft | Status::InReview | Status::Returned | Status::Void | Status::Hung | Status::Deleted => Ok(()),
    }
}

/// BG-012, before anything is asked of peers.
pub(crate) fn require_open(whole: &Whole) -> Result<(), Problem> {
    if whole.row.is_final { Err(read_only()) } else { Ok(()) }
}

/// BG-012 as a refusal.
pub(crate) fn read_only() -> Problem {
    RULES.refuse(
        "BG-012",
        "预算已终审或已批复，不能直接修改",
        "the budget is final or approved and cannot be changed here",
    )
}

/// The package and its document, held by this transaction; 404 outside the caller's scope.
async fn locked(
    tx: &DatabaseTransaction,
    caller: &Caller,
    package_id: Uuid,
    kinds: &[Kind],
) -> Result<(package::Model, Document), Problem> {
    let row = store::find(tx, package_id, kinds)
        .await?
        .filter(|row| caller.acts_in(&row.mof_div_code, row.agency_code.as_ref()))
        .ok_or_else(not_found)?;
    let row = store::lock(tx, &row).await?.ok_or_else(not_found)?;
    let document = workflow::document(tx, row.stage.document_type(), package_id).await?.ok_or_else(not_found)?;
    Ok((row, document))
}

async fn whole<C: ConnectionTrait>(db: &C, row: package::Model, document: &Document) -> Result<Whole, Problem> {
    let lines = store::lines(db, &[row.package_id]).await?;
    Ok(Whole { row, lines, state: document.state() })
}

fn not_found() -> Problem {
    Problem::not_found("预算", "the package")
}

/// Ties the lines of a unit to what earlier approvals granted: the same dimension keeps its `bgt_pman_id`, and what
/// is no longer asked for becomes a line of nothing, so that an approval carries the difference (IG-002).
async fn with_prior(
    tx: &DatabaseTransaction,
    row: &package::Model,
    mut lines: Vec<line::Model>,
) -> Result<Vec<line::Model>, Problem> {
    for line in &mut lines {
        line.package_id = row.package_id;
    }
    let (Kind::TwoUp, Some(agency)) = (row.stage, &row.agency_code) else { return Ok(lines) };
    for granted in approval::granted_to(tx, &row.mof_div_code, row.fiscal_year, agency).await? {
        match lines.iter_mut().find(|line| granted.is_same_dimension(line)) {
            Some(line) => {
                line.bgt_pman_id = granted.bgt_pman_id;
                line.prior_amt = granted.reply_amt;
            }
            None => lines.push(granted.into_line_of_nothing(row.package_id)),
        }
    }
    Ok(lines)
}

fn new_row(prepared: &Prepared, now: chrono::DateTime<chrono::Utc>) -> package::Model {
    let draft = &prepared.draft;
    let live_key = draft.agency_code.as_ref().map(|agency| format!("{}|{agency}", draft.kind.document_type()));
    package::Model {
        mof_div_code: draft.mof_div_code.clone(),
        package_id: Uuid::now_v7(),
        fiscal_year: draft.fiscal_year,
        agency_code: draft.agency_code.clone(),
        dept_code: prepared.dept_code.clone(),
        stage: draft.kind,
        version: 1,
        income_amt: draft.income_amt,
        apply_up: prepared.apply_up,
        fin_audit_money: prepared.apply_up,
        live_key,
        content_version: 1,
        is_final: false,
        is_void: false,
        approval_id: None,
        create_time: now,
        update_time: now,
    }
}

fn total(lines: &[line::Model]) -> Result<Money, Problem> {
    Money::try_sum(lines.iter().map(line::Model::amount)).ok_or_else(|| Problem::internal(&"the sum is out of range"))
}

fn taken_or(error: sea_orm::DbErr, row: &package::Model) -> Problem {
    match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => exists_already(row),
        _ => error.into(),
    }
}

fn exists_already(row: &package::Model) -> Problem {
    let agency = row.agency_code.as_ref().map_or("-", |agency| agency.as_str());
    let zh = format!("单位 {agency} {} 年本阶段预算已存在", row.fiscal_year);
    let en = format!("unit {agency} has a package of this stage in {} already", row.fiscal_year);
    RULES.refuse("BG-109", zh, en)
}
