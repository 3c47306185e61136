//! From an approval to executable indicators, and what is refused on the way.

use budget_execution_contract::{
    Distribution, Freeze, Generation, GenerationStatus, IndicatorDetail, IndicatorLineage, Issue,
};
use common_types::{BgtExeFlag, Money, Role};
use serde_json::{Value, json};
use service_kit::Page;
use testkit::key;
use uuid::Uuid;

use crate::world::{BASE, DIVISION, World, act, annual_line, approval, refusal};

fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

async fn generations(world: &World) -> Vec<Generation> {
    let page: Page<Generation> = world.person("m2", &[Role::M2]).get(&format!("{BASE}/generations")).await.unwrap();
    page.items
}

/// An indicator of 1000 that a unit can pay from.
async fn executable(world: &World) -> Uuid {
    let lines = vec![annual_line(&Uuid::now_v7().to_string(), Some("101001"), "1000.00")];
    world.approve(&key(), &approval(1, &format!("洪财预〔2026〕{}号", key()), lines, vec![])).await.unwrap();
    world.indicators("agency_code=101001").await.last().unwrap().bgt_id
}

#[tokio::test]
async fn an_approval_generates_its_indicators_once() {
    let world = World::start().await;
    let transfer = json!({
        "bgt_pman_id": Uuid::now_v7(), "pro_code": crate::world::PROJECT, "pro_name": "教育转移支付",
        "sub_mof_div_code": "360102000", "tp_func_code": "23002", "exp_func_code": "2050202",
        "gov_bgt_eco_code": "50201", "fund_type_code": "11", "manage_mof_dep_code": "JK01", "tra_type": "2",
        "reply_amt": "300.00", "is_track": true, "direct_flag": "01",
    });
    let lines = vec![
        annual_line(&Uuid::now_v7().to_string(), Some("101001"), "1000.00"),
        annual_line(&Uuid::now_v7().to_string(), None, "500.00"),
    ];
    let granted = approval(1, "洪财预〔2026〕1号", lines, vec![transfer]);
    for _ in 0..2 {
        world.approve(&key(), &granted).await.unwrap();
    }
    let made = world.indicators("fiscal_year=2026").await;
    let seen: Vec<_> =
        made.iter().map(|one| (one.bgt_exe_flag, one.amounts.available, one.elements.rec_div_code.is_some())).collect();
    assert_eq!(
        seen,
        [
            (BgtExeFlag::Executable, yuan("1000.00"), false),
            (BgtExeFlag::Unallocated, yuan("500.00"), false),
            (BgtExeFlag::Unallocated, yuan("300.00"), true),
        ]
    );
    let generation = generations(&world).await.remove(0);
    assert_eq!((generation.status, generation.total_amt), (GenerationStatus::Generated, yuan("1800.00")));
    assert!(world.indicators("bgt_exe_flag=2").await.len() == 2);
    world.verified().await;
}

#[tokio::test]
async fn a_later_version_gives_and_takes_back_the_difference() {
    let world = World::start().await;
    let line = Uuid::now_v7().to_string();
    let version =
        |number, doc_no, amount| approval(number, doc_no, vec![annual_line(&line, Some("101001"), amount)], vec![]);
    world.approve(&key(), &version(1, "洪财预〔2026〕1号", "1000.00")).await.unwrap();
    world.approve(&key(), &version(2, "洪财预〔2026〕2号", "50.00")).await.unwrap();
    world.approve(&key(), &version(3, "洪财预〔2026〕3号", "-300.00")).await.unwrap();
    let made = world.indicators("").await;
    assert_eq!((made.len(), made[0].amounts.available), (1, yuan("750.00")));
    world.approve(&key(), &version(4, "洪财预〔2026〕4号", "-750.01")).await.unwrap();
    let blocked = generations(&world).await.pop().unwrap();
    assert_eq!((blocked.status, blocked.problems[0].code.as_str()), (GenerationStatus::Blocked, "BA-002"));
    assert_eq!(world.indicators("").await[0].amounts.available, yuan("750.00"));
    world.verified().await;
}

