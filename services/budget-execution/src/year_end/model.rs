//! What a year end does, decided from the balances and elements of the year alone. Pure.

use std::collections::{BTreeMap, BTreeSet};

use common_types::ledger::{Account, Side, Template};
use common_types::{Amount, Elements, Money};
use uuid::Uuid;

use super::rules::Treatment;
use crate::ledger::{Entry, Slot};

/// One balance that is not zero at the end of the year.
#[derive(Debug, Clone)]
pub struct Remaining {
    pub slot: Slot,
    pub amount: Amount,
    /// Where it stands, whichever side is normal: a source may have been lowered by more than it gave, and the chart
    /// holds 1601 to be a debit account (S8) that our entries credit.
    pub side: Side,
    pub elements: Elements,
    /// The indicator, when the key stands for one or for a commitment of one.
    pub bgt_id: Option<Uuid>,
}

impl Remaining {
    /// Where the free amount of its indicator stands.
    fn executable(&self) -> Slot {
        Slot::new(Account::Executable, self.bgt_id.unwrap_or(self.slot.key_id))
    }

    /// As the ledger shows it: on the normal side of its account.
    pub fn balance(&self) -> Result<Money, Obstacle> {
        shown(self.slot.account, self.debit()?)
    }

    fn debit(&self) -> Result<Money, Obstacle> {
        match self.side {
            Side::Debit | Side::Either => Ok(self.amount.money()),
            Side::Credit => self.amount.money().checked_neg().ok_or(Obstacle::Overflow),
        }
    }
}

/// What becomes of one indicator.
#[derive(Debug, Clone)]
pub struct Decision {
    pub bgt_id: Uuid,
    pub elements: Elements,
    pub remaining: Money,
    /// At most what remains (CL-005); only money that a unit could use, or was about to, is carried.
    pub carried: Money,
    pub treatment: Treatment,
}

/// The closing entries of a year, in order, each under its template.
#[derive(Debug, Clone, Default)]
pub struct Closing {
    pub entries: Vec<(Template, Entry)>,
    pub decisions: Vec<Decision>,
}

/// Why a year cannot be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// Payments under way hold this much (CL-006).
    InFlight { total: Money, indicators: Vec<Uuid> },
    /// Transfers issued and not accepted do not block; sources and uses of one kind of funds that differ do.
    Unbalanced { fund: String, sources: Money, uses: Money },
    /// A balance that no entry of the closing takes away.
    Stranded { slot: Slot, bgt_id: Option<Uuid>, balance: Money },
    /// A sum does not fit.
    Overflow,
}

const SPENDABLE: [Account; 3] = [Account::Executable, Account::Frozen, Account::Committed];
const UNSPENT: [Account; 6] = [
    Account::Executable,
    Account::Frozen,
    Account::Committed,
    Account::UnallocatedIndicator,
    Account::PendingIssue,
    Account::PendingTransfer,
];
const USES: [Account; 7] = [
    Account::Paid,
    Account::Cleared,
    Account::Allocated,
    Account::IssuedTransfer,
    Account::UnitFundsSpent,
    Account::Recovered,
    Account::CarryOverResult,
];

