//! Day files of the bank (日终回单文件): tens of thousands of receipts, taken in chunks while they stream, each line once.
//! A receipt of a file is the same as a single one, signature included: sent both ways, or twice, it has one effect.

use budget_execution_contract::{BankReceipt, DayFile, DayFileRefusal};
use chrono::{DateTime, Utc};
use common_types::Role;
use service_kit::{Caller, Page, PageQuery, Problem, store::audit};
use uuid::Uuid;

use crate::{Execution, certificate, receipt};

mod bulk;
pub mod entity;
pub mod http;
pub mod model;
pub mod store;

use entity::{Progress, file, refusal};
use model::{Counts, Line, Read};

/// One sending of a file.
pub struct Run {
    pub file: file::Model,
    pub run_id: Uuid,
}

/// Begins to take a file; one that was taken to its end is only looked at.
pub async fn begin(execution: &Execution, caller: &Caller, file_key: &str) -> Result<Run, Problem> {
    caller.require(&[Role::B1])?;
    let (now, run_id) = (execution.database.clock().now(), Uuid::now_v7());
    let row = file::Model {
        mof_div_code: caller.mof_div_code.clone(),
        file_id: Uuid::now_v7(),
        holder: caller.subject.clone(),
        file_key: file_key.to_owned(),
        run_id,
        status: Progress::Running,
        content_hash: None,
        line_count: 0,
        settled_count: 0,
        already_count: 0,
        unmatched_count: 0,
        refused_count: 0,
        create_time: now,
        update_time: now,
    };
    let tx = execution.database.begin_write().await?;
    let found = store::begin(&tx, &row).await?.ok_or_else(not_found)?;
    if found.status == Progress::Running && found.run_id != run_id {
        store::restart(&tx, now, found.file_id, run_id).await?;
    }
    tx.commit().await?;
    Ok(Run { file: found, run_id })
}

/// Takes a chunk of lines: what only says that a voucher was paid in one batch, the others one by one.
pub async fn take(execution: &Execution, caller: &Caller, run: &Run, lines: Vec<Line>) -> Result<(), Problem> {
    let now = execution.database.clock().now();
    let today = service_kit::clock::china_date(now);
    let certificates = certificate::store::of_bank(execution.database.read(), &caller.subject, today).await?;
    let (mut counts, mut refused, mut read) = (Counts::default(), Vec::new(), Vec::with_capacity(lines.len()));
    for line in lines {
        match readable(caller, &certificates, &line) {
            Ok(line) => read.push(line),
            Err((pay_cert_no, problem)) => refused.push(refusal_of(run, line.number, pay_cert_no, &problem)),
        }
    }
    let rest = match bulk::settle(execution, now, &read).await? {
        Some(bulk::Together { settled, already }) => {
            let is_rest = |line: &Read| !settled.contains(&line.number) && !already.contains(&line.number);
            counts.settled = i32::try_from(settled.len()).unwrap_or(i32::MAX);
            counts.already = i32::try_from(already.len()).unwrap_or(i32::MAX);
            read.into_iter().filter(is_rest).collect()
        }
        None => read,
    };
    for line in rest {
        match one(execution, caller, now, &line.receipt).await {
            Ok(outcome) => counts.add(outcome),
            Err(problem) if problem.status().is_server_error() => return Err(problem),
            Err(problem) => {
                refused.push(refusal_of(run, line.number, line.receipt.pay_cert_no.clone(), &problem));
            }
        }
    }
    counts.refused = i32::try_from(refused.len()).unwrap_or(i32::MAX);
    let tx = execution.database.begin_write().await?;
    store::insert_refusals(&tx, refused).await?;
    if !store::count(&tx, now, (run.file.file_id, run.run_id), counts).await? {
        return Err(superseded());
    }
    tx.commit().await?;
    execution.wake.notify_one();
    Ok(())
}

fn readable(
    caller: &Caller,
    certificates: &[certificate::entity::Model],
    line: &Line,
) -> Result<Read, (String, Problem)> {
    let read = model::read(line).map_err(|problem| (String::new(), problem))?;
    let number = || read.receipt.pay_cert_no.clone();
    receipt::require_takeable(caller, &read.receipt).map_err(|problem| (number(), problem))?;
    if certificate::is_signed_by_bank(certificates, &read.receipt) {
        return Ok(read);
    }
    Err((number(), certificate::forged(&read.receipt)))
}

