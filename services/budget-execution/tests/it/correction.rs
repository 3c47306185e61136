//! Corrections: off one indicator and onto another, both or neither, once.

use budget_execution_contract::Correction;
use serde_json::json;
use service_kit::{Peer, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::Bureau,
    world::{BASE, refusal},
};

async fn draft(bureau: &Bureau, pay_cert_id: Uuid, to: Uuid) -> Result<Correction, PeerError> {
    let body = json!({
        "pay_cert_id": pay_cert_id, "new_bgt_id": to, "new_dep_bgt_eco_code": "30201", "correct_type": "2",
        "reason": "项目选择有误",
    });
    bureau.clerk().post(&format!("{BASE}/corrections"), &body, &key()).await
}

async fn act(who: &Peer, id: Uuid, action: &str) -> Result<Correction, PeerError> {
    who.post(&format!("{BASE}/corrections/{id}/actions"), &json!({"action": action, "opinion": "同意"}), &key()).await
}

#[tokio::test]
async fn a_correction_moves_the_payment_once() {
    let bureau = Bureau::start().await;
    let (a, b) = (bureau.indicator("1000.00").await, bureau.indicator("1000.00").await);
    let paid = bureau.paid(a, "100.00").await;
    let correction = draft(&bureau, paid.pay_cert_id, b).await.unwrap();
    act(&bureau.clerk(), correction.correct_id, "submit").await.unwrap();
    act(&bureau.sector(), correction.correct_id, "approve").await.unwrap();
    act(&bureau.treasury(), correction.correct_id, "approve").await.unwrap();
    assert_eq!(bureau.stands(a).await, ["1000.00", "0.00", "0.00"]);
    assert_eq!(bureau.stands(b).await, ["900.00", "0.00", "100.00"]);
    let voucher = bureau.voucher(paid.pay_cert_id).await;
    assert_eq!((voucher.is_corrected, voucher.charged_to.bgt_id), (true, b));
    assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, a).await).status().as_u16(), 409);
    assert!(act(&bureau.treasury(), correction.correct_id, "approve").await.is_err());
    bureau.verified().await;
}

#[tokio::test]
async fn of_racing_corrections_of_one_voucher_one_is_taken() {
    let bureau = Bureau::start().await;
    let (a, b) = (bureau.indicator("1000.00").await, bureau.indicator("1000.00").await);
    let paid = bureau.paid(a, "100.00").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(draft(&bureau, paid.pay_cert_id, b).await.unwrap().correct_id);
    }
    let clerk = bureau.clerk();
    let answers = futures::future::join_all(ids.iter().map(|id| act(&clerk, *id, "submit"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let taken = answers.into_iter().find_map(Result::ok).unwrap();
    act(&bureau.sector(), taken.correct_id, "return").await.unwrap();
    act(&clerk, ids[0], "submit").await.unwrap();
    assert_eq!(bureau.stands(b).await, ["1000.00", "0.00", "0.00"]);
}

#[tokio::test]
async fn a_correction_onto_an_indicator_without_funds_changes_nothing() {
    let bureau = Bureau::start().await;
    let (a, b) = (bureau.indicator("1000.00").await, bureau.indicator("100.00").await);
    let paid = bureau.paid(a, "100.00").await;
    let correction = draft(&bureau, paid.pay_cert_id, b).await.unwrap();
    act(&bureau.clerk(), correction.correct_id, "submit").await.unwrap();
    act(&bureau.sector(), correction.correct_id, "approve").await.unwrap();
    bureau.submitted(b, "0.01").await;
    assert_eq!(refusal(act(&bureau.treasury(), correction.correct_id, "approve").await).code(), "BA-001");
    assert_eq!(bureau.stands(a).await, ["900.00", "0.00", "100.00"]);
    assert_eq!(bureau.stands(b).await, ["99.99", "0.01", "0.00"]);
    assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, b).await).status().as_u16(), 409);
    bureau.verified().await;
}

#[tokio::test]
async fn corrections_that_break_a_rule_are_refused() {
    let bureau = Bureau::start().await;
    let (a, small) = (bureau.indicator("1000.00").await, bureau.indicator("1.00").await);
    let paid = bureau.paid(a, "100.00").await;
    assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, a).await).code(), "PAY-018");
    assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, Uuid::now_v7()).await).code(), "PAY-018");
    assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, small).await).code(), "BA-001");
    for other in [json!({"fund_type_code": "31"}), json!({"is_debt": true})] {
        let bgt_id = bureau.indicator_of("1000.00", other.clone()).await;
        assert_eq!(refusal(draft(&bureau, paid.pay_cert_id, bgt_id).await).code(), "PAY-018", "{other}");
    }
    assert_eq!(bureau.stands(a).await, ["900.00", "0.00", "100.00"]);
}

#[tokio::test]
async fn what_is_on_the_books_is_neither_changed_nor_deleted_by_anybody() {
    let bureau = Bureau::start().await;
    let a = bureau.indicator("1000.00").await;
    bureau.paid(a, "100.00").await;
    let clock = bureau.server.clock.clone();
    let database = service_kit::Database::open(&bureau.server.database, "budget-execution", clock).await.unwrap();
    for table in ["glb_vou_head", "glb_vou_detail", "pay_voucher_stamp"] {
        for statement in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET mof_div_code = 'x'")] {
            let tx = database.begin_write().await.unwrap();
            assert!(sea_orm::ConnectionTrait::execute_unprepared(&tx, &statement).await.is_err(), "{statement}");
            tx.rollback().await.unwrap();
        }
    }
    assert_eq!(bureau.stands(a).await, ["900.00", "0.00", "100.00"]);
    bureau.verified().await;
}
