//! Commitments: what they keep from others, what their payments take, closed once (S13).

use budget_execution_contract::{Commitment, CommitmentStatus, Payment, YearEnd};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{Page, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{Bureau, PAYEE, payment, with, yuan},
    world::{BASE, DIVISION, act_on_all, all_but_the_last, import, refusal},
};

fn body(bgt_id: Uuid, amount: &str) -> Value {
    json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "contract_no": "HT-2026-001",
        "contract_name": "办公家具采购合同", "payee_acct_name": "南昌纸业有限公司", "payee_acct_no": PAYEE,
        "commitment_amt": amount, "prepay_percent": 30,
    })
}

async fn draft(bureau: &Bureau, body: &Value) -> Result<Commitment, PeerError> {
    bureau.clerk().post(&format!("{BASE}/commitments"), body, &key()).await
}

async fn act(bureau: &Bureau, id: Uuid, action: &str) -> Result<Commitment, PeerError> {
    let is_clerk = matches!(action, "submit" | "recall");
    let who = if is_clerk { bureau.clerk() } else { bureau.reviewer() };
    let request = json!({"action": action, "opinion": "依规办理"});
    who.post(&format!("{BASE}/commitments/{id}/actions"), &request, &key()).await
}

async fn close(bureau: &Bureau, id: Uuid) -> Result<Commitment, PeerError> {
    let path = format!("{BASE}/commitments/{id}/closings");
    bureau.clerk().post(&path, &json!({"opinion": "合同履行完毕"}), &key()).await
}

async fn get(bureau: &Bureau, id: Uuid) -> Commitment {
    bureau.clerk().get(&format!("{BASE}/commitments/{id}")).await.unwrap()
}

async fn in_force(bureau: &Bureau, bgt_id: Uuid, amount: &str) -> Uuid {
    let id = draft(bureau, &body(bgt_id, amount)).await.unwrap().commitment_id;
    act(bureau, id, "submit").await.unwrap();
    let commitment = act(bureau, id, "approve").await.unwrap();
    assert_eq!(commitment.commitment_status, CommitmentStatus::InForce);
    id
}

fn drawing(bgt_id: Uuid, id: Uuid, amount: &str) -> Value {
    with(payment(bgt_id, amount), "commitment_id", json!(id))
}

async fn submit_all(bureau: &Bureau, bodies: Vec<Value>) -> Vec<Result<Payment, PeerError>> {
    let mut ids = Vec::new();
    for body in bodies {
        ids.push(bureau.draft(&body).await.unwrap().pay_app_id);
    }
    futures::future::join_all(ids.into_iter().map(|id| async move { bureau.act(&bureau.clerk(), id, "submit").await }))
        .await
}

/// What it keeps, has been drawn and released.
async fn stands(bureau: &Bureau, id: Uuid) -> [String; 3] {
    let commitment = get(bureau, id).await;
    [commitment.remaining_amt, commitment.drawn_amt, commitment.released_amt].map(|amount| amount.to_string())
}

#[tokio::test]
async fn a_commitment_lives_through_partial_payments_and_is_closed_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let id = in_force(&bureau, bgt_id, "1000.00").await;
    assert_eq!(bureau.amounts(bgt_id).await.committed, yuan("1000.00"));
    let bodies = (0..3).map(|_| drawing(bgt_id, id, "300.00")).collect();
    assert!(submit_all(&bureau, bodies).await.iter().all(Result::is_ok));
    assert_eq!(stands(&bureau, id).await, ["100.00", "900.00", "0.00"]);
    let last = bureau.draft(&with(drawing(bgt_id, id, "50.00"), "close_commitment", json!(true))).await.unwrap();
    let late = bureau.draft(&drawing(bgt_id, id, "10.00")).await.unwrap();
    bureau.act(&bureau.clerk(), last.pay_app_id, "submit").await.unwrap();
    assert_eq!(stands(&bureau, id).await, ["0.00", "950.00", "50.00"]);
    assert_eq!(bureau.stands(bgt_id).await, ["50.00", "950.00", "0.00"]);
    let refused = refusal(bureau.act(&bureau.clerk(), late.pay_app_id, "submit").await);
    assert_eq!((refused.code(), refused.status().as_u16()), ("BE-111", 409));
    assert_eq!(refusal(bureau.draft(&drawing(bgt_id, id, "10.00")).await).code(), "BE-111");
    assert_eq!(refusal(close(&bureau, id).await).code(), "BE-111");
    assert_eq!(refusal(act(&bureau, id, "discard").await).code(), "BE-111");
    assert_eq!(bureau.amounts(bgt_id).await.available, yuan("50.00"));
    bureau.verified().await;
}

