//! The year end of a division: carried, recovered, closed once.

use budget_execution_contract::{Generation, LedgerBalance, YearEnd};
use common_types::{BgtTypeCode, Money, Role};
use serde_json::{Value, json};
use service_kit::{Clock, Page, PeerError, host::Start};
use testkit::{Server, key};
use uuid::Uuid;

use crate::{
    adjustment,
    bureau::{Bureau, PAYEE},
    jobs::{change, instance},
    operation::{done, elements, entry},
    world::{BASE, DIVISION, World, act, annual_line, approval, base_info, refusal},
};

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
    close_year(world, 2026, query, key).await
}

async fn close_year(world: &World, year: i32, query: &str, key: &str) -> Result<YearEnd, PeerError> {
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": year});
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

/// An entry of this source with a line of 100.00 for each of these kinds of funds, in a unit and waiting.
fn entry_of_every_kind(source: &str, funds: &[&str], changes: &[(&str, Value)]) -> Value {
    let plain = [("is_scientific", json!(false)), ("is_debt", json!(false)), ("is_capital", json!(false))];
    let mut document = entry(source, elements(&plain), "100.00");
    let line = document["lines"][0].clone();
    let mut lines = Vec::new();
    for (fund, agency) in funds.iter().flat_map(|fund| [(fund, json!("101001")), (fund, Value::Null)]) {
        let mut one = line.clone();
        one["elements"]["fund_type_code"] = json!(fund);
        one["elements"]["agency_code"] = agency.clone();
        one["bgt_exe_flag"] = json!(if agency.is_null() { "2" } else { "1" });
        for (name, value) in changes {
            one["elements"][*name] = value.clone();
        }
        lines.push(one);
    }
    document["lines"] = json!(lines);
    document
}

#[tokio::test]
async fn every_source_and_kind_of_funds_is_closed_and_what_is_carried_is_closed_a_year_later() {
    let world = world().await;
    let advance = [("bgt_type_code", json!("11")), ("is_advance", json!(true))];
    let higher = [("sup_bgt_doc_no", json!("赣财预〔2026〕3号"))];
    let sources: [(&str, &[(&str, Value)]); 6] = [
        ("income", &[]),
        ("higher_level", &higher),
        ("debt", &[]),
        ("carry_over", &[]),
        ("transfer_in", &[]),
        ("advance", &advance),
    ];
    let funds =
        ["1", "11", "111", "112", "113", "12", "121", "122", "13", "131", "14", "2", "21", "29", "3", "31", "32", "39"];
    for (source, changes) in sources {
        done(&world, "entries", &entry_of_every_kind(source, &funds, changes)).await;
        close(&world, "?dry_run=true", &key()).await.unwrap();
    }
    let report = close(&world, "", &key()).await.unwrap();
    let carried = |fund: &str| report.totals.iter().find(|one| one.fund_type_code.as_str() == fund).unwrap().carried;
    // what the higher level gave is carried too (CL-002); only what a unit could use is
    let expected = [
        ("111", "100.00"),
        ("112", "600.00"),
        ("122", "600.00"),
        ("131", "100.00"),
        ("21", "600.00"),
        ("31", "600.00"),
    ];
    for (fund, amount) in expected {
        assert_eq!(carried(fund).to_string(), amount, "{fund}");
    }
    assert!(balances(&world, 2026).await.iter().all(|balance| balance.bal_amt.is_zero()));
    assert!(report.accounts.iter().all(|account| account.after.is_zero()), "{:?}", report.accounts);
    world.server.clock.set("2027-12-31T04:00:00Z".parse().unwrap());
    let next = close_year(&world, 2027, "", &key()).await.unwrap();
    let sum = |amounts: Vec<Money>| Money::try_sum(amounts).unwrap();
    assert_eq!(
        sum(next.totals.iter().map(|one| one.remaining).collect()),
        sum(report.totals.iter().map(|one| one.carried).collect())
    );
    assert!(balances(&world, 2027).await.iter().all(|balance| balance.bal_amt.is_zero()));
    world.verified().await;
}

#[tokio::test]
async fn a_source_that_stands_below_zero_is_closed_against_the_others_of_its_funds() {
    let world = adjustment::world().await;
    let borrowed = entry("debt", elements(&[("agency_code", Value::Null)]), "100.00");
    let pool = done(&world, "entries", &borrowed).await.lines[0].bgt_id.unwrap();
    let cut = adjustment::body("A7", None, json!({"ori_bgt_id": pool, "add_amount": "60.00"}));
    let adj_id = adjustment::waiting(&world.server, &cut).await;
    for (name, role) in [("m2", Role::M2), ("m2", Role::M2), ("congress", Role::X2)] {
        adjustment::step(&world.person(name, &[role]), adj_id, "approve").await.unwrap();
    }
    let of_income = balances(&world, 2026).await.into_iter().find(|one| one.acct_cls_code == "1101").unwrap();
    assert_eq!(of_income.bal_amt.to_string(), "-60.00");
    world.server.clock.set(NEW_YEARS_EVE.parse().unwrap());
    let report = close(&world, "", &key()).await.unwrap();
    let before = report.accounts.iter().find(|account| account.acct_cls_code == "1101").unwrap().before;
    assert_eq!(before, of_income.bal_amt);
    assert!(balances(&world, 2026).await.iter().all(|balance| balance.bal_amt.is_zero()));
    world.verified().await;
}

#[tokio::test]
async fn an_indicator_that_is_wholly_committed_is_recovered() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let plan = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "contract_name": "办公家具采购计划",
        "payee_acct_name": "南昌纸业有限公司", "payee_acct_no": PAYEE, "commitment_amt": "1000.00", "prepay_percent": 30,
    });
    let drafted: Value = bureau.clerk().post(&format!("{BASE}/commitments"), &plan, &key()).await.unwrap();
    let path = format!("commitments/{}", drafted["commitment_id"].as_str().unwrap());
    act(&bureau.clerk(), &path, "submit").await.unwrap();
    act(&bureau.reviewer(), &path, "approve").await.unwrap();
    assert_eq!(bureau.amounts(bgt_id).await.committed.to_string(), "1000.00");
    bureau.server.clock.set(NEW_YEARS_EVE.parse().unwrap());
    let world = World { server: bureau.server };
    let report = close(&world, "", &key()).await.unwrap();
    assert_eq!(report.totals[0].recovered.to_string(), "1000.00");
    assert!(balances(&world, 2026).await.iter().all(|balance| balance.bal_amt.is_zero()));
}

