//! Applications: what is reserved, what is refused, what the monitor does.

use budget_execution_contract::{Payment, PaymentStatus};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{Page, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{AGENCY, Bureau, payment, with, yuan},
    world::{BASE, DIVISION, refusal},
};

async fn submit_all(bureau: &Bureau, ids: Vec<Uuid>) -> Vec<Result<Payment, PeerError>> {
    let clerk = bureau.clerk();
    futures::future::join_all(ids.into_iter().map(|id| {
        let clerk = clerk.clone();
        async move { bureau.act(&clerk, id, "submit").await }
    }))
    .await
}

async fn race(amount: &str, each: &str, racers: usize) -> (usize, [String; 3]) {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator(amount).await;
    let mut ids = Vec::new();
    for _ in 0..racers {
        ids.push(bureau.drafted(bgt_id, each).await.pay_app_id);
    }
    let answers = submit_all(&bureau, ids).await;
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    for refused in answers.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(refused).code(), "BA-001");
    }
    bureau.verified().await;
    (accepted, bureau.stands(bgt_id).await)
}

#[tokio::test]
async fn of_fifty_racers_exactly_ten_get_their_hundred() {
    let (accepted, stands) = race("1000.00", "100.00", 50).await;
    assert_eq!((accepted, stands), (10, ["0.00", "1000.00", "0.00"].map(str::to_owned)));
}

#[tokio::test]
async fn of_a_hundred_racers_thirty_share_a_thousand() {
    let (accepted, stands) = race("1000.00", "33.33", 100).await;
    assert_eq!((accepted, stands), (30, ["0.10", "999.90", "0.00"].map(str::to_owned)));
}

#[tokio::test]
async fn the_last_fen_goes_to_one() {
    let (accepted, stands) = race("0.01", "0.01", 20).await;
    assert_eq!((accepted, stands), (1, ["0.00", "0.01", "0.00"].map(str::to_owned)));
}

#[tokio::test]
async fn crossed_indicators_are_all_served() {
    let bureau = Bureau::start().await;
    let (a, b) = (bureau.indicator("100.00").await, bureau.indicator("100.00").await);
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(bureau.drafted(a, "10.00").await.pay_app_id);
        ids.push(bureau.drafted(b, "10.00").await.pay_app_id);
    }
    assert!(submit_all(&bureau, ids).await.iter().all(Result::is_ok));
    assert_eq!(bureau.stands(a).await, ["0.00", "100.00", "0.00"]);
    assert_eq!(bureau.stands(b).await, ["0.00", "100.00", "0.00"]);
}

#[tokio::test]
async fn a_repeated_submission_reserves_once_and_a_second_one_is_refused() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let drafted = bureau.drafted(bgt_id, "100.00").await;
    let (path, body) = (format!("{BASE}/payments/{}/actions", drafted.pay_app_id), json!({"action": "submit"}));
    let same = key();
    for _ in 0..3 {
        let payment: Payment = bureau.clerk().post(&path, &body, &same).await.unwrap();
        assert_eq!(payment.pay_status, PaymentStatus::InReview);
    }
    assert_eq!(refusal(bureau.clerk().post::<_, Value>(&path, &body, &key()).await).status().as_u16(), 409);
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "100.00", "0.00"]);
}

#[tokio::test]
async fn money_comes_back_once_with_return_recall_and_void() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let payment = bureau.submitted(bgt_id, "100.00").await;
    let id = payment.pay_app_id;
    let steps = [("return", false), ("submit", true), ("recall", true), ("submit", true), ("approve", false)];
    let expected = ["1000.00", "900.00", "1000.00", "900.00", "900.00"];
    for ((action, is_clerk), available) in steps.into_iter().zip(expected) {
        let who = if is_clerk { bureau.clerk() } else { bureau.reviewer() };
        bureau.act(&who, id, action).await.unwrap();
        assert_eq!(bureau.amounts(bgt_id).await.available, yuan(available), "{action}");
    }
    bureau.act(&bureau.reviewer(), id, "discard").await.unwrap();
    assert_eq!(bureau.stands(bgt_id).await, ["1000.00", "0.00", "0.00"]);
    assert_eq!(refusal(bureau.act(&bureau.reviewer(), id, "discard").await).code(), "WF-001");
    assert_eq!(bureau.payment(id).await.pay_status, PaymentStatus::Void);
    bureau.verified().await;
}

