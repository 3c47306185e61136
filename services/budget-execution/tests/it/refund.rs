//! Refunds: never more than was paid, each once.

use budget_execution_contract::Refund;
use serde_json::{Value, json};
use service_kit::{Peer, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{Bureau, yuan},
    world::{BASE, refusal},
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
    bureau.server.clock.set("2027-01-02T00:00:00Z".parse().unwrap());
    assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, "1.00").await).code(), "PAY-017");
}
