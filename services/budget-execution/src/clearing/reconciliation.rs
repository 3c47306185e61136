//! Reconciliation (对账 3501): our vouchers of a day against the bank's statement; every difference becomes a ticket.

use budget_execution_contract::{BankDifference, BankStatement, DayFilter, Reconciliation, ReconciliationRequest};
use chrono::{DateTime, Utc};
use common_types::{Money, ReconResult, Role};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, PageQuery, Problem};
use uuid::Uuid;

use super::{entity::reconciliation, model, store};
use crate::{
    Execution,
    peers::bank::{AgentBank, HttpBank},
    receipt::{self, entity::difference},
};

/// Asks the bank for its list of the day.
pub async fn statement(
    execution: &Execution,
    caller: &Caller,
    asked: &ReconciliationRequest,
) -> Result<BankStatement, Problem> {
    caller.require_in(&[Role::M3], &asked.mof_div_code, None)?;
    Ok(HttpBank(execution.peers.bank.clone()).statement(&asked.mof_div_code, asked.day).await?)
}

/// Compares and records.
pub async fn compare(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    asked: &ReconciliationRequest,
    statement: &BankStatement,
) -> Result<Reconciliation, Problem> {
    let ours = store::of_day(tx, &asked.mof_div_code, asked.day).await?;
    let found = model::compare(&ours, &statement.lines);
    let sum = |amounts: Vec<Money>| Money::try_sum(amounts).ok_or_else(super::too_large);
    let count = |number: usize| i32::try_from(number).map_err(|_| super::too_large());
    let row = reconciliation::Model {
        mof_div_code: asked.mof_div_code.clone(),
        recon_id: Uuid::now_v7(),
        day: asked.day,
        our_count: count(ours.len())?,
        our_amt: sum(ours.iter().map(|row| row.xpay_amt).collect())?,
        bank_count: count(statement.lines.len())?,
        bank_amt: sum(statement.lines.iter().map(|line| line.xpay_amt).collect())?,
        result: if found.is_empty() { ReconResult::Matched } else { ReconResult::Mismatched },
        create_time: now,
    };
    let tickets: Vec<difference::Model> = found.into_iter().map(|found| ticket(&row, found)).collect();
    store::insert_reconciliation(tx, row.clone()).await?;
    receipt::store::insert_differences(tx, tickets.clone()).await?;
    Ok(Reconciliation {
        recon_id: row.recon_id,
        mof_div_code: row.mof_div_code,
        day: row.day,
        our_count: u32::try_from(row.our_count).unwrap_or_default(),
        our_amt: row.our_amt,
        bank_count: u32::try_from(row.bank_count).unwrap_or_default(),
        bank_amt: row.bank_amt,
        result: row.result,
        differences: tickets.into_iter().map(view).collect(),
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
    Ok(Page::of(rows, &paged, |row| row.diff_id.to_string()).map(view))
}

fn ticket(row: &reconciliation::Model, found: model::Found) -> difference::Model {
    difference::Model {
        mof_div_code: row.mof_div_code.clone(),
        diff_id: Uuid::now_v7(),
        recon_id: Some(row.recon_id),
        day: row.day,
        pay_cert_no: found.pay_cert_no,
        kind: found.kind.into(),
        ours: found.ours,
        theirs: found.theirs,
        create_time: row.create_time,
    }
}

fn view(row: difference::Model) -> BankDifference {
    BankDifference {
        diff_id: row.diff_id,
        kind: row.kind.into(),
        mof_div_code: row.mof_div_code,
        day: row.day,
        pay_cert_no: row.pay_cert_no,
        ours: row.ours,
        theirs: row.theirs,
    }
}
