//! Operations on indicators (指标管理): entry, element change, conversion, recovery, write-off. They share a table, a
//! view and a life; a kind says what its drafts hold, who makes them and what they post. Nothing moves before a document
//! is final; then all its lines move in one batch, or none.

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
};

use budget_execution_contract::{EntrySource, Operation, OperationLine};
use chrono::NaiveDate;
use common_types::{AgencyCode, DivisionCode, DocNo, FiscalYear, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Serialize, de::DeserializeOwned};
use service_kit::{Caller, Problem, http::Paged};
use utoipa::ToSchema;
use uuid::Uuid;
use workflow::{BooksFilter, Document, Heading, Noun, Transition, Work};

use crate::cash_plan::following::{self, Move, Origin};
use crate::ledger::{self, PostError, Posting};
use crate::{CHAINS, Execution, RULES, cash_plan, indicator, peers};

pub mod conversion;
pub mod element_change;
mod entity;
pub mod entry;
pub mod http;
mod model;
pub mod recovery;
mod store;
pub mod write_off;

use entity::Model;

const MAX_LINES: usize = 5_000;
const LONGEST_REASON: usize = 360;
/// Keeps the reverse of a line apart from the line itself.
const REVERSED: i32 = 10_000;

/// Names of units, by code.
pub type Units = BTreeMap<AgencyCode, String>;

/// What every draft says of itself.
pub struct Header {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub reason: String,
    pub entry_source: Option<EntrySource>,
    pub cor_bgt_doc_no: Option<DocNo>,
    pub bgt_doc_title: Option<String>,
    pub doc_date: Option<NaiveDate>,
}

/// What a document posts, and its lines as they were carried out.
pub struct Effect {
    pub postings: Vec<Posting>,
    pub lines: Vec<OperationLine>,
}