/// One receipt in a transaction of its own.
async fn one(
    execution: &Execution,
    caller: &Caller,
    now: DateTime<Utc>,
    said: &BankReceipt,
) -> Result<budget_execution_contract::ReceiptOutcome, Problem> {
    let tx = execution.database.begin_write().await?;
    match receipt::take(&tx, now, caller, said).await {
        Ok(answer) => {
            tx.commit().await?;
            Ok(answer.outcome)
        }
        Err(problem) => {
            tx.rollback().await?;
            if problem.code() == receipt::CONTRADICTION {
                receipt::keep_contradiction(execution, said, &problem).await?;
            }
            Err(problem)
        }
    }
}

fn refusal_of(run: &Run, line_no: i32, pay_cert_no: String, problem: &Problem) -> refusal::Model {
    const LONGEST_NUMBER: usize = 100;
    const LONGEST_DETAIL: usize = 500;
    refusal::Model {
        mof_div_code: run.file.mof_div_code.clone(),
        run_id: run.run_id,
        line_no,
        pay_cert_no: pay_cert_no.chars().take(LONGEST_NUMBER).collect(),
        code: problem.code().to_owned(),
        detail: problem.document().detail.chars().take(LONGEST_DETAIL).collect(),
    }
}

/// Ends the taking of a file.
pub async fn finish(execution: &Execution, caller: &Caller, run: &Run, content_hash: &str) -> Result<DayFile, Problem> {
    let now = execution.database.clock().now();
    let tx = execution.database.begin_write().await?;
    if !store::finish(&tx, now, (run.file.file_id, run.run_id), content_hash).await? {
        return Err(superseded());
    }
    let done = view(store::file(&tx, run.file.file_id).await?.ok_or_else(not_found)?);
    let text = serde_json::to_string(&done).map_err(|error| Problem::internal(&error))?;
    audit::append(&tx, execution.database.clock(), caller, "POST bank-day-files", content_hash, &text).await?;
    tx.commit().await?;
    Ok(done)
}

/// A file of the caller.
pub async fn get(execution: &Execution, caller: &Caller, file_id: Uuid) -> Result<DayFile, Problem> {
    Ok(view(own(execution, caller, file_id).await?))
}

/// The files of the caller, the newest first.
pub async fn list(execution: &Execution, caller: &Caller, query: &PageQuery) -> Result<Page<DayFile>, Problem> {
    caller.require(&[Role::B1])?;
    let paged = query.paged()?;
    let rows = store::files(execution.database.read(), &caller.subject, &paged, paged.after_as::<Uuid>()?).await?;
    Ok(Page::of(rows, &paged, |row| row.file_id.to_string()).map(view))
}

/// The refused lines of a file of the caller.
pub async fn refusals(
    execution: &Execution,
    caller: &Caller,
    file_id: Uuid,
    query: &PageQuery,
) -> Result<Page<DayFileRefusal>, Problem> {
    let row = own(execution, caller, file_id).await?;
    let paged = query.paged()?;
    let rows = store::refusals(execution.database.read(), row.run_id, &paged, paged.after_as::<i32>()?).await?;
    Ok(Page::of(rows, &paged, |row| row.line_no.to_string()).map(|row| DayFileRefusal {
        line_no: count(row.line_no),
        pay_cert_no: row.pay_cert_no,
        code: row.code,
        detail: row.detail,
    }))
}

async fn own(execution: &Execution, caller: &Caller, file_id: Uuid) -> Result<file::Model, Problem> {
    caller.require(&[Role::B1])?;
    let found = store::file(execution.database.read(), file_id).await?;
    found.filter(|row| row.holder == caller.subject).ok_or_else(not_found)
}

fn superseded() -> Problem {
    Problem::conflict("同一文件已重新上传", "the same file is being sent again")
}

fn not_found() -> Problem {
    Problem::not_found("日终文件", "the day file")
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// The file as its bank sees it.
pub fn view(row: file::Model) -> DayFile {
    DayFile {
        file_id: row.file_id,
        status: row.status.into(),
        line_count: count(row.line_count),
        settled_count: count(row.settled_count),
        already_count: count(row.already_count),
        unmatched_count: count(row.unmatched_count),
        refused_count: count(row.refused_count),
        create_time: row.create_time,
        update_time: row.update_time,
    }
}
