//! Indicators (预算指标): what they are and where they come from. Their amounts are balances of the ledger; this noun
//! never keeps a balance of its own.

use std::collections::BTreeMap;

use budget_execution_contract::{self as contract, IndicatorFilter, IndicatorLineage};
use chrono::{DateTime, Utc};
use common_types::ledger::Account;
use common_types::{Amount, DivisionCode, DocNo, FiscalYear, Money, ProCode};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use service_kit::{Caller, Page, PageQuery, Problem};
use uuid::Uuid;

use crate::RULES;
use crate::ledger::{self, PostError};

pub mod advance;
pub mod direct;
pub mod entity;
mod explanation;
pub mod http;
mod model;
pub mod refusal;
pub(crate) mod store;
mod store_documents;
mod waterfall;

pub use explanation::explain;
pub use model::{Indicator, OWN_ACCOUNTS, total};
pub use waterfall::{Turnover, waterfall};

/// How far a lineage is followed.
const MAX_GENERATIONS: usize = 50;
/// How many descendants a lineage shows.
const MAX_DESCENDANTS: usize = 5_000;

/// Records a new indicator and its ledger key. Its money arrives by a posting of the same transaction.
pub async fn create(tx: &DatabaseTransaction, now: DateTime<Utc>, indicator: &Indicator) -> Result<(), DbErr> {
    store::insert(tx, now, indicator).await?;
    ledger::register_key(tx, indicator.bgt_id, &indicator.elements, Some(indicator.bgt_id)).await
}

/// An indicator by its id, whatever its division; scope is for the caller to check.
pub async fn find<C: ConnectionTrait>(db: &C, bgt_id: Uuid) -> Result<Option<Indicator>, DbErr> {
    Ok(store::row(db, bgt_id).await?.map(store::indicator_of))
}

/// Indicators by their ids; those that do not exist are absent.
pub async fn find_many<C: ConnectionTrait>(db: &C, bgt_ids: Vec<Uuid>) -> Result<BTreeMap<Uuid, Indicator>, DbErr> {
    let rows = store::rows(db, bgt_ids).await?;
    Ok(rows.into_iter().map(|row| (row.bgt_id, store::indicator_of(row))).collect())
}

/// An indicator of this division and year, or 404.
pub async fn of_books<C: ConnectionTrait>(
    db: &C,
    bgt_id: Uuid,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<Indicator, Problem> {
    find(db, bgt_id)
        .await?
        .filter(|found| found.elements.mof_div_code == *mof_div_code && found.elements.fiscal_year == fiscal_year)
        .ok_or_else(not_found)
}

/// An indicator that a unit can pay from: 404 when there is none, BA-007 when it waits to be distributed.
pub async fn executable<C: ConnectionTrait>(db: &C, bgt_id: Uuid) -> Result<Indicator, Problem> {
    let indicator = find(db, bgt_id).await?.ok_or_else(not_found)?;
    if indicator.is_executable() {
        return Ok(indicator);
    }
    Err(RULES
        .refuse(
            "BA-007",
            format!("指标 {bgt_id} 为待分指标，不能直接支付"),
            format!("indicator {bgt_id} waits to be distributed and cannot be paid from"),
        )
        .with("indicator", bgt_id))
}

fn not_found() -> Problem {
    Problem::not_found("指标", "the indicator")
}

/// An early answer for people: the guard that counts is in the posting (BA-001).
pub async fn require_available<C: ConnectionTrait>(
    db: &C,
    indicator: &Indicator,
    amount: Amount,
) -> Result<(), Problem> {
    let account = indicator.available_account();
    let balances = balances(db, indicator).await?;
    let (available, requested) = (balances.get(&account).copied().unwrap_or_default(), amount.money());
    if available >= requested {
        return Ok(());
    }
    let error = PostError::Insufficient { account, key_id: indicator.bgt_id, available, requested };
    Err(refusal::explained(db, error, "BA-001").await)
}

/// The ledger balances of an indicator with those of its commitments.
pub async fn all_balances<C: ConnectionTrait>(
    db: &C,
    indicator: &Indicator,
) -> Result<BTreeMap<Account, Money>, DbErr> {
    let mut balances = ledger::balances_of_indicators(db, vec![indicator.bgt_id]).await?;
    Ok(balances.remove(&indicator.bgt_id).unwrap_or_default())
}

/// The ledger balances of an indicator's own key.
pub async fn balances<C: ConnectionTrait>(db: &C, indicator: &Indicator) -> Result<BTreeMap<Account, Money>, DbErr> {
    let elements = &indicator.elements;
    ledger::balances(db, &elements.mof_div_code, elements.fiscal_year, indicator.bgt_id).await
}

/// The indicator that waits from which this one was split.
pub async fn waiting_parent<C: ConnectionTrait>(db: &C, child: &Indicator) -> Result<Option<Indicator>, Problem> {
    let Some(ori_bgt_id) = child.ori_bgt_id else { return Ok(None) };
    let (has, parent) = (&child.elements, find(db, ori_bgt_id).await?);
    Ok(parent.filter(|parent| {
        parent.available_account() == Account::UnallocatedIndicator
            && parent.elements.mof_div_code == has.mof_div_code
            && parent.elements.fiscal_year == has.fiscal_year
    }))
}

/// All that an indicator was given and has not passed on (额度): what is left, set aside, under way and spent.
pub async fn authority<C: ConnectionTrait>(db: &C, indicator: &Indicator) -> Result<Money, Problem> {
    let amounts = indicator.amounts(&balances(db, indicator).await?);
    amounts.total().ok_or_else(|| PostError::Overflow.into())
}

/// What a project has been given in a year, over all its indicators.
pub async fn project_total<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
    pro_code: &ProCode,
) -> Result<Money, Problem> {
    let rows = store::of_project(db, mof_div_code, fiscal_year, pro_code).await?;
    let balances = ledger::balances_of_keys(db, rows.iter().map(|row| row.bgt_id).collect()).await?;
    let totals = rows.into_iter().filter_map(|row| {
        let of_key = balances.get(&row.bgt_id)?;
        store::indicator_of(row).amounts(of_key).total()
    });
    Ok(Money::try_sum(totals).ok_or(PostError::Overflow)?)
}

