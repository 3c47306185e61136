//! Cash plans (用款计划, PAY-025): how much of an indicator may be paid by the end of each month. The plan layer stands on
//! memo accounts of the ledger (0101 to 0105) under the key of the indicator, so that guard, identity and history are the
//! ledger's; Σ plans never exceeds the indicator (I2). Never pays: payments use the plan in their own postings.

use std::collections::BTreeMap;

use budget_execution_contract::{CashPlan, CashPlanDraft, CashPlanFilter, PlanMonth};
use chrono::{DateTime, Utc};
use common_types::ledger::Account;
use common_types::{Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date, http::IfMatch};
use uuid::Uuid;
use workflow::{Act, ActionRequest, Document, NewDocument};

use crate::indicator::{self, Indicator};
use crate::ledger::{self, PostError, Posting};
use crate::{CHAINS, RULES};

pub mod control;
pub mod entity;
pub mod http;
mod model;
pub mod store;

use entity::{Model, month};

const DOCUMENT_TYPE: &str = "cash-plan";
const MAKERS: &[Role] = &[Role::U1];

/// Records a draft; nothing is planned yet.
pub async fn draft(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: CashPlanDraft,
) -> Result<CashPlan, Problem> {
    let (row, months) = check(tx, now, caller, Uuid::now_v7(), draft).await?;
    let new = NewDocument {
        document_id: row.cash_plan_id,
        document_type: DOCUMENT_TYPE,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: Some(row.agency_code.clone()),
        chain: CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.total_amt),
    };
    let document = workflow::open(tx, now, caller, new).await?;
    store::insert(tx, &row, &months).await?;
    Ok(view(row, months, &document))
}

/// Changes a draft.
pub async fn revise(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    (cash_plan_id, version): (Uuid, IfMatch),
    draft: CashPlanDraft,
) -> Result<CashPlan, Problem> {
    let before = workflow::document(tx, DOCUMENT_TYPE, cash_plan_id)
        .await?
        .filter(|document| document.mof_div_code == draft.mof_div_code)
        .ok_or_else(not_found)?;
    version.check(before.version)?;
    let earlier = store::find(tx, cash_plan_id).await?.ok_or_else(not_found)?;
    let (mut row, months) = check(tx, now, caller, cash_plan_id, draft).await?;
    row.create_time = earlier.create_time;
    let chain = CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.total_amt);
    let document = workflow::revise(tx, now, caller, &before, chain).await?;
    store::replace(tx, &row, &months).await?;
    Ok(view(row, months, &document))
}

async fn check(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    cash_plan_id: Uuid,
    draft: CashPlanDraft,
) -> Result<(Model, Vec<month::Model>), Problem> {
    let total_amt = model::require_content(&draft)?;
    let indicator = indicator::of_books(tx, draft.bgt_id, &draft.mof_div_code, draft.fiscal_year).await?;
    let Some(agency_code) = indicator.elements.agency_code.clone().filter(|_| indicator.is_executable()) else {
        return Err(indicator::executable(tx, draft.bgt_id).await.err().unwrap_or_else(not_found));
    };
    caller.require_in(MAKERS, &draft.mof_div_code, Some(&agency_code))?;
    let row = Model {
        mof_div_code: draft.mof_div_code,
        cash_plan_id,
        fiscal_year: draft.fiscal_year,
        agency_code,
        bgt_id: draft.bgt_id,
        remark: draft.remark,
        total_amt,
        create_time: now,
    };
    let line = |line: &PlanMonth| month::Model {
        mof_div_code: row.mof_div_code.clone(),
        line_id: Uuid::now_v7(),
        cash_plan_id,
        fiscal_year: row.fiscal_year,
        bgt_id: row.bgt_id,
        plan_month: line.plan_month,
        plan_amt: line.plan_amt,
        is_in_force: false,
    };
    let months = draft.months.iter().map(line).collect();
    Ok((row, months))
}

