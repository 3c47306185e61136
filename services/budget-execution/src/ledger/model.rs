//! The rules of a batch of postings. Pure: what a batch does to each balance, which of its groups hold, and what it says.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use common_types::ledger::{Account, Side, Template};
use common_types::{Amount, DivisionCode, FiscalYear, Money};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Outcome, PostError, Posted};

/// One balance: an account and a key within a division and year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    pub key_id: Uuid,
    pub account: Account,
}

impl Slot {
    /// The balance of this account and key.
    pub const fn new(account: Account, key_id: Uuid) -> Self {
        Self { key_id, account }
    }
}

/// An amount that moves from the credited to the debited slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub debit: Slot,
    pub credit: Slot,
    pub amount: Amount,
}

impl Entry {
    /// Dr `debit` / Cr `credit`.
    pub const fn new(debit: Slot, credit: Slot, amount: Amount) -> Self {
        Self { debit, credit, amount }
    }

    /// The same amount the other way round.
    pub const fn reversed(self) -> Self {
        Self { debit: self.credit, credit: self.debit, amount: self.amount }
    }
}

/// One business event on the books. Its identity is (event id, template, line).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub event_id: Uuid,
    pub template: Template,
    pub line: i32,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub vou_date: NaiveDate,
    /// The document behind it, such as `payments/0190…`.
    pub source_doc: String,
    pub entries: Vec<Entry>,
}

impl Posting {
    /// What makes it the same posting when it comes again.
    pub fn identity(&self) -> Identity {
        (self.mof_div_code.clone(), self.event_id, self.template, self.line)
    }

    /// The refusal of its identity for other content.
    pub(super) fn reused(&self) -> PostError {
        PostError::IdReused { event_id: self.event_id, template: self.template, line: self.line }
    }

    /// A fingerprint of everything that the posting says beside its day.
    pub fn content_hash(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(format!("{}|{}|{}", self.mof_div_code, self.fiscal_year, self.source_doc));
        for entry in &self.entries {
            let (debit, credit) = (entry.debit, entry.credit);
            digest.update(format!(
                "|{}/{}<{}/{}:{}",
                debit.account, debit.key_id, credit.account, credit.key_id, entry.amount
            ));
        }
        format!("{:x}", digest.finalize())
    }
}

/// Where a balance lives. The order is the order in which locks are taken (BA-012).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub slot: Slot,
}

/// What a batch does to one balance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Movement {
    pub dr_amt: Money,
    pub cr_amt: Money,
}

impl Movement {
    /// The change on the normal side of the account; none when it does not fit.
    pub fn change(self, account: Account) -> Option<Money> {
        match account.normal_side() {
            Side::Debit | Side::Either => self.dr_amt.checked_sub(self.cr_amt),
            Side::Credit => self.cr_amt.checked_sub(self.dr_amt),
        }
    }
}

/// Every balance that these postings touch.
pub fn places<'a>(postings: impl IntoIterator<Item = &'a Posting>) -> BTreeSet<Place> {
    let of_posting = |posting: &'a Posting| {
        let slots = posting.entries.iter().flat_map(|entry| [entry.debit, entry.credit]);
        slots.map(move |slot| Place {
            mof_div_code: posting.mof_div_code.clone(),
            fiscal_year: posting.fiscal_year,
            slot,
        })
    };
    postings.into_iter().flat_map(of_posting).collect()
}

/// All movements of a batch, netted per balance; none when a sum does not fit.
pub fn movements<'a>(postings: impl IntoIterator<Item = &'a Posting>) -> Option<BTreeMap<Place, Movement>> {
    let mut movements = BTreeMap::<Place, Movement>::new();
    for posting in postings {
        let place = |slot| Place { mof_div_code: posting.mof_div_code.clone(), fiscal_year: posting.fiscal_year, slot };
        for entry in &posting.entries {
            let debit = movements.entry(place(entry.debit)).or_default();
            debit.dr_amt = debit.dr_amt.checked_add(entry.amount.money())?;
            let credit = movements.entry(place(entry.credit)).or_default();
            credit.cr_amt = credit.cr_amt.checked_add(entry.amount.money())?;
        }
    }
    Some(movements)
}