#[tokio::test]
async fn parallel_partial_payments_never_take_more_than_the_commitment() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("5000.00").await;
    let id = in_force(&bureau, bgt_id, "1000.00").await;
    let answers = submit_all(&bureau, (0..8).map(|_| drawing(bgt_id, id, "300.00")).collect()).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    for refused in answers.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(refused).code(), "BE-114");
    }
    assert_eq!(stands(&bureau, id).await, ["100.00", "900.00", "0.00"]);
    assert_eq!(bureau.amounts(bgt_id).await.available, yuan("4000.00"));
    bureau.verified().await;
}

#[tokio::test]
async fn of_six_commitments_in_flight_exactly_five_are_kept() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("5000.00").await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(draft(&bureau, &body(bgt_id, "1000.00")).await.unwrap().commitment_id);
    }
    let answers = futures::future::join_all(ids.iter().map(|id| act(&bureau, *id, "submit"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5);
    for refused in answers.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(refused).code(), "BA-001");
    }
    let amounts = bureau.amounts(bgt_id).await;
    assert_eq!((amounts.available, amounts.committed), (yuan("0.00"), yuan("5000.00")));
    bureau.verified().await;
}

#[tokio::test]
async fn closing_races_with_payments_and_releases_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let id = in_force(&bureau, bgt_id, "1000.00").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(bureau.draft(&drawing(bgt_id, id, "100.00")).await.unwrap().pay_app_id);
    }
    let clerk = bureau.clerk();
    let payments = futures::future::join_all(ids.into_iter().map(|id| bureau.act(&clerk, id, "submit")));
    let closings = futures::future::join_all((0..3).map(|_| close(&bureau, id)));
    let (paid, closed) = tokio::join!(payments, closings);
    assert_eq!(closed.iter().filter(|answer| answer.is_ok()).count(), 1);
    let accepted = i64::try_from(paid.iter().filter(|answer| answer.is_ok()).count()).unwrap();
    for refused in paid.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(refused).code(), "BE-111");
    }
    let amounts = bureau.amounts(bgt_id).await;
    assert_eq!(amounts.committed, yuan("0.00"));
    assert_eq!((amounts.in_payment.fen(), amounts.available.fen()), (accepted * 10_000, 100_000 - accepted * 10_000));
    bureau.verified().await;
}

