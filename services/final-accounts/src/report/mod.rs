//! Final account reports (决算报表): computed from the books, tied to the indicator ledger, reviewed and versioned.

mod definition;
pub(crate) mod http;
mod model;
mod store;

use chrono::{DateTime, Utc};
use common_types::{Money, Role};
use final_accounts_contract::{Report, ReportDraft, ReportExplanation, ReportFigures, ReportFilter};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{
    Caller, Page, Problem,
    http::{IfMatch, Paged},
};
use uuid::Uuid;
use workflow::{Act, ActionRequest, NewDocument, Status};

use self::{definition::Definition, store::Model};
use crate::{
    CHAINS, RULES,
    books::{self, Unit, too_large},
    peers::{Ledger, PaidTotal},
    scope,
};

const DOCUMENT: &str = "report";
const LONGEST_EXPLANATION: usize = 2000;

/// Refuses what cannot become a report before the ledger is asked.
pub(crate) fn require_draft(caller: &Caller, draft: &ReportDraft) -> Result<(), Problem> {
    caller.require_in(&[Role::U3], &draft.mof_div_code, Some(&draft.agency_code))?;
    Definition::of(&draft.report_code).map(|_| ())
}

/// What the ledger counts as paid for a unit's year.
pub(crate) async fn paid_totals(ledger: &Ledger, unit: &Unit) -> Result<Vec<PaidTotal>, Problem> {
    Ok(ledger.paid_totals(&unit.mof_div_code, unit.fiscal_year, &unit.agency_code).await?)
}

fn unit_of_draft(draft: &ReportDraft) -> Unit {
    Unit {
        mof_div_code: draft.mof_div_code.clone(),
        fiscal_year: draft.fiscal_year,
        agency_code: draft.agency_code.clone(),
    }
}

fn unit_of(row: &Model) -> Unit {
    Unit { mof_div_code: row.mof_div_code.clone(), fiscal_year: row.fiscal_year, agency_code: row.agency_code.clone() }
}

async fn figures(
    tx: &DatabaseTransaction,
    definition: &Definition,
    unit: &Unit,
    paid: &[PaidTotal],
) -> Result<ReportFigures, Problem> {
    let of_report = |total: &&PaidTotal| total.fund_type_code.starts_with(&definition.fund_prefix);
    let ledger = Money::try_sum(paid.iter().filter(of_report).map(|total| total.paid)).ok_or_else(too_large)?;
    let sums = books::store::sums(tx, unit, false).await?;
    model::compute(definition, &sums, ledger).ok_or_else(too_large)
}

/// Makes a report, or its next version (RP-003).
pub(crate) async fn create(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: &ReportDraft,
    paid: &[PaidTotal],
) -> Result<Report, Problem> {
    require_draft(caller, draft)?;
    let definition = Definition::of(&draft.report_code)?;
    let unit = unit_of_draft(draft);
    books::store::hold(tx, &unit).await?;
    let version = next_version(tx, &unit, &draft.report_code).await?;
    let figures = figures(tx, definition, &unit, paid).await?;
    let report_id = Uuid::now_v7();
    let row = Model {
        mof_div_code: unit.mof_div_code.clone(),
        report_id,
        fiscal_year: unit.fiscal_year,
        agency_code: unit.agency_code.clone(),
        report_code: draft.report_code.clone(),
        version,
        figures: serde_json::to_value(&figures).map_err(|error| Problem::internal(&error))?,
        explanation: String::new(),
        create_time: now,
        update_time: now,
    };
    if !store::insert(tx, row).await? {
        return Err(Problem::conflict("报表正在生成", "the report is being made"));
    }
    let document = NewDocument {
        document_id: report_id,
        document_type: DOCUMENT,
        chain: CHAINS.resolve(DOCUMENT, &unit.mof_div_code, Money::ZERO),
        mof_div_code: unit.mof_div_code,
        fiscal_year: unit.fiscal_year,
        agency_code: Some(unit.agency_code),
    };
    workflow::open(tx, now, caller, document).await?;
    view(tx, report_id).await
}

async fn next_version(tx: &DatabaseTransaction, unit: &Unit, code: &str) -> Result<i32, Problem> {
    let Some(latest) = store::latest(tx, unit, code).await? else {
        return Ok(1);
    };
    let document = workflow::document(tx, DOCUMENT, latest.report_id).await?;
    if document.is_some_and(|document| matches!(document.status, Status::InReview | Status::Hung)) {
        let zh = format!("报表 {code} 第 {} 版正在审核", latest.version);
        return Err(RULES.refuse("RP-102", zh, format!("version {} of {code} is under review", latest.version)));
    }
    latest.version.checked_add(1).ok_or_else(too_large)
}