/// The identity of a posting within the whole ledger.
pub type Identity = (DivisionCode, Uuid, Template, i32);

/// A balance as it stands: on the normal side of its account, and its two turnovers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    pub bal_amt: Money,
    pub dr_amt: Money,
    pub cr_amt: Money,
}

impl Balance {
    /// The balance after a movement; none when it does not fit.
    fn after(self, movement: Movement, account: Account) -> Option<Self> {
        Some(Self {
            bal_amt: self.bal_amt.checked_add(movement.change(account)?)?,
            dr_amt: self.dr_amt.checked_add(movement.dr_amt)?,
            cr_amt: self.cr_amt.checked_add(movement.cr_amt)?,
        })
    }
}

/// What the books say of the places and identities of a batch. Groups are decided one after the other; each decision
/// sees what was accepted before it, so that a batch ends like its groups posted one by one.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// Balances that are locked; a place that is missing is empty.
    pub balances: BTreeMap<Place, Balance>,
    /// Content of what was posted before, by identity.
    pub posted: HashMap<Identity, String>,
    pub closed: BTreeSet<(DivisionCode, FiscalYear)>,
}

impl Books {
    /// Accepts a group and notes what it moves, or refuses it whole and notes nothing.
    pub fn decide(&mut self, group: &[Posting]) -> Result<Posted, PostError> {
        self.require_open(group)?;
        let (outcomes, identities) = self.outcomes(group)?;
        let moved = movements(fresh(group, &outcomes)).ok_or(PostError::Overflow)?;
        let mut after = Vec::with_capacity(moved.len());
        for (place, movement) in moved {
            let balance = self.balances.get(&place).copied().unwrap_or_default();
            after.push((require_held(&place, balance, movement)?, place));
        }
        self.balances.extend(after.into_iter().map(|(balance, place)| (place, balance)));
        self.posted.extend(identities);
        Ok(Posted { outcomes })
    }

    fn require_open(&self, group: &[Posting]) -> Result<(), PostError> {
        let mut books = group.iter().map(|posting| (posting.mof_div_code.clone(), posting.fiscal_year));
        match books.find(|year| self.closed.contains(year)) {
            Some((mof_div_code, fiscal_year)) => Err(PostError::Closed { mof_div_code, fiscal_year }),
            None => Ok(()),
        }
    }

    /// What each posting is beside those before it, and the identities that it would take.
    fn outcomes(&self, group: &[Posting]) -> Result<(Vec<Outcome>, HashMap<Identity, String>), PostError> {
        let mut taken = HashMap::<Identity, String>::new();
        let mut outcomes = Vec::with_capacity(group.len());
        for posting in group {
            let (identity, content) = (posting.identity(), posting.content_hash());
            outcomes.push(match self.posted.get(&identity).or_else(|| taken.get(&identity)) {
                Some(earlier) if *earlier == content => Outcome::Already,
                Some(_) => return Err(posting.reused()),
                None => {
                    taken.insert(identity, content);
                    Outcome::Done
                }
            });
        }
        Ok((outcomes, taken))
    }
}

/// BA-001: the balance after a movement, when the balance holds it.
fn require_held(place: &Place, balance: Balance, movement: Movement) -> Result<Balance, PostError> {
    let Slot { account, key_id } = place.slot;
    let change = movement.change(account).ok_or(PostError::Overflow)?;
    let requested = change.checked_neg().ok_or(PostError::Overflow)?;
    if account.ctrl_level() == 2 && requested > balance.bal_amt {
        return Err(PostError::Insufficient { account, key_id, available: balance.bal_amt, requested });
    }
    balance.after(movement, account).ok_or(PostError::Overflow)
}

/// The postings of a group that were not there before.
pub fn fresh<'a>(group: &'a [Posting], outcomes: &[Outcome]) -> Vec<&'a Posting> {
    group.iter().zip(outcomes).filter(|(_, outcome)| **outcome == Outcome::Done).map(|(posting, _)| posting).collect()
}

#[cfg(test)]
mod tests;
