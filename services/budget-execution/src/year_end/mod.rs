//! The year end (年终结转): in one transaction everything left is carried over or recovered, next year's indicators are
//! made and the books are closed (CL-001 to CL-007).

use std::collections::BTreeMap;

use budget_execution_contract::{AccountClosing, FundTotal, NewYearEnd, YEAR_CLOSED, YearClosed, YearEnd, YearEndLine};
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{
    Amount, BgtTypeCode, DivisionCode, FiscalYear, FoundTypeCode, FundTypeCode, Money, Role, SourceTypeCode,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date, store::outbox};
use uuid::Uuid;

use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, PostError, Posting, Slot};

mod contracts;
mod entity;
mod error;
pub mod http;
mod model;
mod rules;
mod store;

use model::{Closing, Decision, Remaining};
use rules::Treatment;

/// One closing under way.
struct Run {
    year_end_id: Uuid,
    mof_div_code: DivisionCode,
    fiscal_year: FiscalYear,
    next_year: FiscalYear,
    now: DateTime<Utc>,
}

/// Indicators that had something left, by id.
type Indicators = BTreeMap<Uuid, Indicator>;

/// Closes a year of a division, once.
pub async fn close(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    new: NewYearEnd,
) -> Result<YearEnd, Problem> {
    let NewYearEnd { mof_div_code, fiscal_year } = new;
    caller.require_in(&[Role::M2], &mof_div_code, None)?;
    if china_date(now) < fiscal_year.last_day() {
        return Err(error::too_early(fiscal_year));
    }
    let next_year = fiscal_year
        .next()
        .ok_or_else(|| Problem::field("/fiscal_year", "没有下一年度", "there is no following year"))?;
    let run = Run { year_end_id: Uuid::now_v7(), mof_div_code, fiscal_year, next_year, now };
    begin(tx, &run).await?;
    let balances = store::remaining(tx, &run.mof_div_code, run.fiscal_year).await?;
    let contracts = contracts::signed(tx, &run).await?;
    let closing = model::close(&balances, &contracts.keys().copied().collect(), rules::treatment_of)?;
    let left = closing.decisions.iter().map(|decision| decision.bgt_id).collect();
    let indicators = indicator::find_many(tx, left).await?;
    let next = next_indicators(&run, &closing, &indicators)?;
    for made in next.values() {
        indicator::create(tx, now, made).await?;
    }
    let continued = contracts::carry(tx, &run, caller, (&contracts, &balances), &next).await?;
    post(tx, &run, &closing, &next, continued).await?;
    contracts::end(tx, &run, &balances).await?;
    ledger::close_year(tx, now, &run.mof_div_code, run.fiscal_year).await?;
    let after = store::remaining(tx, &run.mof_div_code, run.fiscal_year).await?;
    let report = report(&run, &balances, &after, &closing, &next)?;
    keep(tx, &run, &closing, &indicators, &report).await?;
    Ok(report)
}

/// Whether the books of a year are closed.
pub async fn is_closed(
    tx: &DatabaseTransaction,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<bool, Problem> {
    Ok(store::of_year(tx, mof_div_code, fiscal_year).await?.is_some())
}

/// Keeps other postings of the year out; CL-007 when it is closed.
async fn begin(tx: &DatabaseTransaction, run: &Run) -> Result<(), Problem> {
    match ledger::begin_closing(tx, &run.mof_div_code, run.fiscal_year).await {
        Err(PostError::Closed { mof_div_code, fiscal_year }) => {
            match store::of_year(tx, &mof_div_code, fiscal_year).await? {
                Some(row) => Err(error::closed_already(&mof_div_code, fiscal_year, row.year_end_id)),
                None => Err(PostError::Closed { mof_div_code, fiscal_year }.into()),
            }
        }
        other => Ok(other?),
    }
}

/// The indicators of the next year that hold what is carried, by the id of the one that gives (E30).
fn next_indicators(run: &Run, closing: &Closing, indicators: &Indicators) -> Result<Indicators, Problem> {
    let carried = closing.decisions.iter().filter(|decision| decision.carried.is_positive());
    carried
        .map(|decision| {
            let given = known(indicators, decision)?;
            let mut elements = given.elements.clone();
            elements.fiscal_year = run.next_year;
            elements.bgt_type_code = BgtTypeCode::CarriedOver;
            let next = Indicator {
                bgt_id: Uuid::now_v7(),
                elements,
                amount: decision.carried,
                ori_bgt_id: Some(given.bgt_id),
                bgt_pman_id: None,
                adj_batch_no: None,
                source_type_code: SourceTypeCode::CarriedOver,
                found_type_code: Some(FoundTypeCode::CarriedOver),
                origin_id: run.year_end_id,
                ..given.clone()
            };
            Ok((given.bgt_id, next))
        })
        .collect()
}

fn known<'a>(indicators: &'a Indicators, decision: &Decision) -> Result<&'a Indicator, Problem> {
    indicators.get(&decision.bgt_id).ok_or_else(|| Problem::internal(&"a ledger key stands for no indicator"))
}

