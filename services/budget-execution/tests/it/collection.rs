//! Collections: a notice of the bank is answered by one payment, exactly, or withdrawn; never both.

use budget_execution_contract::{CollectionNotice, PaymentStatus};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::PeerError;
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{AGENCY, Bureau, PAYEE, payment},
    variant::{changed, is_paid},
    world::{BASE, DIVISION, World, refusal},
};

const PAYEE_NAME: &str = "国家税务总局南昌市税务局";

fn notice(number: &str) -> Value {
    json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "agency_code": AGENCY, "entpay_app_no": number,
        "payee_acct_name": PAYEE_NAME, "payee_acct_no": PAYEE, "payee_acct_bank_name": "国家金库",
        "pay_amt": "100.00", "use_des": "三月份社会保险费", "due_date": "2026-03-20",
    })
}

async fn told(bureau: &Bureau, number: &str) -> CollectionNotice {
    bureau.bank().post(&format!("{BASE}/collection-notices"), &notice(number), &key()).await.unwrap()
}

async fn withdraw(bureau: &Bureau, notice_id: Uuid, key: &str) -> Result<CollectionNotice, PeerError> {
    let path = format!("{BASE}/collection-notices/{notice_id}/withdrawals");
    bureau.bank().post(&path, &json!({"reason": "重复通知"}), key).await
}

/// The payment that answers a notice as it should.
fn answer(bgt_id: Uuid, number: &str) -> Value {
    changed(
        payment(bgt_id, "100.00"),
        json!({
            "pay_bus_type_code": "5", "set_mode_code": "6", "entpay_app_no": number, "payee_acct_name": PAYEE_NAME,
            "use_des": "三月份社会保险费",
        }),
    )
}

#[tokio::test]
async fn a_collection_answers_its_notice_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let told = told(&bureau, "TS-1").await;
    let body = answer(bgt_id, "TS-1");
    for (changes, pointer) in [
        (json!({"entpay_app_no": "TS-2"}), "/entpay_app_no"),
        (json!({"entpay_app_no": null}), "/entpay_app_no"),
        (json!({"pay_app_amt": "99.99"}), "/pay_app_amt"),
        (json!({"payee_acct_no": "1"}), "/payee_acct_no"),
        (json!({"payee_acct_name": "南昌纸业有限公司"}), "/payee_acct_name"),
        (json!({"pay_bus_type_code": "1"}), "/pay_bus_type_code"),
    ] {
        let drafted = bureau.draft(&changed(body.clone(), changes)).await.unwrap();
        let refused = refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await);
        assert_eq!((refused.code(), refused.document().errors[0].pointer.as_str()), ("PAY-111", pointer));
    }
    let twins = [bureau.draft(&body).await.unwrap().pay_app_id, bureau.draft(&body).await.unwrap().pay_app_id];
    let first = bureau.act(&bureau.clerk(), twins[0], "submit").await.unwrap();
    assert_eq!(refusal(bureau.act(&bureau.clerk(), twins[1], "submit").await).code(), "PAY-111");
    let approved = bureau.act(&bureau.reviewer(), first.pay_app_id, "approve").await.unwrap();
    is_paid(&bureau, &approved).await;
    let mine: Value = bureau.clerk().get(&format!("{BASE}/collection-notices")).await.unwrap();
    assert_eq!(mine["items"][0]["notice_id"], json!(told.notice_id));
    let others: Value = bureau.stranger().get(&format!("{BASE}/collection-notices")).await.unwrap();
    assert!(others["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_withdrawn_notice_is_not_answered_and_is_withdrawn_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let (notice_id, repeated) = (told(&bureau, "TS-1").await.notice_id, key());
    for _ in 0..2 {
        assert!(withdraw(&bureau, notice_id, &repeated).await.unwrap().is_withdrawn);
    }
    let twice = refusal(withdraw(&bureau, notice_id, &key()).await);
    assert_eq!((twice.code(), twice.status().as_u16()), ("HTTP-409", 409));
    let drafted = bureau.draft(&answer(bgt_id, "TS-1")).await.unwrap();
    assert_eq!(refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await).code(), "PAY-111");
}