#[tokio::test]
async fn an_incomplete_approval_is_blocked_with_what_is_missing_and_can_be_retried() {
    let world = World::start().await;
    let mut line = annual_line(&Uuid::now_v7().to_string(), Some("101001"), "10.00");
    line["exp_func_code"] = Value::Null;
    world.approve(&key(), &approval(1, "洪财预〔2026〕1号", vec![line], vec![])).await.unwrap();
    assert!(world.indicators("").await.is_empty());
    let blocked = generations(&world).await.remove(0);
    assert_eq!((blocked.status, blocked.problems[0].code.as_str()), (GenerationStatus::Blocked, "IG-004"));
    let path = format!("{BASE}/generations/{}/retries", blocked.generation_id);
    let again: Generation = world.person("m2", &[Role::M2]).post(&path, &json!({}), &key()).await.unwrap();
    assert_eq!(again.status, GenerationStatus::Blocked);
    let clerk = world.unit("u1", &[Role::U1], "101001").post::<_, Generation>(&path, &json!({}), &key()).await;
    assert_eq!(refusal(clerk).code(), "AUTH-004");
}

#[tokio::test]
async fn a_waiting_indicator_is_distributed_and_issued() {
    let world = World::start().await;
    let granted =
        approval(1, "洪财预〔2026〕1号", vec![annual_line(&Uuid::now_v7().to_string(), None, "1000.00")], vec![]);
    world.approve(&key(), &granted).await.unwrap();
    let parent = world.indicators("bgt_exe_flag=2").await.remove(0);
    let (maker, checker) = (world.person("m1", &[Role::M1]), world.person("m2", &[Role::M2]));
    let draft = |agency: &str, func: &str, amt: &str| {
        json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": parent.bgt_id,
            "lines": [{"agency_code": agency, "exp_func_code": func, "amt": amt}]})
    };
    let path = format!("{BASE}/distributions");
    let foreign = maker.post::<_, Distribution>(&path, &draft("202001", "2050202", "1.00"), &key()).await;
    assert_eq!(refusal(foreign).code(), "BA-008");
    let contradicting = maker.post::<_, Distribution>(&path, &draft("101001", "2080501", "1.00"), &key()).await;
    assert_eq!(refusal(contradicting).code(), "BA-003");
    let made: Distribution = maker.post(&path, &draft("101001", "2050202", "600.00"), &key()).await.unwrap();
    let too_much: Distribution = maker.post(&path, &draft("101002", "2050202", "400.01"), &key()).await.unwrap();
    for id in [made.distribution_id, too_much.distribution_id] {
        act(&maker, &format!("distributions/{id}"), "submit").await.unwrap();
    }
    act(&checker, &format!("distributions/{}", made.distribution_id), "approve").await.unwrap();
    let refused = act(&checker, &format!("distributions/{}", too_much.distribution_id), "approve").await;
    assert_eq!(refusal(refused).code(), "BA-001");
    let child = made.lines[0].bgt_id;
    let issue = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "cor_bgt_doc_no": "洪财教指〔2026〕7号",
        "bgt_doc_title": "下达", "doc_date": "2026-02-01", "lines": [{"bgt_id": child, "amt": "600.00"}]});
    let issued: Issue = maker.post(&format!("{BASE}/issues"), &issue, &key()).await.unwrap();
    act(&maker, &format!("issues/{}", issued.issue_id), "submit").await.unwrap();
    act(&checker, &format!("issues/{}", issued.issue_id), "approve").await.unwrap();
    let detail: IndicatorDetail =
        world.unit("u1", &[Role::U1], "101001").get(&format!("{BASE}/indicators/{child}")).await.unwrap();
    assert_eq!(detail.indicator.amounts.available, yuan("600.00"));
    assert_eq!(Money::try_sum(detail.waterfall.iter().map(|term| term.amount)), Some(yuan("600.00")));
    assert_eq!(detail.indicator.elements.cor_bgt_doc_no.unwrap().as_str(), "洪财教指〔2026〕7号");
    let lineage: IndicatorLineage =
        world.person("m3", &[Role::M3]).get(&format!("{BASE}/indicators/{child}/lineage")).await.unwrap();
    assert_eq!((lineage.ancestors.len(), lineage.bgt_pman_id), (2, parent.bgt_pman_id.clone()));
    let outside = world.unit("u9", &[Role::U1], "101009").get::<Value>(&format!("{BASE}/indicators/{child}")).await;
    assert_eq!(refusal(outside).code(), "HTTP-404");
    let other_division = json!({"action": "discard", "opinion": "撤销"});
    let voided: Issue =
        checker.post(&format!("{BASE}/issues/{}/actions", issued.issue_id), &other_division, &key()).await.unwrap();
    assert_eq!(voided.state.status, workflow::Status::Void);
    let after = world.indicators(&format!("ori_bgt_id={}", parent.bgt_id)).await.remove(0);
    assert_eq!((after.amounts.available, after.amounts.pending_issue), (Money::ZERO, yuan("600.00")));
    world.verified().await;
}