/// A kind of operation.
#[allow(async_fn_in_trait, reason = "a request stays on its thread")]
pub trait Kind: 'static {
    type Draft: DeserializeOwned + Serialize + Clone + ToSchema + 'static;

    const DOCUMENT_TYPE: &'static str;
    const COLLECTION: &'static str;
    const NAME: [&'static str; 2];
    const MAKERS: &'static [Role];
    /// The rule under which a balance that does not hold the amount is told.
    const INSUFFICIENT: &'static str;
    /// Whether its lines re-key money that stays what it was, so that the cash plan of the money goes along.
    const MOVES_PLANS: bool = false;

    fn header(draft: &Self::Draft) -> Header;
    /// Units that a draft names, with their lines: they must be of the division and year.
    fn units(_: &Self::Draft) -> Vec<(usize, AgencyCode)> {
        Vec::new()
    }
    /// The lines of a draft, or why it may not be.
    async fn lines(tx: &DatabaseTransaction, draft: Self::Draft, units: &Units) -> Result<Vec<OperationLine>, Problem>;
    /// What the last approval does; the postings are made by the caller, in one batch.
    async fn effect(work: Work<'_>, operation: &Operation) -> Result<Effect, Problem>;
    /// What voiding takes back.
    async fn reverse(work: Work<'_>, operation: &Operation) -> Result<Vec<Posting>, Problem>;
}

/// Documents of one kind.
pub struct Operations<K>(PhantomData<K>);

impl<K: Kind> Noun for Operations<K> {
    type Service = Execution;
    type Draft = K::Draft;
    type Known = Units;
    type Row = Model;
    type View = Operation;
    type Filter = BooksFilter;

    const COLLECTION: &'static str = K::COLLECTION;
    const ID: &'static str = "operation_id";
    const NAME: [&'static str; 2] = K::NAME;

    async fn ask(execution: &Execution, caller: &Caller, draft: &K::Draft) -> Result<Units, Problem> {
        let header = K::header(draft);
        caller.require_in(K::MAKERS, &header.mof_div_code, None)?;
        units(execution, &header, K::units(draft)).await
    }

    async fn check(work: Work<'_>, operation_id: Uuid, draft: K::Draft, units: Units) -> Result<Model, Problem> {
        let header = K::header(&draft);
        work.caller.require_in(K::MAKERS, &header.mof_div_code, None)?;
        require_reason(&header.reason)?;
        let lines = K::lines(work.tx, draft, &units).await?;
        require_count(lines.len())?;
        if let Some(number) = &header.cor_bgt_doc_no {
            let Header { mof_div_code, fiscal_year, .. } = &header;
            indicator::claim_document_number(work.tx, work.now, number, mof_div_code, *fiscal_year).await?;
        }
        Ok(Model {
            mof_div_code: header.mof_div_code,
            operation_id,
            fiscal_year: header.fiscal_year,
            document_type: K::DOCUMENT_TYPE.to_owned(),
            entry_source: header.entry_source.map(written).transpose()?,
            cor_bgt_doc_no: header.cor_bgt_doc_no,
            bgt_doc_title: header.bgt_doc_title,
            doc_date: header.doc_date,
            reason: header.reason,
            total_amt: total(&lines)?,
            lines: serde_json::to_value(lines).map_err(|error| Problem::internal(&error))?,
            create_time: work.now,
        })
    }

    fn heading(row: &Model) -> Heading {
        Heading {
            document_type: K::DOCUMENT_TYPE,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: None,
            chain: CHAINS.resolve(K::DOCUMENT_TYPE, &row.mof_div_code, row.total_amt),
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

    async fn find<C: ConnectionTrait>(db: &C, operation_id: Uuid) -> Result<Option<Model>, Problem> {
        Ok(store::find(db, K::DOCUMENT_TYPE, operation_id).await?)
    }

    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &BooksFilter,
        paged: &Paged,
    ) -> Result<Vec<Model>, Problem> {
        Ok(store::page(db, caller, K::DOCUMENT_TYPE, filter, paged, paged.after_as()?).await?)
    }

    fn id(row: &Model) -> Uuid {
        row.operation_id
    }

    fn view(row: Model, document: &Document) -> Result<Operation, Problem> {
        view(row, document)
    }

    /// The last approval moves everything, voiding takes it back while nothing was used (BA-009).
    async fn effect(work: Work<'_>, row: Model, transition: &Transition) -> Result<Model, Problem> {
        let operation = view(row.clone(), &transition.after)?;
        if transition.became_void() {
            let mut postings = K::reverse(work, &operation).await?;
            postings.extend(plans::<K>(work, &operation, operation.lines.iter().filter_map(taken_back)).await?);
            ledger::post(work.tx, work.now, &postings).await.map_err(|error| error.refused_as("BA-009"))?;
            cash_plan::require_within(work.tx, &postings).await?;
        }
        if !transition.became_final() {
            return Ok(row);
        }
        let Effect { mut postings, lines } = K::effect(work, &operation).await?;
        postings.extend(plans::<K>(work, &operation, lines.iter().filter_map(moved)).await?);
        ledger::post(work.tx, work.now, &postings).await.map_err(|error| error.refused_as(K::INSUFFICIENT))?;
        cash_plan::require_within(work.tx, &postings).await?;
        let total_amt = total(&lines)?;
        let lines = serde_json::to_value(lines).map_err(|error| Problem::internal(&error))?;
        let row = Model { lines, total_amt, ..row };
        store::replace(work.tx, row.clone()).await?;
        Ok(row)
    }
}

/// The cash plans that go along with the money of these lines.
async fn plans<K: Kind>(
    work: Work<'_>,
    operation: &Operation,
    moves: impl Iterator<Item = Move>,
) -> Result<Vec<Posting>, Problem> {
    if !K::MOVES_PLANS {
        return Ok(Vec::new());
    }
    let source_doc = format!("{}/{}", K::COLLECTION, operation.operation_id);
    let Operation { mof_div_code, fiscal_year, .. } = operation;
    let origin = Origin { mof_div_code, fiscal_year: *fiscal_year, source_doc: &source_doc };
    following::postings(work, origin, &moves.collect::<Vec<_>>()).await
}

fn moved(line: &OperationLine) -> Option<Move> {
    Some(Move { from: line.ori_bgt_id?, to: line.bgt_id?, amt: line.amt })
}

fn taken_back(line: &OperationLine) -> Option<Move> {
    Some(Move { from: line.bgt_id?, to: line.ori_bgt_id?, amt: line.amt })
}

/// The header of a draft that no document number stands over.
fn plain_header(mof_div_code: &DivisionCode, fiscal_year: FiscalYear, reason: &str) -> Header {
    Header {
        mof_div_code: mof_div_code.clone(),
        fiscal_year,
        reason: reason.to_owned(),
        entry_source: None,
        cor_bgt_doc_no: None,
        bgt_doc_title: None,
        doc_date: None,
    }
}

/// The line of the ledger for a line of the document.
fn line_number(index: usize, first: i32) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX).saturating_add(first)
}

async fn units(execution: &Execution, header: &Header, named: Vec<(usize, AgencyCode)>) -> Result<Units, Problem> {
    let (mut units, mut asked) = (Units::new(), BTreeSet::new());
    for (index, code) in named.into_iter().take(MAX_LINES) {
        if !asked.insert(code.clone()) {
            continue;
        }
        let (peer, year) = (&execution.peers.base_info, header.fiscal_year);
        let agency = peers::base_info::agency(peer, &header.mof_div_code, year, &code).await?;
        match agency.filter(|agency| agency.is_enabled) {
            Some(agency) => units.insert(code, agency.agency_name),
            None => {
                let zh = format!("单位 {code} 不属于区划 {}", header.mof_div_code);
                let en = format!("unit {code} does not belong to division {}", header.mof_div_code);
                return Err(model::refuse("BA-008", index, &zh, &en));
            }
        };
    }
    Ok(units)
}

fn require_reason(reason: &str) -> Result<(), Problem> {
    if reason.trim().is_empty() || reason.chars().count() > LONGEST_REASON {
        let en = "a reason of at most 360 characters is needed";
        return Err(Problem::field("/reason", "请填写 360 字以内的原因", en));
    }
    Ok(())
}

fn require_count(count: usize) -> Result<(), Problem> {
    if (1..=MAX_LINES).contains(&count) {
        return Ok(());
    }
    let (zh, en) = (format!("明细应为 1 至 {MAX_LINES} 行"), format!("1 to {MAX_LINES} lines are needed"));
    Err(RULES.refuse("BE-108", zh.clone(), en.clone()).at("/lines", zh, en))
}

fn total(lines: &[OperationLine]) -> Result<Money, Problem> {
    Ok(Money::try_sum(lines.iter().map(|line| line.amt)).ok_or(PostError::Overflow)?)
}

fn written(source: EntrySource) -> Result<String, Problem> {
    let value = serde_json::to_value(source).map_err(|error| Problem::internal(&error))?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

fn view(row: Model, document: &Document) -> Result<Operation, Problem> {
    let read = |text: String| serde_json::from_value(text.into()).map_err(|error| Problem::internal(&error));
    Ok(Operation {
        operation_id: row.operation_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        entry_source: row.entry_source.map(read).transpose()?,
        cor_bgt_doc_no: row.cor_bgt_doc_no,
        bgt_doc_title: row.bgt_doc_title,
        doc_date: row.doc_date,
        reason: row.reason,
        total_amt: row.total_amt,
        lines: serde_json::from_value(row.lines).map_err(|error| Problem::internal(&error))?,
        create_time: row.create_time,
        state: document.state(),
    })
}
