#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use proptest::prelude::*;

use super::*;

const KEYS: u128 = 3;

fn division() -> DivisionCode {
    "360100000".parse().unwrap()
}

fn year() -> FiscalYear {
    2026_u16.try_into().unwrap()
}

fn slot(account: Account, key: u128) -> Slot {
    Slot::new(account, Uuid::from_u128(key))
}

fn moved(event: u128, line: i32, entries: Vec<Entry>) -> Posting {
    Posting {
        event_id: Uuid::from_u128(event),
        template: Template::E16,
        line,
        mof_div_code: division(),
        fiscal_year: year(),
        vou_date: year().first_day(),
        source_doc: "test/1".to_owned(),
        entries,
    }
}

fn amount(fen: i64) -> Amount {
    Money::from_fen(fen).try_into().unwrap()
}

fn occupy(event: u128, key: u128, fen: i64) -> Posting {
    moved(event, 1, vec![Entry::new(slot(Account::InPayment, key), slot(Account::Executable, key), amount(fen))])
}

fn place(account: Account, key: u128) -> Place {
    Place { mof_div_code: division(), fiscal_year: year(), slot: slot(account, key) }
}

fn funded(fen: i64) -> Books {
    let held = |key| {
        let money = Money::from_fen(fen);
        (place(Account::Executable, key), Balance { bal_amt: money, dr_amt: money, cr_amt: Money::ZERO })
    };
    Books { balances: (0..KEYS).map(held).collect(), ..Books::default() }
}

fn available(books: &Books, key: u128) -> i64 {
    books.balances[&place(Account::Executable, key)].bal_amt.fen()
}

