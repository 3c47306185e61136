//! Generation of indicators (指标生成): an approved budget becomes spending authority, line by line and once (IG-001 to
//! IG-004). An approval that cannot become indicators as a whole is blocked as a whole, with the reasons.

use budget_compilation_contract::ApprovedBudget;
use budget_execution_contract::{
    Generation, GenerationProblem, GenerationStatus, INDICATOR_ISSUED, IndicatorIssued, IssuedIndicator,
};
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{Amount, DivisionCode, FiscalYear, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait as _};
use serde::Deserialize;
use serde_json::Value;
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date, store::outbox};
use uuid::Uuid;

use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, PostError, Posting};
use crate::{RULES, cash_plan};

mod entity;
pub mod http;
mod model;
mod store;

use model::Planned;

const GENERATED: &str = "generated";
const BLOCKED: &str = "blocked";

/// What names an approval, whatever the rest of it looks like.
#[derive(Deserialize)]
struct Heading {
    approval_id: Uuid,
    version: i32,
    mof_div_code: DivisionCode,
    fiscal_year: FiscalYear,
}

/// Takes a granted approval: generates its indicators, or records why it cannot. The same version again does nothing.
pub async fn receive(tx: &DatabaseTransaction, now: DateTime<Utc>, approval: &Value) -> Result<(), Problem> {
    let heading: Heading = serde_json::from_value(approval.clone()).map_err(Problem::malformed)?;
    let mut row = entity::Model {
        mof_div_code: heading.mof_div_code,
        generation_id: Uuid::now_v7(),
        fiscal_year: heading.fiscal_year,
        approval_id: heading.approval_id.to_string(),
        version: heading.version,
        status: BLOCKED.to_owned(),
        approval: approval.clone(),
        problems: Value::Array(Vec::new()),
        bgt_count: 0,
        total_amt: Money::ZERO,
        create_time: now,
        update_time: now,
    };
    if !store::insert(tx, row.clone()).await? {
        return Ok(());
    }
    attempt(tx, now, &mut row).await?;
    store::resolve(tx, &row).await?;
    Ok(())
}

/// Tries a blocked generation again, after what blocked it was put right.
pub async fn retry(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    generation_id: Uuid,
) -> Result<Generation, Problem> {
    let mut row = store::find(tx, generation_id).await?.ok_or_else(not_found)?;
    caller.require_in(&[Role::M2, Role::M7], &row.mof_div_code, None)?;
    let already = || RULES.refuse("BE-107", "该批复已生成指标", "the approval has become indicators");
    if row.status != BLOCKED {
        return Err(already());
    }
    attempt(tx, now, &mut row).await?;
    row.update_time = now;
    if !store::resolve(tx, &row).await? {
        return Err(already());
    }
    view(row)
}

fn not_found() -> Problem {
    Problem::not_found("指标生成记录", "the generation")
}

/// Generates within a savepoint, so that a blocked approval leaves nothing but its record.
async fn attempt(tx: &DatabaseTransaction, now: DateTime<Utc>, row: &mut entity::Model) -> Result<(), Problem> {
    let inner = tx.begin().await?;
    let problems = match generate(&inner, now, row).await? {
        Ok((count, total_amt)) => {
            inner.commit().await?;
            row.status = GENERATED.to_owned();
            row.bgt_count = i32::try_from(count).unwrap_or(i32::MAX);
            row.total_amt = total_amt;
            Vec::new()
        }
        Err(problems) => {
            inner.rollback().await?;
            row.status = BLOCKED.to_owned();
            problems
        }
    };
    row.problems = serde_json::to_value(problems).map_err(|error| Problem::internal(&error))?;
    Ok(())
}

type Generated = Result<(usize, Money), Vec<GenerationProblem>>;

