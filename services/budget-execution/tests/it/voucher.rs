//! Vouchers and receipts: signed by another person, sent once, settled once.

use budget_execution_contract::{
    BankDifference, DifferenceKind, PAYMENT_PAID, PaymentLineage, PaymentPaid, PaymentStatus, Voucher, VoucherStatus,
};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{Page, store::outbox};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{AGENCY, Bureau, PAYEE, payment, receipt, signed_by_bank, with, yuan},
    world::{BASE, DIVISION, refusal},
};

#[tokio::test]
async fn a_voucher_goes_from_application_to_paid_and_back_to_its_budget_line() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sent = bureau.sent(bgt_id, "100.00").await;
    assert_eq!(sent.voucher_status, VoucherStatus::BankAccepted);
    assert_eq!(sent.pay_cert_no, "W3601002026031000001");
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "100.00", "0.00"]);
    bureau.receive(&receipt(&sent.pay_cert_no, "PAID", "100.00")).await.unwrap();
    let paid = bureau.voucher(sent.pay_cert_id).await;
    assert_eq!((paid.voucher_status, paid.xpay_amt), (VoucherStatus::Paid, yuan("100.00")));
    assert_eq!(bureau.payment(paid.pay_app_id).await.pay_status, PaymentStatus::Paid);
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "0.00", "100.00"]);
    let path = format!("{BASE}/vouchers/{}/lineage", paid.pay_cert_id);
    let lineage: PaymentLineage = bureau.clerk().get(&path).await.unwrap();
    assert_eq!(lineage.indicators[0].bgt_id, bgt_id);
    assert!(lineage.bgt_pman_id.is_some());
    bureau.verified().await;
}

#[tokio::test]
async fn two_persons_who_did_not_make_it_sign_and_seal_a_voucher() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let approved = bureau.approved(bgt_id, "100.00").await;
    let voucher = bureau.vouchered(approved.pay_app_id).await.unwrap();
    let maker = bureau.server.client(&bureau.server.identity.token("clerk", &[Role::U2], DIVISION, Some(AGENCY)));
    for who in [maker, bureau.reviewer()] {
        assert_eq!(refusal(bureau.do_voucher(&who, voucher.pay_cert_id, "sign").await).code(), "PAY-019");
    }
    assert_eq!(refusal(bureau.do_voucher(&bureau.treasury(), voucher.pay_cert_id, "send").await).code(), "PAY-105");
    assert_eq!(refusal(bureau.do_voucher(&bureau.treasury(), voucher.pay_cert_id, "seal").await).code(), "PAY-105");
    let signed = bureau.do_voucher(&bureau.treasury(), voucher.pay_cert_id, "sign").await.unwrap();
    assert_eq!((signed.voucher_status, signed.content_hash.unwrap().len()), (VoucherStatus::Signed, 64));
    let other = bureau.other_treasury();
    assert_eq!(refusal(bureau.do_voucher(&other, voucher.pay_cert_id, "sign").await).code(), "PAY-105");
    assert_eq!(refusal(bureau.do_voucher(&other, voucher.pay_cert_id, "send").await).code(), "PAY-105");
    for who in [bureau.treasury(), bureau.reviewer()] {
        assert_eq!(refusal(bureau.do_voucher(&who, voucher.pay_cert_id, "seal").await).code(), "PAY-019");
    }
    let sealed = bureau.do_voucher(&other, voucher.pay_cert_id, "seal").await.unwrap();
    assert_eq!(sealed.voucher_status, VoucherStatus::Sealed);
    assert_eq!((sealed.signed_by.as_deref(), sealed.sealed_by.as_deref()), (Some("treasury"), Some("treasury-2")));
    assert_eq!(refusal(bureau.do_voucher(&other, voucher.pay_cert_id, "seal").await).code(), "PAY-105");
}

#[tokio::test]
async fn one_application_has_one_voucher_at_a_time() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let unapproved = bureau.submitted(bgt_id, "100.00").await;
    assert_eq!(refusal(bureau.vouchered(unapproved.pay_app_id).await).status().as_u16(), 409);
    let id = bureau.approved(bgt_id, "100.00").await.pay_app_id;
    let answers = futures::future::join_all((0..5).map(|_| bureau.vouchered(id))).await;
    let mut made: Vec<Voucher> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(made.len(), 1);
    let first = made.remove(0);
    assert_eq!(refusal(bureau.act(&bureau.reviewer(), id, "discard").await).code(), "PAY-104");
    bureau.do_voucher(&bureau.reviewer(), first.pay_cert_id, "withdraw").await.unwrap();
    assert_eq!(refusal(bureau.do_voucher(&bureau.reviewer(), first.pay_cert_id, "withdraw").await).code(), "PAY-105");
    let second = bureau.vouchered(id).await.unwrap();
    assert_eq!(
        (first.pay_cert_no.as_str(), second.pay_cert_no.as_str()),
        ("W3601002026031000001", "W3601002026031000002")
    );
    bureau.do_voucher(&bureau.reviewer(), second.pay_cert_id, "withdraw").await.unwrap();
    bureau.act(&bureau.reviewer(), id, "discard").await.unwrap();
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "100.00", "0.00"]);
}

