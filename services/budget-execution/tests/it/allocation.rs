//! Direct allocations: reserved at submission, spent or given back by the central bank's receipt, once.

use budget_execution_contract::{Allocation, AllocationStatus};
use common_types::Role;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use service_kit::{Database, Peer, PeerError, Problem};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{Bureau, DAY, with, yuan},
    cash_plan,
    world::{BASE, DIVISION, act_on_all, all_but_the_last, import, refusal},
};

fn draft(bgt_id: Uuid, amount: &str) -> Value {
    json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "pay_alloc_type": "2", "pay_amt": amount,
        "pay_acct_no": "1100", "payee_acct_name": "南昌市社会保险基金", "payee_acct_no": "3601", "use_des": "拨付社保补助",
        "payee_acct_bank_name": "中国农业银行",
    })
}

pub async fn drafted(bureau: &Bureau, bgt_id: Uuid, amount: &str) -> Allocation {
    bureau.treasury().post(&format!("{BASE}/allocations"), &draft(bgt_id, amount), &key()).await.unwrap()
}

pub async fn act(who: &Peer, id: Uuid, action: &str) -> Result<Allocation, PeerError> {
    let body = json!({"action": action, "opinion": "依规办理"});
    who.post(&format!("{BASE}/allocations/{id}/actions"), &body, &key()).await
}

pub async fn approved(bureau: &Bureau, bgt_id: Uuid, amount: &str) -> Allocation {
    let drafted = drafted(bureau, bgt_id, amount).await;
    act(&bureau.treasury(), drafted.pay_alloc_cert_id, "submit").await.unwrap();
    act(&bureau.other_treasury(), drafted.pay_alloc_cert_id, "approve").await.unwrap()
}

pub async fn receive(bureau: &Bureau, id: Uuid, body: &Value) -> Result<Allocation, PeerError> {
    let central_bank = bureau.server.client(&bureau.server.identity.token("pbc", &[Role::B2], "360000000", None));
    central_bank.post(&format!("{BASE}/allocations/{id}/receipts"), body, &key()).await
}

async fn spent(bureau: &Bureau, bgt_id: Uuid) -> [String; 3] {
    let amounts = bureau.amounts(bgt_id).await;
    [amounts.available, amounts.in_payment, amounts.allocated].map(|amount| amount.to_string())
}

#[tokio::test]
async fn an_allocation_is_spent_by_its_receipt_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let approved = approved(&bureau, bgt_id, "300.00").await;
    assert!(approved.pay_alloc_cert_no.starts_with("BK36010020260310"), "{}", approved.pay_alloc_cert_no);
    assert_eq!(spent(&bureau, bgt_id).await, ["700.00", "300.00", "0.00"]);
    for _ in 0..3 {
        let paid = receive(&bureau, approved.pay_alloc_cert_id, &json!({"is_paid": true, "acc_date": DAY})).await;
        assert_eq!(paid.unwrap().status, AllocationStatus::Allocated);
    }
    assert_eq!(spent(&bureau, bgt_id).await, ["700.00", "0.00", "300.00"]);
    let other = json!({"is_paid": false, "acc_date": DAY, "reason": "账号有误"});
    assert_eq!(refusal(receive(&bureau, approved.pay_alloc_cert_id, &other).await).code(), "BE-125");
    assert!(
        refusal(act(&bureau.other_treasury(), approved.pay_alloc_cert_id, "discard").await).status().is_client_error()
    );
    bureau.verified().await;
}

