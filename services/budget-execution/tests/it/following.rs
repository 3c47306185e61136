//! Cash plans that follow money which an element change or a conversion re-keys.

use budget_execution_contract::{CashPlan, Operation};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{Page, Peer, PeerError};
use testkit::key;
use uuid::Uuid;
use workflow::Status;

use crate::{
    bureau::{Bureau, yuan},
    cash_plan::{self, stands},
    world::{BASE, DIVISION, act, refusal},
};

fn budget(bureau: &Bureau) -> Peer {
    bureau.person("m2", &[Role::M2], DIVISION, None)
}

/// An element change that waits for its approval.
async fn changing(bureau: &Bureau, bgt_id: Uuid, amt: Value) -> Operation {
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "reason": "处室调整",
        "lines": [{"bgt_id": bgt_id, "amt": amt, "change": {"bgt_mof_dep_code": "YS02"}}]});
    let made: Operation = bureau.sector().post(&format!("{BASE}/element-changes"), &body, &key()).await.unwrap();
    act(&bureau.sector(), &path(&made), "submit").await.unwrap();
    made
}

fn path(made: &Operation) -> String {
    format!("element-changes/{}", made.operation_id)
}

async fn changed(bureau: &Bureau, bgt_id: Uuid, amt: Value) -> (Operation, Uuid) {
    let made = changing(bureau, bgt_id, amt).await;
    act(&budget(bureau), &path(&made), "approve").await.unwrap();
    let to = made.lines[0].bgt_id.unwrap();
    (made, to)
}

async fn plans(bureau: &Bureau, bgt_id: Uuid) -> Vec<CashPlan> {
    let page: Page<CashPlan> = bureau.clerk().get(&format!("{BASE}/cash-plans?bgt_id={bgt_id}")).await.unwrap();
    page.items
}

fn months(plan: &CashPlan) -> Vec<(i32, String)> {
    plan.months.iter().map(|line| (line.plan_month, line.plan_amt.to_string())).collect()
}

