//! The one door to spending authority: every change is a posting, all or nothing, once. Balances are only the entries,
//! added up; a balance that is under control never goes below zero, whoever asks at the same time (BA-001, BA-012).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use common_types::ledger::Account;
use common_types::{DivisionCode, Elements, FiscalYear, Money};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use service_kit::store::{Unwritten, Writes};
use uuid::Uuid;

pub mod entity;
mod error;
pub mod http;
mod key;
mod model;
pub mod paid;
mod report;
mod store;

pub(crate) use store::query;

pub use error::PostError;
pub use key::{budget_key, expense_account, income_account, level_of};
pub use model::{Entry, Movement, Place, Posting, Slot, movements};
pub use report::{
    balances_as_of, balances_from_turnovers, balances_of_indicators, balances_of_keys, entries, trial_balance,
    turnovers,
};

/// What became of one posting of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The same posting was made before; nothing moved now.
    Already,
}

/// What became of a batch, posting by posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    pub outcomes: Vec<Outcome>,
}

impl Posted {
    /// Whether nothing of the batch was new.
    pub fn is_repetition(&self) -> bool {
        self.outcomes.iter().all(|outcome| *outcome == Outcome::Already)
    }
}

/// Posts a batch whole or not at all. Post everything of a transaction in one batch; several batches in one transaction
/// give up the lock order. After an error the transaction must not be committed.
pub async fn post(tx: &DatabaseTransaction, now: DateTime<Utc>, postings: &[Posting]) -> Result<Posted, PostError> {
    let (decided, fresh) = decide(tx, &[postings], &BTreeSet::new()).await?;
    let mut writes = Writes::of(tx);
    add(&mut writes, now, &fresh)?;
    match writes.send(tx).await {
        Ok(()) => decided.into_iter().next().unwrap_or(Ok(Posted { outcomes: Vec::new() })),
        Err(Unwritten::Store(error)) => Err(error.into()),
        // a racing transaction took an identity for content that shares no balance with ours
        Err(Unwritten::Missed(_)) => Err(store::raced(tx, &fresh).await?.unwrap_or(DbErr::RecordNotUpdated.into())),
    }
}

/// Posts many groups: the only function that changes spending authority. Each group is posted whole or refused whole
/// with the figures of its moment, as if the groups came one by one; a refused group leaves no trace.
///
/// `new_events` were made in this transaction, so that nobody can have posted them before.
///
/// Phases: balances of the whole batch are locked in key order; what was posted before is read behind the locks; groups
/// are decided in the order given; heads, balances and details are added to what the transaction writes. An error outside
/// the groups means that the transaction must not be committed.
pub async fn post_each(
    tx: &DatabaseTransaction,
    writes: &mut Writes,
    now: DateTime<Utc>,
    groups: &[&[Posting]],
    new_events: &BTreeSet<Uuid>,
) -> Result<Vec<Result<Posted, PostError>>, PostError> {
    let (decided, fresh) = decide(tx, groups, new_events).await?;
    add(writes, now, &fresh)?;
    Ok(decided)
}

/// What becomes of each group, and what of it is new.
type Decided<'a> = (Vec<Result<Posted, PostError>>, Vec<(Uuid, &'a Posting)>);

async fn decide<'a>(
    tx: &DatabaseTransaction,
    groups: &[&'a [Posting]],
    new_events: &BTreeSet<Uuid>,
) -> Result<Decided<'a>, PostError> {
    let all: Vec<&Posting> = groups.iter().copied().flatten().collect();
    let mut books = store::lock_books(tx, &all, new_events).await?;
    let decided: Vec<_> = groups.iter().map(|group| books.decide(group)).collect();
    let accepted = groups.iter().zip(&decided).filter_map(|(group, decision)| Some((*group, decision.as_ref().ok()?)));
    let fresh = accepted
        .flat_map(|(group, posted)| model::fresh(group, &posted.outcomes))
        .map(|posting| (Uuid::now_v7(), posting))
        .collect();
    Ok((decided, fresh))
}

fn add(writes: &mut Writes, now: DateTime<Utc>, fresh: &[(Uuid, &Posting)]) -> Result<(), PostError> {
    let Some((_, first)) = fresh.first() else { return Ok(()) };
    store::insert_heads(writes, now, fresh, first.reused())?;
    let movements = movements(fresh.iter().map(|(_, posting)| *posting)).ok_or(PostError::Overflow)?;
    store::move_balances(writes, &movements)?;
    Ok(store::insert_details(writes, now, fresh)?)
}

/// Records what a key stands for. An indicator's key is its `bgt_id`; registering again changes nothing.
pub async fn register_key<C: ConnectionTrait>(
    tx: &C,
    key_id: Uuid,
    elements: &Elements,
    bgt_id: Option<Uuid>,
) -> Result<(), DbErr> {
    store::insert_key(tx, key_id, elements, bgt_id).await
}

/// The slot in which a budget-level account (1xxx, 2xxx, 3xxx) keeps money of these elements; its key is registered.
pub async fn budget_slot<C: ConnectionTrait>(tx: &C, account: Account, elements: &Elements) -> Result<Slot, DbErr> {
    let kept = key::kept(account, elements);
    let key_id = key::key_of(&kept);
    store::insert_key(tx, key_id, &kept, None).await?;
    Ok(Slot::new(account, key_id))
}

/// All balances of one key, each on the normal side of its account.
pub async fn balances<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
    key_id: Uuid,
) -> Result<BTreeMap<Account, Money>, DbErr> {
    store::balances(db, mof_div_code, fiscal_year, key_id).await
}

/// Balances of one division and year that nobody else moves until this transaction ends, locked in the order of
/// postings. Call it before the posting whose amount depends on them.
pub async fn hold(tx: &DatabaseTransaction, places: &[Place]) -> Result<BTreeMap<Slot, Money>, DbErr> {
    store::hold(tx, places).await
}

/// Begins the closing of a year: waits for postings under way and keeps others out until this transaction ends.
/// Call it before the closing entries are posted.
pub async fn begin_closing(
    tx: &DatabaseTransaction,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<(), PostError> {
    if store::lock_year(tx, mof_div_code, fiscal_year).await?.close_time.is_some() {
        return Err(PostError::Closed { mof_div_code: mof_div_code.clone(), fiscal_year });
    }
    Ok(())
}

/// Closes the books of a year after its closing entries: nothing is posted to it any more.
pub async fn close_year(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<(), PostError> {
    if store::close_year(tx, now, mof_div_code, fiscal_year).await? {
        return Ok(());
    }
    Err(PostError::Closed { mof_div_code: mof_div_code.clone(), fiscal_year })
}
