//! Refunds: never more than was paid, each once.

use budget_execution_contract::{Correction, Indicator, Refund, RefundLanding, Voucher};
use common_types::{BgtTypeCode, RefundType, Role};
use serde_json::{Value, json};
use service_kit::{Page, Peer, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{Bureau, receipt, with, yuan},
    world::{BASE, DIVISION, refusal},
};

async fn draft(bureau: &Bureau, pay_cert_id: Uuid, amount: &str) -> Result<Refund, PeerError> {
    let body = json!({"pay_cert_id": pay_cert_id, "ref_amt": amount, "ref_reason": "多付退回"});
    bureau.clerk().post(&format!("{BASE}/refunds"), &body, &key()).await
}

async fn act(who: &Peer, ref_id: Uuid, action: &str) -> Result<Refund, PeerError> {
    who.post(&format!("{BASE}/refunds/{ref_id}/actions"), &json!({"action": action, "opinion": "同意"}), &key()).await
}

async fn approve(bureau: &Bureau, ref_id: Uuid) -> Refund {
    act(&bureau.reviewer(), ref_id, "approve").await.unwrap();
    act(&bureau.treasury(), ref_id, "approve").await.unwrap()
}

#[tokio::test]
async fn a_refund_is_on_the_indicator_again_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let paid = bureau.paid(bgt_id, "500.00").await;
    let refund = draft(&bureau, paid.pay_cert_id, "20.00").await.unwrap();
    act(&bureau.clerk(), refund.ref_id, "submit").await.unwrap();
    assert_eq!(bureau.stands(bgt_id).await, ["500.00", "0.00", "500.00"]);
    let done = approve(&bureau, refund.ref_id).await;
    assert!(done.ref_date.is_some());
    assert_eq!(bureau.stands(bgt_id).await, ["520.00", "0.00", "480.00"]);
    assert!(act(&bureau.treasury(), refund.ref_id, "approve").await.is_err());
    assert_eq!(refusal(act(&bureau.treasury(), refund.ref_id, "discard").await).status().as_u16(), 409);
    assert_eq!(bureau.stands(bgt_id).await, ["520.00", "0.00", "480.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn of_two_racing_refunds_that_exceed_the_payment_one_is_taken() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let paid = bureau.paid(bgt_id, "1000.00").await;
    let first = draft(&bureau, paid.pay_cert_id, "400.00").await.unwrap();
    let (a, b) = (
        draft(&bureau, paid.pay_cert_id, "700.00").await.unwrap(),
        draft(&bureau, paid.pay_cert_id, "600.00").await.unwrap(),
    );
    act(&bureau.clerk(), first.ref_id, "submit").await.unwrap();
    approve(&bureau, first.ref_id).await;
    let clerk = bureau.clerk();
    let (left, right) = tokio::join!(act(&clerk, a.ref_id, "submit"), act(&clerk, b.ref_id, "submit"));
    let taken = [left, right].into_iter().filter(Result::is_ok).count();
    assert_eq!(taken, 1, "only 600.00 is left");
    assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, "0.01").await).code(), "PAY-017");
    bureau.verified().await;
}

#[tokio::test]
async fn a_returned_refund_gives_back_what_it_had_set_aside() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let paid = bureau.paid(bgt_id, "100.00").await;
    let refund = draft(&bureau, paid.pay_cert_id, "100.00").await.unwrap();
    act(&bureau.clerk(), refund.ref_id, "submit").await.unwrap();
    assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, "1.00").await).code(), "PAY-017");
    act(&bureau.reviewer(), refund.ref_id, "return").await.unwrap();
    draft(&bureau, paid.pay_cert_id, "1.00").await.unwrap();
    act(&bureau.clerk(), refund.ref_id, "submit").await.unwrap();
    approve(&bureau, refund.ref_id).await;
    assert_eq!(bureau.voucher(paid.pay_cert_id).await.ref_amt, yuan("100.00"));
}

