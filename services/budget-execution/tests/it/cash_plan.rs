//! Cash plans: the second layer of control, on the day that the division says so (S14, PAY-025, I2).

use budget_execution_contract::{CashPlan, IndicatorDetail, Payment, PlanAmounts};
use serde_json::{Value, json};
use service_kit::{Page, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{Bureau, payment, yuan},
    world::{BASE, DIVISION, act_on_all, all_but_the_last, import, refusal},
};

fn body(bgt_id: Uuid, months: &[(i32, &str)]) -> Value {
    let months: Vec<Value> =
        months.iter().map(|(month, amount)| json!({"plan_month": month, "plan_amt": amount})).collect();
    json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "months": months})
}

pub async fn draft(bureau: &Bureau, bgt_id: Uuid, months: &[(i32, &str)]) -> Result<CashPlan, PeerError> {
    bureau.clerk().post(&format!("{BASE}/cash-plans"), &body(bgt_id, months), &key()).await
}

pub async fn act(bureau: &Bureau, id: Uuid, action: &str, key: &str) -> Result<CashPlan, PeerError> {
    let who = if action == "submit" { bureau.clerk() } else { bureau.treasury() };
    who.post(&format!("{BASE}/cash-plans/{id}/actions"), &json!({"action": action, "opinion": "同意"}), key).await
}

/// A plan that waits for its last approval.
pub async fn waiting(bureau: &Bureau, bgt_id: Uuid, months: &[(i32, &str)]) -> Uuid {
    let id = draft(bureau, bgt_id, months).await.unwrap().cash_plan_id;
    act(bureau, id, "submit", &key()).await.unwrap();
    let path = format!("{BASE}/cash-plans/{id}/actions");
    let _: CashPlan = bureau.reviewer().post(&path, &json!({"action": "approve"}), &key()).await.unwrap();
    id
}

pub async fn granted(bureau: &Bureau, bgt_id: Uuid, months: &[(i32, &str)]) -> Result<CashPlan, PeerError> {
    let id = waiting(bureau, bgt_id, months).await;
    act(bureau, id, "approve", &key()).await
}

async fn single_control_from(bureau: &Bureau, day: &str) {
    let body = json!({
        "mof_div_code": DIVISION, "setting_key": "is_contrlbyplan", "setting_value": false, "start_date": day,
        "reason": "不再实行用款计划控制",
    });
    let change: Value = bureau.treasury().post(&format!("{BASE}/setting-changes"), &body, &key()).await.unwrap();
    let path = format!("{BASE}/setting-changes/{}/actions", change["setting_id"].as_str().unwrap());
    let _: Value = bureau.treasury().post(&path, &json!({"action": "submit"}), &key()).await.unwrap();
    let _: Value = bureau.other_treasury().post(&path, &json!({"action": "approve"}), &key()).await.unwrap();
}

async fn plan(bureau: &Bureau, bgt_id: Uuid) -> PlanAmounts {
    let detail: IndicatorDetail = bureau.clerk().get(&format!("{BASE}/indicators/{bgt_id}")).await.unwrap();
    detail.layers.plan
}

/// Granted, of later months, available, in payment, used.
pub async fn stands(bureau: &Bureau, bgt_id: Uuid) -> [String; 5] {
    let plan = plan(bureau, bgt_id).await;
    [plan.granted, plan.of_later_months, plan.available, plan.in_payment, plan.used].map(|amount| amount.to_string())
}

async fn submit_all(bureau: &Bureau, bgt_id: Uuid, racers: usize, amount: &str) -> Vec<Result<Payment, PeerError>> {
    let mut ids = Vec::new();
    for _ in 0..racers {
        ids.push(bureau.drafted(bgt_id, amount).await.pay_app_id);
    }
    futures::future::join_all(ids.into_iter().map(|id| async move { bureau.act(&bureau.clerk(), id, "submit").await }))
        .await
}