/// All indicators of a division and year.
pub async fn of_year<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<Vec<Indicator>, DbErr> {
    Ok(store::of_year(db, mof_div_code, fiscal_year).await?.into_iter().map(store::indicator_of).collect())
}

/// Claims a document number for a division and year (BA-005).
pub async fn claim_document_number(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    number: &DocNo,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<(), Problem> {
    let owner = store::claim_document_number(tx, now, number, mof_div_code, fiscal_year).await?;
    if owner == (mof_div_code.clone(), fiscal_year) {
        return Ok(());
    }
    let (division, year) = owner;
    Err(RULES
        .refuse(
            "BA-005",
            format!("文号 {number} 已用于 {division} {year} 年度"),
            format!("document number {number} is in use by {division} for {year}"),
        )
        .at("/cor_bgt_doc_no", "文号已使用", "document number is in use"))
}

/// Completes the document number of an indicator that is being issued.
pub async fn set_document(
    tx: &DatabaseTransaction,
    indicator: &Indicator,
    cor_bgt_doc_no: &DocNo,
    bgt_doc_title: &str,
    doc_date: chrono::NaiveDate,
) -> Result<(), DbErr> {
    store::set_document(tx, indicator, cor_bgt_doc_no, bgt_doc_title, doc_date).await
}

/// An indicator within the caller's reading scope.
async fn readable<C: ConnectionTrait>(db: &C, caller: &Caller, bgt_id: Uuid) -> Result<entity::Model, Problem> {
    let row = store::row(db, bgt_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, row.agency_code.as_ref(), "指标", "the indicator")?;
    Ok(row)
}

/// A page of indicators with their present amounts.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &IndicatorFilter,
    page: &PageQuery,
) -> Result<Page<contract::Indicator>, Problem> {
    let paged = page.paged()?;
    let rows = store::page(db, caller, filter, paged.after_as()?, &paged).await?;
    let balances = ledger::balances_of_indicators(db, rows.iter().map(|row| row.bgt_id).collect()).await?;
    let none = BTreeMap::new();
    let view =
        |row: entity::Model| store::indicator_of(row.clone()).view(&row, balances.get(&row.bgt_id).unwrap_or(&none));
    Ok(Page::of(rows, &paged, |row| row.bgt_id.to_string()).map(view))
}

/// Where an indicator comes from, up to its budget line or the document of the higher level, and what came of it.
pub async fn lineage<C: ConnectionTrait>(db: &C, caller: &Caller, bgt_id: Uuid) -> Result<IndicatorLineage, Problem> {
    readable(db, caller, bgt_id).await?;
    Ok(trace(db, bgt_id).await?)
}

/// The lineage of an indicator, for lineages that start further down, at a payment for example.
pub async fn trace<C: ConnectionTrait>(db: &C, bgt_id: Uuid) -> Result<IndicatorLineage, DbErr> {
    let mut ancestors = Vec::new();
    let mut next = Some(bgt_id);
    while let (Some(id), true) = (next, ancestors.len() < MAX_GENERATIONS) {
        let Some(indicator) = find(db, id).await? else { break };
        next = indicator.ori_bgt_id;
        ancestors.push(indicator.node());
    }
    let mut descendants: Vec<contract::LineageNode> = Vec::new();
    let mut parents = vec![bgt_id];
    while !parents.is_empty() && descendants.len() < MAX_DESCENDANTS {
        let children = store::children(db, parents).await?;
        parents = children.iter().map(|row| row.bgt_id).collect();
        descendants.extend(children.into_iter().map(|row| store::indicator_of(row).node()));
    }
    Ok(IndicatorLineage {
        bgt_id,
        bgt_pman_id: ancestors.iter().rev().find_map(|node| node.bgt_pman_id.clone()),
        sup_bgt_doc_no: ancestors.iter().rev().find_map(|node| node.sup_bgt_doc_no.clone()),
        ancestors,
        descendants,
    })
}

/// The entries of an indicator, oldest first.
pub async fn entries<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    bgt_id: Uuid,
    page: &PageQuery,
) -> Result<Page<contract::LedgerEntry>, Problem> {
    let row = readable(db, caller, bgt_id).await?;
    let filter = contract::LedgerFilter {
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        key_id: Some(bgt_id),
        acct_cls_code: None,
        as_of: None,
        known_at: None,
    };
    ledger::entries(db, &filter, page).await
}
