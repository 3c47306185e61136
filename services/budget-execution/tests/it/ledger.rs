//! The one door: what it lets through, once, together or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use budget_execution::indicator::{Turnover, waterfall};
use budget_execution::ledger::{self, Entry, Outcome, PostError, Posting, Slot};
use chrono::NaiveDate;
use common_types::ledger::{Account, Template};
use common_types::{Amount, DivisionCode, FiscalYear, Money};
use sea_orm::ConnectionTrait;
use service_kit::{Database, store::Writes};
use tokio::sync::Barrier;
use uuid::Uuid;

fn division() -> DivisionCode {
    "360100000".parse().unwrap()
}

fn year() -> FiscalYear {
    FiscalYear::try_from(2026_u16).unwrap()
}

fn amount(yuan: &str) -> Amount {
    yuan.parse().unwrap()
}

fn posting(event_id: Uuid, template: Template, line: i32, entries: Vec<Entry>) -> Posting {
    let vou_date = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    let source_doc = "test/1".to_owned();
    Posting { event_id, template, line, mof_div_code: division(), fiscal_year: year(), vou_date, source_doc, entries }
}

fn entry(debit: Slot, credit: Slot, yuan: &str) -> Entry {
    Entry::new(debit, credit, amount(yuan))
}

async fn database() -> Database {
    testkit::database::<migrations::budget_execution::Migrator>("budget-execution").await
}

async fn post(database: &Database, postings: &[Posting]) -> Result<ledger::Posted, PostError> {
    let tx = database.begin_write().await.unwrap();
    let posted = ledger::post(&tx, database.clock().now(), postings).await?;
    tx.commit().await.unwrap();
    Ok(posted)
}

async fn fund(database: &Database, key_id: Uuid, yuan: &str) {
    let entries =
        vec![entry(Slot::new(Account::Executable, key_id), Slot::new(Account::CarryOverSource, Uuid::nil()), yuan)];
    post(database, &[posting(Uuid::now_v7(), Template::E30, 1, entries)]).await.unwrap();
}

async fn balance(database: &Database, key_id: Uuid, account: Account) -> Money {
    let balances = ledger::balances(database.read(), &division(), year(), key_id).await.unwrap();
    balances.get(&account).copied().unwrap_or_default()
}

fn occupy(event_id: Uuid, key_id: Uuid, yuan: &str) -> Posting {
    let entries = vec![entry(Slot::new(Account::InPayment, key_id), Slot::new(Account::Executable, key_id), yuan)];
    posting(event_id, Template::E16, 1, entries)
}

/// What one step leaves on the columns of the table in §4.5, in whole yuan.
async fn row(database: &Database, keys: &[Uuid]) -> [i64; 8] {
    let columns = [
        Account::GeneralExpenseBudget,
        Account::UnallocatedIndicator,
        Account::Executable,
        Account::Frozen,
        Account::InPayment,
        Account::Paid,
        Account::Recovered,
        Account::CarryOver,
    ];
    let mut sums = BTreeMap::<Account, i64>::new();
    for key_id in keys {
        for (account, money) in ledger::balances(database.read(), &division(), year(), *key_id).await.unwrap() {
            *sums.entry(account).or_default() += money.fen() / 100;
        }
    }
    columns.map(|account| sums.get(&account).copied().unwrap_or_default())
}

/// The terms of the waterfall add up to what is available.
async fn explained(database: &Database, key_id: Uuid, account: Account) {
    let turnovers = ledger::turnovers(database.read(), &division(), key_id).await.unwrap();
    let turnovers: Vec<Turnover> = turnovers
        .into_iter()
        .map(|(account, template, dr_amt, cr_amt)| Turnover { account, template, dr_amt, cr_amt })
        .collect();
    let terms = waterfall(account, &turnovers).unwrap();
    let sum = Money::try_sum(terms.iter().map(|term| term.amount)).unwrap();
    assert_eq!(sum, balance(database, key_id, account).await, "{terms:?}");
}

