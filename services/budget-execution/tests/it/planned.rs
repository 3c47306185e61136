//! What a cash plan rests on stays with its indicator, whoever takes from it and how (I2).

use budget_execution_contract::{CashPlan, Distribution, Generation, GenerationStatus, IndicatorDetail, Issue};
use common_types::{Money, Role};
use serde_json::{Value, json};
use service_kit::{Page, Peer, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::{
    adjustment::{body, indicator, left, step, swap, waiting, world},
    bureau::yuan,
    world::{BASE, DIVISION, World, act, annual_line, approval, refusal},
};

const AGENCY: &str = "101001";

fn budget(world: &World) -> Peer {
    world.person("m2", &[Role::M2])
}

/// A plan of one month that waits for its last approval.
async fn planning(world: &World, bgt_id: Uuid, amount: &str) -> Uuid {
    let (clerk, reviewer) = (world.unit("u1", &[Role::U1], AGENCY), world.unit("u2", &[Role::U2], AGENCY));
    let months = json!([{"plan_month": 3, "plan_amt": amount}]);
    let plan = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "months": months});
    let made: CashPlan = clerk.post(&format!("{BASE}/cash-plans"), &plan, &key()).await.unwrap();
    let path = format!("cash-plans/{}", made.cash_plan_id);
    act(&clerk, &path, "submit").await.unwrap();
    act(&reviewer, &path, "approve").await.unwrap();
    made.cash_plan_id
}

async fn grant(world: &World, cash_plan_id: Uuid) -> Result<Value, PeerError> {
    act(&world.person("m3", &[Role::M3]), &format!("cash-plans/{cash_plan_id}"), "approve").await
}

async fn planned(world: &World, bgt_id: Uuid, amount: &str) {
    grant(world, planning(world, bgt_id, amount).await).await.unwrap();
}

async fn recovery(world: &World, bgt_id: Uuid, amount: &str) -> String {
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "reason": "沉淀资金收回",
        "cor_bgt_doc_no": format!("洪财收〔2026〕{}号", key()), "lines": [{"bgt_id": bgt_id, "amt": amount}]});
    let maker = world.person("m1", &[Role::M1]);
    let made: Value = maker.post(&format!("{BASE}/recoveries"), &body, &key()).await.unwrap();
    let path = format!("recoveries/{}", made["operation_id"].as_str().unwrap());
    act(&maker, &path, "submit").await.unwrap();
    path
}

#[tokio::test]
async fn nobody_takes_away_what_a_plan_rests_on() {
    let world = world().await;
    let school = indicator(&world, Some(AGENCY), "1000.00", &[]).await;
    let other = indicator(&world, Some(AGENCY), "10.00", &[]).await;
    planned(&world, school, "700.00").await;
    let too_much = json!({"ori_bgt_id": school, "add_amount": "300.01"});
    for (kind, line) in [
        ("A2", too_much.clone()),
        ("A2", json!({"ori_bgt_id": school})),
        ("A3", swap(school, other, "300.01")),
        ("A7", too_much),
    ] {
        let adj_id = waiting(&world.server, &body(kind, None, line)).await;
        if kind == "A7" {
            for who in [budget(&world), world.person("m7", &[Role::M7])] {
                step(&who, adj_id, "approve").await.unwrap();
            }
        }
        let last = if kind == "A7" { world.person("x2", &[Role::X2]) } else { budget(&world) };
        let refused = refusal(step(&last, adj_id, "approve").await);
        let told = json!(refused.document().extensions);
        assert_eq!(
            (refused.code(), told["indicator"].as_str()),
            ("BE-115", Some(school.to_string().as_str())),
            "{kind}"
        );
        assert_eq!((left(&world, school).await, left(&world, other).await), (yuan("1000.00"), yuan("10.00")), "{kind}");
    }
    let recovering = recovery(&world, school, "300.01").await;
    assert_eq!(refusal(act(&budget(&world), &recovering, "approve").await).code(), "BE-115");
    let beside = waiting(&world.server, &body("A2", None, json!({"ori_bgt_id": school, "add_amount": "300.00"}))).await;
    step(&budget(&world), beside, "approve").await.unwrap();
    assert_eq!(left(&world, school).await, yuan("700.00"));
    planned(&world, school, "-300.01").await;
    act(&budget(&world), &recovering, "approve").await.unwrap();
    assert_eq!(left(&world, school).await, yuan("399.99"));
    world.verified().await;
}

#[tokio::test]
async fn money_that_comes_back_leaves_again_only_beside_the_plan() {
    let world = world().await;
    let (giver, school) =
        (indicator(&world, Some(AGENCY), "500.00", &[]).await, indicator(&world, Some(AGENCY), "100.00", &[]).await);
    let adj_id = waiting(&world.server, &body("A3", None, swap(giver, school, "400.00"))).await;
    step(&budget(&world), adj_id, "approve").await.unwrap();
    planned(&world, school, "300.00").await;
    assert_eq!(refusal(step(&budget(&world), adj_id, "discard").await).code(), "BE-115");
    planned(&world, school, "-200.00").await;
    step(&budget(&world), adj_id, "discard").await.unwrap();
    assert_eq!((left(&world, giver).await, left(&world, school).await), (yuan("500.00"), yuan("100.00")));
    world.verified().await;
}

