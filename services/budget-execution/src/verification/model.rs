//! The invariants of the ledger (§4.4), checked on figures that were read. Pure.

use std::collections::{BTreeMap, BTreeSet};

use budget_execution_contract::{Difference, InvariantCheck};
use common_types::ledger::{Account, Side, Template};
use common_types::{DivisionCode, FiscalYear, Money};
use uuid::Uuid;

/// How many differences a report shows per invariant.
const SHOWN: usize = 20;

/// Debits and credits of one account and key, from the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recomputed {
    pub books: Books,
    pub account: Account,
    pub key_id: Uuid,
    pub dr_amt: Money,
    pub cr_amt: Money,
}

/// The books of one division and year.
pub type Books = (DivisionCode, FiscalYear);

/// A stored balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub books: Books,
    pub account: Account,
    pub key_id: Uuid,
    pub bal_amt: Money,
}

/// Everything that the verifier reads.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    pub recomputed: Vec<Recomputed>,
    pub stored: Vec<Stored>,
    /// Keys of indicators and of their commitments, with the indicator.
    pub indicator_keys: BTreeMap<Uuid, Uuid>,
    pub closed: BTreeSet<Books>,
    /// Vouchers whose debits and credits differ.
    pub uneven: Vec<(Uuid, Money, Money)>,
    pub vouchers: i64,
    /// Vouchers without entries, or entries without a voucher.
    pub orphans: i64,
    /// What each commitment should still keep, by its documents.
    pub commitments: Vec<(Books, Uuid, Money)>,
    /// Movements of 7201 by template.
    pub paid: Vec<(Template, Money)>,
}

impl Recomputed {
    fn debit(&self) -> Money {
        self.dr_amt.checked_sub(self.cr_amt).unwrap_or_default()
    }

    fn balance(&self) -> Money {
        match self.account.normal_side() {
            Side::Debit | Side::Either => self.debit(),
            Side::Credit => self.debit().checked_neg().unwrap_or_default(),
        }
    }

    fn subject(&self) -> String {
        format!("{} {} {} {}", self.books.0, self.books.1, self.account, self.key_id)
    }
}

/// All checks, in the order of the standard.
pub fn checks(figures: &Figures) -> Vec<InvariantCheck> {
    let indicators = |key_id: &Uuid| figures.indicator_keys.contains_key(key_id);
    vec![
        check(1, "借贷必相等", "debits equal credits", figures.vouchers, even(figures)),
        check(
            2,
            "受控余额不小于零",
            "controlled balances are not negative",
            count(&figures.recomputed),
            negative(figures),
        ),
        check(3, "来源合计等于去向合计", "sources equal uses", count(&figures.recomputed), identity(figures)),
        check(
            4,
            "指标额度与分录一致",
            "indicator amounts equal their entries",
            count(&figures.stored),
            stored(figures, indicators),
        ),
        check(5, "已支付只由支付类分录变动", "paid moves only by payment entries", count(&figures.paid), paid(figures)),
        check(6, "每笔业务只记一次", "each event is posted once", figures.vouchers, orphans(figures)),
        check(7, "结账后余额为零", "closed books are empty", count(&figures.recomputed), closed(figures)),
        check(
            8,
            "余额等于分录之和",
            "balances equal the sum of their entries in any order",
            count(&figures.stored),
            stored(figures, |_| true),
        ),
        check(
            9,
            "采购占用与合同及支付一致",
            "commitments keep what their contracts and payments leave",
            count(&figures.commitments),
            committed(figures),
        ),
        check(
            10,
            "用款计划平衡且不超过指标",
            "cash plans add up and stay within their indicators",
            count(&figures.recomputed),
            planned(figures),
        ),
    ]
}

/// Adds the checks of further books to those of others.
pub fn merge(checks: &mut Vec<InvariantCheck>, more: Vec<InvariantCheck>) {
    for one in more {
        let Some(known) = checks.iter_mut().find(|check| check.invariant == one.invariant) else {
            checks.push(one);
            continue;
        };
        known.ok &= one.ok;
        known.checked = known.checked.saturating_add(one.checked);
        let room = SHOWN.saturating_sub(known.differences.len());
        known.differences.extend(one.differences.into_iter().take(room));
    }
}

fn count<T>(things: &[T]) -> i64 {
    i64::try_from(things.len()).unwrap_or(i64::MAX)
}

/// One check with its first differences.
pub fn check(invariant: i32, zh: &str, en: &str, checked: i64, differences: Vec<Difference>) -> InvariantCheck {
    InvariantCheck {
        invariant,
        name_zh: zh.to_owned(),
        name_en: en.to_owned(),
        ok: differences.is_empty(),
        checked,
        differences: differences.into_iter().take(SHOWN).collect(),
    }
}

fn even(figures: &Figures) -> Vec<Difference> {
    let difference = |(vou_id, dr_amt, cr_amt): &(Uuid, Money, Money)| Difference {
        subject: format!("voucher {vou_id}"),
        expected: *dr_amt,
        actual: *cr_amt,
    };
    figures.uneven.iter().map(difference).collect()
}

fn negative(figures: &Figures) -> Vec<Difference> {
    let below = |row: &&Recomputed| row.account.ctrl_level() == 2 && row.balance().is_negative();
    let difference =
        |row: &Recomputed| Difference { subject: row.subject(), expected: Money::ZERO, actual: row.balance() };
    figures.recomputed.iter().filter(below).map(difference).collect()
}