#[tokio::test]
async fn a_receipt_delivered_three_times_pays_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sent = bureau.sent(bgt_id, "100.00").await;
    let said = receipt(&sent.pay_cert_no, "PAID", "100.00");
    let answers = futures::future::join_all((0..3).map(|_| bureau.receive(&said))).await;
    let mut outcomes: Vec<String> =
        answers.into_iter().map(|answer| answer.unwrap()["outcome"].as_str().unwrap().to_owned()).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["ALREADY", "ALREADY", "SETTLED"]);
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "0.00", "100.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_contradicting_receipt_changes_nothing_and_opens_one_ticket() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sent = bureau.sent(bgt_id, "100.00").await;
    let wrong_amount = receipt(&sent.pay_cert_no, "PAID", "99.00");
    assert_eq!(refusal(bureau.receive(&wrong_amount).await).code(), "CLR-101");
    bureau.receive(&receipt(&sent.pay_cert_no, "PAID", "100.00")).await.unwrap();
    let failed = receipt(&sent.pay_cert_no, "FAILED", "0.00");
    for _ in 0..2 {
        assert_eq!(refusal(bureau.receive(&failed).await).code(), "CLR-101");
    }
    let unknown = bureau.receive(&receipt("W999", "PAID", "1.00")).await.unwrap();
    assert_eq!(unknown["outcome"], "UNMATCHED");
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "0.00", "100.00"]);
    let path = format!("{BASE}/bank-differences?mof_div_code={DIVISION}");
    let tickets: Page<BankDifference> = bureau.treasury().get(&path).await.unwrap();
    let kinds: Vec<_> = tickets.items.iter().map(|ticket| ticket.kind).collect();
    assert_eq!(kinds, [DifferenceKind::Contradiction, DifferenceKind::Contradiction, DifferenceKind::Unmatched]);
}

#[tokio::test]
async fn only_the_bank_delivers_receipts() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sent = bureau.sent(bgt_id, "100.00").await;
    let said = receipt(&sent.pay_cert_no, "PAID", "100.00");
    let said = signed_by_bank(&said);
    let answer: Result<Value, _> = bureau.treasury().post(&format!("{BASE}/bank-receipts"), &said, &key()).await;
    assert_eq!(refusal(answer).code(), "AUTH-004");
    let forged = bureau.server.client("eyJhbGciOiJub25lIn0.e30.x");
    let answer: Result<Value, _> = forged.post(&format!("{BASE}/bank-receipts"), &said, &key()).await;
    assert_eq!(refusal(answer).status().as_u16(), 401);
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "100.00", "0.00"]);
}

#[tokio::test]
async fn what_the_bank_refuses_or_fails_is_free_again() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.behave(PAYEE, "refuse").await;
    let refused = bureau.sent(bgt_id, "100.00").await;
    assert_eq!(refused.voucher_status, VoucherStatus::BankRejected);
    bureau.behave(PAYEE, "silent").await;
    let failing = bureau.sent(bgt_id, "100.00").await;
    bureau.receive(&receipt(&failing.pay_cert_no, "FAILED", "0.00")).await.unwrap();
    bureau.receive(&receipt(&failing.pay_cert_no, "FAILED", "0.00")).await.unwrap();
    for (voucher, status) in [(&refused, VoucherStatus::BankRejected), (&failing, VoucherStatus::Failed)] {
        assert_eq!(bureau.voucher(voucher.pay_cert_id).await.voucher_status, status);
        assert_eq!(bureau.payment(voucher.pay_app_id).await.pay_status, PaymentStatus::BankReturned);
    }
    assert_eq!(bureau.stands(bgt_id).await, ["1000.00", "0.00", "0.00"]);
    bureau.verified().await;
}

async fn unanswered(behaviour: &str) -> (Bureau, Uuid, Voucher) {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.behave(PAYEE, behaviour).await;
    let voucher = bureau.sent(bgt_id, "100.00").await;
    (bureau, bgt_id, voucher)
}