#[tokio::test]
async fn a_minus_line_of_an_approval_waits_until_less_is_planned() {
    let world = world().await;
    let line = Uuid::now_v7().to_string();
    let version = |number, amount| {
        approval(number, &format!("洪财预〔2026〕{number}号"), vec![annual_line(&line, Some(AGENCY), amount)], vec![])
    };
    world.approve(&key(), &version(1, "1000.00")).await.unwrap();
    let school = world.indicators("").await[0].bgt_id;
    planned(&world, school, "800.00").await;
    world.approve(&key(), &version(2, "-300.00")).await.unwrap();
    let page: Page<Generation> = budget(&world).get(&format!("{BASE}/generations")).await.unwrap();
    let blocked = page.items.last().unwrap();
    assert_eq!((blocked.status, blocked.problems[0].code.as_str()), (GenerationStatus::Blocked, "BE-115"));
    assert_eq!(left(&world, school).await, yuan("1000.00"));
    planned(&world, school, "-100.00").await;
    let path = format!("{BASE}/generations/{}/retries", blocked.generation_id);
    let done: Generation = budget(&world).post(&path, &json!({}), &key()).await.unwrap();
    assert_eq!((done.status, left(&world, school).await), (GenerationStatus::Generated, yuan("700.00")));
    world.verified().await;
}

#[tokio::test]
async fn a_distribution_is_taken_back_only_without_its_plan() {
    let world = world().await;
    let parent = indicator(&world, None, "1000.00", &[]).await;
    let maker = world.person("m1", &[Role::M1]);
    let split = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": parent,
        "lines": [{"agency_code": AGENCY, "exp_func_code": "2050202", "amt": "600.00"}]});
    let made: Distribution = maker.post(&format!("{BASE}/distributions"), &split, &key()).await.unwrap();
    let (child, distribution) = (made.lines[0].bgt_id, format!("distributions/{}", made.distribution_id));
    act(&maker, &distribution, "submit").await.unwrap();
    act(&budget(&world), &distribution, "approve").await.unwrap();
    let issue = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "cor_bgt_doc_no": "洪财指〔2026〕7号",
        "bgt_doc_title": "下达", "doc_date": "2026-02-01", "lines": [{"bgt_id": child, "amt": "600.00"}]});
    let made: Issue = maker.post(&format!("{BASE}/issues"), &issue, &key()).await.unwrap();
    let issue = format!("issues/{}", made.issue_id);
    act(&maker, &issue, "submit").await.unwrap();
    act(&budget(&world), &issue, "approve").await.unwrap();
    planned(&world, child, "600.00").await;
    act(&budget(&world), &issue, "discard").await.unwrap();
    assert_eq!(refusal(act(&budget(&world), &distribution, "discard").await).code(), "BE-115");
    planned(&world, child, "-600.00").await;
    act(&budget(&world), &distribution, "discard").await.unwrap();
    assert_eq!(left(&world, parent).await, yuan("1000.00"));
    world.verified().await;
}

#[tokio::test]
async fn a_freeze_leaves_the_plan_as_it_is() {
    let world = world().await;
    let school = indicator(&world, Some(AGENCY), "1000.00", &[]).await;
    planned(&world, school, "1000.00").await;
    let freeze = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": school, "freeze_amt": "400.00",
        "reason": "审计冻结"});
    let maker = world.person("m1", &[Role::M1]);
    let made: Value = maker.post(&format!("{BASE}/freezes"), &freeze, &key()).await.unwrap();
    let path = format!("freezes/{}", made["freeze_id"].as_str().unwrap());
    act(&maker, &path, "submit").await.unwrap();
    act(&budget(&world), &path, "approve").await.unwrap();
    let detail: IndicatorDetail = budget(&world).get(&format!("{BASE}/indicators/{school}")).await.unwrap();
    assert_eq!((detail.indicator.amounts.available, detail.layers.plan.granted), (yuan("600.00"), yuan("1000.00")));
    world.verified().await;
}

#[tokio::test]
async fn a_plan_and_a_reduction_never_rest_on_the_same_money() {
    let world = world().await;
    for _ in 0..10 {
        let school = indicator(&world, Some(AGENCY), "1000.00", &[]).await;
        let plan = planning(&world, school, "600.00").await;
        let recovering = recovery(&world, school, "600.00").await;
        let budget = budget(&world);
        let (granted, recovered) = tokio::join!(grant(&world, plan), act(&budget, &recovering, "approve"));
        assert_ne!(granted.is_ok(), recovered.is_ok());
        let expected = if granted.is_ok() { yuan("1000.00") } else { yuan("400.00") };
        let refused = if granted.is_ok() { recovered } else { granted };
        assert_eq!(refusal(refused).code(), "BE-115");
        assert_eq!(left(&world, school).await, expected);
    }
    assert_ne!(world.verified().await.dr_amt, Money::ZERO);
}
