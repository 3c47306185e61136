//! 分解 (distribution): an indicator that waits is split into indicators of units, which refine and never contradict it
//! (BA-003, BA-006, BA-008). Nothing moves before the document is final; then E08 moves everything or nothing.

use std::collections::BTreeMap;

use budget_execution_contract::{DistributedLine, Distribution, DistributionDraft, DistributionLine};
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{AgencyCode, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, clock::china_date, http::Paged};
use uuid::Uuid;
use workflow::{BooksFilter, Document, Heading, Noun, Transition, Work};

use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, PostError, Posting};
use crate::{CHAINS, Execution, cash_plan, peers};

mod entity;
pub mod http;
mod model;
mod store;

use entity::Model;

const DOCUMENT_TYPE: &str = "distribution";
const MAKERS: &[Role] = &[Role::M1];
const MAX_LINES: usize = 2_000;

/// Names of the units of a draft, by code.
pub type Units = BTreeMap<AgencyCode, String>;

/// Asks for the units of a draft: only units of this division and year can be given anything (BA-008).
pub async fn units(execution: &Execution, draft: &DistributionDraft) -> Result<Units, Problem> {
    let mut units = Units::new();
    let base_info = &execution.peers.base_info;
    for (index, line) in draft.lines.iter().take(MAX_LINES).enumerate() {
        let code = &line.agency_code;
        if units.contains_key(code) {
            continue;
        }
        let agency = peers::base_info::agency(base_info, &draft.mof_div_code, draft.fiscal_year, code).await?;
        match agency.filter(|agency| agency.is_enabled) {
            Some(agency) => units.insert(code.clone(), agency.agency_name),
            None => return Err(model::foreign_unit(index, code, &draft.mof_div_code)),
        };
    }
    Ok(units)
}

/// 分解单.
pub struct Distributions;

impl Noun for Distributions {
    type Service = Execution;
    type Draft = DistributionDraft;
    type Known = Units;
    type Row = Model;
    type View = Distribution;
    type Filter = BooksFilter;

