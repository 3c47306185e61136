//! 下达 (issue): indicators that were distributed become executable, under a document number (BA-005); possible to take
//! back only while nothing was used (BA-009).

use std::collections::BTreeMap;

use budget_execution_contract::{INDICATOR_ISSUED, IndicatorIssued, Issue, IssueDraft, IssuedIndicator};
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{DivisionCode, FiscalYear, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date, http::IfMatch, store::outbox};
use uuid::Uuid;
use workflow::{Act, ActionRequest, Document, NewDocument};

use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, PostError, Posting};
use crate::{CHAINS, RULES};

mod entity;
pub mod http;
mod store;

const DOCUMENT_TYPE: &str = "issue";
const MAKERS: &[Role] = &[Role::M1, Role::M2];
const MAX_LINES: usize = 2_000;

/// Records a draft.
pub async fn draft(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: IssueDraft,
) -> Result<Issue, Problem> {
    caller.require_in(MAKERS, &draft.mof_div_code, None)?;
    let row = check(tx, now, Uuid::now_v7(), draft).await?;
    let document = workflow::open(
        tx,
        now,
        caller,
        NewDocument {
            document_id: row.issue_id,
            document_type: DOCUMENT_TYPE,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: None,
            chain: CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.total_amt),
        },
    )
    .await?;
    store::insert(tx, row.clone()).await?;
    view(row, &document)
}

/// Changes a draft.
pub async fn revise(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    (issue_id, version): (Uuid, IfMatch),
    draft: IssueDraft,
) -> Result<Issue, Problem> {
    caller.require_in(MAKERS, &draft.mof_div_code, None)?;
    let before = workflow::document(tx, DOCUMENT_TYPE, issue_id)
        .await?
        .filter(|document| document.mof_div_code == draft.mof_div_code)
        .ok_or_else(not_found)?;
    version.check(before.version)?;
    let earlier = store::find(tx, issue_id).await?.ok_or_else(not_found)?;
    let mut row = check(tx, now, issue_id, draft).await?;
    row.create_time = earlier.create_time;
    let chain = CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.total_amt);
    let document = workflow::revise(tx, now, caller, &before, chain).await?;
    store::replace(tx, row.clone()).await?;
    view(row, &document)
}

async fn check(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    issue_id: Uuid,
    draft: IssueDraft,
) -> Result<entity::Model, Problem> {
    if draft.lines.is_empty() || draft.lines.len() > MAX_LINES {
        let (zh, en) = (format!("明细应为 1 至 {MAX_LINES} 行"), format!("1 to {MAX_LINES} lines are needed"));
        return Err(RULES.refuse("BE-108", zh.clone(), en.clone()).at("/lines", zh, en));
    }
    let indicators = indicator::find_many(tx, draft.lines.iter().map(|line| line.bgt_id).collect()).await?;
    for (index, line) in draft.lines.iter().enumerate() {
        let found = indicators.get(&line.bgt_id).filter(|found| {
            found.elements.mof_div_code == draft.mof_div_code && found.elements.fiscal_year == draft.fiscal_year
        });
        let found = found.ok_or_else(|| unknown(index))?;
        let pending = indicator::balances(tx, found).await?.get(&Account::PendingIssue).copied().unwrap_or_default();
        if pending < line.amt.money() {
            return Err(not_pending(line.bgt_id, pending, line.amt.money()).at(
                format!("/lines/{index}/amt"),
                "超过待下达额度",
                "more than is pending issue",
            ));
        }
    }
    indicator::claim_document_number(tx, now, &draft.cor_bgt_doc_no, &draft.mof_div_code, draft.fiscal_year).await?;
    let total_amt = Money::try_sum(draft.lines.iter().map(|line| line.amt.money())).ok_or(PostError::Overflow)?;
    Ok(entity::Model {
        mof_div_code: draft.mof_div_code,
        issue_id,
        fiscal_year: draft.fiscal_year,
        cor_bgt_doc_no: draft.cor_bgt_doc_no,
        bgt_doc_title: draft.bgt_doc_title,
        doc_date: draft.doc_date,
        total_amt,
        lines: serde_json::to_value(draft.lines).map_err(|error| Problem::internal(&error))?,
        create_time: now,
    })
}

fn unknown(index: usize) -> Problem {
    Problem::field(
        format!("/lines/{index}/bgt_id"),
        "本区划本年度没有此指标",
        "this division and year has no such indicator",
    )
}

fn not_pending(bgt_id: Uuid, pending: Money, requested: Money) -> Problem {
    RULES
        .refuse(
            "BE-106",
            format!("指标 {bgt_id} 待下达额度 {pending}，本次 {requested}"),
            format!("indicator {bgt_id} has {pending} pending issue, {requested} was requested"),
        )
        .with("indicator", bgt_id)
        .with("available", pending)
        .with("requested", requested)
}