/// Decides every balance of the year. `treat` says what becomes of an indicator's remaining authority; what a signed
/// contract still keeps is carried whatever becomes of the rest (CL-002).
pub fn close(
    balances: &[Remaining],
    contracts: &BTreeSet<Uuid>,
    treat: impl Fn(&Elements) -> Treatment,
) -> Result<Closing, Obstacle> {
    refuse_in_flight(balances)?;
    refuse_misplaced(balances)?;
    let mut closing = Closing::default();
    let mut after = Book::of(balances)?;
    for (bgt_id, own) in unspent_by_indicator(balances) {
        let Some(elements) = own.first().map(|one| &one.elements) else { continue };
        let treatment = treat(elements);
        let remaining = Money::try_sum(own.iter().map(|one| one.amount.money())).ok_or(Obstacle::Overflow)?;
        let mut carried = Money::ZERO;
        for one in &own {
            let is_kept = is_carried(one, &treatment) || is_contract(one, contracts);
            if is_kept {
                carried = carried.checked_add(one.amount.money()).ok_or(Obstacle::Overflow)?;
            }
            for step in steps_out(one, is_kept) {
                closing.entries.push(step);
                after.apply(step.1)?;
            }
        }
        closing.decisions.push(Decision { bgt_id, elements: elements.clone(), remaining, carried, treatment });
    }
    for one in balances.iter().filter(|one| is_unallotted_budget(one)) {
        let step = (Template::E27, Entry::new(Slot::new(Account::Recovered, one.slot.key_id), one.slot, one.amount));
        closing.entries.push(step);
        after.apply(step.1)?;
    }
    for one in balances.iter().filter(|one| one.slot.account.class() == 0 && one.slot.account != Account::PlanGranted) {
        let step = (Template::P03, Entry::new(Slot::new(Account::PlanGranted, one.slot.key_id), one.slot, one.amount));
        closing.entries.push(step);
        after.apply(step.1)?;
    }
    settle(balances, &mut closing, &mut after)?;
    Ok(closing)
}

fn refuse_in_flight(balances: &[Remaining]) -> Result<(), Obstacle> {
    let in_flight: Vec<_> = balances.iter().filter(|one| one.slot.account == Account::InPayment).collect();
    if in_flight.is_empty() {
        return Ok(());
    }
    let total = Money::try_sum(in_flight.iter().map(|one| one.amount.money())).ok_or(Obstacle::Overflow)?;
    Err(Obstacle::InFlight { total, indicators: in_flight.iter().map(|one| one.slot.key_id).collect() })
}

/// Only a source may stand on the other side than its normal one.
fn refuse_misplaced(balances: &[Remaining]) -> Result<(), Obstacle> {
    let is_misplaced = |one: &&Remaining| {
        let account = one.slot.account;
        !is_source(account) && (one.side == Side::Credit) != (account.normal_side() == Side::Credit)
    };
    match balances.iter().find(is_misplaced) {
        Some(one) => Err(Obstacle::Stranded { slot: one.slot, bgt_id: one.bgt_id, balance: one.balance()? }),
        None => Ok(()),
    }
}

/// Closed books are empty (§4.4): what is left by now is a source or a use, and nothing else.
fn refuse_left(balances: &[Remaining], after: &Book) -> Result<(), Obstacle> {
    let is_settled = |slot: Slot| is_source(slot.account) || USES.contains(&slot.account);
    let Some((slot, debit)) = after.standing().find(|(slot, _)| !is_settled(*slot)) else { return Ok(()) };
    let of_key = |one: &&Remaining| one.slot.key_id == slot.key_id || one.bgt_id == Some(slot.key_id);
    let bgt_id = balances.iter().find(of_key).and_then(|one| one.bgt_id);
    Err(Obstacle::Stranded { slot, bgt_id, balance: shown(slot.account, debit)? })
}

/// An amount on the normal side of its account.
fn shown(account: Account, debit: Money) -> Result<Money, Obstacle> {
    match account.normal_side() {
        Side::Debit | Side::Either => Ok(debit),
        Side::Credit => debit.checked_neg().ok_or(Obstacle::Overflow),
    }
}

/// Income budgets and the other sources of money (classes 1 and 2).
fn is_source(account: Account) -> bool {
    [1, 2].contains(&account.class())
}

fn unspent_by_indicator(balances: &[Remaining]) -> BTreeMap<Uuid, Vec<&Remaining>> {
    let mut grouped = BTreeMap::<Uuid, Vec<&Remaining>>::new();
    for one in balances {
        if let Some(bgt_id) = one.bgt_id
            && UNSPENT.contains(&one.slot.account)
        {
            grouped.entry(bgt_id).or_default().push(one);
        }
    }
    grouped
}

