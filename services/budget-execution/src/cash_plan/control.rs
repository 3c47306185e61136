//! Whether a division controls payments by cash plan on a day (is_contrlbyplan), and what of a plan is due.

use chrono::NaiveDate;
use common_types::ledger::Account;
use common_types::{DivisionCode, FiscalYear, Money};
use sea_orm::{ConnectionTrait, DbErr};
use service_kit::Problem;
use uuid::Uuid;

use super::entity::month;
use super::{model, store, sum};
use crate::indicator::refusal;
use crate::ledger::{self, PostError, Posting};
use crate::setting;

/// The plan layer of one submission: nothing under single control.
#[derive(Debug, Clone, Default)]
pub struct PlanLayer {
    pub is_controlling: bool,
    /// P02 of lines that have become due: posted together with the first payment that finds them.
    pub due: Vec<Posting>,
}

/// Whose plan, of which books.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    pub mof_div_code: &'a DivisionCode,
    pub fiscal_year: FiscalYear,
    pub bgt_id: Uuid,
}

/// What the plan layer asks of a payment today: nothing where the division does not control by plan.
pub async fn require_layer<C: ConnectionTrait>(
    db: &C,
    planned: Planned<'_>,
    requested: Money,
    today: NaiveDate,
) -> Result<PlanLayer, Problem> {
    if is_controlling(db, planned.mof_div_code, today).await? {
        return require_planned(db, planned, requested, today).await;
    }
    Ok(PlanLayer::default())
}

/// What the plan layer asks of a payment today in a division that controls by plan; refused early when the plan does not
/// hold the amount (PAY-025). The guard that counts is in the posting.
pub async fn require_planned<C: ConnectionTrait>(
    db: &C,
    planned: Planned<'_>,
    requested: Money,
    today: NaiveDate,
) -> Result<PlanLayer, Problem> {
    let Planned { mof_div_code, fiscal_year, bgt_id } = planned;
    let lines = due_lines(db, bgt_id, model::last_due_month(fiscal_year, today)).await?;
    let balances = ledger::balances(db, mof_div_code, fiscal_year, bgt_id).await?;
    let posted = balances.get(&Account::PlanAvailable).copied().unwrap_or_default();
    let available = sum(&lines).and_then(|due| posted.checked_add(due)).ok_or(PostError::Overflow)?;
    if requested > available {
        let account = Account::PlanAvailable;
        let error = PostError::Insufficient { account, key_id: bgt_id, available, requested };
        return Err(refusal::explained(db, error, "PAY-025").await);
    }
    Ok(PlanLayer { is_controlling: true, due: postings(&lines)? })
}

/// P02 of the lines of an indicator that have become due by this month and are not yet posted.
pub async fn due<C: ConnectionTrait>(db: &C, bgt_id: Uuid, last_month: i32) -> Result<Vec<Posting>, Problem> {
    Ok(postings(&due_lines(db, bgt_id, last_month).await?)?)
}

fn postings(lines: &[month::Model]) -> Result<Vec<Posting>, PostError> {
    lines.iter().map(month::Model::maturing).collect()
}

async fn due_lines<C: ConnectionTrait>(db: &C, bgt_id: Uuid, last_month: i32) -> Result<Vec<month::Model>, DbErr> {
    let mut lines = store::in_force(db, bgt_id, last_month).await?;
    if !lines.is_empty() {
        let matured = store::matured(db, lines.iter().map(|line| line.line_id).collect()).await?;
        lines.retain(|line| !matured.contains(&line.line_id));
    }
    Ok(lines)
}

/// How much of an indicator's plan has become due by this day and is not posted yet.
pub async fn due_amount<C: ConnectionTrait>(
    db: &C,
    bgt_id: Uuid,
    fiscal_year: FiscalYear,
    today: NaiveDate,
) -> Result<Money, Problem> {
    let lines = due_lines(db, bgt_id, model::last_due_month(fiscal_year, today)).await?;
    sum(&lines).ok_or_else(|| PostError::Overflow.into())
}

/// Whether the division holds payments to their plan on this day, by its dated setting.
pub async fn is_controlling<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    today: NaiveDate,
) -> Result<bool, Problem> {
    Ok(setting::on(db, mof_div_code, today).await?.is_contrlbyplan)
}
