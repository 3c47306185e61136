//! A refusal as a document: everything that is wrong at once, the same answer in a dry run, what changed since the draft;
//! a missing dimension and odd numbers (S16, S17, S25).

use budget_execution_contract::{Payment, PaymentStatus};
use serde_json::{Value, json};
use testkit::key;

use crate::{
    bureau::{Bureau, payment, with, yuan},
    world::{BASE, refusal},
};

async fn rehearsed(bureau: &Bureau, path: &str, body: &Value) -> Result<Payment, service_kit::PeerError> {
    bureau.clerk().post(&format!("{BASE}/{path}?dry_run=true"), body, &key()).await
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_draft_is_told_at_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let mut body = with(payment(bgt_id, "150.00"), "dep_bgt_eco_code", json!("31002"));
    body["use_des"] = json!("长".repeat(301));
    let problem = refusal(bureau.draft(&body).await);
    let document = problem.document();
    let pointers: Vec<_> = document.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/use_des", "/dep_bgt_eco_code", "/pay_app_amt"]);
    let codes: Vec<_> =
        document.extensions["violations"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
    assert_eq!(codes, [json!("PAY-109"), json!("PAY-004")]);
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_submission_is_told_at_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let mut body = with(payment(bgt_id, "100.00"), "use_des", json!("往来款"));
    body["payee_acct_bank_code"] = json!("1");
    body["pay_acct_no"] = json!("0000");
    body["payee_acct_no"] = json!("9990001");
    let drafted = bureau.draft(&body).await.unwrap();
    let problem = refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await);
    let pointers: Vec<_> = problem.document().errors.into_iter().map(|error| error.pointer).collect();
    assert_eq!(pointers, ["/payee_acct_bank_code", "/use_des", "/pay_acct_no", "/payee_acct_no"]);
    assert_eq!(problem.status().as_u16(), 422);
}

#[tokio::test]
async fn a_dry_run_is_told_the_same_and_changes_nothing() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let body = payment(bgt_id, "150.00");
    let told = refusal(rehearsed(&bureau, "payments", &body).await).document();
    let real = refusal(bureau.draft(&body).await).document();
    assert_eq!((told.code, told.errors, told.extensions), (real.code, real.errors, real.extensions));
    let drafted = bureau.draft(&with(payment(bgt_id, "80.00"), "use_des", json!("往来款"))).await.unwrap();
    let path = format!("payments/{}/actions", drafted.pay_app_id);
    let told = refusal(rehearsed(&bureau, &path, &json!({"action": "submit"})).await).document();
    let real = refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await).document();
    assert_eq!((told.code, told.errors, told.extensions), (real.code, real.errors, real.extensions));
    assert_eq!(bureau.stands(bgt_id).await, ["100.00", "0.00", "0.00"]);
    assert_eq!(bureau.payment(drafted.pay_app_id).await.pay_status, PaymentStatus::Draft);
}

#[tokio::test]
async fn a_submission_is_refused_with_what_changed_since_the_draft() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let drafted = bureau.drafted(bgt_id, "80.00").await;
    assert_eq!(drafted.draft_available_amt, yuan("100.00"));
    bureau.submitted(bgt_id, "50.00").await;
    let problem = refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await);
    let figures = problem.document().extensions;
    assert_eq!(problem.code(), "BA-001");
    assert_eq!(figures["since_draft"], json!({"available": {"then": "100.00", "now": "50.00"}}));
    assert_eq!((&figures["requested"], &figures["exceeded"]), (&json!("80.00"), &json!("30.00")));
    assert_eq!(bureau.payment(drafted.pay_app_id).await.pay_status, PaymentStatus::Draft);
}

#[tokio::test]
async fn a_missing_or_unmapped_dimension_is_refused_at_its_pointer() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    for field in ["dep_bgt_eco_code", "bgt_id", "agency_code", "mof_div_code", "fiscal_year", "pay_app_amt"] {
        let mut missing = payment(bgt_id, "1.00");
        missing.as_object_mut().unwrap().remove(field);
        let problem = refusal(bureau.draft(&missing).await);
        assert_eq!(problem.status().as_u16(), 422, "{field}");
        assert_eq!(problem.document().errors[0].pointer, format!("/{field}"));
    }
    for unmapped in ["30299", "39999", "59901", "302"] {
        let problem = refusal(bureau.draft(&with(payment(bgt_id, "1.00"), "dep_bgt_eco_code", json!(unmapped))).await);
        assert_eq!(problem.status().as_u16(), 422, "{unmapped}");
        assert_eq!(problem.document().errors[0].pointer, "/dep_bgt_eco_code", "{unmapped}");
    }
}

#[tokio::test]
async fn big_numbers_are_exact_and_odd_ones_refused() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("99999999999999.99").await;
    let odd = [
        json!("0.001"),
        json!("-1"),
        json!("0"),
        json!(1e3),
        json!("1e3"),
        json!("１００"),
        json!(0.1),
        json!("0.010"),
    ];
    for amount in odd {
        let problem = refusal(bureau.draft(&with(payment(bgt_id, "1"), "pay_app_amt", amount.clone())).await);
        assert!(matches!(problem.status().as_u16(), 400 | 422), "{amount}");
        assert_eq!(problem.document().errors[0].pointer, "/pay_app_amt", "{amount}");
    }
    bureau.submitted(bgt_id, "99999999999999.98").await;
    assert_eq!(bureau.stands(bgt_id).await, ["0.01", "99999999999999.98", "0.00"]);
    let beyond = refusal(bureau.draft(&payment(bgt_id, "0.02")).await);
    assert_eq!((beyond.code(), &beyond.document().extensions["available"]), ("BA-001", &json!("0.01")));
    bureau.submitted(bgt_id, "0.01").await;
    assert_eq!(bureau.stands(bgt_id).await, ["0.00", "99999999999999.99", "0.00"]);
    bureau.verified().await;
}
