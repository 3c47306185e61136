//! 下达 (issue): indicators that were distributed become executable, under a document number (BA-005); possible to take
//! back only while nothing was used (BA-009). A division whose chain ends with a unit asks the unit to confirm first.

use std::collections::BTreeMap;

use budget_execution_contract::{INDICATOR_ISSUED, IndicatorIssued, Issue, IssueDraft, IssuedIndicator};
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{AgencyCode, DivisionCode, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, clock::china_date, http::Paged, store::outbox};
use uuid::Uuid;
use workflow::{BooksFilter, Document, Heading, Noun, Transition, Work};

use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, PostError, Posting};
use crate::{CHAINS, Execution, RULES};

mod entity;
pub mod http;
mod store;

use entity::Model;

const DOCUMENT_TYPE: &str = "issue";
const MAKERS: &[Role] = &[Role::M1, Role::M2];
const MAX_LINES: usize = 2_000;

/// 下达单.
pub struct Issues;

impl Noun for Issues {
    type Service = Execution;
    type Draft = IssueDraft;
    type Known = ();
    type Row = Model;
    type View = Issue;
    type Filter = BooksFilter;

    const COLLECTION: &'static str = "issues";
    const ID: &'static str = "issue_id";
    const NAME: [&'static str; 2] = ["下达单", "the issue"];

    async fn check(work: Work<'_>, issue_id: Uuid, draft: IssueDraft, (): ()) -> Result<Model, Problem> {
        work.caller.require_in(MAKERS, &draft.mof_div_code, None)?;
        check(work, issue_id, draft).await
    }

    fn heading(row: &Model) -> Heading {
        Heading {
            document_type: DOCUMENT_TYPE,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: row.agency_code.clone(),
            chain: CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.total_amt),
        }
    }

    async fn insert(tx: &DatabaseTransaction, row: Model) -> Result<(), Problem> {
        Ok(store::insert(tx, row).await?)
    }

    async fn replace(tx: &DatabaseTransaction, earlier: Model, row: Model) -> Result<Model, Problem> {
        let row = Model { create_time: earlier.create_time, ..row };
        store::replace(tx, row.clone()).await?;
        Ok(row)
    }

    async fn find<C: ConnectionTrait>(db: &C, issue_id: Uuid) -> Result<Option<Model>, Problem> {
        Ok(store::find(db, issue_id).await?)
    }

    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &BooksFilter,
        paged: &Paged,
    ) -> Result<Vec<Model>, Problem> {
        Ok(store::page(db, caller, filter, paged.after_as()?, paged).await?)
    }

    fn id(row: &Model) -> Uuid {
        row.issue_id
    }

    fn view(row: Model, document: &Document) -> Result<Issue, Problem> {
        view(row, document)
    }

    /// The last approval issues; voiding takes back what is unused (BA-009).
    async fn effect(work: Work<'_>, row: Model, transition: &Transition) -> Result<Model, Problem> {
        let Work { tx, now, .. } = work;
        if transition.became_final() {
            issue(tx, now, &view(row.clone(), &transition.after)?).await?;
        }
        if transition.became_void() {
            let mut posting = posting(now, &view(row.clone(), &transition.after)?, 2);
            posting.entries = posting.entries.into_iter().map(Entry::reversed).collect();
            ledger::post(tx, now, &[posting]).await.map_err(|error| error.refused_as("BA-009"))?;
        }
        Ok(row)
    }
}

async fn check(work: Work<'_>, issue_id: Uuid, draft: IssueDraft) -> Result<Model, Problem> {
    let Work { tx, now, .. } = work;
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
    let agency_code = one_unit(indicators.values());
    require_one_unit_to_confirm(&draft.mof_div_code, agency_code.as_ref())?;
    indicator::claim_document_number(tx, now, &draft.cor_bgt_doc_no, &draft.mof_div_code, draft.fiscal_year).await?;
    let total_amt = Money::try_sum(draft.lines.iter().map(|line| line.amt.money())).ok_or(PostError::Overflow)?;
    Ok(Model {
        mof_div_code: draft.mof_div_code,
        issue_id,
        fiscal_year: draft.fiscal_year,
        agency_code,
        cor_bgt_doc_no: draft.cor_bgt_doc_no,
        bgt_doc_title: draft.bgt_doc_title,
        doc_date: draft.doc_date,
        total_amt,
        lines: serde_json::to_value(draft.lines).map_err(|error| Problem::internal(&error))?,
        create_time: now,
    })
}

/// The unit of these indicators, when they have one in common.
fn one_unit<'a>(mut indicators: impl Iterator<Item = &'a Indicator>) -> Option<AgencyCode> {
    let first = indicators.next()?.elements.agency_code.clone();
    first.filter(|agency| indicators.all(|found| found.elements.agency_code.as_ref() == Some(agency)))
}

/// Where units confirm (单位确认) is a chain of the division that ends with a unit; such a document is of one unit.
fn require_one_unit_to_confirm(division: &DivisionCode, agency: Option<&AgencyCode>) -> Result<(), Problem> {
    let is_of_unit = |role: &Role| matches!(role, Role::U1 | Role::U2 | Role::U3);
    let chain = CHAINS.resolve(DOCUMENT_TYPE, division, Money::ZERO);
    if agency.is_some() || !chain.iter().any(|node| node.roles.iter().any(is_of_unit)) {
        return Ok(());
    }
    let (zh, en) = ("本区划下达须单位确认，每份下达单只含一个单位", "units confirm here, so an issue is of one unit");
    Err(RULES.refuse("BE-108", zh, en).at("/lines", zh, en))
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

fn view(row: Model, document: &Document) -> Result<Issue, Problem> {
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
