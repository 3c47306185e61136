//! Unit funds: paid from the unit's own account within its balance, cleared by nobody, and back on the account when they
//! come back.

use budget_execution_contract::{Clearing, Payment, Refund, VoucherStatus};
use serde_json::{Value, json};
use service_kit::PeerError;
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{Bureau, DAY, payment, receipt, with, yuan},
    variant::{approved, changed, is_paid},
    world::{BASE, DIVISION, refusal},
};

async fn report(bureau: &Bureau, balance: &str, as_of: &str) -> Result<Value, service_kit::PeerError> {
    let body = json!({"mof_div_code": DIVISION, "account_no": "4100", "balance_amt": balance, "as_of": as_of});
    bureau.bank().post(&format!("{BASE}/account-balances"), &body, &key()).await
}

async fn account(bureau: &Bureau) -> [String; 3] {
    let page: Value = bureau.treasury().get(&format!("{BASE}/account-balances?mof_div_code={DIVISION}")).await.unwrap();
    ["balance_amt", "reserved_amt", "available"].map(|field| page["items"][0][field].as_str().unwrap().to_owned())
}

fn of_unit_funds(bgt_id: Uuid, amount: &str) -> Value {
    changed(payment(bgt_id, amount), json!({"pay_variant": "UNIT_FUNDS", "pay_acct_no": "4100"}))
}

#[tokio::test]
async fn unit_funds_are_paid_from_the_units_account_within_its_balance() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator_of("1000.00", json!({"fund_type_code": "31"})).await;
    let unknown = bureau.draft(&of_unit_funds(bgt_id, "1.00")).await.unwrap();
    assert_eq!(refusal(bureau.act(&bureau.clerk(), unknown.pay_app_id, "submit").await).code(), "PAY-024");
    report(&bureau, "150.00", "2026-03-10T01:00:00Z").await.unwrap();
    let approved = approved(&bureau, &of_unit_funds(bgt_id, "100.00")).await;
    assert_eq!(account(&bureau).await, ["150.00", "100.00", "50.00"]);
    let beyond = bureau.draft(&of_unit_funds(bgt_id, "50.01")).await.unwrap();
    let refused = refusal(bureau.act(&bureau.clerk(), beyond.pay_app_id, "submit").await);
    assert_eq!((refused.code(), &refused.document().extensions["balance_amt"]), ("PAY-024", &json!("50.00")));
    is_paid(&bureau, &approved).await;
    assert_eq!(account(&bureau).await, ["50.00", "0.00", "50.00"]);
    let amounts = bureau.amounts(bgt_id).await;
    assert_eq!((amounts.available, amounts.paid, amounts.allocated), (yuan("900.00"), yuan("0"), yuan("100.00")));
    let stale = report(&bureau, "1.00", "2026-03-10T00:59:59Z").await;
    assert_eq!(refusal(stale).code(), "BE-123");
}

#[tokio::test]
async fn racers_share_the_account_and_money_that_comes_back_is_free_again() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator_of("1000.00", json!({"fund_type_code": "31"})).await;
    report(&bureau, "100.00", "2026-03-10T01:00:00Z").await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(bureau.draft(&of_unit_funds(bgt_id, "30.00")).await.unwrap().pay_app_id);
    }
    let clerk = bureau.clerk();
    let answers = futures::future::join_all(ids.iter().map(|id| bureau.act(&clerk, *id, "submit"))).await;
    let done: Vec<Payment> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(done.len(), 3);
    assert_eq!(account(&bureau).await, ["100.00", "90.00", "10.00"]);
    assert_eq!(bureau.stands(bgt_id).await, ["910.00", "90.00", "0.00"]);
    for one in &done {
        bureau.act(&clerk, one.pay_app_id, "recall").await.unwrap();
    }
    assert_eq!(account(&bureau).await, ["100.00", "0.00", "100.00"]);
    assert_eq!(bureau.stands(bgt_id).await, ["1000.00", "0.00", "0.00"]);
    bureau.verified().await;
}

async fn clear(bureau: &Bureau) -> Result<Clearing, PeerError> {
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "day": DAY});
    bureau.treasury().post(&format!("{BASE}/clearings"), &body, &key()).await
}

#[tokio::test]
async fn the_treasury_does_not_clear_what_a_unit_paid_from_its_own_account() {
    let bureau = Bureau::start().await;
    let own = bureau.indicator_of("1000.00", json!({"fund_type_code": "31"})).await;
    report(&bureau, "150.00", "2026-03-10T01:00:00Z").await.unwrap();
    let paid = bureau.pay(approved(&bureau, &of_unit_funds(own, "100.00")).await.pay_app_id).await;
    assert_eq!(refusal(clear(&bureau).await).code(), "CLR-102");
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.paid(bgt_id, "10.00").await;
    let cleared = clear(&bureau).await.unwrap();
    assert_eq!((cleared.voucher_count, cleared.lqd_amt, cleared.sums.len()), (1, yuan("10.00"), 1));
    let back = with(receipt(&paid.pay_cert_no, "RETURNED", "30.00"), "agent_business_no", json!("B9"));
    bureau.receive(&back).await.unwrap();
    assert_eq!(refusal(clear(&bureau).await).code(), "CLR-102", "nor what came back to it");
    let voucher = bureau.voucher(paid.pay_cert_id).await;
    assert_eq!((voucher.voucher_status, voucher.lqd_cert_no), (VoucherStatus::Paid, None));
    let day = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "day": DAY});
    let _: Value = bureau.treasury().post(&format!("{BASE}/clearing-days"), &day, &key()).await.unwrap();
    bureau.verified().await;
}

#[tokio::test]
async fn a_refund_is_on_the_account_again_when_it_is_final_and_once() {
    let bureau = Bureau::start().await;
    let own = bureau.indicator_of("1000.00", json!({"fund_type_code": "31"})).await;
    report(&bureau, "150.00", "2026-03-10T01:00:00Z").await.unwrap();
    let paid = bureau.pay(approved(&bureau, &of_unit_funds(own, "100.00")).await.pay_app_id).await;
    let body = json!({"pay_cert_id": paid.pay_cert_id, "ref_amt": "30.00", "ref_reason": "多付退回"});
    let refund: Refund = bureau.clerk().post(&format!("{BASE}/refunds"), &body, &key()).await.unwrap();
    let path = format!("{BASE}/refunds/{}/actions", refund.ref_id);
    let action = |action: &str| json!({"action": action, "opinion": "同意"});
    let _: Refund = bureau.clerk().post(&path, &action("submit"), &key()).await.unwrap();
    let _: Refund = bureau.reviewer().post(&path, &action("approve"), &key()).await.unwrap();
    assert_eq!(account(&bureau).await, ["50.00", "0.00", "50.00"]);
    let same = key();
    for _ in 0..2 {
        let _: Refund = bureau.treasury().post(&path, &action("approve"), &same).await.unwrap();
    }
    assert_eq!(account(&bureau).await, ["80.00", "0.00", "80.00"]);
    let back = with(receipt(&paid.pay_cert_no, "RETURNED", "20.00"), "agent_business_no", json!("B9"));
    for _ in 0..2 {
        bureau.receive(&back).await.unwrap();
    }
    assert_eq!(account(&bureau).await, ["100.00", "0.00", "100.00"]);
    assert_eq!(bureau.amounts(own).await.available, yuan("950.00"));
    bureau.verified().await;
}
