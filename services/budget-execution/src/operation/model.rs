//! What the kinds of operations have in common. Pure, but for the reading of balances.

use budget_execution_contract::Operation;
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{Amount, Money};
use sea_orm::ConnectionTrait;
use service_kit::{Problem, clock::china_date};
use uuid::Uuid;

use crate::RULES;
use crate::indicator::{self, Indicator};
use crate::ledger::{Entry, Posting};

/// A refusal that points to its line.
pub fn refuse(code: &str, index: usize, zh: &str, en: &str) -> Problem {
    RULES.refuse(code, zh, en).at(format!("/lines/{index}"), zh, en)
}

/// The posting of one line of a document.
pub fn posting(
    now: DateTime<Utc>,
    collection: &str,
    operation: &Operation,
    (template, line): (Template, i32),
    entries: Vec<Entry>,
) -> Posting {
    Posting {
        event_id: operation.operation_id,
        template,
        line,
        mof_div_code: operation.mof_div_code.clone(),
        fiscal_year: operation.fiscal_year,
        vou_date: china_date(now).min(operation.fiscal_year.last_day()),
        source_doc: format!("{collection}/{}", operation.operation_id),
        entries,
    }
}

/// An amount that a document posts.
pub fn amount_of(money: Money) -> Result<Amount, Problem> {
    Amount::try_from(money).map_err(|error| Problem::internal(&error))
}

/// The indicator of a line, in the books of its document; 404 pointing to the line.
pub async fn of_books<C: ConnectionTrait>(
    db: &C,
    operation: (&common_types::DivisionCode, common_types::FiscalYear),
    bgt_id: Uuid,
    index: usize,
) -> Result<Indicator, Problem> {
    let (zh, en) = ("本区划本年度没有此指标", "this division and year has no such indicator");
    let found = indicator::of_books(db, bgt_id, operation.0, operation.1).await;
    found.map_err(|problem| problem.at(format!("/lines/{index}"), zh, en))
}

/// What is left on one account of an indicator.
pub async fn left_on<C: ConnectionTrait>(db: &C, found: &Indicator, account: Account) -> Result<Money, Problem> {
    Ok(indicator::balances(db, found).await?.get(&account).copied().unwrap_or_default())
}

/// A frozen amount keeps an indicator as it is (BA-004, AD-005).
pub async fn require_not_frozen<C: ConnectionTrait>(db: &C, found: &Indicator, index: usize) -> Result<(), Problem> {
    let frozen = left_on(db, found, Account::Frozen).await?;
    if frozen.is_zero() {
        return Ok(());
    }
    let (zh, en) = ("指标有冻结额度，解冻后方可办理", "the indicator has a frozen amount");
    Err(refuse("AD-005", index, zh, en).with("indicator", found.bgt_id).with("frozen", frozen))
}

/// What a line moves now: its amount, or all that is left; BA-002 when there is nothing.
pub async fn to_move<C: ConnectionTrait>(
    db: &C,
    found: &Indicator,
    line: &budget_execution_contract::OperationLine,
    index: usize,
) -> Result<Amount, Problem> {
    let left = left_on(db, found, found.available_account()).await?;
    let requested = if line.is_all { left } else { line.amt };
    if requested.is_positive() && requested <= left {
        return amount_of(requested);
    }
    let zh = format!("指标可用额度 {left}，本次 {}", line.amt);
    let en = format!("the indicator has {left} available, {} was requested", line.amt);
    let refused = refuse("BA-002", index, &zh, &en).with("indicator", found.bgt_id);
    Err(refused.with("available", left).with("requested", line.amt))
}