#[tokio::test]
async fn refunds_that_break_a_rule_are_refused() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let paid = bureau.paid(bgt_id, "100.00").await;
    for amount in ["100.01", "0", "-1"] {
        assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, amount).await).code(), "PAY-017", "{amount}");
    }
    let sent = bureau.sent(bgt_id, "100.00").await;
    assert_eq!(refusal(draft(&bureau, sent.pay_cert_id, "1.00").await).code(), "PAY-105");
    let body = json!({"pay_cert_id": paid.pay_cert_id, "ref_amt": "1.00", "ref_reason": "x"});
    let foreign: Result<Value, _> = bureau.stranger().post(&format!("{BASE}/refunds"), &body, &key()).await;
    assert_eq!(refusal(foreign).status().as_u16(), 404);
    assert_eq!(refusal(draft_to(&bureau, paid.pay_cert_id, "1.00", "TREASURY").await).code(), "PAY-017");
    bureau.server.clock.set("2027-01-02T00:00:00Z".parse().unwrap());
    assert_eq!(refusal(draft_to(&bureau, paid.pay_cert_id, "1.00", "INDICATOR").await).code(), "PAY-017");
}

async fn draft_to(bureau: &Bureau, pay_cert_id: Uuid, amount: &str, landing: &str) -> Result<Refund, PeerError> {
    let body = json!({"pay_cert_id": pay_cert_id, "ref_amt": amount, "ref_reason": "多付退回", "landing": landing});
    bureau.clerk().post(&format!("{BASE}/refunds"), &body, &key()).await
}

/// 1000.00 of which 500.00 are paid, and the books of the year closed.
async fn closed_year() -> (Bureau, Uuid, Voucher) {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let paid = bureau.paid(bgt_id, "500.00").await;
    bureau.server.clock.set("2026-12-31T04:00:00Z".parse().unwrap());
    let budget = bureau.server.client(&bureau.server.identity.token("m2", &[Role::M2], DIVISION, None));
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026});
    let _: Value = budget.post(&format!("{BASE}/year-ends"), &body, &key()).await.unwrap();
    bureau.server.clock.set("2027-01-10T04:00:00Z".parse().unwrap());
    (bureau, bgt_id, paid)
}

async fn entries_of_2026(bureau: &Bureau) -> usize {
    let path = format!("{BASE}/ledger/entries?mof_div_code={DIVISION}&fiscal_year=2026&page_size=1000");
    bureau.treasury().get::<Page<Value>>(&path).await.unwrap().items.len()
}

#[tokio::test]
async fn a_refund_after_the_year_is_the_treasurys_and_leaves_the_closed_books_alone() {
    let (bureau, _, paid) = closed_year().await;
    let before = entries_of_2026(&bureau).await;
    let refund = draft(&bureau, paid.pay_cert_id, "200.00").await.unwrap();
    assert_eq!((refund.refund_type, refund.landing), (RefundType::CrossYear, RefundLanding::Treasury));
    act(&bureau.clerk(), refund.ref_id, "submit").await.unwrap();
    let done = approve(&bureau, refund.ref_id).await;
    assert_eq!((done.bgt_id, done.fiscal_year.get()), (None, 2027));
    assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, "300.01").await).code(), "PAY-017");
    assert_eq!(entries_of_2026(&bureau).await, before);
    bureau.verified().await;
}

