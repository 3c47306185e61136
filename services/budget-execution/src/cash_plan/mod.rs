//! Cash plans (用款计划, PAY-025): how much of an indicator may be paid by the end of each month. The plan layer stands on
//! memo accounts of the ledger (0101 to 0105) under the key of the indicator, so that guard, identity and history are the
//! ledger's; Σ plans never exceeds the indicator (I2). Never pays: payments use the plan in their own postings.

use std::collections::BTreeMap;

use budget_execution_contract::{CashPlan, CashPlanDraft, CashPlanFilter, PlanMonth};
use common_types::ledger::Account;
use common_types::{Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, clock::china_date, http::Paged};
use uuid::Uuid;
use workflow::{Document, Heading, Noun, State, Status, Transition, Work};

use crate::indicator;
use crate::ledger::{self, PostError, Posting};
use crate::{CHAINS, Execution, RULES};

pub mod control;
pub mod entity;
pub mod following;
pub mod http;
mod model;
pub mod store;

use entity::{Model, month};

const DOCUMENT_TYPE: &str = "cash-plan";
const MAKERS: &[Role] = &[Role::U1];
/// What a grant moves, and what others take authority from.
const HELD: [Account; 5] = [
    Account::PlanGranted,
    Account::PlanOfLaterMonths,
    Account::PlanAvailable,
    Account::PendingIssue,
    Account::Executable,
];

/// A plan with its months.
#[derive(Clone)]
pub struct Kept {
    plan: Model,
    months: Vec<month::Model>,
}

/// 用款计划.
pub struct CashPlans;

impl Noun for CashPlans {
    type Service = Execution;
    type Draft = CashPlanDraft;
    type Known = ();
    type Row = Kept;
    type View = CashPlan;
    type Filter = CashPlanFilter;

    const COLLECTION: &'static str = "cash-plans";
    const ID: &'static str = "cash_plan_id";
    const NAME: [&'static str; 2] = ["用款计划", "the cash plan"];

    async fn check(work: Work<'_>, cash_plan_id: Uuid, draft: CashPlanDraft, (): ()) -> Result<Kept, Problem> {
        check(work, cash_plan_id, draft).await
    }

    fn heading(Kept { plan, .. }: &Kept) -> Heading {
        Heading {
            document_type: DOCUMENT_TYPE,
            mof_div_code: plan.mof_div_code.clone(),
            fiscal_year: plan.fiscal_year,
            agency_code: Some(plan.agency_code.clone()),
            chain: CHAINS.resolve(DOCUMENT_TYPE, &plan.mof_div_code, plan.total_amt),
        }
    }

    async fn insert(tx: &DatabaseTransaction, row: Kept) -> Result<(), Problem> {
        Ok(store::insert(tx, row.plan, row.months).await?)
    }

    async fn replace(tx: &DatabaseTransaction, earlier: Kept, row: Kept) -> Result<Kept, Problem> {
        let plan = Model { create_time: earlier.plan.create_time, ..row.plan };
        store::replace(tx, plan.clone(), row.months.clone()).await?;
        Ok(Kept { plan, ..row })
    }

    async fn find<C: ConnectionTrait>(db: &C, cash_plan_id: Uuid) -> Result<Option<Kept>, Problem> {
        let Some(plan) = store::find(db, cash_plan_id).await? else { return Ok(None) };
        let months = store::months(db, vec![cash_plan_id]).await?;
        Ok(Some(Kept { plan, months }))
    }

    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &CashPlanFilter,
        paged: &Paged,
    ) -> Result<Vec<Kept>, Problem> {
        let plans = store::page(db, caller, filter, paged.after_as()?, paged).await?;
        let mut months = BTreeMap::<Uuid, Vec<month::Model>>::new();
        for line in store::months(db, plans.iter().map(|plan| plan.cash_plan_id).collect()).await? {
            months.entry(line.cash_plan_id).or_default().push(line);
        }
        let mut own = |cash_plan_id| months.remove(&cash_plan_id).unwrap_or_default();
        Ok(plans.into_iter().map(|plan| Kept { months: own(plan.cash_plan_id), plan }).collect())
    }

    fn id(row: &Kept) -> Uuid {
        row.plan.cash_plan_id
    }

    fn view(row: Kept, document: &Document) -> Result<CashPlan, Problem> {
        Ok(view(row, document.state()))
    }

    /// A plan that followed money of its indicator, in force with the operation that moved it.
    fn view_without_document(row: Kept) -> Result<CashPlan, Problem> {
        let state = State { status: Status::Final, node: None, node_name: None, version: 0, maker: String::new() };
        Ok(view(row, state))
    }