/// Everything in one batch: the closing entries of the year and E30 of the next.
async fn post(
    tx: &DatabaseTransaction,
    run: &Run,
    closing: &Closing,
    next: &Indicators,
    continued: Vec<Posting>,
) -> Result<(), Problem> {
    let mut by_template = BTreeMap::<Template, Vec<Entry>>::new();
    for (template, entry) in &closing.entries {
        by_template.entry(*template).or_default().push(*entry);
    }
    let mut postings: Vec<Posting> =
        by_template.into_iter().map(|(template, entries)| posting(run, template, run.fiscal_year, entries)).collect();
    let mut brought = Vec::with_capacity(next.len());
    for made in next.values() {
        let source = ledger::budget_slot(tx, Account::CarryOverSource, &made.elements).await?;
        let amount = Amount::try_from(made.amount).map_err(|_| PostError::Overflow)?;
        brought.push(Entry::new(Slot::new(Account::Executable, made.bgt_id), source, amount));
    }
    if !brought.is_empty() {
        postings.push(posting(run, Template::E30, run.next_year, brought));
    }
    postings.extend(continued);
    ledger::post(tx, run.now, &postings).await?;
    Ok(())
}

fn posting(run: &Run, template: Template, fiscal_year: FiscalYear, entries: Vec<Entry>) -> Posting {
    Posting {
        event_id: run.year_end_id,
        template,
        line: 1,
        mof_div_code: run.mof_div_code.clone(),
        fiscal_year,
        // The closing belongs to the last day of the year that it closes, what it brings to the first of the next.
        vou_date: if fiscal_year == run.fiscal_year { fiscal_year.last_day() } else { fiscal_year.first_day() },
        source_doc: format!("year-ends/{}", run.year_end_id),
        entries,
    }
}

fn report(
    run: &Run,
    before: &[Remaining],
    after: &[Remaining],
    closing: &Closing,
    next: &Indicators,
) -> Result<YearEnd, Problem> {
    let line = |decision: &Decision| {
        let recovered = decision.remaining.checked_sub(decision.carried).ok_or(PostError::Overflow)?;
        Ok(YearEndLine {
            bgt_id: decision.bgt_id,
            remaining: decision.remaining,
            carried: decision.carried,
            recovered,
            rule: match &decision.treatment {
                _ if decision.carried.is_zero() => "CL-001".to_owned(),
                Treatment::Carry { rule } => rule.clone(),
                Treatment::Recover { .. } => "CL-002".to_owned(),
            },
            next_bgt_id: next.get(&decision.bgt_id).map(|made| made.bgt_id),
        })
    };
    Ok(YearEnd {
        year_end_id: run.year_end_id,
        mof_div_code: run.mof_div_code.clone(),
        fiscal_year: run.fiscal_year,
        close_time: run.now,
        totals: totals(before, closing)?,
        lines: closing.decisions.iter().map(line).collect::<Result<_, PostError>>()?,
        accounts: accounts(before, after)?,
    })
}

/// What indicators had left and what was never allotted, by kind of funds (CL-005).
fn totals(before: &[Remaining], closing: &Closing) -> Result<Vec<FundTotal>, PostError> {
    let decided = closing.decisions.iter().map(|one| (&one.elements.fund_type_code, one.remaining, one.carried));
    let unallotted = before
        .iter()
        .filter(|one| one.slot.account.class() == 3)
        .map(|one| (&one.elements.fund_type_code, one.amount.money(), Money::ZERO));
    let mut sums = BTreeMap::<&FundTypeCode, (Money, Money)>::new();
    for (fund, remaining, carried) in decided.chain(unallotted) {
        let sum = sums.entry(fund).or_default();
        sum.0 = sum.0.checked_add(remaining).ok_or(PostError::Overflow)?;
        sum.1 = sum.1.checked_add(carried).ok_or(PostError::Overflow)?;
    }
    sums.into_iter()
        .map(|(fund, (remaining, carried))| {
            let recovered = remaining.checked_sub(carried).ok_or(PostError::Overflow)?;
            Ok(FundTotal { fund_type_code: fund.clone(), remaining, carried, recovered })
        })
        .collect()
}

fn accounts(before: &[Remaining], after: &[Remaining]) -> Result<Vec<AccountClosing>, Problem> {
    let mut sums = BTreeMap::<Account, (Money, Money)>::new();
    for one in before {
        let sum = sums.entry(one.slot.account).or_default();
        sum.0 = sum.0.checked_add(one.balance()?).ok_or(PostError::Overflow)?;
    }
    for one in after {
        let sum = sums.entry(one.slot.account).or_default();
        sum.1 = sum.1.checked_add(one.balance()?).ok_or(PostError::Overflow)?;
    }
    let closing = |(account, (before, after)): (Account, (Money, Money))| AccountClosing {
        acct_cls_code: account.code().to_owned(),
        acct_cls_name: account.name().to_owned(),
        before,
        after,
    };
    Ok(sums.into_iter().map(closing).collect())
}

