//! Why an indicator has what it has, and why a request is refused: terms, documents, layers, remedies.

use budget_execution_contract::{IndicatorDetail, LedgerBalance, Lineage, WaterfallTerm};
use common_types::Money;
use serde_json::{Value, json};
use service_kit::Problem;
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{Bureau, PAYEE, payment, yuan},
    world::{BASE, DIVISION, refusal},
};

async fn explained(bureau: &Bureau, bgt_id: Uuid) -> IndicatorDetail {
    bureau.clerk().get(&format!("{BASE}/indicators/{bgt_id}")).await.unwrap()
}

fn term<'a>(detail: &'a IndicatorDetail, name: &str) -> &'a WaterfallTerm {
    detail.waterfall.iter().find(|term| term.name == name).unwrap()
}

fn figures(problem: &Problem) -> Value {
    json!(problem.document().extensions)
}

async fn committed(bureau: &Bureau, bgt_id: Uuid, amount: &str) {
    let body = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "contract_no": "HT-2026-001",
        "contract_name": "办公家具采购合同", "payee_acct_name": "南昌纸业有限公司", "payee_acct_no": PAYEE,
        "commitment_amt": amount,
    });
    let drafted: Value = bureau.clerk().post(&format!("{BASE}/commitments"), &body, &key()).await.unwrap();
    let path = format!("{BASE}/commitments/{}/actions", drafted["commitment_id"].as_str().unwrap());
    let _: Value = bureau.clerk().post(&path, &json!({"action": "submit"}), &key()).await.unwrap();
}

#[tokio::test]
async fn every_term_names_the_documents_that_make_it_up() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let (one, other) = (bureau.submitted(bgt_id, "100.00").await, bureau.submitted(bgt_id, "50.00").await);
    bureau.act(&bureau.reviewer(), other.pay_app_id, "return").await.unwrap();
    committed(&bureau, bgt_id, "200.00").await;
    let detail = explained(&bureau, bgt_id).await;
    assert_eq!(Money::try_sum(detail.waterfall.iter().map(|term| term.amount)), Some(yuan("700.00")));
    for term in &detail.waterfall {
        let sum = Money::try_sum(term.documents.iter().map(|document| document.amount));
        assert_eq!((sum, term.has_more), (Some(term.amount), false), "{}", term.name);
    }
    let reserved = &term(&detail, "reserved").documents;
    assert_eq!(reserved.len(), 1, "what came back is no document of the reserved amount");
    assert_eq!((reserved[0].number.as_deref(), reserved[0].amount), (Some(one.pay_app_no.as_str()), yuan("-100.00")));
    for document in detail.waterfall.iter().flat_map(|term| &term.documents) {
        let read: Result<Value, _> = bureau.clerk().get(&document.href).await;
        assert!(read.is_ok(), "{} {read:?}", document.href);
    }
    let approved = &term(&detail, "approved").documents[0];
    let budget: Lineage = bureau.clerk().get(&approved.href).await.unwrap();
    assert_eq!(budget.amount, yuan("1000.00"), "the budget line and what became of it");
    assert_eq!(term(&detail, "committed").documents[0].number.as_deref(), Some("HT-2026-001"));
    assert_eq!(detail.indicator.amounts.committed, yuan("200.00"));
    assert_eq!(detail.layers.commitments[0].remaining_amt, yuan("200.00"));
    assert_eq!(detail.layers.payable, yuan("700.00"));
    assert!(!detail.layers.plan.is_contrlbyplan);
    let _: Value = bureau.clerk().get(&detail.ledger).await.unwrap();
}

#[tokio::test]
async fn a_refusal_carries_its_equation_and_remedies_and_so_does_a_dry_run() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    bureau.submitted(bgt_id, "30.00").await;
    let dry: Result<Value, _> =
        bureau.clerk().post(&format!("{BASE}/payments?dry_run=true"), &payment(bgt_id, "150.00"), &key()).await;
    let dry = figures(&refusal(dry));
    let real = figures(&refusal(bureau.draft(&payment(bgt_id, "150.00")).await));
    assert_eq!(dry, real);
    let terms = real["equation"].as_array().unwrap();
    let sum: i64 = terms.iter().map(|term| yuan(term["amount"].as_str().unwrap()).fen()).sum();
    assert_eq!((sum, real["available"].as_str()), (7_000, Some("70.00")));
    assert_eq!((real["layer"].as_str(), real["rule"].as_str()), (Some("indicator"), Some("BA-001")));
    assert_eq!(real["exceeded"].as_str(), Some("80.00"));
    let actions: Vec<_> =
        real["remedies"].as_array().unwrap().iter().map(|remedy| remedy["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["reduce_amount", "choose_other_indicator", "apply_for_adjustment", "wait_for_release"]);
    for remedy in real["remedies"].as_array().unwrap().iter().filter(|remedy| remedy["href"].is_string()) {
        assert!(!remedy["name_zh"].as_str().unwrap().is_empty() && !remedy["name_en"].as_str().unwrap().is_empty());
        let _: Value = bureau.clerk().get(remedy["href"].as_str().unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_submission_says_what_changed_since_the_draft() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let late = bureau.drafted(bgt_id, "80.00").await;
    bureau.server.clock.set("2026-03-10T03:00:00Z".parse().unwrap());
    let quick = bureau.submitted(bgt_id, "50.00").await;
    let problem = refusal(bureau.act(&bureau.clerk(), late.pay_app_id, "submit").await);
    let told = figures(&problem);
    assert_eq!((problem.code(), told["available"].as_str()), ("BA-001", Some("50.00")));
    let changes = told["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0]["name"].as_str(), changes[0]["amount"].as_str()), (Some("reserved"), Some("-50.00")));
    assert_eq!(changes[0]["documents"][0]["number"].as_str(), Some(quick.pay_app_no.as_str()));
}

#[tokio::test]
async fn a_back_dated_entry_changes_what_is_known_and_not_what_was_known() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let submitted = bureau.submitted(bgt_id, "100.00").await;
    bureau.server.clock.set("2027-01-05T02:00:00Z".parse().unwrap());
    bureau.act(&bureau.reviewer(), submitted.pay_app_id, "return").await.unwrap();
    let reader = bureau.treasury();
    let in_payment = |known_at: &str| {
        let path = format!(
            "{BASE}/ledger/balances?mof_div_code={DIVISION}&fiscal_year=2026&key_id={bgt_id}&acct_cls_code=7101\
             &as_of=2026-12-31&known_at={known_at}"
        );
        let reader = reader.clone();
        async move { reader.get::<Vec<LedgerBalance>>(&path).await.unwrap()[0].bal_amt }
    };
    assert_eq!(in_payment("2026-12-31T16:00:00Z").await, yuan("100.00"));
    assert_eq!(in_payment("2027-01-06T00:00:00Z").await, yuan("0.00"));
}
