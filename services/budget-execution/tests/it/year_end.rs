//! The year end of a division: carried, recovered, closed once.

use budget_execution_contract::{Generation, LedgerBalance, YearEnd};
use common_types::{BgtTypeCode, Role};
use serde_json::{Value, json};
use service_kit::{Clock, Page, PeerError, host::Start};
use testkit::{Server, key};
use uuid::Uuid;

use crate::world::{BASE, DIVISION, World, act, annual_line, approval, base_info, refusal};

const NEW_YEARS_EVE: &str = "2026-12-31T04:00:00Z";

async fn world() -> World {
    let clock = Clock::manual(NEW_YEARS_EVE.parse().unwrap());
    let server = Server::start_with(clock, |surroundings, database| async move {
        let start = Start { surroundings, database, config: budget_execution::Config::default() };
        Ok(vec![budget_execution::start(start).await?, base_info()])
    })
    .await;
    World { server }
}

/// A research line of 300, an ordinary one of 1000 of which 200 are frozen, 500 that nobody was given.
async fn small_division(world: &World) -> [Uuid; 2] {
    let mut research = annual_line(&Uuid::now_v7().to_string(), Some("101002"), "300.00");
    research["is_scientific"] = json!(true);
    let lines = vec![
        annual_line(&Uuid::now_v7().to_string(), Some("101001"), "1000.00"),
        research,
        annual_line(&Uuid::now_v7().to_string(), None, "500.00"),
    ];
    world.approve(&key(), &approval(1, "洪财预〔2026〕1号", lines, vec![])).await.unwrap();
    let ordinary = world.indicators("agency_code=101001").await.remove(0).bgt_id;
    let research = world.indicators("agency_code=101002").await.remove(0).bgt_id;
    for (bgt_id, amount) in [(ordinary, "200.00"), (research, "100.00")] {
        let maker = world.person("m1", &[Role::M1]);
        let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "freeze_amt": amount, "reason": "专项检查"});
        let drafted: Value = maker.post(&format!("{BASE}/freezes"), &body, &key()).await.unwrap();
        let path = format!("freezes/{}", drafted["freeze_id"].as_str().unwrap());
        act(&maker, &path, "submit").await.unwrap();
        act(&world.person("m2-2", &[Role::M2]), &path, "approve").await.unwrap();
    }
    [ordinary, research]
}

async fn close(world: &World, query: &str, key: &str) -> Result<YearEnd, PeerError> {
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026});
    world.person("m2", &[Role::M2]).post(&format!("{BASE}/year-ends{query}"), &body, key).await
}

async fn balances(world: &World, year: i32) -> Vec<LedgerBalance> {
    let path = format!("{BASE}/ledger/balances?mof_div_code={DIVISION}&fiscal_year={year}");
    world.person("m3", &[Role::M3]).get(&path).await.unwrap()
}

#[tokio::test]
async fn a_year_end_carries_recovers_and_leaves_every_account_at_zero() {
    let world = world().await;
    let [ordinary, research] = small_division(&world).await;
    let report = close(&world, "", &key()).await.unwrap();
    let total = report.totals.iter().map(|one| [one.remaining, one.carried, one.recovered].map(|sum| sum.to_string()));
    assert_eq!(total.collect::<Vec<_>>(), [["1800.00", "300.00", "1500.00"]]);
    assert!(report.accounts.iter().all(|account| account.after.is_zero()), "{:?}", report.accounts);
    assert!(balances(&world, 2026).await.iter().all(|balance| balance.bal_amt.is_zero()));
    let line = |bgt_id: Uuid| report.lines.iter().find(|line| line.bgt_id == bgt_id).unwrap();
    assert_eq!((line(ordinary).rule.as_str(), line(ordinary).next_bgt_id), ("CL-001", None));
    assert_eq!(line(research).rule, "CL-002");
    let next = world.indicators("fiscal_year=2027").await;
    assert_eq!(next.len(), 1);
    assert_eq!((Some(next[0].bgt_id), next[0].ori_bgt_id), (line(research).next_bgt_id, Some(research)));
    assert_eq!(next[0].elements.bgt_type_code, BgtTypeCode::CarriedOver);
    assert_eq!(next[0].amounts.available.to_string(), "300.00");
    world.verified().await;
}

#[tokio::test]
async fn a_year_is_closed_once() {
    let world = world().await;
    small_division(&world).await;
    let (one, two) = (key(), key());
    let (first, other) = tokio::join!(close(&world, "", &one), close(&world, "", &two));
    let (done, refused) = match first {
        Ok(done) => (done, other),
        refused => (other.unwrap(), refused),
    };
    let problem = refusal(refused);
    assert_eq!((problem.code(), problem.status().as_u16()), ("CL-007", 409));
    assert_eq!(refusal(close(&world, "", &key()).await).code(), "CL-007");
    assert_eq!(world.indicators("fiscal_year=2027").await.len(), 1);
    let reader = world.person("m3", &[Role::M3]);
    let read: YearEnd = reader.get(&format!("{BASE}/year-ends/{}", done.year_end_id)).await.unwrap();
    assert_eq!(read, done);
    let listed: Page<YearEnd> =
        reader.get(&format!("{BASE}/year-ends?mof_div_code={DIVISION}&fiscal_year=2026")).await.unwrap();
    assert_eq!(listed.items, [done]);
    world.verified().await;
}

#[tokio::test]
async fn a_repeated_year_end_answers_the_same() {
    let world = world().await;
    small_division(&world).await;
    let same = key();
    let first = close(&world, "", &same).await.unwrap();
    assert_eq!(close(&world, "", &same).await.unwrap(), first);
    assert_eq!(world.indicators("fiscal_year=2027").await.len(), 1);
}

#[tokio::test]
async fn a_dry_run_of_a_year_end_changes_nothing() {
    let world = world().await;
    small_division(&world).await;
    let before = balances(&world, 2026).await;
    let shown = close(&world, "?dry_run=true", &key()).await.unwrap();
    assert_eq!(balances(&world, 2026).await, before);
    assert!(world.indicators("fiscal_year=2027").await.is_empty());
    let done = close(&world, "", &key()).await.unwrap();
    assert_eq!((done.totals, done.accounts), (shown.totals, shown.accounts));
}

#[tokio::test]
async fn a_closed_year_takes_no_postings() {
    let world = world().await;
    small_division(&world).await;
    close(&world, "", &key()).await.unwrap();
    let late = vec![annual_line(&Uuid::now_v7().to_string(), Some("101001"), "1.00")];
    world.approve(&key(), &approval(1, "洪财预〔2026〕2号", late, vec![])).await.unwrap();
    let path = format!("{BASE}/generations?status=blocked");
    let blocked: Page<Generation> = world.person("m2", &[Role::M2]).get(&path).await.unwrap();
    assert_eq!(blocked.items[0].problems[0].code, "BE-103");
    assert!(balances(&world, 2026).await.iter().all(|balance| balance.bal_amt.is_zero()));
}

#[tokio::test]
async fn a_year_is_not_closed_before_its_last_day_or_by_another_role() {
    let world = world().await;
    small_division(&world).await;
    world.server.clock.set("2026-12-30T04:00:00Z".parse().unwrap());
    assert_eq!(refusal(close(&world, "", &key()).await).code(), "CL-101");
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026});
    let clerk = world.unit("u1", &[Role::U1], "101001");
    let refused: Result<Value, _> = clerk.post(&format!("{BASE}/year-ends"), &body, &key()).await;
    assert_eq!(refusal(refused).status().as_u16(), 403);
}