async fn generate(tx: &DatabaseTransaction, now: DateTime<Utc>, row: &entity::Model) -> Result<Generated, Problem> {
    let approved: ApprovedBudget = match serde_json::from_value(row.approval.clone()) {
        Ok(approved) => approved,
        Err(error) => return Ok(Err(vec![problem(None, "IG-004", error.to_string())])),
    };
    let number = &approved.cor_bgt_doc_no;
    match indicator::claim_document_number(tx, now, number, &row.mof_div_code, row.fiscal_year).await {
        Err(refusal) if refusal.code() == "BA-005" => {
            return Ok(Err(vec![problem(None, "BA-005", refusal.to_string())]));
        }
        other => other?,
    }
    let planned = match model::plan(&approved, row.generation_id) {
        Ok(planned) => planned,
        Err(problems) => return Ok(Err(problems)),
    };
    let mut postings = Vec::with_capacity(planned.len().saturating_mul(2));
    let mut issued = Vec::new();
    for line in &planned {
        let indicator = match settle(tx, now, row, line).await? {
            Ok(indicator) => indicator,
            Err((code, detail)) => return Ok(Err(vec![problem(Some(&line.bgt_pman_id), code, detail.to_owned())])),
        };
        postings.extend(postings_of(tx, now, line, &indicator).await?);
        if indicator.is_executable() {
            issued.push(issued_of(&indicator, line.change));
        }
    }
    if let Some(blocked) = post(tx, now, &postings).await? {
        return Ok(Err(vec![blocked]));
    }
    tell(tx, now, row, &approved, issued).await?;
    let total = Money::try_sum(planned.iter().map(|line| line.change)).ok_or(PostError::Overflow)?;
    Ok(Ok((planned.len(), total)))
}

/// Posts a whole approval; what blocks it when the books refuse it.
async fn post(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    postings: &[Posting],
) -> Result<Option<GenerationProblem>, Problem> {
    match ledger::post(tx, now, postings).await {
        Ok(_) => match cash_plan::require_within(tx, postings).await {
            Err(refusal) if refusal.code() == "BE-115" => Ok(Some(problem(None, "BE-115", refusal.to_string()))),
            other => other.map(|()| None),
        },
        Err(PostError::Insufficient { key_id, available, requested, .. }) => {
            let detail = format!("指标 {key_id} 可用额度 {available}，收回 {requested}");
            Ok(Some(problem(None, "BA-002", detail)))
        }
        Err(PostError::Closed { fiscal_year, .. }) => {
            Ok(Some(problem(None, "BE-103", format!("{fiscal_year} 年度已结账"))))
        }
        Err(error) => Err(error.into()),
    }
}

fn problem(bgt_pman_id: Option<&str>, code: &str, detail: String) -> GenerationProblem {
    GenerationProblem {
        bgt_pman_id: bgt_pman_id.map(ToOwned::to_owned),
        code: code.to_owned(),
        missing: Vec::new(),
        detail,
    }
}

/// The rule that blocks a line, with the reason.
type Blocked = (&'static str, &'static str);

/// The indicator that a line belongs to, made when the line is new; blocked when there is nothing to take back from.
async fn settle(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &entity::Model,
    line: &Planned,
) -> Result<Result<Indicator, Blocked>, Problem> {
    let earlier = store::latest_line(tx, &row.mof_div_code, &line.bgt_pman_id).await?;
    let existing = match &earlier {
        Some(earlier) => indicator::find(tx, earlier.bgt_id).await?,
        None if line.change.is_negative() => store::same_line(tx, &line.indicator).await?,
        None => None,
    };
    let indicator = match existing {
        Some(existing) => existing,
        None if line.change.is_negative() => return Ok(Err(("IG-001", "收回的预算行没有对应指标"))),
        None => {
            indicator::create(tx, now, &line.indicator).await?;
            line.indicator.clone()
        }
    };
    let given = earlier.as_ref().map_or(Money::ZERO, |earlier| earlier.reply_amt);
    let reply_amt = given.checked_add(line.change).ok_or(PostError::Overflow)?;
    if earlier.is_some() && reply_amt.is_negative() {
        return Ok(Err(("BA-002", "收回金额超过该预算行已批复金额")));
    }
    let record = entity::line::Model {
        mof_div_code: row.mof_div_code.clone(),
        bgt_pman_id: line.bgt_pman_id.clone(),
        version: row.version,
        bgt_id: indicator.bgt_id,
        reply_amt,
        change_amt: line.change,
    };
    store::insert_line(tx, record).await?;
    Ok(Ok(indicator))
}