    const COLLECTION: &'static str = "distributions";
    const ID: &'static str = "distribution_id";
    const NAME: [&'static str; 2] = ["分解单", "the distribution"];

    async fn ask(execution: &Execution, caller: &Caller, draft: &DistributionDraft) -> Result<Units, Problem> {
        caller.require_in(MAKERS, &draft.mof_div_code, None)?;
        units(execution, draft).await
    }

    async fn check(
        work: Work<'_>,
        distribution_id: Uuid,
        draft: DistributionDraft,
        units: Units,
    ) -> Result<Model, Problem> {
        work.caller.require_in(MAKERS, &draft.mof_div_code, None)?;
        check(work, distribution_id, draft, &units).await
    }

    fn heading(row: &Model) -> Heading {
        Heading {
            document_type: DOCUMENT_TYPE,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: None,
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

    async fn find<C: ConnectionTrait>(db: &C, distribution_id: Uuid) -> Result<Option<Model>, Problem> {
        Ok(store::find(db, distribution_id).await?)
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
        row.distribution_id
    }

    fn view(row: Model, document: &Document) -> Result<Distribution, Problem> {
        view(row, document)
    }

    /// The last approval makes the children and moves the money; voiding takes it back.
    async fn effect(work: Work<'_>, row: Model, transition: &Transition) -> Result<Model, Problem> {
        if transition.became_final() {
            distribute(work.tx, work.now, &view(row.clone(), &transition.after)?).await?;
        }
        if transition.became_void() {
            take_back(work.tx, work.now, &view(row.clone(), &transition.after)?).await?;
        }
        Ok(row)
    }
}

async fn check(
    work: Work<'_>,
    distribution_id: Uuid,
    draft: DistributionDraft,
    units: &Units,
) -> Result<Model, Problem> {
    let Work { tx, now, .. } = work;
    let parent = indicator::of_books(tx, draft.bgt_id, &draft.mof_div_code, draft.fiscal_year).await?;
    model::require_waiting(&parent)?;
    model::require_lines(draft.lines.len(), MAX_LINES)?;
    let total_amt = Money::try_sum(draft.lines.iter().map(|line| line.amt.money())).ok_or(PostError::Overflow)?;
    let mut lines = Vec::with_capacity(draft.lines.len());
    for (index, line) in draft.lines.into_iter().enumerate() {
        model::check_child(&parent, index, &line)?;
        let agency_name = units.get(&line.agency_code).cloned().unwrap_or_default();
        lines.push(distributed(line, agency_name));
    }
    Ok(Model {
        mof_div_code: draft.mof_div_code,
        distribution_id,
        fiscal_year: draft.fiscal_year,
        bgt_id: draft.bgt_id,
        total_amt,
        remark: draft.remark,
        lines: serde_json::to_value(lines).map_err(|error| Problem::internal(&error))?,
        create_time: now,
    })
}

fn distributed(line: DistributionLine, agency_name: String) -> DistributedLine {
    DistributedLine {
        bgt_id: Uuid::now_v7(),
        agency_name,
        agency_code: line.agency_code,
        pro_code: line.pro_code,
        fund_type_code: line.fund_type_code,
        exp_func_code: line.exp_func_code,
        gov_bgt_eco_code: line.gov_bgt_eco_code,
        dep_bgt_eco_code: line.dep_bgt_eco_code,
        direct_flag: line.direct_flag,
        amt: line.amt,
        bgt_dec: line.bgt_dec,
    }
}

/// E08: Dr 4102 (child) / Cr 4101 (parent).
async fn distribute(tx: &DatabaseTransaction, now: DateTime<Utc>, document: &Distribution) -> Result<(), Problem> {
    let parent = indicator::of_books(tx, document.bgt_id, &document.mof_div_code, document.fiscal_year).await?;
    for line in &document.lines {
        indicator::create(tx, now, &model::child(&parent, line, document.distribution_id)).await?;
    }
    ledger::post(tx, now, &[posting(now, &parent, document, 1)]).await?;
    Ok(())
}

/// The reverse of the distribution, possible while nothing of it was issued (BA-009).
async fn take_back(tx: &DatabaseTransaction, now: DateTime<Utc>, document: &Distribution) -> Result<(), Problem> {
    let parent = indicator::of_books(tx, document.bgt_id, &document.mof_div_code, document.fiscal_year).await?;
    let mut posting = posting(now, &parent, document, 2);
    posting.entries = posting.entries.into_iter().map(Entry::reversed).collect();
    let postings = [posting];
    ledger::post(tx, now, &postings).await.map_err(|error| error.refused_as("BA-009"))?;
    cash_plan::require_within(tx, &postings).await
}

fn posting(now: DateTime<Utc>, parent: &Indicator, document: &Distribution, line: i32) -> Posting {
    let source = parent.slot(parent.available_account());
    let entry =
        |line: &DistributedLine| Entry::new(ledger::Slot::new(Account::PendingIssue, line.bgt_id), source, line.amt);
    Posting {
        event_id: document.distribution_id,
        template: Template::E08,
        line,
        mof_div_code: document.mof_div_code.clone(),
        fiscal_year: document.fiscal_year,
        vou_date: china_date(now),
        source_doc: format!("distributions/{}", document.distribution_id),
        entries: document.lines.iter().map(entry).collect(),
    }
}

fn view(row: Model, document: &Document) -> Result<Distribution, Problem> {
    Ok(Distribution {
        distribution_id: row.distribution_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        bgt_id: row.bgt_id,
        total_amt: row.total_amt,
        remark: row.remark,
        lines: serde_json::from_value(row.lines).map_err(|error| Problem::internal(&error))?,
        create_time: row.create_time,
        state: document.state(),
    })
}