#[tokio::test]
async fn the_worked_example_of_the_standard_adds_up() {
    let database = database().await;
    let (budget, waiting, unit) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let keys = [budget, waiting, unit];
    let (income, expense) =
        (Slot::new(Account::GeneralIncomeBudget, budget), Slot::new(Account::GeneralExpenseBudget, budget));
    let unallocated = Slot::new(Account::UnallocatedIndicator, waiting);
    let on = |account| Slot::new(account, unit);
    let (usable, frozen, in_payment, paid) =
        (on(Account::Executable), on(Account::Frozen), on(Account::InPayment), on(Account::Paid));
    let recovered = on(Account::Recovered);
    let (carried, result) = (on(Account::CarryOver), on(Account::CarryOverResult));
    let steps: Vec<(Template, Vec<Entry>, [i64; 8])> = vec![
        (Template::E01, vec![entry(expense, income, "10000000")], [10_000_000, 0, 0, 0, 0, 0, 0, 0]),
        (Template::E04, vec![entry(unallocated, expense, "6000000")], [4_000_000, 6_000_000, 0, 0, 0, 0, 0, 0]),
        (Template::E08, vec![entry(usable, unallocated, "2000000")], [4_000_000, 4_000_000, 2_000_000, 0, 0, 0, 0, 0]),
        (Template::E14, vec![entry(frozen, usable, "300000")], [4_000_000, 4_000_000, 1_700_000, 300_000, 0, 0, 0, 0]),
        (
            Template::E16,
            vec![entry(in_payment, usable, "500000")],
            [4_000_000, 4_000_000, 1_200_000, 300_000, 500_000, 0, 0, 0],
        ),
        (
            Template::E18,
            vec![entry(paid, in_payment, "500000")],
            [4_000_000, 4_000_000, 1_200_000, 300_000, 0, 500_000, 0, 0],
        ),
        (
            Template::E20,
            vec![entry(usable, paid, "20000")],
            [4_000_000, 4_000_000, 1_220_000, 300_000, 0, 480_000, 0, 0],
        ),
        (
            Template::E16,
            vec![entry(in_payment, usable, "100000")],
            [4_000_000, 4_000_000, 1_120_000, 300_000, 100_000, 480_000, 0, 0],
        ),
        (
            Template::E17,
            vec![entry(usable, in_payment, "100000")],
            [4_000_000, 4_000_000, 1_220_000, 300_000, 0, 480_000, 0, 0],
        ),
        (Template::E14, vec![entry(usable, frozen, "300000")], [4_000_000, 4_000_000, 1_520_000, 0, 0, 480_000, 0, 0]),
        (
            Template::E11,
            vec![entry(unallocated, usable, "520000")],
            [4_000_000, 4_520_000, 1_000_000, 0, 0, 480_000, 0, 0],
        ),
        (
            Template::E28,
            vec![entry(carried, usable, "400000")],
            [4_000_000, 4_520_000, 600_000, 0, 0, 480_000, 0, 400_000],
        ),
        (
            Template::E27,
            vec![
                entry(recovered, usable, "600000"),
                entry(recovered, unallocated, "4520000"),
                entry(recovered, expense, "4000000"),
            ],
            [0, 0, 0, 0, 0, 480_000, 9_120_000, 400_000],
        ),
        (
            Template::E29,
            vec![
                entry(result, carried, "400000"),
                entry(income, paid, "480000"),
                entry(income, recovered, "9120000"),
                entry(income, result, "400000"),
            ],
            [0; 8],
        ),
    ];
    for (template, entries, expected) in steps {
        post(&database, &[posting(Uuid::now_v7(), template, 1, entries)]).await.unwrap();
        assert_eq!(row(&database, &keys).await, expected, "after {template}");
        explained(&database, unit, Account::Executable).await;
        explained(&database, waiting, Account::UnallocatedIndicator).await;
    }
    for (key_id, account) in [(budget, Account::GeneralIncomeBudget), (unit, Account::CarryOverResult)] {
        assert_eq!(balance(&database, key_id, account).await, Money::ZERO);
    }
}