#[tokio::test]
async fn the_maker_never_approves_and_five_million_need_the_treasury() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("9000000.00").await;
    let small = bureau.submitted(bgt_id, "100.00").await;
    let both =
        bureau.server.client(&bureau.server.identity.token("clerk", &[Role::U1, Role::U2], DIVISION, Some(AGENCY)));
    assert_eq!(refusal(bureau.act(&both, small.pay_app_id, "approve").await).code(), "WF-002");
    let large = bureau.approved(bgt_id, "5000000.00").await;
    assert_eq!(large.pay_status, PaymentStatus::InReview);
    let large = bureau.act(&bureau.treasury(), large.pay_app_id, "approve").await.unwrap();
    assert_eq!(large.pay_status, PaymentStatus::Approved);
    assert!(large.pay_app_no.starts_with("SQ-360100-20260310-"), "{}", large.pay_app_no);
}

#[tokio::test]
async fn drafts_that_break_a_rule_are_refused_and_leave_nothing() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let body = || payment(bgt_id, "100.00");
    let detail =
        json!([{"payee_acct_name": "甲", "payee_acct_no": "1", "payee_acct_bank_name": "x", "pay_amt": "99.99"}]);
    let cases = [
        (with(body(), "pay_app_amt", json!("1000.01")), "BA-001"),
        (with(body(), "bgt_id", json!(Uuid::now_v7())), "PAY-002"),
        (with(body(), "fiscal_year", json!(2025)), "PAY-002"),
        (with(body(), "agency_code", json!("101001001")), "PAY-003"),
        (with(body(), "dep_bgt_eco_code", json!("302")), "PAY-004"),
        (with(body(), "dep_bgt_eco_code", json!("31002")), "PAY-004"),
        (with(body(), "pay_app_amt", json!("0")), "PAY-007"),
        (with(body(), "pay_app_amt", json!("-1")), "PAY-007"),
        (with(body(), "details", detail), "PAY-007"),
        (with(body(), "pay_bus_type_code", json!("4")), "PAY-007"),
    ];
    for (draft, code) in cases {
        assert_eq!(refusal(bureau.draft(&draft).await).code(), code, "{draft}");
    }
    let page: Page<Payment> = bureau.clerk().get(&format!("{BASE}/payments")).await.unwrap();
    assert!(page.items.is_empty());
}

#[tokio::test]
async fn odd_numbers_are_refused_at_the_field() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let odd = [
        json!("0.001"),
        json!("1e3"),
        json!("１００"),
        json!(0.1),
        json!(1e3),
        json!("+1"),
        json!("1,000"),
        json!(null),
    ];
    for value in odd {
        let problem = refusal(bureau.draft(&with(payment(bgt_id, "1"), "pay_app_amt", value.clone())).await);
        assert!(matches!(problem.status().as_u16(), 400 | 422), "{value}: {problem}");
        assert_eq!(problem.document().errors[0].pointer, "/pay_app_amt", "{value}");
    }
    let mut missing = payment(bgt_id, "1");
    missing.as_object_mut().unwrap().remove("dep_bgt_eco_code");
    assert!(refusal(bureau.draft(&missing).await).status().is_client_error());
}

#[tokio::test]
async fn submissions_that_break_a_rule_are_refused_and_reserve_nothing() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let body = || payment(bgt_id, "100.00");
    let cases = [
        (with(body(), "payee_acct_bank_code", json!("123")), "PAY-005"),
        (with(body(), "payee_acct_name", json!("")), "PAY-005"),
        (with(body(), "payee_acct_no", json!("9990001")), "PAY-005"),
        (with(body(), "pay_acct_no", json!("4100")), "PAY-006"),
        (with(body(), "pay_acct_no", json!("2100")), "PAY-006"),
        (with(body(), "pay_acct_no", json!("0000")), "PAY-006"),
        (with(body(), "use_des", json!("纸")), "PAY-008"),
        (with(body(), "use_des", json!("往来款项")), "PAY-008"),
        (with(body(), "use_des", json!("预警用途")), "PAY-101"),
        (with(body(), "use_des", json!("需要附件")), "PAY-101"),
        (with(body(), "use_des", json!("禁止支付")), "PAY-102"),
        (with(body(), "use_des", json!("监控停机")), "HTTP-503"),
    ];
    for (draft, code) in cases {
        let drafted = bureau.draft(&draft).await.unwrap();
        let answer = bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await;
        if code == "HTTP-500" {
            assert!(answer.is_err());
        } else {
            assert_eq!(refusal(answer).code(), code, "{draft}");
        }
    }
    assert_eq!(bureau.stands(bgt_id).await, ["1000.00", "0.00", "0.00"]);
}

