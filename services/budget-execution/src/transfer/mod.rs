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
use service_kit::{Caller, Problem, clock::china_date, http::Paged, store::outbox};
use uuid::Uuid;
use workflow::{BooksFilter, Document, Heading, Noun, Transition, Work};

use crate::{
    CHAINS, Execution, RULES, indicator,
    ledger::{self, Entry, Posting, Slot},
};

const DOCUMENT_TYPE: &str = "transfer";
const MAKERS: &[Role] = &[Role::M1];
/// Lines of the ledger that take a voided transfer back.
const REVERSED: i32 = 10_000;

/// A document with its lines.
#[derive(Clone)]
pub struct Kept {
    document: store::Model,
    lines: Vec<store::line::Model>,
}

impl Kept {
    fn total(&self) -> Money {
        Money::try_sum(self.lines.iter().map(|line| line.amount)).unwrap_or(Money::ZERO)
    }
}

/// 转移支付文.
pub struct Transfers;

impl Noun for Transfers {
    type Service = Execution;
    type Draft = NewTransfer;
    type Known = ();
    type Row = Kept;
    type View = Transfer;
    type Filter = BooksFilter;

    const COLLECTION: &'static str = "transfers";
    const ID: &'static str = "transfer_id";
    const NAME: [&'static str; 2] = ["转移支付", "the transfer"];

    async fn check(work: Work<'_>, transfer_id: Uuid, draft: NewTransfer, (): ()) -> Result<Kept, Problem> {
        check(work, transfer_id, draft).await
    }

    fn heading(row: &Kept) -> Heading {
        Heading {
            document_type: DOCUMENT_TYPE,
            mof_div_code: row.document.mof_div_code.clone(),
            fiscal_year: row.document.fiscal_year,
            agency_code: None,
            chain: CHAINS.resolve(DOCUMENT_TYPE, &row.document.mof_div_code, row.total()),
        }
    }

    async fn insert(tx: &DatabaseTransaction, row: Kept) -> Result<(), Problem> {
        Ok(store::insert(tx, row.document, row.lines).await?)
    }

    async fn replace(tx: &DatabaseTransaction, earlier: Kept, row: Kept) -> Result<Kept, Problem> {
        let document = store::Model { create_time: earlier.document.create_time, ..row.document };
        store::replace(tx, document.clone(), row.lines.clone()).await?;
        Ok(Kept { document, ..row })
    }

    async fn find<C: ConnectionTrait>(db: &C, transfer_id: Uuid) -> Result<Option<Kept>, Problem> {
        let Some(document) = store::find(db, transfer_id).await? else { return Ok(None) };
        let lines = store::lines(db, vec![transfer_id]).await?;
        Ok(Some(Kept { document, lines }))
    }

    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &BooksFilter,
        paged: &Paged,
    ) -> Result<Vec<Kept>, Problem> {
        let documents = store::page(db, caller, filter, paged.after_as()?, paged).await?;
        let lines = store::lines(db, documents.iter().map(|document| document.transfer_id).collect()).await?;
        let own = |id| lines.iter().filter(|line| line.transfer_id == id).cloned().collect();
        Ok(documents.into_iter().map(|document| Kept { lines: own(document.transfer_id), document }).collect())
    }

    fn id(row: &Kept) -> Uuid {
        row.document.transfer_id
    }

    fn view(row: Kept, document: &Document) -> Result<Transfer, Problem> {
        Ok(view(row, document))
    }

    /// The last approval issues. A final one can be voided while nothing of it is accepted (BA-009).
    async fn effect(work: Work<'_>, row: Kept, transition: &Transition) -> Result<Kept, Problem> {
        if transition.became_final() {
            issue(work, &row).await?;
        }
        if transition.became_void() {
            take_back(work.tx, work.now, &row.document, &row.lines).await?;
        }
        Ok(row)
    }
}

/// Each line gives from an indicator that waits to be transferred to the division it is for.
async fn check(work: Work<'_>, transfer_id: Uuid, new: NewTransfer) -> Result<Kept, Problem> {
    let Work { tx, now, caller, .. } = work;
    caller.require_in(MAKERS, &new.mof_div_code, None)?;
    let lines = lines_of(tx, &new, transfer_id).await?;
    indicator::claim_document_number(tx, now, &new.cor_bgt_doc_no, &new.mof_div_code, new.fiscal_year).await?;
    let document = store::Model {
        mof_div_code: new.mof_div_code,
        transfer_id,
        fiscal_year: new.fiscal_year,
        cor_bgt_doc_no: new.cor_bgt_doc_no,
        bgt_doc_title: new.bgt_doc_title,
        doc_date: new.doc_date,
        create_time: now,
    };
    Ok(Kept { document, lines })
}

async fn lines_of(
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

async fn issue(work: Work<'_>, row: &Kept) -> Result<(), Problem> {
    let (Work { tx, now, .. }, Kept { document, lines }) = (work, row);
    ledger::post(tx, now, &postings(now, document, lines, false)?).await?;
    store::set_issued(tx, document.transfer_id, Some(now)).await?;
    for line in lines {
        outbox::append(tx, now, TRANSFER_ISSUED, line.line_id, &issued(document, line)).await?;
    }
    Ok(())
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

fn view(kept: Kept, document: &Document) -> Transfer {
    let Kept { document: row, lines } = kept;
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
