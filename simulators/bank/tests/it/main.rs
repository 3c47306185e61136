//! The simulated bank keeps its word: one answer per voucher, receipts until they are taken.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::sync::{Arc, Mutex};

use actix_web::{HttpResponse, web};
use budget_execution_contract::BankReceipt;
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{Module, Peer, PeerError};
use testkit::{Server, key};
use tokio::sync::mpsc;
use utoipa_actix_web::service_config::ServiceConfig;

const DIVISION: &str = "360100000";
const BUSY_AT_FIRST: usize = 2;

struct World {
    server: Server,
    receipts: mpsc::UnboundedReceiver<Value>,
}

impl World {
    async fn start() -> Self {
        let (tell, receipts) = mpsc::unbounded_channel();
        let server = Server::start(|surroundings, _| async move {
            Ok(vec![bank::module(bank::Config::default(), &surroundings).unwrap(), platform(tell)])
        })
        .await;
        Self { server, receipts }
    }

    fn peer(&self) -> Peer {
        self.server.client(&self.server.identity.service_token())
    }

    async fn send(&self, number: &str, amount: &str) -> Result<Value, PeerError> {
        self.peer().post("/api/bank/v1/vouchers", &voucher(number, amount), &key()).await
    }

    async fn behave(&self, behaviour: &str) {
        let body = json!({"payee_acct_no": "6222", "behaviour": behaviour});
        let _: Value = self.peer().put("/api/bank/v1/behaviours", &body, None).await.unwrap();
    }

    async fn results(&mut self, count: usize) -> Vec<String> {
        let mut results = Vec::new();
        for _ in 0..count {
            let receipt = self.receipts.recv().await.unwrap();
            results.push(receipt["result"].as_str().unwrap().to_owned());
        }
        results
    }
}

/// Takes receipts after having been busy a few times.
fn platform(tell: mpsc::UnboundedSender<Value>) -> Module {
    let tries = Arc::new(Mutex::new(0));
    let take = move |body: web::Json<Value>| {
        let (tell, tries) = (tell.clone(), tries.clone());
        async move {
            let mut tries = tries.lock().unwrap();
            *tries += 1;
            if *tries <= BUSY_AT_FIRST {
                return HttpResponse::ServiceUnavailable().finish();
            }
            let number = body["pay_cert_no"].clone();
            tell.send(body.into_inner()).unwrap();
            HttpResponse::Ok().json(json!({"pay_cert_no": number, "outcome": "SETTLED", "pay_cert_id": null}))
        }
    };
    let routes = move |config: &mut ServiceConfig<'_>| {
        config.route("/api/budget-execution/v1/bank-receipts", web::post().to(take.clone()));
    };
    Module { name: "platform-stub", routes: Arc::new(routes), workers: Vec::new(), database: None }
}

fn voucher(number: &str, amount: &str) -> Value {
    json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "pay_cert_no": number, "vou_date": "2026-03-10",
        "pay_amt": amount, "pay_acct_no": "3600", "pay_acct_name": "市教育局", "payee_acct_no": "6222",
        "payee_acct_name": "南昌纸业有限公司", "payee_acct_bank_name": "中国银行", "payee_acct_bank_code": "104421000001",
        "use_des": "办公用纸采购", "content_hash": "a", "stamps": [],
    })
}

#[tokio::test]
async fn a_repeated_voucher_gets_the_first_answer_and_is_paid_once() {
    let mut world = World::start().await;
    let first = world.send("W1", "100.00").await.unwrap();
    world.behave("refuse").await;
    assert_eq!(world.send("W1", "100.00").await.unwrap(), first);
    assert!(world.send("W1", "99.00").await.is_err(), "another content under the same number");
    assert_eq!(world.results(1).await, ["PAID"], "taken after the platform was busy");
    let path = format!("/api/bank/v1/vouchers/W1?mof_div_code={DIVISION}");
    let state: Value = world.peer().get(&path).await.unwrap();
    assert_eq!((&state["status"], &state["xpay_amt"]), (&json!("PAID"), &json!("100.00")));
    assert_eq!(world.send("W2", "1.00").await.unwrap()["answer"], "REJECTED");
}