#[test]
fn of_ten_groups_the_first_that_fit_are_accepted_and_the_others_told_what_is_left() {
    let mut books = funded(1_000);
    let decided: Vec<_> = (0..5).map(|event| books.decide(&[occupy(event, 0, 300)])).collect();
    assert!(decided[..3].iter().all(Result::is_ok));
    for refused in &decided[3..] {
        let Err(PostError::Insufficient { available, requested, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!((available.fen(), requested.fen()), (100, 300));
    }
    assert!(books.decide(&[occupy(9, 0, 100)]).is_ok());
    assert_eq!(available(&books, 0), 0);
}

#[test]
fn a_refused_group_leaves_nothing_whichever_of_its_postings_does_not_hold() {
    let mut books = funded(1_000);
    let before = books.balances.clone();
    let group = [occupy(1, 0, 10), occupy(2, 1, 1_001), occupy(3, 2, 10)];
    assert!(matches!(books.decide(&group), Err(PostError::Insufficient { .. })));
    assert_eq!((books.balances.clone(), books.posted.len()), (before, 0));
    assert!(books.decide(&[occupy(1, 0, 10)]).is_ok());
}

#[test]
fn a_repetition_moves_once_and_other_content_is_refused_wherever_it_comes() {
    let mut books = funded(1_000);
    let twice = [occupy(1, 0, 10), occupy(1, 0, 10)];
    assert_eq!(books.decide(&twice).unwrap().outcomes, [Outcome::Done, Outcome::Already]);
    assert!(books.decide(&twice).unwrap().is_repetition());
    assert!(matches!(books.decide(&[occupy(1, 0, 11)]), Err(PostError::IdReused { .. })));
    assert!(matches!(books.decide(&[occupy(2, 0, 1), occupy(2, 0, 2)]), Err(PostError::IdReused { .. })));
    assert_eq!(available(&books, 0), 990);
}

#[test]
fn money_that_a_group_brings_is_there_for_the_next() {
    let mut books = funded(0);
    assert!(books.decide(&[occupy(1, 0, 5)]).is_err());
    let brings = Entry::new(slot(Account::Executable, 0), slot(Account::CarryOverSource, 9), amount(5));
    assert!(books.decide(&[moved(2, 1, vec![brings])]).is_ok());
    assert!(books.decide(&[occupy(1, 0, 5)]).is_ok());
}

#[test]
fn a_closed_year_refuses_its_groups_only() {
    let mut books = funded(10);
    books.closed.insert((division(), year()));
    assert!(matches!(books.decide(&[occupy(1, 0, 1)]), Err(PostError::Closed { .. })));
    let elsewhere = Posting { fiscal_year: year().next().unwrap(), entries: Vec::new(), ..occupy(2, 0, 1) };
    assert!(books.decide(&[elsewhere]).is_ok());
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let mut books = funded(i64::MAX);
    let brings = Entry::new(slot(Account::Executable, 0), slot(Account::CarryOverSource, 9), amount(1));
    assert!(matches!(books.decide(&[moved(1, 1, vec![brings])]), Err(PostError::Overflow)));
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let accounts = prop::sample::select(vec![Account::Executable, Account::InPayment, Account::Frozen, Account::Paid]);
    let entry = (accounts.clone(), 0..KEYS, accounts, 0..KEYS, 1_i64..500)
        .prop_map(|(debit, d, credit, c, fen)| Entry::new(slot(debit, d), slot(credit, c), amount(fen)));
    prop::collection::vec(entry, 1..4)
}

fn groups() -> impl Strategy<Value = Vec<Vec<Posting>>> {
    let posting = (0_u128..12, 1..3, entries()).prop_map(|(event, line, entries)| moved(event, line, entries));
    prop::collection::vec(prop::collection::vec(posting, 1..4), 1..24)
}

/// What is written when these groups are one batch: the movements of all that was accepted, at once.
fn as_batch(books: &Books, groups: &[Vec<Posting>]) -> (Books, Vec<bool>) {
    let mut decided = books.clone();
    let decisions: Vec<_> = groups.iter().map(|group| decided.decide(group)).collect();
    let accepted = groups.iter().zip(&decisions).filter_map(|(group, decision)| Some((group, decision.as_ref().ok()?)));
    let moved = movements(accepted.flat_map(|(group, posted)| fresh(group, &posted.outcomes))).unwrap();
    let mut written = books.clone();
    written.posted = decided.posted;
    for (place, movement) in moved {
        let balance = written.balances.get(&place).copied().unwrap_or_default();
        let after = balance.after(movement, place.slot.account).unwrap();
        written.balances.insert(place, after);
    }
    (written, decisions.iter().map(Result::is_ok).collect())
}

fn standing(books: &Books) -> BTreeMap<Place, Balance> {
    books.balances.iter().filter(|(_, balance)| **balance != Balance::default()).map(|(k, v)| (k.clone(), *v)).collect()
}

proptest! {
    #[test]
    fn any_batching_ends_like_the_groups_one_by_one(groups in groups(), cut in 0_usize..24) {
        let (first, second) = groups.split_at(cut.min(groups.len()));
        let (whole, accepted) = as_batch(&funded(1_000), &groups);
        let (half, accepted_first) = as_batch(&funded(1_000), first);
        let (halves, accepted_second) = as_batch(&half, second);
        let mut one_by_one = funded(1_000);
        let mut accepted_singly = Vec::new();
        for group in &groups {
            let (next, accepted) = as_batch(&one_by_one, std::slice::from_ref(group));
            one_by_one = next;
            accepted_singly.extend(accepted);
        }
        prop_assert_eq!(standing(&whole), standing(&halves));
        prop_assert_eq!(standing(&whole), standing(&one_by_one));
        prop_assert_eq!(&accepted, &[accepted_first, accepted_second].concat());
        prop_assert_eq!(&accepted, &accepted_singly);
    }

    #[test]
    fn nothing_under_control_falls_below_zero_in_any_order(groups in groups(), seed in any::<u64>()) {
        let mut shuffled = groups.clone();
        shuffled.sort_by_key(|group| group[0].event_id.as_u128() as u64 ^ seed.rotate_left(group.len() as u32));
        for order in [groups, shuffled] {
            let (books, _) = as_batch(&funded(1_000), &order);
            let is_held = |(place, balance): (&Place, &Balance)| {
                place.slot.account.ctrl_level() != 2 || !balance.bal_amt.is_negative()
            };
            prop_assert!(books.balances.iter().all(is_held));
        }
    }

    #[test]
    fn what_is_debited_is_credited(groups in groups()) {
        let (books, _) = as_batch(&funded(1_000), &groups);
        let opening: i64 = funded(1_000).balances.values().map(|balance| balance.dr_amt.fen()).sum();
        let (debits, credits) = books.balances.values().fold((0, 0), |(debits, credits), balance| {
            (debits + balance.dr_amt.fen(), credits + balance.cr_amt.fen())
        });
        prop_assert_eq!(debits - opening, credits);
    }
}