#[tokio::test]
async fn a_payment_that_comes_back_returns_to_where_it_came_from() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let id = in_force(&bureau, bgt_id, "600.00").await;
    let first = bureau.draft(&drawing(bgt_id, id, "200.00")).await.unwrap().pay_app_id;
    bureau.act(&bureau.clerk(), first, "submit").await.unwrap();
    bureau.act(&bureau.reviewer(), first, "return").await.unwrap();
    assert_eq!(stands(&bureau, id).await, ["600.00", "0.00", "0.00"]);
    bureau.act(&bureau.clerk(), first, "submit").await.unwrap();
    let last = bureau.draft(&with(drawing(bgt_id, id, "100.00"), "close_commitment", json!(true))).await.unwrap();
    bureau.act(&bureau.clerk(), last.pay_app_id, "submit").await.unwrap();
    assert_eq!(stands(&bureau, id).await, ["0.00", "300.00", "300.00"]);
    // The last payment comes back: the commitment is open again with what came back.
    bureau.act(&bureau.reviewer(), last.pay_app_id, "return").await.unwrap();
    assert_eq!(stands(&bureau, id).await, ["100.00", "200.00", "300.00"]);
    bureau.act(&bureau.clerk(), last.pay_app_id, "submit").await.unwrap();
    // Another one comes back after the closing: its money is free on the indicator.
    bureau.act(&bureau.reviewer(), first, "return").await.unwrap();
    assert_eq!(stands(&bureau, id).await, ["0.00", "100.00", "500.00"]);
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "100.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_refund_returns_to_its_commitment() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let id = in_force(&bureau, bgt_id, "1000.00").await;
    let drafted = bureau.draft(&drawing(bgt_id, id, "400.00")).await.unwrap();
    let voucher = bureau.paid_draft(drafted.pay_app_id, "400.00").await;
    let refund = json!({"pay_cert_id": voucher.pay_cert_id, "ref_amt": "150.00", "ref_reason": "货物退回"});
    let refund: Value = bureau.clerk().post(&format!("{BASE}/refunds"), &refund, &key()).await.unwrap();
    let path = format!("{BASE}/refunds/{}/actions", refund["ref_id"].as_str().unwrap());
    for (who, action) in [(bureau.clerk(), "submit"), (bureau.reviewer(), "approve"), (bureau.treasury(), "approve")] {
        let _: Value = who.post(&path, &json!({"action": action, "opinion": "同意"}), &key()).await.unwrap();
    }
    assert_eq!(stands(&bureau, id).await, ["750.00", "250.00", "0.00"]);
    assert_eq!(bureau.stands(bgt_id).await, ["0.00", "0.00", "250.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn amendments_change_the_contract_and_never_below_what_was_drawn() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let id = in_force(&bureau, bgt_id, "500.00").await;
    submit_all(&bureau, vec![drawing(bgt_id, id, "400.00")]).await.remove(0).unwrap();
    for (amount, is_reduction, code) in [
        ("300.00", false, None),
        ("350.00", true, None),
        ("60.00", true, Some("BE-114")),
        ("551.00", false, Some("BA-001")),
    ] {
        let amendment = with(body(bgt_id, amount), "ori_commitment_id", json!(id));
        let other = draft(&bureau, &with(amendment.clone(), "payee_acct_no", json!("6299"))).await;
        assert_eq!(refusal(other).document().errors[0].pointer, "/payee_acct_no");
        let drafted = draft(&bureau, &with(amendment, "is_reduction", json!(is_reduction))).await;
        let answer = match drafted {
            Ok(drafted) => {
                act(&bureau, drafted.commitment_id, "submit").await.unwrap();
                act(&bureau, drafted.commitment_id, "approve").await
            }
            refused => refused,
        };
        match code {
            None => assert_eq!(answer.unwrap().commitment_status, CommitmentStatus::Closed),
            Some(code) => assert_eq!(refusal(answer).code(), code),
        }
    }
    let commitment = get(&bureau, id).await;
    assert_eq!((commitment.contract_amt, commitment.remaining_amt), (yuan("450.00"), yuan("50.00")));
    assert_eq!(bureau.amounts(bgt_id).await.available, yuan("550.00"));
    bureau.verified().await;
}

#[tokio::test]
async fn an_unused_commitment_is_voided_once_and_a_repeat_answers_the_same() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let id = in_force(&bureau, bgt_id, "700.00").await;
    let (path, same) = (format!("{BASE}/commitments/{id}/actions"), key());
    for _ in 0..2 {
        let request = json!({"action": "discard", "opinion": "合同取消"});
        let voided: Commitment = bureau.reviewer().post(&path, &request, &same).await.unwrap();
        assert_eq!(voided.released_amt, yuan("700.00"));
    }
    assert_eq!(refusal(act(&bureau, id, "discard").await).status().as_u16(), 409);
    assert_eq!(bureau.amounts(bgt_id).await.available, yuan("1000.00"));
    bureau.verified().await;
}

#[tokio::test]
async fn a_commitment_in_review_is_kept_but_not_paid_from_and_strangers_see_nothing() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let id = draft(&bureau, &body(bgt_id, "700.00")).await.unwrap().commitment_id;
    act(&bureau, id, "submit").await.unwrap();
    assert_eq!(refusal(bureau.draft(&drawing(bgt_id, id, "10.00")).await).code(), "BE-112");
    assert_eq!(refusal(bureau.draft(&payment(bgt_id, "301.00")).await).code(), "BA-001");
    let path = format!("{BASE}/commitments/{id}");
    assert_eq!(refusal(bureau.stranger().get::<Value>(&path).await).status().as_u16(), 404);
    act(&bureau, id, "return").await.unwrap();
    assert_eq!(bureau.amounts(bgt_id).await.available, yuan("1000.00"));
    act(&bureau, id, "submit").await.unwrap();
    assert_eq!(bureau.amounts(bgt_id).await.committed, yuan("700.00"));
    let other = bureau.indicator("1000.00").await;
    let refused = refusal(bureau.draft(&drawing(other, id, "10.00")).await);
    assert_eq!(refused.document().errors[0].pointer, "/commitment_id");
    bureau.verified().await;
}

