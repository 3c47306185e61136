//! Reconciliation (对账 3501, 3508): our vouchers of a day or month against the bank's statement; every difference becomes a ticket.

use budget_execution_contract::{BankDifference, BankStatement, DayFilter, Reconciliation, ReconciliationRequest};
use chrono::{DateTime, Days, NaiveDate, Utc};
use common_types::{Money, ReconResult, Role};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, PageQuery, Problem};
use uuid::Uuid;

use super::{entity::reconciliation, model, store, ticket};
use crate::{
    Execution,
    peers::bank::{AgentBank, HttpBank},
    receipt::{self, entity::difference},
};

const MOST_DAYS: u64 = 31;

/// Asks the bank for its list of the day, or of all days until another.
pub async fn statement(
    execution: &Execution,
    caller: &Caller,
    asked: &ReconciliationRequest,
) -> Result<BankStatement, Problem> {
    caller.require_in(&[Role::M3], &asked.mof_div_code, None)?;
    let days = days_of(asked)?;
    Ok(HttpBank(execution.peers.bank.clone()).statement(&asked.mof_div_code, days).await?)
}

fn days_of(asked: &ReconciliationRequest) -> Result<(NaiveDate, NaiveDate), Problem> {
    let until = asked.until.unwrap_or(asked.day);
    if until < asked.day || until > asked.day.checked_add_days(Days::new(MOST_DAYS)).unwrap_or(asked.day) {
        return Err(Problem::field("/until", "应在起始日之后 31 日以内", "must lie within 31 days of the first day"));
    }
    Ok((asked.day, until))
}

/// Compares and records.
pub async fn compare(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    asked: &ReconciliationRequest,
    statement: &BankStatement,
) -> Result<Reconciliation, Problem> {
    let ours = store::of_days(tx, &asked.mof_div_code, days_of(asked)?).await?;
    let found = model::compare(&ours, &statement.lines);
    let sum = |amounts: Vec<Money>| Money::try_sum(amounts).ok_or_else(super::too_large);
    let count = |number: usize| i32::try_from(number).map_err(|_| super::too_large());
    let row = reconciliation::Model {
        mof_div_code: asked.mof_div_code.clone(),
        recon_id: Uuid::now_v7(),
        day: asked.day,
        until: asked.until,
        agency_code: None,
        our_count: count(ours.len())?,
        our_amt: sum(ours.iter().map(|row| row.xpay_amt).collect())?,
        bank_count: count(statement.lines.len())?,
        bank_amt: sum(statement.lines.iter().map(|line| line.xpay_amt).collect())?,
        result: if found.is_empty() { ReconResult::Matched } else { ReconResult::Mismatched },
        create_time: now,
    };
    let ticket = |found: model::Found| {
        let subject = (row.mof_div_code.clone(), row.day, found.pay_cert_no);
        receipt::open_difference(subject, found.kind.into(), (found.ours, found.theirs), now)
    };
    let tickets = found.into_iter().map(ticket).collect();
    keep(tx, row, tickets).await
}

/// Records a comparison and opens its tickets; one that is open already stays the only one of its kind.
pub async fn keep(
    tx: &DatabaseTransaction,
    row: reconciliation::Model,
    tickets: Vec<difference::Model>,
) -> Result<Reconciliation, Problem> {
    store::insert_reconciliation(tx, row.clone()).await?;
    let (mut fresh, mut shown) = (Vec::new(), Vec::with_capacity(tickets.len()));
    for ticket in tickets {
        let ticket = difference::Model { recon_id: Some(row.recon_id), ..ticket };
        match receipt::store::same_open(tx, &ticket).await? {
            Some(open) => shown.push(open),
            None => {
                fresh.push(ticket.clone());
                shown.push(ticket);
            }
        }
    }
    receipt::store::insert_differences(tx, fresh).await?;
    Ok(Reconciliation {
        recon_id: row.recon_id,
        mof_div_code: row.mof_div_code,
        day: row.day,
        until: row.until.unwrap_or(row.day),
        agency_code: row.agency_code,
        our_count: u32::try_from(row.our_count).unwrap_or_default(),
        our_amt: row.our_amt,
        bank_count: u32::try_from(row.bank_count).unwrap_or_default(),
        bank_amt: row.bank_amt,
        result: row.result,
        differences: shown.into_iter().map(ticket::view).collect(),
    })
}

/// The tickets of a division that the caller may read.
pub async fn tickets(
    execution: &Execution,
    caller: &Caller,
    filter: &DayFilter,
) -> Result<Page<BankDifference>, Problem> {
    caller.require_readable(&filter.mof_div_code, None, "差异单", "the differences")?;
    let query = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() };
    let paged = query.paged()?;
    let after = paged.after_as::<Uuid>()?;
    let db = execution.database.read();
    let rows = receipt::store::tickets(db, &filter.mof_div_code, filter.day, &paged, after).await?;
    Ok(Page::of(rows, &paged, |row| row.diff_id.to_string()).map(ticket::view))
}