/// Takes the explanation of a difference (RP-001).
pub(crate) async fn explain(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    report_id: Uuid,
    version: IfMatch,
    request: &ReportExplanation,
) -> Result<Report, Problem> {
    let row = store::by_id(tx, report_id).await?.ok_or_else(not_found)?;
    caller.require_in(&[Role::U3], &row.mof_div_code, Some(&row.agency_code))?;
    if request.explanation.chars().count() > LONGEST_EXPLANATION {
        let en = format!("at most {LONGEST_EXPLANATION} characters");
        return Err(Problem::field("/explanation", format!("最多 {LONGEST_EXPLANATION} 个字符"), en));
    }
    let document = workflow::document(tx, DOCUMENT, report_id).await?.ok_or_else(not_found)?;
    version.check(document.version)?;
    workflow::revise(tx, now, caller, &document, document.chain.clone()).await?;
    store::explain(tx, report_id, request.explanation.trim(), now).await?;
    view(tx, report_id).await
}

/// Carries out a workflow action; `paid` is what the ledger says when the report is submitted.
pub(crate) async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    report_id: Uuid,
    request: &ActionRequest,
    paid: &[PaidTotal],
) -> Result<Report, Problem> {
    let act = Act { document_type: DOCUMENT, document_id: report_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    if transition.was_submitted() {
        let row = store::by_id(tx, report_id).await?.ok_or_else(not_found)?;
        require_submittable(tx, &row, paid).await?;
    }
    view(tx, report_id).await
}

/// RP-001 to RP-003: the latest version, of locked books, that shows what the books say and ties or is explained.
async fn require_submittable(tx: &DatabaseTransaction, row: &Model, paid: &[PaidTotal]) -> Result<(), Problem> {
    let unit = unit_of(row);
    if !books::store::hold(tx, &unit).await?.is_locked {
        let (agency, year) = (&unit.agency_code, unit.fiscal_year.get());
        let zh = format!("单位 {agency} {year} 年度尚未年终结转");
        return Err(RULES.refuse("RP-002", zh, format!("{year} of unit {agency} is not closed")));
    }
    let latest = store::latest(tx, &unit, &row.report_code).await?;
    if let Some(latest) = latest.filter(|latest| latest.version != row.version) {
        let zh = format!("最新版本为第 {} 版", latest.version);
        return Err(RULES.refuse("RP-003", zh, format!("the latest version is {}", latest.version)));
    }
    let kept = kept_figures(row)?;
    if figures(tx, Definition::of(&row.report_code)?, &unit, paid).await? != kept {
        let (zh, en) = ("报表生成后账面数据已变化", "the books have changed since the report was made");
        return Err(RULES.refuse("RP-103", zh, en));
    }
    let tie_out = kept.tie_out;
    if !tie_out.difference.is_zero() && row.explanation.is_empty() {
        let zh = format!("报表数 {}，指标账数 {}，相差 {}", tie_out.report, tie_out.ledger, tie_out.difference);
        let en = format!("report {}, ledger {}, difference {}", tie_out.report, tie_out.ledger, tie_out.difference);
        return Err(RULES.refuse("RP-001", zh, en).with("tie_out", tie_out));
    }
    Ok(())
}

fn kept_figures(row: &Model) -> Result<ReportFigures, Problem> {
    serde_json::from_value(row.figures.clone()).map_err(|error| Problem::internal(&error))
}

fn not_found() -> Problem {
    Problem::not_found("报表", "the report")
}

async fn view<C: ConnectionTrait>(db: &C, report_id: Uuid) -> Result<Report, Problem> {
    let row = store::by_id(db, report_id).await?.ok_or_else(not_found)?;
    views(db, vec![row]).await?.pop().ok_or_else(not_found)
}

async fn views<C: ConnectionTrait>(db: &C, rows: Vec<Model>) -> Result<Vec<Report>, Problem> {
    let ids = rows.iter().map(|row| row.report_id).collect();
    let documents = workflow::documents(db, ids).await?;
    let one = |row: Model| {
        let state = documents.get(&row.report_id).ok_or_else(not_found)?.state();
        Ok(Report {
            report_name: Definition::of(&row.report_code)?.report_name.clone(),
            figures: kept_figures(&row)?,
            report_id: row.report_id,
            report_code: row.report_code,
            mof_div_code: row.mof_div_code,
            fiscal_year: row.fiscal_year,
            agency_code: row.agency_code,
            version: row.version,
            explanation: row.explanation,
            state,
            create_time: row.create_time,
            update_time: row.update_time,
        })
    };
    rows.into_iter().map(one).collect()
}

/// A report within the caller's reach.
pub(crate) async fn shown<C: ConnectionTrait>(db: &C, caller: &Caller, report_id: Uuid) -> Result<Report, Problem> {
    let report = view(db, report_id).await?;
    caller.require_readable(&report.mof_div_code, Some(&report.agency_code), "报表", "the report")?;
    Ok(report)
}

/// The unit of a report within the caller's reach.
pub(crate) async fn unit<C: ConnectionTrait>(db: &C, caller: &Caller, report_id: Uuid) -> Result<Unit, Problem> {
    let row = store::by_id(db, report_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, Some(&row.agency_code), "报表", "the report")?;
    Ok(unit_of(&row))
}

/// Reports within the caller's reach.
pub(crate) async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &ReportFilter,
    paged: &Paged,
) -> Result<Page<Report>, Problem> {
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    let rows =
        Page::of(store::page(db, caller, &division, filter, paged).await?, paged, |row| row.report_id.to_string());
    Ok(Page { items: views(db, rows.items).await?, next_page_token: rows.next_page_token })
}