#[tokio::test]
async fn each_behaviour_delivers_its_receipts_in_order() {
    let mut world = World::start().await;
    let cases: [(&str, &[&str]); 5] = [
        ("late", &["PAID"]),
        ("repeat", &["PAID", "PAID", "PAID"]),
        ("fail", &["FAILED"]),
        ("return", &["PAID", "RETURNED"]),
        ("contradict", &["PAID", "FAILED"]),
    ];
    for (behaviour, expected) in cases {
        world.behave(behaviour).await;
        assert_eq!(world.send(behaviour, "100.00").await.is_ok(), behaviour != "late");
        assert_eq!(world.results(expected.len()).await, expected, "{behaviour}");
    }
    world.behave("silent").await;
    assert!(world.send("silent", "100.00").await.is_err());
    world.behave("accept").await;
    world.send("last", "100.00").await.unwrap();
    assert_eq!(world.receipts.recv().await.unwrap()["pay_cert_no"], "last");
}

#[tokio::test]
async fn only_the_platform_and_the_administrator_are_heard() {
    let world = World::start().await;
    let clerk = world.server.client(&world.server.identity.token("clerk", &[Role::U1], DIVISION, None));
    let answer: Result<Value, _> = clerk.post("/api/bank/v1/vouchers", &voucher("W1", "1.00"), &key()).await;
    assert!(matches!(answer, Err(PeerError::Refused(problem)) if problem.code() == "AUTH-004"));
}

#[tokio::test]
async fn a_setting_of_one_voucher_goes_before_that_of_its_payee() {
    let mut world = World::start().await;
    world.behave("refuse").await;
    let body = json!({"pay_cert_no": "W1", "behaviour": "accept"});
    let _: Value = world.peer().put("/api/bank/v1/behaviours", &body, None).await.unwrap();
    assert_eq!(world.send("W1", "1.00").await.unwrap()["answer"], "ACCEPTED");
    assert_eq!(world.results(1).await, ["PAID"]);
    assert_eq!(world.send("W2", "1.00").await.unwrap()["answer"], "REJECTED");
}

#[tokio::test]
async fn receipts_are_signed_with_the_banks_key_and_forged_ones_are_not() {
    let mut world = World::start().await;
    let seal = bank::Seal::of(&bank::Config::default());
    for (behaviour, is_own) in [("accept", true), ("forge", false)] {
        world.behave(behaviour).await;
        world.send(behaviour, "1.00").await.unwrap();
        let delivered: BankReceipt = serde_json::from_value(world.receipts.recv().await.unwrap()).unwrap();
        assert_eq!(seal.sign(delivered.clone()).signature == delivered.signature, is_own, "{behaviour}");
    }
}

#[tokio::test]
async fn single_details_of_a_batch_fail() {
    let mut world = World::start().await;
    let failing = json!({"payee_acct_no": "702", "behaviour": "fail"});
    let _: Value = world.peer().put("/api/bank/v1/behaviours", &failing, None).await.unwrap();
    let detail = |account: &str, amount: &str| {
        json!({
            "pay_detail_id": uuid::Uuid::now_v7(), "payee_acct_name": "x", "payee_acct_no": account,
            "payee_acct_bank_name": "x", "pay_amt": amount,
        })
    };
    let mut batch = voucher("W1", "100.00");
    batch["details"] = json!([detail("701", "30.00"), detail("702", "70.00")]);
    let _: Value = world.peer().post("/api/bank/v1/vouchers", &batch, &key()).await.unwrap();
    let receipt = world.receipts.recv().await.unwrap();
    assert_eq!((&receipt["result"], &receipt["xpay_amt"]), (&json!("PAID"), &json!("30.00")));
    assert_eq!(receipt["details"][1]["xpay_amt"], "0.00");
    assert_ne!(receipt["details"][1]["receipt_add_word"], "");
}