/// Keeps the report and its rows, and tells that the year is closed.
async fn keep(
    tx: &DatabaseTransaction,
    run: &Run,
    closing: &Closing,
    indicators: &Indicators,
    report: &YearEnd,
) -> Result<(), Problem> {
    let (mut carried, mut recovered) = (Vec::new(), Vec::new());
    for decision in &closing.decisions {
        let given = known(indicators, decision)?;
        let rest = decision.remaining.checked_sub(decision.carried).ok_or(PostError::Overflow)?;
        let carried_id = decision.carried.is_positive().then(Uuid::now_v7);
        if let Some(id) = carried_id {
            carried.push(carried_row(run, id, given, decision.carried));
        }
        if rest.is_positive() {
            recovered.push(recovered_row(run, carried_id, given, rest));
        }
    }
    let row = entity::Model {
        mof_div_code: run.mof_div_code.clone(),
        fiscal_year: run.fiscal_year,
        year_end_id: run.year_end_id,
        close_time: run.now,
        report: serde_json::to_value(report).map_err(|error| Problem::internal(&error))?,
    };
    store::insert(tx, row, carried, recovered).await?;
    let event = YearClosed {
        year_end_id: run.year_end_id,
        mof_div_code: run.mof_div_code.clone(),
        fiscal_year: run.fiscal_year,
        totals: report.totals.clone(),
    };
    outbox::append(tx, run.now, YEAR_CLOSED, run.year_end_id, &event).await?;
    Ok(())
}

fn carried_row(run: &Run, id: Uuid, given: &Indicator, amount: Money) -> entity::carried::Model {
    let elements = given.elements.clone();
    entity::carried::Model {
        mof_div_code: elements.mof_div_code,
        carryovers_bgt_id: id,
        approve_amt: given.amount,
        carryovers_amt: amount,
        fiscal_year: elements.fiscal_year,
        ori_bgt_id: given.bgt_id,
        cor_bgt_doc_no: elements.cor_bgt_doc_no,
        bgt_dec: given.bgt_dec.clone(),
        pro_code: elements.pro_code,
        agency_code: elements.agency_code,
        exp_func_code: elements.exp_func_code,
        gov_bgt_eco_code: elements.gov_bgt_eco_code,
        fund_type_code: elements.fund_type_code,
        manage_mof_dep_code: elements.manage_mof_dep_code,
        bgt_mof_dep_code: elements.bgt_mof_dep_code,
        bgt_type_code: elements.bgt_type_code,
        budget_level_code: elements.budget_level_code,
        bgt_exe_flag: given.bgt_exe_flag,
        is_gov_pur: elements.is_gov_pur,
        is_track: given.is_track,
        create_time: run.now,
    }
}

fn recovered_row(run: &Run, carried_id: Option<Uuid>, given: &Indicator, rest: Money) -> entity::recovered::Model {
    let elements = given.elements.clone();
    entity::recovered::Model {
        mof_div_code: elements.mof_div_code,
        balance_bgt_id: Uuid::now_v7(),
        approve_amt: given.amount,
        balance: rest,
        back_balance: rest,
        is_rec_exp: false,
        carryovers_bgt_id: carried_id,
        fiscal_year: elements.fiscal_year,
        ori_bgt_id: given.bgt_id,
        cor_bgt_doc_no: elements.cor_bgt_doc_no,
        bgt_dec: given.bgt_dec.clone(),
        pro_code: elements.pro_code,
        agency_code: elements.agency_code,
        exp_func_code: elements.exp_func_code,
        gov_bgt_eco_code: elements.gov_bgt_eco_code,
        fund_type_code: elements.fund_type_code,
        manage_mof_dep_code: elements.manage_mof_dep_code,
        bgt_mof_dep_code: elements.bgt_mof_dep_code,
        bgt_type_code: elements.bgt_type_code,
        budget_level_code: elements.budget_level_code,
        bgt_exe_flag: given.bgt_exe_flag,
        is_gov_pur: elements.is_gov_pur,
        is_track: given.is_track,
        create_time: run.now,
    }
}

fn view(row: entity::Model) -> Result<YearEnd, Problem> {
    serde_json::from_value(row.report).map_err(|error| Problem::internal(&error))
}

/// One closing within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, year_end_id: Uuid) -> Result<YearEnd, Problem> {
    let not_found = || Problem::not_found("年终结账", "the year end");
    let row = store::find(db, year_end_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, None, "年终结账", "the year end")?;
    view(row)
}

/// A page of closings within reach.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    mof_div_code: Option<DivisionCode>,
    fiscal_year: Option<FiscalYear>,
    page: &PageQuery,
) -> Result<Page<YearEnd>, Problem> {
    let paged = page.paged()?;
    let rows = store::page(db, caller, mof_div_code, fiscal_year, paged.after_as()?, &paged).await?;
    let page = Page::of(rows, &paged, |row| row.year_end_id.to_string());
    let items = page.items.into_iter().map(view).collect::<Result<_, _>>()?;
    Ok(Page { items, next_page_token: page.next_page_token })
}