#[tokio::test]
async fn a_warning_passes_with_what_it_asks_for() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let explained = with(with(payment(bgt_id, "1"), "use_des", json!("预警用途")), "explanation", json!("年度采购"));
    let files = json!([{"kind": "invoice", "name": "发票.pdf", "hash": "a".repeat(64)}]);
    let attached = with(with(explained.clone(), "use_des", json!("需要附件")), "attachments", files);
    for draft in [explained, attached] {
        let drafted = bureau.draft(&draft).await.unwrap();
        let payment = bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await.unwrap();
        assert_eq!((payment.pay_status, payment.warn_ids.len()), (PaymentStatus::InReview, 1));
    }
}

#[tokio::test]
async fn a_forbidden_application_stays_rejected() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let drafted = bureau.draft(&with(payment(bgt_id, "1"), "use_des", json!("禁止支付"))).await.unwrap();
    let id = drafted.pay_app_id;
    assert_eq!(refusal(bureau.act(&bureau.clerk(), id, "submit").await).code(), "PAY-102");
    assert_eq!(bureau.payment(id).await.pay_status, PaymentStatus::Rejected);
    assert_eq!(refusal(bureau.act(&bureau.clerk(), id, "submit").await).code(), "PAY-013");
    let changed: Result<Value, _> =
        bureau.clerk().put(&format!("{BASE}/payments/{id}"), &payment(bgt_id, "1"), Some(1)).await;
    assert_eq!(refusal(changed).code(), "PAY-013");
}

async fn affirm(bureau: &Bureau, payment: &Payment, result: &str) {
    let event = json!({
        "specversion": "1.0", "id": key(), "source": "monitoring", "type": "monitoring.warning.affirmed",
        "subject": "x", "time": "2026-03-10T00:00:00Z",
        "data": {
            "warn_id": payment.warn_ids[0], "document_type": "payment", "document_id": payment.pay_app_id,
            "mof_div_code": DIVISION, "affirm_result": result, "opinion": "核实", "affirmed_by": "m5",
        },
    });
    for _ in 0..2 {
        let _: Value = bureau.platform().post(&format!("{BASE}/events"), &event, &key()).await.unwrap();
    }
}

#[tokio::test]
async fn a_held_application_goes_on_when_found_normal_and_back_when_not() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    for (result, status, available) in
        [("1", PaymentStatus::InReview, "900.00"), ("2", PaymentStatus::Returned, "900.00")]
    {
        let drafted = bureau.draft(&with(payment(bgt_id, "100.00"), "use_des", json!("拦截用途"))).await.unwrap();
        let id = drafted.pay_app_id;
        let held = bureau.act(&bureau.clerk(), id, "submit").await.unwrap();
        assert_eq!((held.pay_status, held.is_reserved), (PaymentStatus::Held, true));
        for (who, action) in [(bureau.clerk(), "recall"), (bureau.reviewer(), "approve")] {
            assert_eq!(refusal(bureau.act(&who, id, action).await).code(), "PAY-013");
        }
        affirm(&bureau, &held, result).await;
        assert_eq!(bureau.payment(id).await.pay_status, status);
        assert_eq!(bureau.amounts(bgt_id).await.available, yuan(available));
    }
    bureau.verified().await;
}

#[tokio::test]
async fn nothing_of_a_year_is_submitted_or_vouchered_after_its_end() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let (approved, drafted) = (bureau.approved(bgt_id, "100.00").await, bureau.drafted(bgt_id, "1").await);
    bureau.server.clock.set("2026-12-31T16:00:00Z".parse().unwrap());
    assert_eq!(refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await).code(), "PAY-016");
    assert_eq!(refusal(bureau.vouchered(approved.pay_app_id).await).code(), "PAY-016");
}

#[tokio::test]
async fn others_see_nothing_and_a_stale_edit_is_refused() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let drafted = bureau.drafted(bgt_id, "100.00").await;
    let path = format!("{BASE}/payments/{}", drafted.pay_app_id);
    assert_eq!(refusal(bureau.stranger().get::<Value>(&path).await).status().as_u16(), 404);
    assert_eq!(refusal(bureau.act(&bureau.stranger(), drafted.pay_app_id, "submit").await).status().as_u16(), 404);
    let page: Page<Payment> = bureau.stranger().get(&format!("{BASE}/payments")).await.unwrap();
    assert!(page.items.is_empty());
    let changed: Payment = bureau.clerk().put(&path, &payment(bgt_id, "80.00"), Some(1)).await.unwrap();
    assert_eq!((changed.pay_app_amt, changed.workflow.version), (yuan("80.00"), 2));
    let stale: Result<Value, _> = bureau.clerk().put(&path, &payment(bgt_id, "70.00"), Some(1)).await;
    assert_eq!(refusal(stale).code(), "WF-412");
    let blind: Result<Value, _> = bureau.clerk().put(&path, &payment(bgt_id, "70.00"), None).await;
    assert_eq!(refusal(blind).code(), "WF-428");
}

