//! Transfers between levels (转移支付): the upper division issues (E24), the money is in transit, the lower division
//! accepts it once (E02, E04) and splits it like any unallocated indicator. Tracking identity is never lost (BA-006).

pub mod http;
mod incoming;
pub(crate) mod store;

pub use incoming::{accept, incoming};

use budget_execution_contract::{NewTransfer, TRANSFER_ISSUED, Transfer, TransferDocumentLine, TransferIssued};
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{Amount, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date, store::outbox};
use uuid::Uuid;
use workflow::{Act, ActionRequest, Document, NewDocument};

use crate::{
    CHAINS, RULES, indicator,
    ledger::{self, Entry, Posting, Slot},
};

const DOCUMENT_TYPE: &str = "transfer";
const MAKERS: &[Role] = &[Role::M1];
/// Lines of the ledger that take a voided transfer back.
const REVERSED: i32 = 10_000;

/// Records a draft: each line gives from an indicator that waits to be transferred to the division it is for.
pub async fn draft(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    new: NewTransfer,
) -> Result<Transfer, Problem> {
    caller.require_in(MAKERS, &new.mof_div_code, None)?;
    let transfer_id = Uuid::now_v7();
    let lines = check(tx, &new, transfer_id).await?;
    indicator::claim_document_number(tx, now, &new.cor_bgt_doc_no, &new.mof_div_code, new.fiscal_year).await?;
    let row = store::Model {
        mof_div_code: new.mof_div_code,
        transfer_id,
        fiscal_year: new.fiscal_year,
        cor_bgt_doc_no: new.cor_bgt_doc_no,
        bgt_doc_title: new.bgt_doc_title,
        doc_date: new.doc_date,
        create_time: now,
    };
    let document = NewDocument {
        document_id: transfer_id,
        document_type: DOCUMENT_TYPE,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: None,
        chain: CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, Money::ZERO),
    };
    let document = workflow::open(tx, now, caller, document).await?;
    store::insert(tx, row.clone(), lines.clone()).await?;
    Ok(view(row, lines, &document))
}

async fn check(
    tx: &DatabaseTransaction,
    new: &NewTransfer,
    transfer_id: Uuid,
) -> Result<Vec<store::line::Model>, Problem> {
    if new.lines.is_empty() {
        return Err(Problem::field("/lines", "至少要有一行", "one line at least is needed"));
    }
    let mut lines = Vec::with_capacity(new.lines.len());
    for (index, line) in new.lines.iter().enumerate() {
        let given = indicator::of_books(tx, line.bgt_id, &new.mof_div_code, new.fiscal_year).await?;
        let receiver = given
            .elements
            .rec_div_code
            .clone()
            .filter(|receiver| *receiver != new.mof_div_code && new.mof_div_code.contains(receiver));
        let Some(rec_div_code) = receiver else {
            let (zh, en) = ("不是待下达的转移支付指标", "is not an indicator that waits to be transferred");
            return Err(RULES.refuse("V-001", zh, en).at(format!("/lines/{index}/bgt_id"), zh, en));
        };
        indicator::require_available(tx, &given, line.amount).await?;
        lines.push(store::line::Model {
            mof_div_code: new.mof_div_code.clone(),
            line_id: Uuid::now_v7(),
            transfer_id,
            fiscal_year: new.fiscal_year,
            bgt_id: line.bgt_id,
            rec_div_code,
            amount: line.amount.money(),
            issue_time: None,
            accept_bgt_id: None,
            accept_time: None,
            accept_user: None,
        });
    }
    Ok(lines)
}

