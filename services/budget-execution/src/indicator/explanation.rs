//! One indicator explained: the terms of its available amount with their documents, and its control layers.

use std::collections::{BTreeMap, BTreeSet};

use budget_execution_contract::{
    CommitmentAmounts, ControlLayers, IndicatorDetail, PlanAmounts, TermDocument, WaterfallTerm,
};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::Money;
use common_types::ledger::Account;
use sea_orm::{ConnectionTrait, DbErr};
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::waterfall::{Term, Turnover, contributions, waterfall};
use super::{Indicator, readable, store, store_documents};
use crate::cash_plan::control;
use crate::{commitment, ledger};

const BASE: &str = "/api/budget-execution/v1";
/// Documents that a term shows.
const SHOWN: usize = 20;
/// Commitments that an indicator shows.
const SHOWN_COMMITMENTS: usize = 100;

/// One indicator and why it has what it has.
pub async fn explain<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    bgt_id: Uuid,
    today: NaiveDate,
) -> Result<IndicatorDetail, Problem> {
    let row = readable(db, caller, bgt_id).await?;
    let indicator = store::indicator_of(row.clone());
    let turnovers = ledger::turnovers(db, &row.mof_div_code, bgt_id).await?;
    let sums = ledger::balances_from_turnovers(&turnovers);
    let mut terms = terms(&indicator, turnovers)?;
    add_documents(db, &indicator, &mut terms).await?;
    let layers = layers(db, &indicator, &sums, today).await?;
    let ledger = format!("{BASE}/indicators/{bgt_id}/ledger");
    Ok(IndicatorDetail { indicator: indicator.view(&row, &sums), waterfall: terms, layers, ledger })
}

/// The terms of the available amount at this moment, without their documents.
pub async fn equation<C: ConnectionTrait>(db: &C, indicator: &Indicator) -> Result<Vec<WaterfallTerm>, Problem> {
    terms(indicator, ledger::turnovers(db, &indicator.elements.mof_div_code, indicator.bgt_id).await?)
}

fn terms(
    indicator: &Indicator,
    turnovers: Vec<(Account, common_types::ledger::Template, Money, Money)>,
) -> Result<Vec<WaterfallTerm>, Problem> {
    let turnovers: Vec<Turnover> = turnovers
        .into_iter()
        .map(|(account, template, dr_amt, cr_amt)| Turnover { account, template, dr_amt, cr_amt })
        .collect();
    waterfall(indicator.available_account(), &turnovers).ok_or_else(unbalanced)
}

fn unbalanced() -> Problem {
    Problem::internal(&"the entries of an indicator do not add up")
}

/// What changed the available amount since an instant, by term and document.
pub async fn changes_since<C: ConnectionTrait>(
    db: &C,
    indicator: &Indicator,
    instant: DateTime<Utc>,
) -> Result<Vec<WaterfallTerm>, Problem> {
    let rows = store_documents::turnovers(db, indicator.bgt_id, Some(instant)).await?;
    let by_term = by_term(indicator, rows)?;
    let mut terms = Vec::with_capacity(by_term.len());
    for (term, documents) in by_term {
        let amount = Money::try_sum(documents.iter().map(|(_, amount)| *amount)).ok_or_else(unbalanced)?;
        if !amount.is_zero() {
            terms.push(term.line(amount));
            shown(terms.last_mut(), documents);
        }
    }
    number(db, &mut terms).await?;
    Ok(terms)
}

type ByTerm = BTreeMap<Term, Vec<(String, Money)>>;

fn by_term(indicator: &Indicator, rows: Vec<(String, Turnover)>) -> Result<ByTerm, Problem> {
    let mut by_term = ByTerm::new();
    for (document, turnover) in rows {
        for (term, amount) in contributions(indicator.available_account(), &turnover).ok_or_else(unbalanced)? {
            let documents = by_term.entry(term).or_default();
            match documents.iter_mut().find(|(known, _)| *known == document) {
                Some((_, sum)) => *sum = sum.checked_add(amount).ok_or_else(unbalanced)?,
                None => documents.push((document.clone(), amount)),
            }
        }
    }
    Ok(by_term)
}

async fn add_documents<C: ConnectionTrait>(
    db: &C,
    indicator: &Indicator,
    terms: &mut [WaterfallTerm],
) -> Result<(), Problem> {
    let rows = store_documents::turnovers(db, indicator.bgt_id, None).await?;
    for (term, documents) in by_term(indicator, rows)? {
        let name = term.line(Money::ZERO).name;
        shown(terms.iter_mut().find(|one| one.name == name), documents);
    }
    number(db, terms).await?;
    Ok(())
}