#[tokio::test]
async fn a_balance_that_cannot_be_carried_is_refused_with_its_account_and_indicator() {
    let world = world().await;
    let [ordinary, _] = small_division(&world).await;
    let bureau = Bureau::around(world.server);
    let database = instance(&bureau).await;
    let world = World { server: bureau.server };
    // an adjustment account that was left open, then a balance on the side where it cannot stand
    for (statement, code, balance) in [
        (
            "UPDATE glb_bal SET acct_cls_code = '8101', ctrl_level = 0 WHERE acct_cls_code = '6102' AND bal_amt = 20000",
            "8101",
            "200.00",
        ),
        ("UPDATE glb_bal SET cr_amt = dr_amt + 100, bal_amt = -100 WHERE acct_cls_code = '8101'", "8101", "-1.00"),
    ] {
        change(&database, statement).await;
        for query in ["?dry_run=true", ""] {
            let refused = refusal(close(&world, query, &key()).await);
            let told = &refused.document().extensions;
            assert_eq!((refused.code(), refused.status().as_u16()), ("CL-005", 409));
            assert_eq!([&told["account"], &told["balance"]], [&json!(code), &json!(balance)]);
            assert_eq!(told["indicator"], json!(ordinary));
        }
    }
    assert!(world.indicators("fiscal_year=2027").await.is_empty());
}