#[tokio::test]
async fn a_notice_is_not_withdrawn_while_a_payment_answers_it_nor_when_it_was_paid() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let notice_id = told(&bureau, "TS-1").await.notice_id;
    let pay_app_id = bureau.draft(&answer(bgt_id, "TS-1")).await.unwrap().pay_app_id;
    for (who, action) in [(bureau.clerk(), "submit"), (bureau.reviewer(), "approve")] {
        bureau.act(&who, pay_app_id, action).await.unwrap();
        let refused = refusal(withdraw(&bureau, notice_id, &key()).await);
        assert_eq!((refused.code(), refused.status().as_u16()), ("BE-126", 409), "{action}");
        assert_eq!(refused.document().extensions["pay_app_id"], json!(pay_app_id));
    }
    is_paid(&bureau, &bureau.payment(pay_app_id).await).await;
    assert_eq!(refusal(withdraw(&bureau, notice_id, &key()).await).code(), "BE-126");
    let path = format!("{BASE}/collection-notices/{notice_id}");
    assert!(!bureau.clerk().get::<CollectionNotice>(&path).await.unwrap().is_withdrawn);
}

#[tokio::test]
async fn a_notice_whose_payment_came_back_is_withdrawn_and_stays_so() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let notice_id = told(&bureau, "TS-1").await.notice_id;
    let pay_app_id = bureau.draft(&answer(bgt_id, "TS-1")).await.unwrap().pay_app_id;
    bureau.act(&bureau.clerk(), pay_app_id, "submit").await.unwrap();
    bureau.act(&bureau.reviewer(), pay_app_id, "return").await.unwrap();
    withdraw(&bureau, notice_id, &key()).await.unwrap();
    assert_eq!(refusal(bureau.act(&bureau.clerk(), pay_app_id, "submit").await).code(), "PAY-111");
    assert_eq!(bureau.stands(bgt_id).await, ["1000.00", "0.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_racing_payment_and_withdrawal_one_has_the_notice() {
    const NOTICES: usize = 12;
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("10000.00").await;
    let (clerk, mut held) = (bureau.clerk(), 0);
    for round in 0..NOTICES {
        let number = format!("TS-{round}");
        let notice_id = told(&bureau, &number).await.notice_id;
        let pay_app_id = bureau.draft(&answer(bgt_id, &number)).await.unwrap().pay_app_id;
        let withdrawals = async {
            let keys = [key(), key()];
            tokio::join!(withdraw(&bureau, notice_id, &keys[0]), withdraw(&bureau, notice_id, &keys[1]))
        };
        let (submitted, withdrawn) = tokio::join!(bureau.act(&clerk, pay_app_id, "submit"), withdrawals);
        let withdrawn = usize::from(withdrawn.0.is_ok()) + usize::from(withdrawn.1.is_ok());
        assert_eq!(usize::from(submitted.is_ok()) + withdrawn, 1, "{submitted:?}");
        let expected = if submitted.is_ok() { PaymentStatus::InReview } else { PaymentStatus::Draft };
        assert_eq!(bureau.payment(pay_app_id).await.pay_status, expected);
        let path = format!("{BASE}/collection-notices/{notice_id}");
        let notice: CollectionNotice = clerk.get(&path).await.unwrap();
        assert_eq!(notice.is_withdrawn, submitted.is_err());
        held += u32::from(submitted.is_ok());
    }
    assert_eq!(bureau.stands(bgt_id).await[1], format!("{}.00", held * 100));
    bureau.verified().await;
}

#[tokio::test]
async fn a_notice_is_for_a_unit_that_there_is() {
    let world = World::start().await;
    let bank = world.server.client(&world.server.identity.token("bank", &[Role::B1], "360000000", None));
    let path = format!("{BASE}/collection-notices");
    let unknown = changed(notice("TS-1"), json!({"agency_code": "202001"}));
    let refused = refusal(bank.post::<_, CollectionNotice>(&path, &unknown, &key()).await);
    let document = refused.document();
    assert_eq!((document.status, document.errors[0].pointer.as_str()), (422, "/agency_code"));
    let _: CollectionNotice = bank.post(&path, &notice("TS-1"), &key()).await.unwrap();
    let again = bank.post::<_, CollectionNotice>(&path, &notice("TS-1"), &key()).await;
    assert_eq!(refusal(again).code(), "BE-124");
}