/// E01, then E07 to the unit, E04 to the finance division, or the first entry of E24 to a division below.
async fn postings_of(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    line: &Planned,
    indicator: &Indicator,
) -> Result<[Posting; 2], Problem> {
    let elements = &indicator.elements;
    let fund = &elements.fund_type_code;
    let unknown = || Problem::internal(&"a plan holds only known kinds of funds");
    let expense_account = ledger::expense_account(fund).ok_or_else(unknown)?;
    let income_account = ledger::income_account(fund).ok_or_else(unknown)?;
    let expense = ledger::budget_slot(tx, expense_account, elements).await?;
    let income = ledger::budget_slot(tx, income_account, elements).await?;
    let available = indicator.available_account();
    let template = match available {
        Account::Executable => Template::E07,
        Account::PendingTransfer => Template::E24,
        _ => Template::E04,
    };
    let is_back = line.change.is_negative();
    let size = if is_back { line.change.checked_neg() } else { Some(line.change) }.ok_or(PostError::Overflow)?;
    let amount = Amount::try_from(size).map_err(|_| PostError::Overflow)?;
    let posting = |template, debit, credit| {
        let entry = Entry::new(debit, credit, amount);
        Posting {
            event_id: line.event_id,
            template,
            line: 1,
            mof_div_code: elements.mof_div_code.clone(),
            fiscal_year: elements.fiscal_year,
            vou_date: china_date(now),
            source_doc: format!("budget-lines/{}", line.bgt_pman_id),
            entries: vec![if is_back { entry.reversed() } else { entry }],
        }
    };
    Ok([posting(Template::E01, expense, income), posting(template, indicator.slot(available), expense)])
}

fn issued_of(indicator: &Indicator, amt: Money) -> IssuedIndicator {
    IssuedIndicator {
        bgt_id: indicator.bgt_id,
        amt,
        is_three_ensure: indicator.is_three_ensure,
        elements: indicator.elements.clone(),
    }
}

async fn tell(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &entity::Model,
    approved: &ApprovedBudget,
    items: Vec<IssuedIndicator>,
) -> Result<(), Problem> {
    if items.is_empty() {
        return Ok(());
    }
    let event = IndicatorIssued {
        issue_id: row.generation_id,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        cor_bgt_doc_no: Some(approved.cor_bgt_doc_no.clone()),
        doc_date: Some(approved.doc_date),
        items,
    };
    outbox::append(tx, now, INDICATOR_ISSUED, row.generation_id, &event).await?;
    Ok(())
}

fn view(row: entity::Model) -> Result<Generation, Problem> {
    Ok(Generation {
        generation_id: row.generation_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        approval_id: row.approval_id,
        version: row.version,
        status: if row.status == GENERATED { GenerationStatus::Generated } else { GenerationStatus::Blocked },
        problems: serde_json::from_value(row.problems).map_err(|error| Problem::internal(&error))?,
        bgt_count: row.bgt_count,
        total_amt: row.total_amt,
        create_time: row.create_time,
    })
}

/// Filters of `GET /generations`.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GenerationFilter {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
    /// `generated` or `blocked`.
    pub status: Option<String>,
}

/// A page of generations within reach.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: GenerationFilter,
    page: &PageQuery,
) -> Result<Page<Generation>, Problem> {
    caller.require(&[Role::M1, Role::M2, Role::M3, Role::M5, Role::M7, Role::X2, Role::S1])?;
    let paged = page.paged()?;
    let rows = store::page(db, caller, filter, paged.after_as()?, &paged).await?;
    let page = Page::of(rows, &paged, |row| row.generation_id.to_string());
    let items = page.items.into_iter().map(view).collect::<Result<_, _>>()?;
    Ok(Page { items, next_page_token: page.next_page_token })
}

/// One generation within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, generation_id: Uuid) -> Result<Generation, Problem> {
    let row = store::find(db, generation_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, None, "指标生成记录", "the generation")?;
    view(row)
}