/// Carries out an action; the last approval puts the plan in force. One in force is changed by another plan.
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    cash_plan_id: Uuid,
    request: &ActionRequest,
) -> Result<CashPlan, Problem> {
    let act = Act { document_type: DOCUMENT_TYPE, document_id: cash_plan_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    if transition.became_void() {
        return Err(Problem::conflict("用款计划请通过调整计划变更", "a plan in force is changed by another plan"));
    }
    let row = store::find(tx, cash_plan_id).await?.ok_or_else(not_found)?;
    let months = store::months(tx, vec![cash_plan_id]).await?;
    if transition.became_final() {
        grant(tx, now, &row, &months).await?;
    }
    Ok(view(row, months, &transition.after))
}

/// P01 for every line and P02 for what is due, under the lock of the indicator's own balance: two plans of one indicator
/// are granted one after the other, and none beside a reduction.
async fn grant(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &Model,
    months: &[month::Model],
) -> Result<(), Problem> {
    let indicator = indicator::of_books(tx, row.bgt_id, &row.mof_div_code, row.fiscal_year).await?;
    ledger::hold(tx, &[indicator.place(Account::Executable)]).await?;
    store::put_in_force(tx, row).await?;
    let today = china_date(now);
    let all = store::in_force(tx, row.bgt_id, i32::MAX).await?;
    if let Some(month) = model::overdrawn(&all) {
        return Err(RULES
            .refuse(
                "BE-116",
                format!("{} 月用款计划将为 {}", month.plan_month, month.plan_amt),
                format!("the plan of month {} would be {}", month.plan_month, month.plan_amt),
            )
            .with("plan_month", month.plan_month));
    }
    let granted: Vec<Posting> = months.iter().map(|line| line.granting(today)).collect::<Result<_, _>>()?;
    let due = control::due(tx, row.bgt_id, model::last_due_month(row.fiscal_year, today)).await?;
    let postings: Vec<Posting> = granted.into_iter().chain(due).collect();
    if let Err(error) = ledger::post(tx, now, &postings).await {
        return Err(indicator::refusal::explained(tx, error, "PAY-025").await);
    }
    require_within(tx, &indicator).await
}

/// I2: Σ plans ≤ the indicator's authority. The caller holds or has moved the indicator's 6101.
pub async fn require_within(tx: &DatabaseTransaction, indicator: &Indicator) -> Result<(), Problem> {
    let balances = indicator::all_balances(tx, indicator).await?;
    let planned = balances.get(&Account::PlanGranted).copied().unwrap_or_default();
    if planned.is_zero() {
        return Ok(());
    }
    let authority = indicator.authority(&balances).ok_or(PostError::Overflow)?;
    if planned <= authority {
        return Ok(());
    }
    let exceeded = planned.checked_sub(authority).ok_or(PostError::Overflow)?;
    Err(RULES
        .refuse(
            "BE-115",
            format!("用款计划合计 {planned} 超过指标额度 {authority}，超出 {exceeded}"),
            format!("plans add up to {planned}, the indicator has {authority}, {exceeded} too much"),
        )
        .with("indicator", indicator.bgt_id)
        .with("layer", "plan")
        .with("available", authority)
        .with("requested", planned)
        .with("exceeded", exceeded))
}

fn view(row: Model, months: Vec<month::Model>, document: &Document) -> CashPlan {
    CashPlan {
        cash_plan_id: row.cash_plan_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        bgt_id: row.bgt_id,
        remark: row.remark,
        total_amt: row.total_amt,
        months: months
            .into_iter()
            .map(|line| PlanMonth { plan_month: line.plan_month, plan_amt: line.plan_amt })
            .collect(),
        create_time: row.create_time,
        state: document.state(),
    }
}

/// One document within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, cash_plan_id: Uuid) -> Result<CashPlan, Problem> {
    let row = store::find(db, cash_plan_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, Some(&row.agency_code), "用款计划", "the cash plan")?;
    let document = workflow::document(db, DOCUMENT_TYPE, cash_plan_id).await?.ok_or_else(not_found)?;
    let months = store::months(db, vec![cash_plan_id]).await?;
    Ok(view(row, months, &document))
}

/// A page of documents within reach.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &CashPlanFilter,
    page: &PageQuery,
) -> Result<Page<CashPlan>, Problem> {
    let paged = page.paged()?;
    let rows = store::page(db, caller, filter, paged.after_as()?, &paged).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.cash_plan_id).collect();
    let documents = workflow::documents(db, ids.clone()).await?;
    let mut months = BTreeMap::<Uuid, Vec<month::Model>>::new();
    for line in store::months(db, ids).await? {
        months.entry(line.cash_plan_id).or_default().push(line);
    }
    let page = Page::of(rows, &paged, |row| row.cash_plan_id.to_string());
    let views = page.items.into_iter().map(|row| {
        let document = documents.get(&row.cash_plan_id).ok_or_else(not_found)?;
        let own = months.remove(&row.cash_plan_id).unwrap_or_default();
        Ok(view(row, own, document))
    });
    Ok(Page { items: views.collect::<Result<_, Problem>>()?, next_page_token: page.next_page_token })
}

fn not_found() -> Problem {
    Problem::not_found("用款计划", "the cash plan")
}

/// What can be used of a plan today beside what stands on the ledger: lines that are due and not yet posted as such.
pub(crate) fn sum(postings: &[month::Model]) -> Option<Money> {
    Money::try_sum(postings.iter().map(|line| line.plan_amt))
}