#[tokio::test]
async fn a_refund_after_the_year_is_carried_over_once_when_finance_agrees() {
    let (bureau, bgt_id, paid) = closed_year().await;
    let before = entries_of_2026(&bureau).await;
    let refund = draft_to(&bureau, paid.pay_cert_id, "200.00", "CARRY_OVER").await.unwrap();
    act(&bureau.clerk(), refund.ref_id, "submit").await.unwrap();
    act(&bureau.reviewer(), refund.ref_id, "approve").await.unwrap();
    let treasury = bureau.treasury();
    let twice = futures::future::join_all((0..3).map(|_| act(&treasury, refund.ref_id, "approve"))).await;
    assert_eq!(twice.iter().filter(|answer| answer.is_ok()).count(), 1);
    let done: Refund = bureau.clerk().get(&format!("{BASE}/refunds/{}", refund.ref_id)).await.unwrap();
    let next: Indicator = treasury.get(&format!("{BASE}/indicators/{}", done.bgt_id.unwrap())).await.unwrap();
    assert_eq!((next.elements.fiscal_year.get(), next.amounts.available), (2027, yuan("200.00")));
    assert_eq!((next.elements.bgt_type_code, next.ori_bgt_id), (BgtTypeCode::CarriedOver, Some(bgt_id)));
    assert_eq!(entries_of_2026(&bureau).await, before);
    bureau.verified().await;
}

#[tokio::test]
async fn money_that_the_bank_sends_back_after_the_closing_is_carried_over() {
    let (bureau, _, paid) = closed_year().await;
    let before = entries_of_2026(&bureau).await;
    let back = with(receipt(&paid.pay_cert_no, "RETURNED", "100.00"), "agent_business_no", json!("B9"));
    for _ in 0..2 {
        bureau.receive(&back).await.unwrap();
    }
    let page: Page<Refund> = bureau.clerk().get(&format!("{BASE}/refunds")).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!((page.items[0].landing, page.items[0].ref_amt), (RefundLanding::CarryOver, yuan("100.00")));
    assert_eq!(entries_of_2026(&bureau).await, before);
    bureau.verified().await;
}

#[tokio::test]
async fn a_refund_returns_to_the_indicator_that_bears_the_payment_now() {
    let bureau = Bureau::start().await;
    let (a, b) = (bureau.indicator("1000.00").await, bureau.indicator("1000.00").await);
    let paid = bureau.paid(a, "100.00").await;
    let body = json!({
        "pay_cert_id": paid.pay_cert_id, "new_bgt_id": b, "new_dep_bgt_eco_code": "30201", "correct_type": "2",
        "reason": "项目选择有误",
    });
    let correction: Correction = bureau.clerk().post(&format!("{BASE}/corrections"), &body, &key()).await.unwrap();
    let path = format!("{BASE}/corrections/{}/actions", correction.correct_id);
    let early = draft(&bureau, paid.pay_cert_id, "10.00").await.unwrap();
    for (who, action) in [(bureau.clerk(), "submit"), (bureau.sector(), "approve"), (bureau.treasury(), "approve")] {
        let _: Value = who.post(&path, &json!({"action": action, "opinion": "同意"}), &key()).await.unwrap();
        if action == "submit" {
            assert_eq!(refusal(act(&bureau.clerk(), early.ref_id, "submit").await).code(), "HTTP-409");
        }
    }
    let refund = draft(&bureau, paid.pay_cert_id, "40.00").await.unwrap();
    act(&bureau.clerk(), refund.ref_id, "submit").await.unwrap();
    let done = approve(&bureau, refund.ref_id).await;
    assert_eq!(done.bgt_id, Some(b));
    assert_eq!(bureau.stands(a).await, ["1000.00", "0.00", "0.00"]);
    assert_eq!(bureau.stands(b).await, ["940.00", "0.00", "60.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn parts_of_a_payment_come_back_from_the_bank_each_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let paid = bureau.paid(bgt_id, "100.00").await;
    let part = |number: &str, amount: &str| {
        with(receipt(&paid.pay_cert_no, "RETURNED", amount), "agent_business_no", json!(number))
    };
    for said in [part("K1", "30.00"), part("K2", "30.00"), part("K1", "30.00")] {
        bureau.receive(&said).await.unwrap();
    }
    for said in [part("K1", "31.00"), part("K3", "40.01")] {
        assert_eq!(refusal(bureau.receive(&said).await).code(), "CLR-101");
    }
    assert_eq!(bureau.stands(bgt_id).await, ["960.00", "0.00", "40.00"]);
    bureau.verified().await;
}