fn is_carried(one: &Remaining, treatment: &Treatment) -> bool {
    let account = one.slot.account;
    matches!(treatment, Treatment::Carry { .. }) && (SPENDABLE.contains(&account) || account == Account::PendingIssue)
}

fn is_contract(one: &Remaining, contracts: &BTreeSet<Uuid>) -> bool {
    one.slot.account == Account::Committed && contracts.contains(&one.slot.key_id)
}

/// Carried money leaves executable or pending-issue (E28), so frozen and committed money returns there first;
/// everything else is recovered from where it is (E27).
fn steps_out(one: &Remaining, is_kept: bool) -> Vec<(Template, Entry)> {
    let executable = one.executable();
    let to = |account, from: Slot| Entry::new(Slot::new(account, executable.key_id), from, one.amount);
    if !is_kept {
        return vec![(Template::E27, to(Account::Recovered, one.slot))];
    }
    let carried = (Template::E28, to(Account::CarryOver, executable));
    match one.slot.account {
        Account::Frozen => vec![(Template::E14, to(Account::Executable, one.slot)), carried],
        Account::Committed => vec![(Template::E15, to(Account::Executable, one.slot)), carried],
        _ => vec![(Template::E28, to(Account::CarryOver, one.slot))],
    }
}

fn is_unallotted_budget(one: &Remaining) -> bool {
    one.slot.account.class() == 3
}

/// E29: 9601 into 9701, then every source of a kind of funds against its uses, in the order of their keys. A source on
/// its debit side was lowered by more than it gave: the others of its funds bear it like a use.
fn settle(balances: &[Remaining], closing: &mut Closing, after: &mut Book) -> Result<(), Obstacle> {
    for (slot, amount) in after.of_account(Account::CarryOver) {
        let entry = Entry::new(Slot::new(Account::CarryOverResult, slot.key_id), slot, amount);
        closing.entries.push((Template::E29, entry));
        after.apply(entry)?;
    }
    refuse_left(balances, after)?;
    let keys = |one: &Remaining| [one.slot.key_id, one.executable().key_id].map(|key| (key, family_of(&one.elements)));
    let fund_of: BTreeMap<Uuid, String> = balances.iter().flat_map(keys).collect();
    let mut families = BTreeMap::<&str, (Vec<(Slot, Amount)>, Vec<(Slot, Amount)>)>::new();
    for (slot, debit) in after.standing() {
        let Some(family) = fund_of.get(&slot.key_id) else { continue };
        let (sources, uses) = families.entry(family).or_default();
        let side = if debit.is_negative() { sources } else { uses };
        side.push((slot, size_of(debit)?));
    }
    for (family, (sources, uses)) in families {
        for entry in pair_off(family, sources, uses)? {
            closing.entries.push((Template::E29, entry));
            after.apply(entry)?;
        }
    }
    Ok(())
}

fn size_of(debit: Money) -> Result<Amount, Obstacle> {
    let size = if debit.is_negative() { debit.checked_neg().ok_or(Obstacle::Overflow)? } else { debit };
    Amount::try_from(size).map_err(|_| Obstacle::Overflow)
}

/// The book of accounts of this kind of funds: 11x, 12x, … settle apart.
fn family_of(elements: &Elements) -> String {
    elements.fund_type_code.as_str().chars().take(2).collect()
}

fn pair_off(family: &str, sources: Vec<(Slot, Amount)>, uses: Vec<(Slot, Amount)>) -> Result<Vec<Entry>, Obstacle> {
    let total = |side: &[(Slot, Amount)]| {
        Money::try_sum(side.iter().map(|(_, amount)| amount.money())).ok_or(Obstacle::Overflow)
    };
    let (sources_total, uses_total) = (total(&sources)?, total(&uses)?);
    if sources_total != uses_total {
        return Err(Obstacle::Unbalanced { fund: family.to_owned(), sources: sources_total, uses: uses_total });
    }
    let mut entries = Vec::with_capacity(sources.len().saturating_add(uses.len()));
    let mut waiting = sources.into_iter();
    let mut source = waiting.next();
    for (used, amount) in uses {
        let mut open = amount.money();
        while let Some((slot, left)) = source
            && open.is_positive()
        {
            let part = open.min(left.money());
            let part_amount = Amount::try_from(part).map_err(|_| Obstacle::Overflow)?;
            entries.push(Entry::new(slot, used, part_amount));
            open = open.checked_sub(part).ok_or(Obstacle::Overflow)?;
            let rest = left.money().checked_sub(part).ok_or(Obstacle::Overflow)?;
            source = Amount::try_from(rest).ok().map(|rest| (slot, rest)).or_else(|| waiting.next());
        }
    }
    Ok(entries)
}