/// Σ credits of classes 1 and 2 = Σ debits of classes 3 to 9, per books.
fn identity(figures: &Figures) -> Vec<Difference> {
    let mut sides = BTreeMap::<&Books, (i128, i128)>::new();
    for row in figures.recomputed.iter().filter(|row| row.account.class() > 0) {
        let (sources, uses) = sides.entry(&row.books).or_default();
        let debit = i128::from(row.debit().fen());
        if row.account.class() <= 2 {
            *sources = sources.saturating_sub(debit);
        } else {
            *uses = uses.saturating_add(debit);
        }
    }
    let money = |fen: i128| Money::from_fen(i64::try_from(fen).unwrap_or(i64::MAX));
    sides
        .into_iter()
        .filter(|(_, (sources, uses))| sources != uses)
        .map(|(books, (sources, uses))| Difference {
            subject: format!("{} {}", books.0, books.1),
            expected: money(sources),
            actual: money(uses),
        })
        .collect()
}

fn stored(figures: &Figures, concerns: impl Fn(&Uuid) -> bool) -> Vec<Difference> {
    let mut expected: BTreeMap<(&Books, Account, Uuid), Money> = figures
        .recomputed
        .iter()
        .filter(|row| concerns(&row.key_id))
        .map(|row| ((&row.books, row.account, row.key_id), row.balance()))
        .collect();
    let mut differences = Vec::new();
    for row in figures.stored.iter().filter(|row| concerns(&row.key_id)) {
        let expected = expected.remove(&(&row.books, row.account, row.key_id)).unwrap_or_default();
        if expected != row.bal_amt {
            let subject = format!("{} {} {} {}", row.books.0, row.books.1, row.account, row.key_id);
            differences.push(Difference { subject, expected, actual: row.bal_amt });
        }
    }
    let lost = expected.into_iter().filter(|(_, amount)| !amount.is_zero());
    differences.extend(lost.map(|((books, account, key_id), expected)| Difference {
        subject: format!("{} {} {account} {key_id}", books.0, books.1),
        expected,
        actual: Money::ZERO,
    }));
    differences
}

fn paid(figures: &Figures) -> Vec<Difference> {
    use Template::{E18, E19, E20, E21, E26, E29};
    let is_foreign = |template: &Template| !matches!(template, E18 | E19 | E20 | E21 | E26 | E29);
    figures
        .paid
        .iter()
        .filter(|(template, _)| is_foreign(template))
        .map(|(template, amount)| Difference {
            subject: format!("7201 by {template}"),
            expected: Money::ZERO,
            actual: *amount,
        })
        .collect()
}

fn committed(figures: &Figures) -> Vec<Difference> {
    let kept: BTreeMap<Uuid, Money> = figures
        .recomputed
        .iter()
        .filter(|row| row.account == Account::Committed)
        .map(|row| (row.key_id, row.balance()))
        .collect();
    let difference = |(books, commitment_id, expected): &(Books, Uuid, Money)| {
        let actual = kept.get(commitment_id).copied().unwrap_or_default();
        let subject = format!("{} {} commitment {commitment_id}", books.0, books.1);
        (actual != *expected).then_some(Difference { subject, expected: *expected, actual })
    };
    figures.commitments.iter().filter_map(difference).collect()
}

/// The memo accounts of a key balance in themselves, and what is planned does not exceed the authority (I2).
fn planned(figures: &Figures) -> Vec<Difference> {
    let mut plans = BTreeMap::<(&Books, Uuid), (i128, i128)>::new();
    let mut authority = BTreeMap::<(&Books, Uuid), i128>::new();
    for row in &figures.recomputed {
        let debit = i128::from(row.debit().fen());
        if row.account.class() == 0 {
            let (sum, granted) = plans.entry((&row.books, row.key_id)).or_default();
            *sum = sum.saturating_add(debit);
            if row.account == Account::PlanGranted {
                *granted = granted.saturating_sub(debit);
            }
        } else if let Some(bgt_id) = figures.indicator_keys.get(&row.key_id)
            && (4..=7).contains(&row.account.class())
        {
            let own = authority.entry((&row.books, *bgt_id)).or_default();
            *own = own.saturating_add(debit);
        }
    }
    let money = |fen: i128| Money::from_fen(i64::try_from(fen).unwrap_or(i64::MAX));
    let mut differences = Vec::new();
    for ((books, key_id), (sum, granted)) in plans {
        let has = authority.get(&(books, key_id)).copied().unwrap_or_default();
        let subject = format!("{} {} plan of {key_id}", books.0, books.1);
        if sum != 0 {
            differences.push(Difference { subject, expected: Money::ZERO, actual: money(sum) });
        } else if granted > has {
            differences.push(Difference { subject, expected: money(has), actual: money(granted) });
        }
    }
    differences
}

fn orphans(figures: &Figures) -> Vec<Difference> {
    if figures.orphans == 0 {
        return Vec::new();
    }
    let subject = format!("{} vouchers or entries stand alone", figures.orphans);
    vec![Difference { subject, expected: Money::ZERO, actual: Money::ZERO }]
}

fn closed(figures: &Figures) -> Vec<Difference> {
    let left = |row: &&Recomputed| figures.closed.contains(&row.books) && !row.debit().is_zero();
    let difference =
        |row: &Recomputed| Difference { subject: row.subject(), expected: Money::ZERO, actual: row.balance() };
    figures.recomputed.iter().filter(left).map(difference).collect()
}