#[tokio::test]
async fn a_signed_contract_goes_on_in_the_next_year_and_a_plan_ends_with_its_year() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let contract = in_force(&bureau, bgt_id, "400.00").await;
    let mut plan = body(bgt_id, "200.00");
    plan.as_object_mut().unwrap().remove("contract_no");
    let plan = draft(&bureau, &plan).await.unwrap().commitment_id;
    act(&bureau, plan, "submit").await.unwrap();
    let paid = bureau.draft(&drawing(bgt_id, contract, "100.00")).await.unwrap();
    bureau.paid_draft(paid.pay_app_id, "100.00").await;
    bureau.server.clock.set("2026-12-31T04:00:00Z".parse().unwrap());
    let budget = bureau.person("m2", &[Role::M2], DIVISION, None);
    let year = json!({"mof_div_code": DIVISION, "fiscal_year": 2026});
    let report: YearEnd = budget.post(&format!("{BASE}/year-ends"), &year, &key()).await.unwrap();
    let line = &report.lines[0];
    let amounts = [line.remaining, line.carried, line.recovered].map(|amount| amount.to_string());
    assert_eq!((amounts, line.rule.as_str()), (["900.00", "300.00", "600.00"].map(str::to_owned), "CL-002"));
    assert!(report.accounts.iter().all(|account| account.after.is_zero()), "{:?}", report.accounts);
    for id in [contract, plan] {
        assert_eq!(get(&bureau, id).await.commitment_status, CommitmentStatus::Closed);
    }
    let next = line.next_bgt_id.unwrap();
    let stands = bureau.amounts(next).await;
    assert_eq!((stands.available, stands.committed), (yuan("0.00"), yuan("300.00")));
    let page: Page<Commitment> = bureau.clerk().get(&format!("{BASE}/commitments?bgt_id={next}")).await.unwrap();
    let continued = &page.items[0];
    assert_eq!((continued.carried_from, continued.remaining_amt), (Some(contract), yuan("300.00")));
    let year = with(drawing(next, continued.commitment_id, "300.00"), "fiscal_year", json!(2027));
    let paying = bureau.draft(&year).await.unwrap();
    bureau.act(&bureau.clerk(), paying.pay_app_id, "submit").await.unwrap();
    assert_eq!(bureau.amounts(next).await.in_payment, yuan("300.00"));
    bureau.verified().await;
}

#[tokio::test]
async fn commitments_are_imported_and_submitted_row_by_row() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let of_nothing = with(body(bgt_id, "1.00"), "is_reduction", json!(true));
    let drafts = [body(bgt_id, "600.00"), of_nothing, body(bgt_id, "500.00")];
    let (statuses, ids) = import(&bureau.clerk(), "commitments", "commitment_id", &drafts).await;
    assert_eq!(statuses, [201, 422, 201]);
    let submitted = act_on_all(&bureau.clerk(), "commitments", "submit", &ids).await;
    assert_eq!(all_but_the_last(&submitted), Some("BA-001"), "{submitted:?}");
    let page: Page<Commitment> = bureau.clerk().get(&format!("{BASE}/commitments?bgt_id={bgt_id}")).await.unwrap();
    let kept: Vec<_> = page.items.iter().map(|one| one.remaining_amt).collect();
    assert_eq!(kept, [yuan("600.00"), yuan("0.00")]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_draft_is_changed_and_its_indicator_stays() {
    let bureau = Bureau::start().await;
    let (bgt_id, other) = (bureau.indicator("1000.00").await, bureau.indicator("1000.00").await);
    let drafted = draft(&bureau, &body(bgt_id, "600.00")).await.unwrap();
    act(&bureau, drafted.commitment_id, "submit").await.unwrap();
    act(&bureau, drafted.commitment_id, "return").await.unwrap();
    let path = format!("{BASE}/commitments/{}", drafted.commitment_id);
    let moved = bureau.clerk().put::<_, Commitment>(&path, &body(other, "500.00"), Some(3)).await;
    assert_eq!(refusal(moved).document().errors[0].pointer, "/bgt_id");
    let revised: Commitment = bureau.clerk().put(&path, &body(bgt_id, "500.00"), Some(3)).await.unwrap();
    assert_eq!((revised.commitment_amt, revised.create_time), (yuan("500.00"), drafted.create_time));
    act(&bureau, drafted.commitment_id, "submit").await.unwrap();
    act(&bureau, drafted.commitment_id, "approve").await.unwrap();
    assert_eq!(stands(&bureau, drafted.commitment_id).await, ["500.00", "0.00", "0.00"]);
    bureau.verified().await;
}
