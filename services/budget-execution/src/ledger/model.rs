//! The rules of a batch of postings. Pure: what a batch does to each balance, and what it says.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common_types::ledger::{Account, Side, Template};
use common_types::{Amount, DivisionCode, FiscalYear, Money};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

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
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
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

/// The highest balance to which this change can be added.
pub fn room_above(change: Money) -> Money {
    Money::from_fen(i64::MAX.saturating_sub(change.fen().max(0)))
}

/// The lowest balance to which this change can be added.
pub fn room_below(change: Money) -> Money {
    Money::from_fen(i64::MIN.saturating_sub(change.fen().min(0)))
}
