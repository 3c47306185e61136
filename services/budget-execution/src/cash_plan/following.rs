//! Plans that go along when an operation re-keys money (要素调整, 要素转换): what stays keeps as much of its plan as it
//! needs, the rest goes month by month to the indicator that receives, the latest months first. Two plans in force say
//! so, one on each side, posted in the batch of the operation (P01, P02).

use std::collections::{BTreeMap, BTreeSet};

use budget_execution_contract::PlanMonth;
use common_types::ledger::Account;
use common_types::{DivisionCode, FiscalYear, Money};
use service_kit::{Problem, clock::china_date};
use uuid::Uuid;
use workflow::Work;

use super::entity::{Model, month};
use super::{HELD, control, model, store};
use crate::indicator::{self, Indicator};
use crate::ledger::{self, Place, PostError, Posting, Slot};

/// Money that goes from one indicator to another.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    pub from: Uuid,
    pub to: Uuid,
    pub amt: Money,
}

/// The document that moves it, and its books.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    pub mof_div_code: &'a DivisionCode,
    pub fiscal_year: FiscalYear,
    pub source_doc: &'a str,
}

/// What is posted with these moves so that plans follow; nothing where nothing is planned. The balances that it depends
/// on are held until the transaction ends.
pub async fn postings(work: Work<'_>, origin: Origin<'_>, moves: &[Move]) -> Result<Vec<Posting>, Problem> {
    let givers = planned(work, moves).await?;
    if givers.is_empty() {
        return Ok(Vec::new());
    }
    let places = givers.iter().flat_map(|from| HELD.map(|account| origin.place(Slot::new(account, *from))));
    ledger::hold(work.tx, &places.collect::<Vec<_>>()).await?;
    let mut spare = spare(work, &givers, moves).await?;
    let ids = moves.iter().flat_map(|one| [one.from, one.to]).collect();
    let indicators = indicator::find_many(work.tx, ids).await?;
    let (mut granted, mut touched) = (Vec::new(), BTreeSet::new());
    for one in moves {
        let (Some(left), Some(from), Some(to)) =
            (spare.get_mut(&one.from), indicators.get(&one.from), indicators.get(&one.to))
        else {
            continue;
        };
        let months = taken(work, from, (*left).min(one.amt)).await?;
        let sum = Money::try_sum(months.iter().map(|line| line.plan_amt)).ok_or(PostError::Overflow)?;
        *left = left.checked_sub(sum).ok_or(PostError::Overflow)?;
        granted.extend(put_in_force(work, origin, from, less(&months)?).await?);
        granted.extend(put_in_force(work, origin, to, months).await?);
        touched.extend([one.from, one.to]);
    }
    let last_due = model::last_due_month(origin.fiscal_year, china_date(work.now));
    for bgt_id in touched {
        granted.extend(control::due(work.tx, bgt_id, last_due).await?);
    }
    Ok(granted)
}

impl Origin<'_> {
    fn place(self, slot: Slot) -> Place {
        Place { mof_div_code: self.mof_div_code.clone(), fiscal_year: self.fiscal_year, slot }
    }
}

/// Those that give and have a plan.
async fn planned(work: Work<'_>, moves: &[Move]) -> Result<Vec<Uuid>, Problem> {
    let givers: BTreeSet<Uuid> = moves.iter().map(|one| one.from).collect();
    let balances = ledger::balances_of_keys(work.tx, givers.into_iter().collect()).await?;
    let has_plan =
        |of_key: &BTreeMap<Account, Money>| of_key.get(&Account::PlanGranted).is_some_and(|sum| !sum.is_zero());
    Ok(balances.into_iter().filter(|(_, of_key)| has_plan(of_key)).map(|(bgt_id, _)| bgt_id).collect())
}

/// By indicator, what is planned beyond the authority that the moves leave it.
async fn spare(work: Work<'_>, givers: &[Uuid], moves: &[Move]) -> Result<BTreeMap<Uuid, Money>, Problem> {
    let mut spare = BTreeMap::new();
    for (bgt_id, balances) in ledger::balances_of_indicators(work.tx, givers.to_vec()).await? {
        let granted = balances.get(&Account::PlanGranted).copied().unwrap_or_default();
        let leaving = Money::try_sum(moves.iter().filter(|one| one.from == bgt_id).map(|one| one.amt));
        let authority = indicator::total(&balances).zip(leaving).and_then(|(all, leaving)| all.checked_sub(leaving));
        let beyond = authority.and_then(|stays| granted.checked_sub(stays)).ok_or(PostError::Overflow)?;
        if granted.is_positive() && beyond.is_positive() {
            spare.insert(bgt_id, beyond);
        }
    }
    Ok(spare)
}

/// The months from which this much of a plan is taken; less when payments use the rest.
async fn taken(work: Work<'_>, from: &Indicator, amt: Money) -> Result<Vec<PlanMonth>, Problem> {
    let (year, today) = (from.elements.fiscal_year, china_date(work.now));
    let balances = ledger::balances(work.tx, &from.elements.mof_div_code, year, from.bgt_id).await?;
    let posted = balances.get(&Account::PlanAvailable).copied().unwrap_or_default();
    let due = control::due_amount(work.tx, from.bgt_id, year, today).await?;
    let unused = posted.checked_add(due).ok_or(PostError::Overflow)?;
    let lines = store::in_force(work.tx, from.bgt_id, i32::MAX).await?;
    Ok(model::taken(&lines, amt, (model::last_due_month(year, today), unused)).ok_or(PostError::Overflow)?)
}

fn less(months: &[PlanMonth]) -> Result<Vec<PlanMonth>, PostError> {
    let negated = |line: &PlanMonth| Some(PlanMonth { plan_amt: line.plan_amt.checked_neg()?, ..*line });
    months.iter().map(negated).collect::<Option<_>>().ok_or(PostError::Overflow)
}

async fn put_in_force(
    work: Work<'_>,
    origin: Origin<'_>,
    indicator: &Indicator,
    months: Vec<PlanMonth>,
) -> Result<Vec<Posting>, Problem> {
    let Some(agency_code) = indicator.elements.agency_code.clone().filter(|_| !months.is_empty()) else {
        return Ok(Vec::new());
    };
    let plan = Model {
        mof_div_code: origin.mof_div_code.clone(),
        cash_plan_id: Uuid::now_v7(),
        fiscal_year: origin.fiscal_year,
        agency_code,
        bgt_id: indicator.bgt_id,
        remark: format!("随指标移动 {}", origin.source_doc),
        total_amt: Money::try_sum(months.iter().map(|line| line.plan_amt)).ok_or(PostError::Overflow)?,
        create_time: work.now,
    };
    let line = |line: PlanMonth| month::Model { is_in_force: true, ..plan.line(line) };
    let lines: Vec<month::Model> = months.into_iter().map(line).collect();
    store::insert(work.tx, plan, lines.clone()).await?;
    let today = china_date(work.now);
    Ok(lines.iter().map(|line| line.granting(today)).collect::<Result<_, _>>()?)
}