#[tokio::test]
async fn under_double_control_the_plan_of_the_month_bounds_payments() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let bgt_id = bureau.indicator("1000.00").await;
    granted(&bureau, bgt_id, &[(3, "300.00"), (4, "200.00")]).await.unwrap();
    let answers = submit_all(&bureau, bgt_id, 10, "50.00").await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 6);
    for refused in answers.into_iter().filter(Result::is_err) {
        let problem = refusal(refused);
        let told = json!(problem.document().extensions);
        assert_eq!((problem.code(), told["layer"].as_str()), ("PAY-025", Some("plan")));
        assert_eq!(told["exceeded"].as_str(), Some("50.00"));
        let terms = told["equation"].as_array().unwrap();
        let sum: i64 = terms.iter().map(|term| yuan(term["amount"].as_str().unwrap()).fen()).sum();
        assert_eq!((sum, told["available"].as_str()), (0, Some("0.00")));
    }
    assert_eq!(bureau.stands(bgt_id).await, ["700.00", "300.00", "0.00"]);
    assert_eq!(stands(&bureau, bgt_id).await, ["500.00", "200.00", "0.00", "300.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_switch_as_of_tomorrow_leaves_today_and_payments_end_on_their_layers() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let bgt_id = bureau.indicator("1000.00").await;
    granted(&bureau, bgt_id, &[(3, "300.00")]).await.unwrap();
    let held = bureau.submitted(bgt_id, "250.00").await;
    single_control_from(&bureau, "2026-03-12").await;
    let late = bureau.drafted(bgt_id, "100.00").await.pay_app_id;
    assert_eq!(refusal(bureau.act(&bureau.clerk(), late, "submit").await).code(), "PAY-025");
    bureau.server.clock.set("2026-03-12T02:00:00Z".parse().unwrap());
    let free = bureau.act(&bureau.clerk(), late, "submit").await.unwrap();
    assert!(!free.is_contrlbyplan);
    assert_eq!(stands(&bureau, bgt_id).await, ["300.00", "0.00", "50.00", "250.00", "0.00"]);
    bureau.act(&bureau.reviewer(), held.pay_app_id, "return").await.unwrap();
    bureau.act(&bureau.reviewer(), late, "return").await.unwrap();
    assert_eq!(stands(&bureau, bgt_id).await, ["300.00", "0.00", "300.00", "0.00", "0.00"]);
    assert_eq!(bureau.stands(bgt_id).await, ["1000.00", "0.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn what_is_not_used_stays_for_later_months_and_a_new_month_is_due_once() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let bgt_id = bureau.indicator("1000.00").await;
    granted(&bureau, bgt_id, &[(3, "100.00"), (4, "200.00"), (5, "300.00")]).await.unwrap();
    bureau.submitted(bgt_id, "60.00").await;
    let drafted = bureau.draft(&payment(bgt_id, "1.00")).await.unwrap();
    bureau.server.clock.set("2026-03-31T16:00:00Z".parse().unwrap());
    assert_eq!(plan(&bureau, bgt_id).await.available, yuan("240.00"));
    let answers = submit_all(&bureau, bgt_id, 10, "40.00").await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 6);
    assert_eq!(stands(&bureau, bgt_id).await, ["600.00", "300.00", "0.00", "300.00", "0.00"]);
    assert_eq!(refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await).code(), "PAY-025");
    bureau.verified().await;
}

#[tokio::test]
async fn a_payment_is_settled_and_refunded_on_the_plan_too() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let bgt_id = bureau.indicator("1000.00").await;
    granted(&bureau, bgt_id, &[(3, "300.00")]).await.unwrap();
    let voucher = bureau.paid(bgt_id, "200.00").await;
    assert_eq!(stands(&bureau, bgt_id).await, ["300.00", "0.00", "100.00", "0.00", "200.00"]);
    let refund = json!({"pay_cert_id": voucher.pay_cert_id, "ref_amt": "50.00", "ref_reason": "货物退回"});
    let refund: Value = bureau.clerk().post(&format!("{BASE}/refunds"), &refund, &key()).await.unwrap();
    let path = format!("{BASE}/refunds/{}/actions", refund["ref_id"].as_str().unwrap());
    for (who, action) in [(bureau.clerk(), "submit"), (bureau.reviewer(), "approve"), (bureau.treasury(), "approve")] {
        let _: Value = who.post(&path, &json!({"action": action, "opinion": "同意"}), &key()).await.unwrap();
    }
    assert_eq!(stands(&bureau, bgt_id).await, ["300.00", "0.00", "150.00", "0.00", "150.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn plans_never_exceed_their_indicator_however_many_are_granted_at_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(waiting(&bureau, bgt_id, &[(3, "150.00"), (9, "150.00")]).await);
    }
    let keys: Vec<String> = (0..6).map(|_| key()).collect();
    let race =
        futures::future::join_all(ids.iter().zip(&keys).map(|(id, key)| act(&bureau, *id, "approve", key))).await;
    assert_eq!(race.iter().filter(|answer| answer.is_ok()).count(), 3);
    for ((id, key), answer) in ids.iter().zip(&keys).zip(race) {
        match answer {
            Ok(first) => assert_eq!(act(&bureau, *id, "approve", key).await.unwrap(), first),
            refused => assert_eq!(refusal(refused).code(), "BE-115"),
        }
    }
    assert_eq!(stands(&bureau, bgt_id).await, ["900.00", "450.00", "450.00", "0.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_plan_is_reduced_by_another_and_no_month_below_zero_or_below_its_payments() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let bgt_id = bureau.indicator("1000.00").await;
    granted(&bureau, bgt_id, &[(3, "300.00"), (6, "100.00")]).await.unwrap();
    bureau.submitted(bgt_id, "250.00").await;
    assert_eq!(refusal(granted(&bureau, bgt_id, &[(6, "-100.01")]).await).code(), "BE-116");
    assert_eq!(refusal(granted(&bureau, bgt_id, &[(3, "-50.01")]).await).code(), "PAY-025");
    granted(&bureau, bgt_id, &[(3, "-50.00"), (6, "-40.00"), (7, "40.00")]).await.unwrap();
    assert_eq!(stands(&bureau, bgt_id).await, ["350.00", "100.00", "0.00", "250.00", "0.00"]);
    assert_eq!(
        refusal(draft(&bureau, bgt_id, &[(13, "1.00")]).await).document().errors[0].pointer,
        "/months/0/plan_month"
    );
    bureau.verified().await;
}

#[tokio::test]
async fn plans_are_imported_and_granted_row_by_row() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let drafts = [[(3, "600.00")], [(13, "1.00")], [(4, "600.00")]].map(|months| body(bgt_id, &months));
    let (statuses, ids) = import(&bureau.clerk(), "cash-plans", "cash_plan_id", &drafts).await;
    assert_eq!(statuses, [201, 422, 201]);
    act_on_all(&bureau.clerk(), "cash-plans", "submit", &ids).await;
    act_on_all(&bureau.reviewer(), "cash-plans", "approve", &ids).await;
    let granted = act_on_all(&bureau.treasury(), "cash-plans", "approve", &ids).await;
    assert_eq!(all_but_the_last(&granted), Some("BE-115"), "{granted:?}");
    assert_eq!(stands(&bureau, bgt_id).await, ["600.00", "0.00", "600.00", "0.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_draft_is_changed_with_its_months() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let drafted = draft(&bureau, bgt_id, &[(3, "600.00"), (4, "100.00")]).await.unwrap();
    let path = format!("{BASE}/cash-plans/{}", drafted.cash_plan_id);
    let revised: CashPlan = bureau.clerk().put(&path, &body(bgt_id, &[(5, "50.00")]), Some(1)).await.unwrap();
    assert_eq!((revised.total_amt, revised.create_time), (yuan("50.00"), drafted.create_time));
    let read: CashPlan = bureau.treasury().get(&path).await.unwrap();
    assert_eq!(read, revised);
    let page: Page<CashPlan> = bureau.clerk().get(&format!("{BASE}/cash-plans?bgt_id={bgt_id}")).await.unwrap();
    assert_eq!(page.items, [revised]);
}