#[tokio::test]
async fn what_the_central_bank_does_not_pay_is_free_again() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let approved = approved(&bureau, bgt_id, "300.00").await;
    let id = approved.pay_alloc_cert_id;
    let blank = json!({"is_paid": false, "acc_date": DAY});
    assert_eq!(refusal(receive(&bureau, id, &blank).await).status().as_u16(), 422);
    let failed = json!({"is_paid": false, "acc_date": DAY, "reason": "账号有误"});
    for _ in 0..2 {
        assert_eq!(receive(&bureau, id, &failed).await.unwrap().status, AllocationStatus::Failed);
    }
    assert_eq!(spent(&bureau, bgt_id).await, ["1000.00", "0.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn money_comes_back_with_return_recall_and_void() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let id = drafted(&bureau, bgt_id, "300.00").await.pay_alloc_cert_id;
    let steps =
        [("submit", true), ("return", false), ("submit", true), ("recall", true), ("submit", true), ("approve", false)];
    let available = ["700.00", "1000.00", "700.00", "1000.00", "700.00", "700.00"];
    for ((action, is_maker), expected) in steps.into_iter().zip(available) {
        let who = if is_maker { bureau.treasury() } else { bureau.other_treasury() };
        act(&who, id, action).await.unwrap();
        assert_eq!(bureau.amounts(bgt_id).await.available, yuan(expected), "{action}");
    }
    act(&bureau.other_treasury(), id, "discard").await.unwrap();
    assert_eq!(spent(&bureau, bgt_id).await, ["1000.00", "0.00", "0.00"]);
    let late = receive(&bureau, id, &json!({"is_paid": true, "acc_date": DAY})).await;
    assert_eq!(refusal(late).code(), "BE-125");
    bureau.verified().await;
}

#[tokio::test]
async fn racing_allocations_never_take_more_than_there_is() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(drafted(&bureau, bgt_id, "30.00").await.pay_alloc_cert_id);
    }
    let treasury = bureau.treasury();
    let answers = futures::future::join_all(ids.iter().map(|id| act(&treasury, *id, "submit"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert_eq!(spent(&bureau, bgt_id).await, ["10.00", "90.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn an_allocation_that_breaks_a_rule_is_refused() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let body = || draft(bgt_id, "1.00");
    let cases = [
        (with(body(), "pay_amt", json!("100.01")), "BA-001"),
        (with(body(), "pay_acct_no", json!("2200")), "PAY-006"),
        (with(body(), "pay_acct_no", json!("0000")), "PAY-006"),
        (with(body(), "payee_acct_name", json!(" ")), "PAY-005"),
        (with(body(), "use_des", json!("拨")), "PAY-008"),
        (with(body(), "payee_acct_no", json!("1100")), "PAY-005"),
    ];
    for (body, code) in cases {
        let answer: Result<Value, _> = bureau.treasury().post(&format!("{BASE}/allocations"), &body, &key()).await;
        assert_eq!(refusal(answer).code(), code, "{body}");
    }
    for who in [bureau.clerk(), bureau.sector()] {
        let answer: Result<Value, _> = who.post(&format!("{BASE}/allocations"), &body(), &key()).await;
        assert_eq!(refusal(answer).status().as_u16(), 403);
    }
    let own = drafted(&bureau, bgt_id, "1.00").await.pay_alloc_cert_id;
    act(&bureau.treasury(), own, "submit").await.unwrap();
    assert_eq!(refusal(act(&bureau.treasury(), own, "approve").await).code(), "WF-002");
}

fn told(refused: &Problem) -> (String, Vec<String>) {
    let document = refused.document();
    (document.code, document.errors.into_iter().map(|error| error.pointer).collect())
}

#[tokio::test]
async fn everything_that_is_wrong_with_an_allocation_is_told_at_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator_of("100.00", json!({"is_gov_pur": true})).await;
    let mut body = with(draft(bgt_id, "1.00"), "use_des", json!("拨"));
    body["payee_acct_no"] = json!("1100");
    let answer: Result<Value, _> = bureau.treasury().post(&format!("{BASE}/allocations"), &body, &key()).await;
    let refused = refusal(answer);
    let pointers = ["/use_des", "/payee_acct_no", "/bgt_id"].map(str::to_owned).to_vec();
    assert_eq!(told(&refused), ("PAY-008".to_owned(), pointers));
    let violations = refused.document().extensions["violations"].as_array().unwrap().clone();
    let codes: Vec<_> = violations.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["PAY-008", "PAY-005", "PAY-009"]);
}

/// What an application must account for, with the rule that keeps it from being allocated.
fn applied_for() -> [(Value, &'static str); 5] {
    [
        (json!({"fund_type_code": "31"}), "PAY-006"),
        (json!({"is_gov_pur": true}), "PAY-009"),
        (json!({"is_debt": true}), "PAY-023"),
        (json!({"fund_type_code": "112"}), "PAY-023"),
        (json!({"fund_type_code": "122"}), "PAY-023"),
    ]
}

#[tokio::test]
async fn what_must_be_applied_for_is_not_allocated() {
    let bureau = Bureau::start().await;
    let plain = drafted(&bureau, bureau.indicator("100.00").await, "1.00").await;
    let path = format!("{BASE}/allocations/{}", plain.pay_alloc_cert_id);
    for (changes, code) in applied_for() {
        let bgt_id = bureau.indicator_of("100.00", changes.clone()).await;
        let body = draft(bgt_id, "1.00");
        let made: Result<Value, _> = bureau.treasury().post(&format!("{BASE}/allocations"), &body, &key()).await;
        let changed: Result<Value, _> = bureau.treasury().put(&path, &body, Some(1)).await;
        for answer in [made, changed] {
            assert_eq!(told(&refusal(answer)), (code.to_owned(), vec!["/bgt_id".to_owned()]), "{changes}");
        }
        assert_eq!(spent(&bureau, bgt_id).await, ["100.00", "0.00", "0.00"]);
    }
    assert_eq!(bureau.clerk().get::<Allocation>(&path).await.unwrap(), plain);
}

#[tokio::test]
async fn money_of_a_special_account_is_not_paid_from_the_single_account() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator_of("100.00", json!({"fund_type_code": "29"})).await;
    let answer: Result<Value, _> =
        bureau.treasury().post(&format!("{BASE}/allocations"), &draft(bgt_id, "1.00"), &key()).await;
    assert_eq!(told(&refusal(answer)), ("PAY-006".to_owned(), vec!["/pay_acct_no".to_owned()]));
}

#[tokio::test]
async fn a_draft_from_before_a_rule_does_not_leave_its_maker() {
    let bureau = Bureau::start().await;
    let database =
        Database::open(&bureau.server.database, "budget-execution", bureau.server.clock.clone()).await.unwrap();
    let plain = bureau.indicator("100.00").await;
    let of = |column: &str| {
        format!("UPDATE pay_allocation_cert SET bgt_id = (SELECT bgt_id FROM ba_bgt_info WHERE {column})")
    };
    for (changes, column, code) in [
        (json!({"fund_type_code": "31"}), "fund_type_code = '31'", "PAY-006"),
        (json!({"is_gov_pur": true}), "is_gov_pur", "PAY-009"),
        (json!({"is_debt": true}), "is_debt", "PAY-023"),
    ] {
        bureau.indicator_of("100.00", changes).await;
        older_draft(&bureau, &database, (plain, &of(column)), (code, "/bgt_id")).await;
    }
    let itself = "UPDATE pay_allocation_cert SET payee_acct_no = pay_acct_no";
    older_draft(&bureau, &database, (plain, itself), ("PAY-005", "/payee_acct_no")).await;
    bureau.verified().await;
}

/// A draft that a statement made what the rules would not have let it become.
async fn older_draft(bureau: &Bureau, database: &Database, (bgt_id, change): (Uuid, &str), refused: (&str, &str)) {
    let id = drafted(bureau, bgt_id, "1.00").await.pay_alloc_cert_id;
    let tx = database.begin_write().await.unwrap();
    tx.execute_unprepared(change).await.unwrap();
    tx.commit().await.unwrap();
    let answer = refusal(act(&bureau.treasury(), id, "submit").await);
    assert_eq!(told(&answer), (refused.0.to_owned(), vec![refused.1.to_owned()]));
    let path = format!("{BASE}/allocations/{id}");
    assert_eq!(bureau.clerk().get::<Allocation>(&path).await.unwrap().status, AllocationStatus::Free);
}

#[tokio::test]
async fn allocations_are_imported_and_submitted_row_by_row() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let drafts =
        [draft(bgt_id, "300.00"), with(draft(bgt_id, "1.00"), "pay_acct_no", json!("2200")), draft(bgt_id, "800.00")];
    let (statuses, ids) = import(&bureau.treasury(), "allocations", "pay_alloc_cert_id", &drafts).await;
    assert_eq!(statuses, [201, 422, 201]);
    let submitted = act_on_all(&bureau.treasury(), "allocations", "submit", &ids).await;
    assert_eq!(all_but_the_last(&submitted), Some("BA-001"), "{submitted:?}");
    assert_eq!(spent(&bureau, bgt_id).await, ["700.00", "300.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_draft_that_is_changed_keeps_its_number() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let drafted = drafted(&bureau, bgt_id, "300.00").await;
    let path = format!("{BASE}/allocations/{}", drafted.pay_alloc_cert_id);
    let revised: Allocation = bureau.treasury().put(&path, &draft(bgt_id, "200.00"), Some(1)).await.unwrap();
    let stays = (&drafted.pay_alloc_cert_no, drafted.vou_date, drafted.create_time);
    assert_eq!((&revised.pay_alloc_cert_no, revised.vou_date, revised.create_time), stays);
    assert_eq!((revised.pay_amt, revised.state.version), (yuan("200.00"), 2));
    let of_unit: Allocation = bureau.clerk().get(&path).await.unwrap();
    assert_eq!(of_unit, revised);
    assert_eq!(refusal(bureau.stranger().get::<Allocation>(&path).await).status().as_u16(), 404);
}

#[tokio::test]
async fn under_double_control_the_plan_of_the_month_bounds_allocations() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let bgt_id = bureau.indicator("1000.00").await;
    cash_plan::granted(&bureau, bgt_id, &[(3, "500.00"), (4, "200.00")]).await.unwrap();
    bureau.submitted(bgt_id, "100.00").await;
    let ids = [drafted(&bureau, bgt_id, "300.00").await, drafted(&bureau, bgt_id, "100.01").await];
    let [first, second] = ids.map(|one| one.pay_alloc_cert_id);
    assert!(act(&bureau.treasury(), first, "submit").await.unwrap().is_contrlbyplan);
    let refused = refusal(act(&bureau.treasury(), second, "submit").await);
    let told = json!(refused.document().extensions);
    assert_eq!((refused.code(), told["available"].as_str()), ("PAY-025", Some("100.00")));
    assert_eq!(cash_plan::stands(&bureau, bgt_id).await, ["700.00", "200.00", "100.00", "400.00", "0.00"]);
    act(&bureau.other_treasury(), first, "approve").await.unwrap();
    let day = bureau.server.clock.today();
    receive(&bureau, first, &json!({"is_paid": true, "acc_date": day})).await.unwrap();
    assert_eq!(cash_plan::stands(&bureau, bgt_id).await, ["700.00", "200.00", "100.00", "100.00", "300.00"]);
    bureau.server.clock.set("2026-03-31T16:00:00Z".parse().unwrap());
    act(&bureau.treasury(), second, "submit").await.unwrap();
    assert_eq!(cash_plan::stands(&bureau, bgt_id).await, ["700.00", "0.00", "199.99", "200.01", "300.00"]);
    act(&bureau.other_treasury(), second, "return").await.unwrap();
    assert_eq!(cash_plan::stands(&bureau, bgt_id).await, ["700.00", "0.00", "300.00", "100.00", "300.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn an_allocation_ends_on_the_layers_it_began_on() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let free = drafted(&bureau, bgt_id, "300.00").await.pay_alloc_cert_id;
    act(&bureau.treasury(), free, "submit").await.unwrap();
    bureau.set("is_contrlbyplan", json!(true)).await;
    act(&bureau.other_treasury(), free, "return").await.unwrap();
    assert_eq!(refusal(act(&bureau.treasury(), free, "submit").await).code(), "PAY-025");
    cash_plan::granted(&bureau, bgt_id, &[(3, "300.00")]).await.unwrap();
    act(&bureau.treasury(), free, "submit").await.unwrap();
    assert_eq!(cash_plan::stands(&bureau, bgt_id).await, ["300.00", "0.00", "0.00", "300.00", "0.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn payments_and_allocations_never_take_more_than_the_plan_together() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let bgt_id = bureau.indicator("1000.00").await;
    cash_plan::granted(&bureau, bgt_id, &[(3, "100.00")]).await.unwrap();
    let (mut allocations, mut payments) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        allocations.push(drafted(&bureau, bgt_id, "30.00").await.pay_alloc_cert_id);
        payments.push(bureau.drafted(bgt_id, "30.00").await.pay_app_id);
    }
    let (treasury, clerk) = (bureau.treasury(), bureau.clerk());
    let allocated = futures::future::join_all(allocations.iter().map(|id| act(&treasury, *id, "submit")));
    let paid = futures::future::join_all(payments.iter().map(|id| bureau.act(&clerk, *id, "submit")));
    let (allocated, paid) = tokio::join!(allocated, paid);
    let accepted = |ok: bool| usize::from(ok);
    let both = allocated.iter().map(|one| accepted(one.is_ok())).chain(paid.iter().map(|one| accepted(one.is_ok())));
    assert_eq!(both.sum::<usize>(), 3);
    assert_eq!(cash_plan::stands(&bureau, bgt_id).await, ["100.00", "0.00", "10.00", "90.00", "0.00"]);
    bureau.verified().await;
}