#[tokio::test]
async fn a_dry_run_answers_and_changes_nothing() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let path = format!("{BASE}/payments?dry_run=true");
    let refused: Result<Value, _> = bureau.clerk().post(&path, &payment(bgt_id, "150.00"), &key()).await;
    let problem = refusal(refused);
    assert_eq!((problem.code(), problem.document().extensions["exceeded"].clone()), ("BA-001", json!("50.00")));
    let drafted = bureau.drafted(bgt_id, "80.00").await;
    let path = format!("{BASE}/payments/{}/actions?dry_run=true", drafted.pay_app_id);
    let answer: Payment = bureau.clerk().post(&path, &json!({"action": "submit"}), &key()).await.unwrap();
    assert_eq!(answer.pay_status, PaymentStatus::InReview);
    assert_eq!(bureau.stands(bgt_id).await, ["100.00", "0.00", "0.00"]);
    assert_eq!(bureau.payment(drafted.pay_app_id).await.pay_status, PaymentStatus::Draft);
}

#[tokio::test]
async fn a_batch_does_what_it_can() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("150.00").await;
    let mut rows = Vec::new();
    for _ in 0..2 {
        rows.push(json!({"id": bureau.drafted(bgt_id, "100.00").await.pay_app_id}));
    }
    let body = json!({"action": "submit", "items": rows});
    let same = key();
    for _ in 0..2 {
        let answer: Value = bureau.clerk().post(&format!("{BASE}/payments/actions"), &body, &same).await.unwrap();
        let statuses: Vec<_> = answer["items"].as_array().unwrap().iter().map(|row| row["status"].clone()).collect();
        assert_eq!(statuses, [json!(200), json!(422)]);
    }
    assert_eq!(bureau.stands(bgt_id).await, ["50.00", "100.00", "0.00"]);
}

#[tokio::test]
async fn a_batch_asks_each_peer_once_and_refuses_each_row_on_its_own() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let good = bureau.drafted(bgt_id, "10.00").await.pay_app_id;
    let unexplained: Payment =
        bureau.draft(&with(payment(bgt_id, "10.00"), "use_des", json!("预警用途"))).await.unwrap();
    let other = bureau.drafted(bgt_id, "20.00").await.pay_app_id;
    let ids = [good, unexplained.pay_app_id, Uuid::now_v7(), other, good];
    let items: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
    let body = json!({"action": "submit", "items": items});
    let (path, same) = (format!("{BASE}/payments/actions"), key());
    bureau.questions();
    let rehearsed: Value = bureau.clerk().post(&format!("{path}?dry_run=true"), &body, &key()).await.unwrap();
    assert_eq!(told(&rehearsed), [200, 422, 404, 200, 200]);
    assert_eq!(bureau.stands(bgt_id).await, ["100.00", "0.00", "0.00"]);
    bureau.questions();
    let done: Value = bureau.clerk().post(&path, &body, &same).await.unwrap();
    assert_eq!(told(&done), [200, 422, 404, 200, 409]);
    assert_eq!(bureau.questions(), [3, 3]);
    assert_eq!(bureau.stands(bgt_id).await, ["70.00", "30.00", "0.00"]);
    let again: Value = bureau.clerk().post(&path, &body, &same).await.unwrap();
    assert_eq!(told(&again), told(&done));
    assert_eq!(bureau.stands(bgt_id).await, ["70.00", "30.00", "0.00"]);
    assert_eq!(bureau.payment(unexplained.pay_app_id).await.pay_status, PaymentStatus::Draft);
}

/// The status of each row of a batch.
fn told(answer: &Value) -> Vec<u64> {
    answer["items"].as_array().unwrap().iter().map(|row| row["status"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn the_largest_amounts_are_exact() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("99999999999999.99").await;
    bureau.submitted(bgt_id, "99999999999999.98").await;
    assert_eq!(bureau.amounts(bgt_id).await.available, yuan("0.01"));
}