#[tokio::test]
async fn while_the_bank_is_silent_the_money_stays_reserved() {
    let (bureau, bgt_id, voucher) = unanswered("silent").await;
    assert_eq!(voucher.voucher_status, VoucherStatus::Unknown);
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "100.00", "0.00"]);
    assert_eq!(refusal(bureau.do_voucher(&bureau.reviewer(), voucher.pay_cert_id, "withdraw").await).code(), "PAY-105");
    assert_eq!(refusal(bureau.act(&bureau.reviewer(), voucher.pay_app_id, "discard").await).code(), "PAY-104");
    assert_eq!(refusal(bureau.vouchered(voucher.pay_app_id).await).status().as_u16(), 409);
    let again = bureau.do_voucher(&bureau.treasury(), voucher.pay_cert_id, "send").await.unwrap();
    assert_eq!(again.voucher_status, VoucherStatus::Unknown);
}

async fn inquire(bureau: &Bureau, voucher: &Voucher) -> Voucher {
    let path = format!("{BASE}/vouchers/{}/inquiries", voucher.pay_cert_id);
    bureau.treasury().post(&path, &json!({}), &key()).await.unwrap()
}

#[tokio::test]
async fn an_inquiry_settles_what_was_paid_once() {
    let (bureau, bgt_id, voucher) = unanswered("silent").await;
    for _ in 0..2 {
        assert_eq!(inquire(&bureau, &voucher).await.voucher_status, VoucherStatus::Paid);
    }
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "0.00", "100.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn an_inquiry_releases_what_was_not_paid_once() {
    let (bureau, bgt_id, voucher) = unanswered("silent_fail").await;
    for _ in 0..2 {
        assert_eq!(inquire(&bureau, &voucher).await.voucher_status, VoucherStatus::Failed);
    }
    assert_eq!(bureau.stands(bgt_id).await, ["1000.00", "0.00", "0.00"]);
    assert_eq!(refusal(bureau.receive(&receipt(&voucher.pay_cert_no, "PAID", "100.00")).await).code(), "CLR-101");
    bureau.verified().await;
}

#[tokio::test]
async fn money_that_the_bank_sends_back_is_on_the_indicator_again() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sent = bureau.sent(bgt_id, "100.00").await;
    let back = with(receipt(&sent.pay_cert_no, "RETURNED", "100.00"), "agent_business_no", json!("B2"));
    assert_eq!(refusal(bureau.receive(&back).await).code(), "PAY-105");
    bureau.receive(&receipt(&sent.pay_cert_no, "PAID", "100.00")).await.unwrap();
    for _ in 0..2 {
        bureau.receive(&back).await.unwrap();
    }
    assert_eq!(bureau.stands(bgt_id).await, ["1000.00", "0.00", "0.00"]);
    assert_eq!(bureau.voucher(sent.pay_cert_id).await.ref_amt, yuan("100.00"));
    bureau.verified().await;
}

#[tokio::test]
async fn a_voucher_changed_after_signing_is_not_sent() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let signed = bureau.signed(bgt_id, "100.00").await;
    let clock = bureau.server.clock.clone();
    let database = service_kit::Database::open(&bureau.server.database, "budget-execution", clock).await.unwrap();
    let tx = database.begin_write().await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&tx, "UPDATE pay_voucher_bill SET payee_acct_no = '666'")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let answer = bureau.do_voucher(&bureau.treasury(), signed.pay_cert_id, "send").await;
    assert_eq!(refusal(answer).code(), "PAY-103");
    assert_eq!(bureau.voucher(signed.pay_cert_id).await.voucher_status, VoucherStatus::Sealed);
    let other = bureau.draft(&payment(bgt_id, "1.00")).await.unwrap();
    assert_eq!(other.pay_status, PaymentStatus::Draft);
}

#[tokio::test]
async fn what_was_paid_is_told_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let paid = bureau.paid(bgt_id, "100.00").await;
    let clock = bureau.server.clock.clone();
    let database = service_kit::Database::open(&bureau.server.database, "budget-execution", clock).await.unwrap();
    let events = <outbox::Entity as sea_orm::EntityTrait>::find().all(database.read()).await.unwrap();
    let mut told: Vec<PaymentPaid> = events
        .into_iter()
        .filter(|event| event.event_type == PAYMENT_PAID)
        .map(|event| serde_json::from_value(event.data).unwrap())
        .collect();
    assert_eq!(told.len(), 1);
    let told = told.remove(0);
    assert_eq!((told.pay_cert_id, told.xpay_amt, told.charged_to.bgt_id), (paid.pay_cert_id, yuan("100.00"), bgt_id));
}
