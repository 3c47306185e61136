//! What others say of a submission: heard anew each time, told alike in a dry run, never replaced by a guess.

use std::sync::atomic::Ordering;

use budget_execution_contract::PaymentStatus;
use serde_json::{Value, json};
use service_kit::PeerError;
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{Bureau, payment, with},
    world::{BASE, refusal},
};

async fn drafted(bureau: &Bureau, bgt_id: Uuid, purpose: &str) -> Uuid {
    bureau.draft(&with(payment(bgt_id, "10.00"), "use_des", json!(purpose))).await.unwrap().pay_app_id
}

async fn rehearse(bureau: &Bureau, pay_app_id: Uuid) -> Result<Value, PeerError> {
    let path = format!("{BASE}/payments/{pay_app_id}/actions?dry_run=true");
    bureau.clerk().post(&path, &json!({"action": "submit"}), &key()).await
}

#[tokio::test]
async fn a_stopped_account_stops_the_very_next_submission() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    bureau.submitted(bgt_id, "10.00").await;
    let next = bureau.drafted(bgt_id, "10.00").await.pay_app_id;
    bureau.payer_is_stopped.store(true, Ordering::SeqCst);
    assert_eq!(refusal(bureau.act(&bureau.clerk(), next, "submit").await).code(), "PAY-006");
    assert_eq!(bureau.stands(bgt_id).await, ["90.00", "10.00", "0.00"]);
}

#[tokio::test]
async fn a_dry_run_is_told_what_the_monitor_says_and_leaves_the_application_as_it_is() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    for (purpose, code) in [("预警采购", "PAY-101"), ("附件采购", "PAY-101"), ("禁止支付", "PAY-102")] {
        let id = drafted(&bureau, bgt_id, purpose).await;
        assert_eq!(refusal(rehearse(&bureau, id).await).code(), code, "{purpose}");
        assert_eq!(bureau.payment(id).await.pay_status, PaymentStatus::Draft, "{purpose}");
        assert_eq!(refusal(bureau.act(&bureau.clerk(), id, "submit").await).code(), code, "{purpose}");
    }
    let held = drafted(&bureau, bgt_id, "拦截支付").await;
    assert_eq!(rehearse(&bureau, held).await.unwrap()["pay_status"], json!(PaymentStatus::Held));
    assert_eq!(bureau.payment(held).await.pay_status, PaymentStatus::Draft);
    assert_eq!(bureau.stands(bgt_id).await, ["100.00", "0.00", "0.00"]);
}

#[tokio::test]
async fn while_the_monitor_is_down_a_submission_is_refused_for_now_and_nothing_is_reserved() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let id = drafted(&bureau, bgt_id, "监控停机").await;
    let refused = refusal(bureau.act(&bureau.clerk(), id, "submit").await);
    assert_eq!((refused.code(), refused.status().as_u16()), ("HTTP-503", 503));
    assert_eq!(bureau.payment(id).await.pay_status, PaymentStatus::Draft);
    assert_eq!(bureau.stands(bgt_id).await, ["100.00", "0.00", "0.00"]);
}