/// Carries out an action; the last approval issues.
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    issue_id: Uuid,
    request: &ActionRequest,
) -> Result<Issue, Problem> {
    let act = Act { document_type: DOCUMENT_TYPE, document_id: issue_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    let row = store::find(tx, issue_id).await?.ok_or_else(not_found)?;
    let view = view(row, &transition.after)?;
    if transition.became_final() {
        issue(tx, now, &view).await?;
    }
    if transition.became_void() {
        let mut posting = posting(now, &view, 2);
        posting.entries = posting.entries.into_iter().map(Entry::reversed).collect();
        ledger::post(tx, now, &[posting]).await.map_err(|error| error.refused_as("BA-009"))?;
    }
    Ok(view)
}

/// E06: Dr 6101 / Cr 4102, and the event that tells it.
async fn issue(tx: &DatabaseTransaction, now: DateTime<Utc>, document: &Issue) -> Result<(), Problem> {
    ledger::post(tx, now, &[posting(now, document, 1)]).await.map_err(|error| error.refused_as("BE-106"))?;
    let ids = document.lines.iter().map(|line| line.bgt_id).collect();
    let indicators: BTreeMap<Uuid, Indicator> = indicator::find_many(tx, ids).await?;
    let mut items = Vec::with_capacity(document.lines.len());
    for line in &document.lines {
        let Some(mut found) = indicators.get(&line.bgt_id).cloned() else { continue };
        indicator::set_document(tx, &found, &document.cor_bgt_doc_no, &document.bgt_doc_title, document.doc_date)
            .await?;
        found.elements.cor_bgt_doc_no = Some(document.cor_bgt_doc_no.clone());
        items.push(IssuedIndicator {
            bgt_id: line.bgt_id,
            amt: line.amt.money(),
            is_three_ensure: found.is_three_ensure,
            elements: found.elements,
        });
    }
    let event = IndicatorIssued {
        issue_id: document.issue_id,
        mof_div_code: document.mof_div_code.clone(),
        fiscal_year: document.fiscal_year,
        cor_bgt_doc_no: Some(document.cor_bgt_doc_no.clone()),
        doc_date: Some(document.doc_date),
        items,
    };
    outbox::append(tx, now, INDICATOR_ISSUED, document.issue_id, &event).await?;
    Ok(())
}

fn posting(now: DateTime<Utc>, document: &Issue, line: i32) -> Posting {
    let entries = document.lines.iter().map(|line| {
        let slot = |account| ledger::Slot::new(account, line.bgt_id);
        Entry::new(slot(Account::Executable), slot(Account::PendingIssue), line.amt)
    });
    Posting {
        event_id: document.issue_id,
        template: Template::E06,
        line,
        mof_div_code: document.mof_div_code.clone(),
        fiscal_year: document.fiscal_year,
        vou_date: china_date(now),
        source_doc: format!("issues/{}", document.issue_id),
        entries: entries.collect(),
    }
}

fn view(row: entity::Model, document: &Document) -> Result<Issue, Problem> {
    Ok(Issue {
        issue_id: row.issue_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        cor_bgt_doc_no: row.cor_bgt_doc_no,
        bgt_doc_title: row.bgt_doc_title,
        doc_date: row.doc_date,
        total_amt: row.total_amt,
        lines: serde_json::from_value(row.lines).map_err(|error| Problem::internal(&error))?,
        create_time: row.create_time,
        state: document.state(),
    })
}

/// One document within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, issue_id: Uuid) -> Result<Issue, Problem> {
    let row = store::find(db, issue_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, None, "下达单", "the issue")?;
    let document = workflow::document(db, DOCUMENT_TYPE, issue_id).await?.ok_or_else(not_found)?;
    view(row, &document)
}

/// A page of documents within reach.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    mof_div_code: Option<DivisionCode>,
    fiscal_year: Option<FiscalYear>,
    page: &PageQuery,
) -> Result<Page<Issue>, Problem> {
    let paged = page.paged()?;
    let rows = store::page(db, caller, mof_div_code, fiscal_year, paged.after_as()?, &paged).await?;
    let documents = workflow::documents(db, rows.iter().map(|row| row.issue_id).collect()).await?;
    let page = Page::of(rows, &paged, |row| row.issue_id.to_string());
    let views = page.items.into_iter().map(|row| {
        let document = documents.get(&row.issue_id).ok_or_else(not_found)?;
        view(row, document)
    });
    Ok(Page { items: views.collect::<Result<_, _>>()?, next_page_token: page.next_page_token })
}

fn not_found() -> Problem {
    Problem::not_found("下达单", "the issue")
}
