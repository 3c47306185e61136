//! The one door to spending authority: every change is a posting, all or nothing, once. Balances are only the entries,
//! added up; a balance that is under control never goes below zero, whoever asks at the same time (BA-001, BA-012).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{DivisionCode, Elements, FiscalYear, Money};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
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

/// Posts a batch: the only function that changes spending authority.
///
/// Balances are netted over the batch and locked in key order. Post everything of a transaction in one batch;
/// several batches in one transaction give up the lock order.
pub async fn post(tx: &DatabaseTransaction, now: DateTime<Utc>, postings: &[Posting]) -> Result<Posted, PostError> {
    require_open_years(tx, postings).await?;
    let named: Vec<(Uuid, &Posting)> = postings.iter().map(|posting| (Uuid::now_v7(), posting)).collect();
    let inserted = store::insert_heads(tx, now, &named).await?;
    let outcomes = if usize::try_from(inserted).is_ok_and(|inserted| inserted == named.len()) {
        vec![Outcome::Done; named.len()]
    } else {
        compare_with_earlier(tx, &named).await?
    };
    let fresh: Vec<(Uuid, &Posting)> = named
        .into_iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| **outcome == Outcome::Done)
        .map(|(posting, _)| posting)
        .collect();
    let movements = movements(fresh.iter().map(|(_, posting)| *posting)).ok_or(PostError::Overflow)?;
    if !movements.is_empty() {
        store::ensure_balances(tx, &movements).await?;
        for (place, movement) in &movements {
            move_balance(tx, place, *movement).await?;
        }
        store::insert_details(tx, now, &fresh).await?;
    }
    Ok(Posted { outcomes })
}

async fn require_open_years(tx: &DatabaseTransaction, postings: &[Posting]) -> Result<(), PostError> {
    let years: BTreeSet<(&DivisionCode, FiscalYear)> =
        postings.iter().map(|posting| (&posting.mof_div_code, posting.fiscal_year)).collect();
    for (mof_div_code, fiscal_year) in years {
        if store::hold_year(tx, mof_div_code, fiscal_year, false).await?.close_time.is_some() {
            return Err(PostError::Closed { mof_div_code: mof_div_code.clone(), fiscal_year });
        }
    }
    Ok(())
}

async fn compare_with_earlier(tx: &DatabaseTransaction, named: &[(Uuid, &Posting)]) -> Result<Vec<Outcome>, PostError> {
    let earlier: HashMap<(DivisionCode, Uuid, Template, i32), entity::head::Model> = store::heads_of(tx, named)
        .await?
        .into_iter()
        .map(|head| ((head.mof_div_code.clone(), head.event_id, head.template, head.line), head))
        .collect();
    let outcome_of = |(vou_id, posting): &(Uuid, &Posting)| {
        let identity = (posting.mof_div_code.clone(), posting.event_id, posting.template, posting.line);
        match earlier.get(&identity) {
            Some(head) if head.vou_id == *vou_id => Ok(Outcome::Done),
            Some(head) if head.content_hash == posting.content_hash() => Ok(Outcome::Already),
            _ => {
                Err(PostError::IdReused { event_id: posting.event_id, template: posting.template, line: posting.line })
            }
        }
    };
    named.iter().map(outcome_of).collect()
}

async fn move_balance(tx: &DatabaseTransaction, place: &Place, movement: Movement) -> Result<(), PostError> {
    let account = place.slot.account;
    let change = movement.change(account).ok_or(PostError::Overflow)?;
    if store::move_balance(tx, place, movement, change).await? {
        return Ok(());
    }
    let available = store::balance(tx, place).await?;
    let requested = change.checked_neg().ok_or(PostError::Overflow)?;
    if account.ctrl_level() == 2 && requested > available {
        return Err(PostError::Insufficient { account, key_id: place.slot.key_id, available, requested });
    }
    Err(PostError::Overflow)
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
    if store::hold_year(tx, mof_div_code, fiscal_year, true).await?.close_time.is_some() {
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