#[tokio::test]
async fn an_element_change_takes_along_what_is_planned_beyond_what_stays_the_latest_months_first() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let old = bureau.indicator("1000.00").await;
    cash_plan::granted(&bureau, old, &[(3, "300.00"), (5, "200.00"), (6, "400.00")]).await.unwrap();
    bureau.paid(old, "100.00").await;
    let (first, part) = changed(&bureau, old, json!("500.00")).await;
    assert_eq!(stands(&bureau, old).await, ["500.00", "200.00", "200.00", "0.00", "100.00"]);
    assert_eq!(stands(&bureau, part).await, ["400.00", "400.00", "0.00", "0.00", "0.00"]);
    let told = plans(&bureau, part).await;
    assert_eq!((told.len(), months(&told[0])), (1, vec![(6, "400.00".to_owned())]));
    assert_eq!((told[0].state.status, told[0].total_amt), (Status::Final, yuan("400.00")));
    assert!(told[0].remark.contains(&path(&first)), "{}", told[0].remark);

    let (_, rest) = changed(&bureau, old, Value::Null).await;
    assert_eq!(stands(&bureau, old).await, ["100.00", "0.00", "0.00", "0.00", "100.00"]);
    assert_eq!(stands(&bureau, rest).await, ["400.00", "200.00", "200.00", "0.00", "0.00"]);
    bureau.submitted(rest, "200.00").await;
    let late = bureau.drafted(part, "400.00").await.pay_app_id;
    assert_eq!(refusal(bureau.act(&bureau.clerk(), late, "submit").await).code(), "PAY-025");
    bureau.server.clock.set("2026-06-01T02:00:00Z".parse().unwrap());
    bureau.act(&bureau.clerk(), late, "submit").await.unwrap();
    assert_eq!(stands(&bureau, part).await, ["400.00", "0.00", "0.00", "400.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_change_that_is_taken_back_brings_its_plan_back() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let old = bureau.indicator("1000.00").await;
    cash_plan::granted(&bureau, old, &[(3, "300.00"), (6, "600.00")]).await.unwrap();
    let (made, new) = changed(&bureau, old, json!("900.00")).await;
    assert_eq!(stands(&bureau, old).await, ["100.00", "0.00", "100.00", "0.00", "0.00"]);
    assert_eq!(stands(&bureau, new).await, ["800.00", "600.00", "200.00", "0.00", "0.00"]);
    act(&budget(&bureau), &path(&made), "discard").await.unwrap();
    assert_eq!(stands(&bureau, old).await, ["900.00", "600.00", "300.00", "0.00", "0.00"]);
    assert_eq!(stands(&bureau, new).await, ["0.00", "0.00", "0.00", "0.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_plan_that_what_stays_still_holds_does_not_move() {
    let bureau = Bureau::start().await;
    let old = bureau.indicator("1000.00").await;
    cash_plan::granted(&bureau, old, &[(6, "600.00")]).await.unwrap();
    let (_, new) = changed(&bureau, old, json!("400.00")).await;
    assert_eq!(stands(&bureau, old).await, ["600.00", "600.00", "0.00", "0.00", "0.00"]);
    assert!(plans(&bureau, new).await.is_empty());
    bureau.verified().await;
}

#[tokio::test]
async fn a_conversion_moves_the_plan_and_leaves_what_a_frozen_amount_keeps() {
    let bureau = Bureau::start().await;
    let old = bureau.indicator("1000.00").await;
    cash_plan::granted(&bureau, old, &[(3, "300.00"), (6, "600.00")]).await.unwrap();
    let freeze =
        json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": old, "freeze_amt": "100.00", "reason": "审计"});
    let frozen: Value = bureau.sector().post(&format!("{BASE}/freezes"), &freeze, &key()).await.unwrap();
    let freezing = format!("freezes/{}", frozen["freeze_id"].as_str().unwrap());
    act(&bureau.sector(), &freezing, "submit").await.unwrap();
    act(&budget(&bureau), &freezing, "approve").await.unwrap();
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "reason": "科目调整",
        "element": "exp_func_code", "from_code": "2050202", "to_code": "2050203"});
    let made: Operation = budget(&bureau).post(&format!("{BASE}/conversions"), &body, &key()).await.unwrap();
    let converting = format!("conversions/{}", made.operation_id);
    act(&budget(&bureau), &converting, "submit").await.unwrap();
    act(&bureau.person("m2-b", &[Role::M2], DIVISION, None), &converting, "approve").await.unwrap();
    let new = made.lines[0].bgt_id.unwrap();
    assert_eq!(stands(&bureau, old).await, ["100.00", "0.00", "100.00", "0.00", "0.00"]);
    assert_eq!(stands(&bureau, new).await, ["800.00", "600.00", "200.00", "0.00", "0.00"]);
    let taken = plans(&bureau, old).await.pop().unwrap();
    assert_eq!(months(&taken), [(3, "-200.00".to_owned()), (6, "-600.00".to_owned())]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_plan_granted_beside_a_change_is_on_the_side_of_its_money() {
    let bureau = Bureau::start().await;
    for _ in 0..8 {
        let old = bureau.indicator("1000.00").await;
        let plan = cash_plan::waiting(&bureau, old, &[(6, "600.00")]).await;
        let change = changing(&bureau, old, Value::Null).await;
        let (budget, path, key) = (budget(&bureau), path(&change), key());
        let (granted, moved) =
            tokio::join!(cash_plan::act(&bureau, plan, "approve", &key), act(&budget, &path, "approve"));
        let new = change.lines[0].bgt_id.unwrap();
        let planned = if granted.is_ok() { "600.00" } else { "0.00" };
        let of_grant = |granted: Result<CashPlan, PeerError>| {
            granted.err().map(|error| refusal::<()>(Err(error)).code().to_owned())
        };
        match moved {
            Ok(_) => {
                assert_eq!([stands(&bureau, old).await[0].as_str(), &stands(&bureau, new).await[0]], ["0.00", planned])
            }
            Err(error) => assert_eq!(
                (refusal::<()>(Err(error)).code(), stands(&bureau, old).await[0].as_str()),
                ("BE-115", planned)
            ),
        }
        assert!(of_grant(granted).is_none_or(|code| code == "BE-115"));
    }
    bureau.verified().await;
}