/// Puts the latest documents under a term; what is settled by the same document leaves nothing.
fn shown(term: Option<&mut WaterfallTerm>, documents: Vec<(String, Money)>) {
    let Some(term) = term else { return };
    let of = |(source_doc, amount): (String, Money)| {
        let (kind, id) = source_doc.split_once('/').unwrap_or(("", source_doc.as_str()));
        TermDocument { kind: kind.to_owned(), id: id.to_owned(), number: None, amount, href: href(kind, id) }
    };
    term.documents = documents.into_iter().filter(|(_, amount)| !amount.is_zero()).take(SHOWN).map(of).collect();
    let sum = Money::try_sum(term.documents.iter().map(|document| document.amount));
    term.has_more = sum != Some(term.amount);
}

/// Where a document is read; what has no route of its own, as budget lines and what came from above, is where its money is
/// followed from it.
fn href(kind: &str, id: &str) -> String {
    match kind {
        "budget-lines" => format!("{BASE}/lineage?bgt_pman_id={id}"),
        "incoming-transfers" => format!("{BASE}/lineage?origin_id={id}"),
        _ => format!("{BASE}/{kind}/{id}"),
    }
}

async fn number<C: ConnectionTrait>(db: &C, terms: &mut [WaterfallTerm]) -> Result<(), DbErr> {
    let of = |document: &TermDocument| Some((document.kind.clone(), document.id.parse().ok()?));
    let known: BTreeSet<(String, Uuid)> = terms.iter().flat_map(|term| &term.documents).filter_map(of).collect();
    let numbers = store_documents::numbers(db, &known).await?;
    for document in terms.iter_mut().flat_map(|term| &mut term.documents) {
        document.number = document.id.parse().ok().and_then(|id: Uuid| numbers.get(&id).cloned());
    }
    Ok(())
}

/// What controls payments of an indicator on a day.
async fn layers<C: ConnectionTrait>(
    db: &C,
    indicator: &Indicator,
    balances: &BTreeMap<Account, Money>,
    today: NaiveDate,
) -> Result<ControlLayers, Problem> {
    let plan = plan(db, indicator, balances, today).await?;
    let available = balances.get(&indicator.available_account()).copied().unwrap_or_default();
    let payable = if plan.is_contrlbyplan { available.min(plan.available) } else { available };
    let mut commitments = commitments(db, indicator.bgt_id).await?;
    let has_more = commitments.len() > SHOWN_COMMITMENTS;
    commitments.truncate(SHOWN_COMMITMENTS);
    Ok(ControlLayers { payable, plan, commitments, has_more })
}

/// The plan layer, with what has become due and is not posted yet.
async fn plan<C: ConnectionTrait>(
    db: &C,
    indicator: &Indicator,
    balances: &BTreeMap<Account, Money>,
    today: NaiveDate,
) -> Result<PlanAmounts, Problem> {
    let elements = &indicator.elements;
    let due = control::due_amount(db, indicator.bgt_id, elements.fiscal_year, today).await?;
    let is_contrlbyplan = control::is_controlling(db, &elements.mof_div_code, today).await?;
    Ok(PlanAmounts { is_contrlbyplan, ..planned(balances, due)? })
}

/// What stands on the memo accounts of a plan, when this much more of it is due.
pub fn planned(balances: &BTreeMap<Account, Money>, due: Money) -> Result<PlanAmounts, Problem> {
    let on = |account: Account| balances.get(&account).copied().unwrap_or_default();
    Ok(PlanAmounts {
        is_contrlbyplan: true,
        granted: on(Account::PlanGranted),
        of_later_months: on(Account::PlanOfLaterMonths).checked_sub(due).ok_or_else(unbalanced)?,
        available: on(Account::PlanAvailable).checked_add(due).ok_or_else(unbalanced)?,
        in_payment: on(Account::PlanInPayment),
        used: on(Account::PlanUsed),
    })
}

async fn commitments<C: ConnectionTrait>(db: &C, bgt_id: Uuid) -> Result<Vec<CommitmentAmounts>, Problem> {
    let rows = commitment::store::open_of_indicator(db, bgt_id, SHOWN_COMMITMENTS).await?;
    let balances = ledger::balances_of_keys(db, rows.iter().map(|row| row.commitment_id).collect()).await?;
    let view = |row: commitment::entity::Model| {
        let own = balances.get(&row.commitment_id).and_then(|own| own.get(&Account::Committed));
        let remaining_amt = own.copied().unwrap_or_default();
        CommitmentAmounts {
            drawn_amt: row.drawn(remaining_amt),
            commitment_id: row.commitment_id,
            contract_no: row.contract_no,
            contract_name: row.contract_name,
            contract_amt: row.contract_amt,
            remaining_amt,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}