/// Carries out an action; the last approval issues. A final one can be voided while nothing of it is accepted (BA-009).
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    transfer_id: Uuid,
    request: &ActionRequest,
) -> Result<Transfer, Problem> {
    let act = Act { document_type: DOCUMENT_TYPE, document_id: transfer_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    let row = store::find(tx, transfer_id).await?.ok_or_else(not_found)?;
    let lines = store::lines(tx, vec![transfer_id]).await?;
    if transition.became_final() {
        ledger::post(tx, now, &postings(now, &row, &lines, false)?).await?;
        store::set_issued(tx, transfer_id, Some(now)).await?;
        for line in &lines {
            outbox::append(tx, now, TRANSFER_ISSUED, line.line_id, &issued(&row, line)).await?;
        }
    }
    if transition.became_void() {
        take_back(tx, now, &row, &lines).await?;
    }
    Ok(view(row, lines, &transition.after))
}

async fn take_back(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &store::Model,
    lines: &[store::line::Model],
) -> Result<(), Problem> {
    let hidden = store::set_issued(tx, row.transfer_id, None).await?;
    if usize::try_from(hidden).is_ok_and(|hidden| hidden == lines.len()) {
        ledger::post(tx, now, &postings(now, row, lines, true)?).await?;
        return Ok(());
    }
    Err(RULES.refuse("BA-009", "下级已接收，不能作废", "the receiver has accepted it already"))
}

/// E24, second half: Dr 5101 / Cr 4201.
fn postings(
    now: DateTime<Utc>,
    row: &store::Model,
    lines: &[store::line::Model],
    is_reversal: bool,
) -> Result<Vec<Posting>, Problem> {
    let mut postings = Vec::with_capacity(lines.len());
    let first = if is_reversal { REVERSED } else { 0 };
    for (number, line) in (first..).zip(lines) {
        let amount = Amount::try_from(line.amount).map_err(|error| Problem::internal(&error))?;
        let slot = |account| Slot::new(account, line.bgt_id);
        let entry = Entry::new(slot(Account::IssuedTransfer), slot(Account::PendingTransfer), amount);
        postings.push(Posting {
            event_id: row.transfer_id,
            template: Template::E24,
            line: number,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            vou_date: china_date(now),
            source_doc: format!("transfers/{}", row.transfer_id),
            entries: vec![if is_reversal { entry.reversed() } else { entry }],
        });
    }
    Ok(postings)
}

fn issued(row: &store::Model, line: &store::line::Model) -> TransferIssued {
    TransferIssued {
        transfer_id: row.transfer_id,
        line_id: line.line_id,
        bgt_id: line.bgt_id,
        mof_div_code: row.mof_div_code.clone(),
        rec_div_code: line.rec_div_code.clone(),
        fiscal_year: row.fiscal_year,
        cor_bgt_doc_no: row.cor_bgt_doc_no.clone(),
        doc_date: row.doc_date,
        amount: line.amount,
    }
}

/// One document within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, transfer_id: Uuid) -> Result<Transfer, Problem> {
    let row = store::find(db, transfer_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, None, "转移支付", "the transfer")?;
    let document = workflow::document(db, DOCUMENT_TYPE, transfer_id).await?.ok_or_else(not_found)?;
    let lines = store::lines(db, vec![transfer_id]).await?;
    Ok(view(row, lines, &document))
}

/// A page of documents within reach.
pub async fn list<C: ConnectionTrait>(db: &C, caller: &Caller, page: &PageQuery) -> Result<Page<Transfer>, Problem> {
    let paged = page.paged()?;
    let rows = store::page(db, caller, paged.after_as()?, &paged).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.transfer_id).collect();
    let documents = workflow::documents(db, ids.clone()).await?;
    let lines = store::lines(db, ids).await?;
    let page = Page::of(rows, &paged, |row| row.transfer_id.to_string());
    let views = page.items.into_iter().map(|row| {
        let document = documents.get(&row.transfer_id).ok_or_else(not_found)?;
        let own = lines.iter().filter(|line| line.transfer_id == row.transfer_id).cloned().collect();
        Ok(view(row, own, document))
    });
    Ok(Page { items: views.collect::<Result<_, Problem>>()?, next_page_token: page.next_page_token })
}

fn view(row: store::Model, lines: Vec<store::line::Model>, document: &Document) -> Transfer {
    let line = |line: store::line::Model| TransferDocumentLine {
        line_id: line.line_id,
        bgt_id: line.bgt_id,
        rec_div_code: line.rec_div_code,
        amount: line.amount,
        accept_bgt_id: line.accept_bgt_id,
    };
    Transfer {
        transfer_id: row.transfer_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        cor_bgt_doc_no: row.cor_bgt_doc_no,
        bgt_doc_title: row.bgt_doc_title,
        doc_date: row.doc_date,
        lines: lines.into_iter().map(line).collect(),
        state: document.state(),
    }
}

fn not_found() -> Problem {
    Problem::not_found("转移支付", "the transfer")
}