/// Balances as they become while entries are planned, debits above zero and credits below.
struct Book(BTreeMap<Slot, Money>);

impl Book {
    fn of(balances: &[Remaining]) -> Result<Self, Obstacle> {
        Ok(Self(balances.iter().map(|one| Ok((one.slot, one.debit()?))).collect::<Result<_, Obstacle>>()?))
    }

    fn apply(&mut self, entry: Entry) -> Result<(), Obstacle> {
        let amount = entry.amount.money();
        let debited = self.0.entry(entry.debit).or_default();
        *debited = debited.checked_add(amount).ok_or(Obstacle::Overflow)?;
        let credited = self.0.entry(entry.credit).or_default();
        *credited = credited.checked_sub(amount).ok_or(Obstacle::Overflow)?;
        Ok(())
    }

    /// What is not zero.
    fn standing(&self) -> impl Iterator<Item = (Slot, Money)> + '_ {
        self.0.iter().map(|(slot, debit)| (*slot, *debit)).filter(|(_, debit)| !debit.is_zero())
    }

    /// The debits of an account.
    fn of_account(&self, account: Account) -> Vec<(Slot, Amount)> {
        let of_account = self.standing().filter(|(slot, _)| slot.account == account);
        of_account.filter_map(|(slot, debit)| Some((slot, Amount::try_from(debit).ok()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use serde_json::json;

    use super::*;

    fn elements(fund: &str) -> Elements {
        let given = json!({
            "fiscal_year": 2026, "mof_div_code": "360100000", "fund_type_code": fund, "bgt_type_code": "21",
            "bgt_source_code": "1", "is_advance": false, "budget_level_code": "3", "is_gov_pur": false,
            "pay_type_code": "1", "is_uni_sala": false, "direct_flag": "01", "is_scientific": false,
            "is_debt": false, "is_capital": false,
        });
        serde_json::from_value(given).unwrap()
    }

    fn left(account: Account, key: u128, yuan: &str, fund: &str) -> Remaining {
        let key_id = Uuid::from_u128(key);
        Remaining {
            slot: Slot::new(account, key_id),
            amount: yuan.parse().unwrap(),
            side: if is_source(account) { Side::Credit } else { Side::Debit },
            elements: elements(fund),
            bgt_id: (account.class() > 3).then_some(key_id),
        }
    }

    fn carry(_: &Elements) -> Treatment {
        Treatment::Carry { rule: "CL-002".to_owned() }
    }

    fn recover(_: &Elements) -> Treatment {
        Treatment::Recover { rule: "CL-001".to_owned() }
    }

    /// What stands after the closing entries.
    fn after(balances: &[Remaining], closing: &Closing) -> Vec<(Slot, Money)> {
        let mut book = Book::of(balances).unwrap();
        for (_, entry) in &closing.entries {
            book.apply(*entry).unwrap();
        }
        book.standing().collect()
    }

    fn worked_example() -> Vec<Remaining> {
        vec![
            left(Account::GeneralIncomeBudget, 1, "10000000.00", "11"),
            left(Account::GeneralExpenseBudget, 2, "4000000.00", "11"),
            left(Account::UnallocatedIndicator, 3, "4520000.00", "11"),
            left(Account::Executable, 4, "700000.00", "11"),
            left(Account::Frozen, 4, "300000.00", "11"),
            left(Account::Paid, 4, "480000.00", "11"),
        ]
    }

    #[test]
    fn closing_leaves_nothing_on_any_account() {
        for treat in [carry, recover] {
            let balances = worked_example();
            let closing = close(&balances, &BTreeSet::new(), treat).unwrap();
            assert_eq!(after(&balances, &closing), []);
        }
    }

    #[test]
    fn only_what_a_unit_could_use_is_carried() {
        let closing = close(&worked_example(), &BTreeSet::new(), carry).unwrap();
        let carried: Vec<_> = closing.decisions.iter().map(|one| one.carried.to_string()).collect();
        assert_eq!(carried, ["0.00", "1000000.00"]);
    }

    #[test]
    fn a_signed_contract_is_carried_from_an_indicator_that_is_recovered() {
        let mut balances = worked_example();
        balances.push(Remaining { bgt_id: Some(Uuid::from_u128(4)), ..left(Account::Committed, 9, "250000.00", "11") });
        balances.push(left(Account::GeneralIncomeBudget, 10, "250000.00", "11"));
        let closing = close(&balances, &BTreeSet::from([Uuid::from_u128(9)]), recover).unwrap();
        let carried: Vec<_> = closing.decisions.iter().map(|one| one.carried.to_string()).collect();
        assert_eq!(carried, ["0.00", "250000.00"]);
        assert_eq!(after(&balances, &closing), []);
    }

    #[test]
    fn payments_under_way_block_the_closing() {
        let mut balances = worked_example();
        balances.push(left(Account::InPayment, 4, "5.00", "11"));
        let total = "5.00".parse().unwrap();
        let blocked = Obstacle::InFlight { total, indicators: vec![Uuid::from_u128(4)] };
        assert_eq!(close(&balances, &BTreeSet::new(), carry).unwrap_err(), blocked);
    }

    #[test]
    fn a_source_on_its_debit_side_is_borne_by_the_others_of_its_funds() {
        let lowered = Remaining { side: Side::Debit, ..left(Account::GeneralIncomeBudget, 1, "60.00", "11") };
        let balances = [lowered, left(Account::DebtSource, 2, "100.00", "11"), left(Account::Paid, 4, "40.00", "11")];
        let closing = close(&balances, &BTreeSet::new(), recover).unwrap();
        assert_eq!(after(&balances, &closing), []);
    }

    #[test]
    fn a_commitment_that_keeps_all_of_its_indicator_is_closed_with_it() {
        let kept = Remaining { bgt_id: Some(Uuid::from_u128(4)), ..left(Account::Committed, 9, "5.00", "11") };
        let balances = [left(Account::GeneralIncomeBudget, 1, "5.00", "11"), kept];
        for contracts in [BTreeSet::new(), BTreeSet::from([Uuid::from_u128(9)])] {
            let closing = close(&balances, &contracts, recover).unwrap();
            assert_eq!(after(&balances, &closing), []);
        }
    }

    #[test]
    fn what_no_entry_takes_away_is_named() {
        let mut balances = worked_example();
        balances.push(left(Account::AdjustmentClearing, 4, "7.00", "11"));
        let slot = Slot::new(Account::AdjustmentClearing, Uuid::from_u128(4));
        let stranded =
            |yuan: &str| Obstacle::Stranded { slot, bgt_id: Some(Uuid::from_u128(4)), balance: yuan.parse().unwrap() };
        assert_eq!(close(&balances, &BTreeSet::new(), carry).unwrap_err(), stranded("7.00"));
        if let Some(last) = balances.last_mut() {
            last.side = Side::Credit;
        }
        assert_eq!(close(&balances, &BTreeSet::new(), carry).unwrap_err(), stranded("-7.00"));
    }

    #[test]
    fn kinds_of_funds_settle_apart() {
        let balances = [left(Account::GeneralIncomeBudget, 1, "5.00", "11"), left(Account::Paid, 4, "5.00", "12")];
        assert!(matches!(close(&balances, &BTreeSet::new(), recover), Err(Obstacle::Unbalanced { .. })));
    }
}