#[tokio::test]
async fn fifty_racers_on_one_line_spend_exactly_what_it_holds() {
    for (yuan, racers, accepted, left) in [("100.00", 50, 10, "0.00"), ("33.33", 100, 30, "0.10")] {
        let database = database().await;
        let key_id = Uuid::now_v7();
        fund(&database, key_id, "1000.00").await;
        let barrier = Arc::new(Barrier::new(racers));
        let race = (0..racers).map(|_| {
            let (database, barrier) = (database.clone(), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                post(&database, &[occupy(Uuid::now_v7(), key_id, yuan)]).await
            })
        });
        let mut done = 0;
        for outcome in futures::future::join_all(race).await {
            match outcome.unwrap() {
                Ok(_) => done += 1,
                Err(PostError::Insufficient { account, available, requested, .. }) => {
                    assert_eq!(account, Account::Executable);
                    assert!(requested > available);
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(done, accepted);
        assert_eq!(balance(&database, key_id, Account::Executable).await, left.parse().unwrap());
    }
}

#[tokio::test]
async fn a_freeze_and_payments_never_share_money() {
    let database = database().await;
    let key_id = Uuid::now_v7();
    fund(&database, key_id, "1000").await;
    let slot = |account| Slot::new(account, key_id);
    let mut batch = vec![posting(
        Uuid::now_v7(),
        Template::E14,
        1,
        vec![entry(slot(Account::Frozen), slot(Account::Executable), "400")],
    )];
    batch.extend((0..10).map(|_| occupy(Uuid::now_v7(), key_id, "100")));
    let race = batch.into_iter().map(|posting| {
        let database = database.clone();
        tokio::spawn(async move { post(&database, &[posting]).await.is_ok() })
    });
    futures::future::join_all(race).await;
    let amounts = [Account::Executable, Account::Frozen, Account::InPayment];
    let mut total = Money::ZERO;
    for account in amounts {
        let money = balance(&database, key_id, account).await;
        assert!(!money.is_negative());
        total = total.checked_add(money).unwrap();
    }
    assert_eq!(total, "1000".parse().unwrap());
}

#[tokio::test]
async fn crossed_order_never_deadlocks() {
    let database = database().await;
    let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
    fund(&database, one, "10000").await;
    fund(&database, other, "10000").await;
    let race = (0..200).map(|index| {
        let database = database.clone();
        let (first, second) = if index % 2 == 0 { (one, other) } else { (other, one) };
        tokio::spawn(async move {
            let event_id = Uuid::now_v7();
            let mut pair = [occupy(event_id, first, "10"), occupy(event_id, second, "10")];
            pair[1].line = 2;
            post(&database, &pair).await
        })
    });
    for outcome in futures::future::join_all(race).await {
        outcome.unwrap().unwrap();
    }
    for key_id in [one, other] {
        assert_eq!(balance(&database, key_id, Account::Executable).await, "8000".parse().unwrap());
    }
}

#[tokio::test]
async fn the_same_event_is_posted_once_and_other_content_is_refused() {
    let database = database().await;
    let (key_id, event_id) = (Uuid::now_v7(), Uuid::now_v7());
    fund(&database, key_id, "1000").await;
    let race = (0..8).map(|_| {
        let database = database.clone();
        tokio::spawn(async move { post(&database, &[occupy(event_id, key_id, "100")]).await.unwrap().outcomes })
    });
    let outcomes: Vec<Outcome> =
        futures::future::join_all(race).await.into_iter().flat_map(|outcome| outcome.unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Done).count(), 1);
    assert_eq!(balance(&database, key_id, Account::Executable).await, "900".parse().unwrap());
    let refused = post(&database, &[occupy(event_id, key_id, "100.01")]).await;
    assert!(matches!(refused, Err(PostError::IdReused { .. })), "{refused:?}");
    assert_eq!(balance(&database, key_id, Account::Executable).await, "900".parse().unwrap());
}

#[tokio::test]
async fn a_batch_is_posted_whole_or_not_at_all() {
    let database = database().await;
    let key_id = Uuid::now_v7();
    fund(&database, key_id, "100").await;
    let batch = [occupy(Uuid::now_v7(), key_id, "60"), occupy(Uuid::now_v7(), key_id, "60")];
    assert!(matches!(post(&database, &batch).await, Err(PostError::Insufficient { .. })));
    assert_eq!(balance(&database, key_id, Account::Executable).await, "100".parse().unwrap());
    assert_eq!(balance(&database, key_id, Account::InPayment).await, Money::ZERO);
}

#[tokio::test]
async fn any_order_of_a_batch_gives_the_same_balances() {
    let mut results = Vec::new();
    let keys: Vec<Uuid> = (0..4).map(|_| Uuid::now_v7()).collect();
    let amounts = ["1.01", "20", "300.30", "4", "5.55", "60", "7", "80.08"];
    for rotation in 0..4 {
        let database = database().await;
        for key_id in &keys {
            fund(&database, *key_id, "1000").await;
        }
        let mut batch: Vec<Posting> = amounts
            .iter()
            .enumerate()
            .map(|(index, yuan)| occupy(Uuid::now_v7(), keys[index % keys.len()], yuan))
            .collect();
        batch.rotate_left(rotation * 2);
        if rotation == 3 {
            batch.reverse();
        }
        post(&database, &batch).await.unwrap();
        let mut balances = Vec::new();
        for key_id in &keys {
            balances.push(ledger::balances(database.read(), &division(), year(), *key_id).await.unwrap());
        }
        results.push(balances);
    }
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{results:?}");
}

#[tokio::test]
async fn big_amounts_are_exact_and_overflow_is_refused() {
    let database = database().await;
    let key_id = Uuid::now_v7();
    fund(&database, key_id, "99999999999999.99").await;
    post(&database, &[occupy(Uuid::now_v7(), key_id, "99999999999999.98")]).await.unwrap();
    assert_eq!(balance(&database, key_id, Account::Executable).await, "0.01".parse().unwrap());
    let largest = Money::from_fen(i64::MAX).to_string();
    let slots = (Slot::new(Account::Executable, key_id), Slot::new(Account::CarryOverSource, Uuid::nil()));
    let too_much = posting(Uuid::now_v7(), Template::E30, 1, vec![entry(slots.0, slots.1, &largest)]);
    assert!(matches!(post(&database, &[too_much]).await, Err(PostError::Overflow)));
}

#[tokio::test]
async fn entries_are_never_changed_or_deleted() {
    let database = database().await;
    fund(&database, Uuid::now_v7(), "1").await;
    for statement in [
        "UPDATE glb_vou_detail SET amt = 2",
        "DELETE FROM glb_vou_detail",
        "UPDATE glb_vou_head SET source_doc = 'x'",
        "DELETE FROM glb_vou_head",
    ] {
        let tx = database.begin_write().await.unwrap();
        assert!(tx.execute_unprepared(statement).await.is_err(), "{statement}");
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn a_closed_year_takes_no_posting() {
    let database = database().await;
    let key_id = Uuid::now_v7();
    fund(&database, key_id, "10").await;
    let tx = database.begin_write().await.unwrap();
    ledger::begin_closing(&tx, &division(), year()).await.unwrap();
    ledger::close_year(&tx, database.clock().now(), &division(), year()).await.unwrap();
    tx.commit().await.unwrap();
    let refused = post(&database, &[occupy(Uuid::now_v7(), key_id, "1")]).await;
    assert!(matches!(refused, Err(PostError::Closed { .. })), "{refused:?}");
}

type Decided = Vec<Result<ledger::Posted, PostError>>;

async fn post_each(database: &Database, groups: &[Vec<Posting>]) -> Decided {
    let groups: Vec<&[Posting]> = groups.iter().map(Vec::as_slice).collect();
    let tx = database.begin_write().await.unwrap();
    let mut writes = Writes::of(&tx);
    let decided = ledger::post_each(&tx, &mut writes, database.clock().now(), &groups, &BTreeSet::new()).await.unwrap();
    writes.send(&tx).await.unwrap();
    tx.commit().await.unwrap();
    decided
}

#[tokio::test]
async fn groups_of_one_batch_spend_exactly_what_a_line_holds() {
    for (yuan, groups, accepted, left) in [("100.00", 50, 10, "0.00"), ("33.33", 100, 30, "0.10")] {
        let database = database().await;
        let key_id = Uuid::now_v7();
        fund(&database, key_id, "1000.00").await;
        let groups: Vec<Vec<Posting>> = (0..groups).map(|_| vec![occupy(Uuid::now_v7(), key_id, yuan)]).collect();
        let decided = post_each(&database, &groups).await;
        assert!(decided[..accepted].iter().all(Result::is_ok));
        for refused in &decided[accepted..] {
            let Err(PostError::Insufficient { available, requested, .. }) = refused else { panic!("{refused:?}") };
            assert_eq!((*available, *requested), (left.parse().unwrap(), yuan.parse().unwrap()));
        }
        assert_eq!(balance(&database, key_id, Account::Executable).await, left.parse().unwrap());
    }
}

#[tokio::test]
async fn a_refused_group_leaves_nothing_and_may_come_again() {
    let database = database().await;
    let (key_id, poor) = (Uuid::now_v7(), Uuid::now_v7());
    fund(&database, key_id, "100").await;
    fund(&database, poor, "1").await;
    let twice = vec![occupy(Uuid::now_v7(), key_id, "10")];
    let refused = vec![occupy(Uuid::now_v7(), key_id, "10"), occupy(Uuid::now_v7(), poor, "2")];
    let decided = post_each(&database, &[twice.clone(), refused.clone(), twice.clone()]).await;
    assert!(matches!(decided[1], Err(PostError::Insufficient { .. })), "{decided:?}");
    assert!(!decided[0].as_ref().unwrap().is_repetition() && decided[2].as_ref().unwrap().is_repetition());
    assert_eq!(balance(&database, key_id, Account::Executable).await, "90".parse().unwrap());
    fund(&database, poor, "1").await;
    assert!(!post_each(&database, &[refused]).await.pop().unwrap().unwrap().is_repetition());
    assert!(post_each(&database, &[twice]).await.pop().unwrap().unwrap().is_repetition());
    assert_eq!(balance(&database, key_id, Account::Executable).await, "80".parse().unwrap());
    assert_eq!(balance(&database, poor, Account::Executable).await, Money::ZERO);
}

#[tokio::test]
async fn batches_that_cross_spend_exactly_what_the_lines_hold() {
    let database = database().await;
    let keys: Vec<Uuid> = (0..5).map(|_| Uuid::now_v7()).collect();
    for key_id in &keys {
        fund(&database, *key_id, "1000").await;
    }
    let race = (0..12).map(|batch| {
        let (database, keys) = (database.clone(), keys.clone());
        tokio::spawn(async move {
            let mut groups: Vec<Vec<Posting>> =
                (0..50).map(|index| vec![occupy(Uuid::now_v7(), keys[index % keys.len()], "10")]).collect();
            groups.rotate_left(batch);
            post_each(&database, &groups).await.iter().filter(|decision| decision.is_ok()).count()
        })
    });
    let accepted: usize = futures::future::join_all(race).await.into_iter().map(|count| count.unwrap()).sum();
    assert_eq!(accepted, 500);
    for key_id in keys {
        assert_eq!(balance(&database, key_id, Account::Executable).await, Money::ZERO);
        assert_eq!(balance(&database, key_id, Account::InPayment).await, "1000".parse().unwrap());
    }
}