    /// The last approval puts the plan in force. One in force is changed by another plan.
    async fn effect(work: Work<'_>, row: Kept, transition: &Transition) -> Result<Kept, Problem> {
        if transition.became_void() {
            let en = "a plan in force is changed by another plan";
            return Err(Problem::conflict("用款计划请通过调整计划变更", en));
        }
        if transition.became_final() {
            grant(work, &row).await?;
        }
        Ok(row)
    }
}

async fn check(work: Work<'_>, cash_plan_id: Uuid, draft: CashPlanDraft) -> Result<Kept, Problem> {
    let Work { tx, now, caller, .. } = work;
    let total_amt = model::require_content(&draft)?;
    let indicator = indicator::of_books(tx, draft.bgt_id, &draft.mof_div_code, draft.fiscal_year).await?;
    let Some(agency_code) = indicator.elements.agency_code.clone().filter(|_| indicator.is_executable()) else {
        return Err(indicator::executable(tx, draft.bgt_id).await.err().unwrap_or_else(not_found));
    };
    caller.require_in(MAKERS, &draft.mof_div_code, Some(&agency_code))?;
    let plan = Model {
        mof_div_code: draft.mof_div_code,
        cash_plan_id,
        fiscal_year: draft.fiscal_year,
        agency_code,
        bgt_id: draft.bgt_id,
        remark: draft.remark,
        total_amt,
        create_time: now,
    };
    let months = draft.months.iter().map(|line| plan.line(*line)).collect();
    Ok(Kept { plan, months })
}

/// P01 for every line and P02 for what is due, under the locks of the plan and of what it rests on: two plans of one
/// indicator are granted one after the other, and none beside a reduction.
async fn grant(work: Work<'_>, Kept { plan, months }: &Kept) -> Result<(), Problem> {
    let Work { tx, now, .. } = work;
    let indicator = indicator::of_books(tx, plan.bgt_id, &plan.mof_div_code, plan.fiscal_year).await?;
    ledger::hold(tx, &HELD.map(|account| indicator.place(account))).await?;
    store::put_in_force(tx, plan).await?;
    let today = china_date(now);
    let all = store::in_force(tx, plan.bgt_id, i32::MAX).await?;
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
    let due = control::due(tx, plan.bgt_id, model::last_due_month(plan.fiscal_year, today)).await?;
    let postings: Vec<Posting> = granted.into_iter().chain(due).collect();
    if let Err(error) = ledger::post(tx, now, &postings).await {
        return Err(indicator::refusal::explained(tx, error, "PAY-025").await);
    }
    require_within(tx, &postings).await
}

/// I2: Σ plans ≤ the authority of every indicator that these postings leave with less room for its plans. Call it when
/// they are posted: the balances that they moved are locked then, and `grant` holds what plans rest on.
pub async fn require_within(tx: &DatabaseTransaction, postings: &[Posting]) -> Result<(), Problem> {
    let narrowed = model::narrowed(postings);
    if narrowed.is_empty() {
        return Ok(());
    }
    for (bgt_id, balances) in ledger::balances_of_indicators(tx, narrowed).await? {
        let planned = balances.get(&Account::PlanGranted).copied().unwrap_or_default();
        let authority = indicator::total(&balances).ok_or(PostError::Overflow)?;
        let exceeded = planned.checked_sub(authority).ok_or(PostError::Overflow)?;
        if planned.is_positive() && exceeded.is_positive() {
            return Err(beyond(bgt_id, (planned, authority, exceeded)));
        }
    }
    Ok(())
}

fn beyond(bgt_id: Uuid, (planned, authority, exceeded): (Money, Money, Money)) -> Problem {
    RULES
        .refuse(
            "BE-115",
            format!("用款计划合计 {planned} 超过指标额度 {authority}，超出 {exceeded}"),
            format!("plans add up to {planned}, the indicator has {authority}, {exceeded} too much"),
        )
        .with("indicator", bgt_id)
        .with("layer", "plan")
        .with("available", authority)
        .with("requested", planned)
        .with("exceeded", exceeded)
}

fn view(Kept { plan, months }: Kept, state: State) -> CashPlan {
    CashPlan {
        cash_plan_id: plan.cash_plan_id,
        mof_div_code: plan.mof_div_code,
        fiscal_year: plan.fiscal_year,
        agency_code: plan.agency_code,
        bgt_id: plan.bgt_id,
        remark: plan.remark,
        total_amt: plan.total_amt,
        months: months
            .into_iter()
            .map(|line| PlanMonth { plan_month: line.plan_month, plan_amt: line.plan_amt })
            .collect(),
        create_time: plan.create_time,
        state,
    }
}

fn not_found() -> Problem {
    workflow::noun::not_found::<CashPlans>()
}

/// What can be used of a plan today beside what stands on the ledger: lines that are due and not yet posted as such.
pub(crate) fn sum(postings: &[month::Model]) -> Option<Money> {
    Money::try_sum(postings.iter().map(|line| line.plan_amt))
}