#[tokio::test]
async fn a_frozen_amount_is_thawed_once_and_by_authority() {
    let world = World::start().await;
    let bgt_id = executable(&world).await;
    let (maker, checker) = (world.person("m5", &[Role::M5]), world.person("m2", &[Role::M2]));
    let draft = |amt: &str| json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "freeze_amt": amt, "reason": "审计冻结"});
    let path = format!("{BASE}/freezes");
    let made: Freeze = maker.post(&path, &draft("400.00"), &key()).await.unwrap();
    let too_much: Freeze = maker.post(&path, &draft("600.01"), &key()).await.unwrap();
    for id in [made.freeze_id, too_much.freeze_id] {
        act(&maker, &format!("freezes/{id}"), "submit").await.unwrap();
    }
    act(&checker, &format!("freezes/{}", made.freeze_id), "approve").await.unwrap();
    let refused = act(&checker, &format!("freezes/{}", too_much.freeze_id), "approve").await;
    assert_eq!(refusal(refused).code(), "BA-002");
    let amounts = world.indicators("").await[0].amounts;
    assert_eq!((amounts.available, amounts.frozen), (yuan("600.00"), yuan("400.00")));
    let thaws = format!("{BASE}/freezes/{}/thaws", made.freeze_id);
    let thaw = json!({"thaw_amt": "400.00", "opinion": "解除"});
    assert_eq!(refusal(checker.post::<_, Freeze>(&thaws, &thaw, &key()).await).code(), "BA-004");
    let (one, other) = (key(), key());
    let (first, second) =
        tokio::join!(maker.post::<_, Freeze>(&thaws, &thaw, &one), maker.post::<_, Freeze>(&thaws, &thaw, &other));
    let (done, refused): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, 1));
    let problem = refusal(refused.into_iter().next().unwrap());
    assert_eq!((problem.code(), problem.status().as_u16()), ("BE-105", 409));
    let amounts = world.indicators("").await[0].amounts;
    assert_eq!((amounts.available, amounts.frozen), (yuan("1000.00"), Money::ZERO));
    world.verified().await;
}

#[tokio::test]
async fn the_books_can_be_read_as_of_a_day() {
    let world = World::start().await;
    let bgt_id = executable(&world).await;
    let reader = world.person("m3", &[Role::M3]);
    let books = format!("mof_div_code={DIVISION}&fiscal_year=2026&key_id={bgt_id}");
    let balances: Value = reader.get(&format!("{BASE}/ledger/balances?{books}")).await.unwrap();
    assert_eq!(
        (balances[0]["acct_cls_code"].as_str(), balances[0]["bal_amt"].as_str()),
        (Some("6101"), Some("1000.00"))
    );
    let before: Value = reader.get(&format!("{BASE}/ledger/balances?{books}&as_of=2020-01-01")).await.unwrap();
    assert_eq!(before, json!([]));
    let unknown: Value =
        reader.get(&format!("{BASE}/ledger/balances?{books}&known_at=2020-01-01T00:00:00Z")).await.unwrap();
    assert_eq!(unknown, json!([]));
    let trial: Value =
        reader.get(&format!("{BASE}/ledger/trial-balance?mof_div_code={DIVISION}&fiscal_year=2026")).await.unwrap();
    assert_eq!(trial["difference"], "0.00");
    let entries: Value = reader.get(&format!("{BASE}/indicators/{bgt_id}/ledger")).await.unwrap();
    assert_eq!(entries["items"].as_array().unwrap().len(), 1);
    let above = world.server.client(&world.server.identity.token("x", &[Role::M3], "360200000", None));
    let refused = above.get::<Value>(&format!("{BASE}/ledger/balances?{books}")).await;
    assert_eq!(refusal(refused).code(), "HTTP-404");
}
