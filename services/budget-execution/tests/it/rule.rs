//! Rules of a payment that a division sets or that look at more than the application: what is refused, what passes.

use std::sync::atomic::Ordering;

use budget_execution_contract::{Payment, PaymentStatus};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{PeerError, Problem};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{AGENCY, Bureau, PAYEE, PAYER, batch, payment, with},
    world::{BASE, DIVISION, PROJECT, refusal},
};

async fn submit(bureau: &Bureau, body: &Value) -> Result<Payment, PeerError> {
    let drafted = bureau.draft(body).await?;
    bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await
}

async fn refused(bureau: &Bureau, body: &Value) -> Problem {
    refusal(submit(bureau, body).await)
}

fn pointers(problem: &Problem) -> Vec<String> {
    problem.document().errors.into_iter().map(|error| error.pointer).collect()
}

#[tokio::test]
async fn purposes_are_as_long_and_clear_as_the_division_asks() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let body = payment(bgt_id, "1.00");
    submit(&bureau, &with(body.clone(), "use_des", json!("采购办公用品"))).await.unwrap();
    bureau.set("purpose_min_length", json!(8)).await;
    bureau.set("vague_purposes", json!(["采购一批办公用品"])).await;
    for purpose in ["采购办公用品", "采购一批办公用品", " 采购一批办公用品。"] {
        assert_eq!(
            refused(&bureau, &with(body.clone(), "use_des", json!(purpose))).await.code(),
            "PAY-008",
            "{purpose}"
        );
    }
    submit(&bureau, &with(body.clone(), "use_des", json!("采购三月份办公用纸"))).await.unwrap();
    bureau.set("purpose_min_length", json!(4)).await;
    for purpose in ["，，，，，", "采购\u{200b}\u{200b}\u{200b}", "采购一批\u{200b}办公用品"] {
        assert_eq!(refused(&bureau, &with(body.clone(), "use_des", json!(purpose))).await.code(), "PAY-008");
    }
}

#[tokio::test]
async fn every_payee_of_a_payment_is_looked_at() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let detail = |name: &str, number: &str| json!({"payee_acct_name": name, "payee_acct_no": number, "payee_acct_bank_name": "中国银行", "pay_amt": "1.00"});
    let many = |other: Value| batch(bgt_id, "2.00", json!([detail("张三", "6217"), other]));
    let listed = refused(&bureau, &many(detail("李四", "999001"))).await;
    assert_eq!((listed.code(), pointers(&listed)), ("PAY-005", vec!["/details/1/payee_acct_no".to_owned()]));
    let itself = refused(&bureau, &many(detail("李四", PAYER))).await;
    assert_eq!((itself.code(), pointers(&itself)), ("PAY-005", vec!["/details/1/payee_acct_no".to_owned()]));
    let hidden = with(payment(bgt_id, "1.00"), "details", json!([detail("张三", "6217")]));
    let hidden = refusal(bureau.draft(&hidden).await);
    assert_eq!((hidden.code(), pointers(&hidden)), ("PAY-007", vec!["/details".to_owned()]));

    assert_eq!(submit(&bureau, &many(detail("李四", "6218"))).await.unwrap().pay_status, PaymentStatus::InReview);
    let own_account = with(payment(bgt_id, "1.00"), "payee_acct_no", json!("4100"));
    let own_name = with(payment(bgt_id, "1.00"), "payee_acct_name", json!(" 市 教育局\u{200b}（）"));
    for own in [many(detail("市教育局", "6218")), many(detail("李四", "4100")), own_account, own_name] {
        assert_eq!(submit(&bureau, &own).await.unwrap().pay_status, PaymentStatus::Held, "{own}");
    }
}

#[tokio::test]
async fn an_account_that_was_stopped_since_the_submission_stops_the_approval() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let submitted = submit(&bureau, &payment(bgt_id, "1.00")).await.unwrap().pay_app_id;
    bureau.payer_is_stopped.store(true, Ordering::SeqCst);
    let refused = refusal(bureau.act(&bureau.reviewer(), submitted, "approve").await);
    assert_eq!((refused.code(), pointers(&refused)), ("PAY-006", vec!["/pay_acct_no".to_owned()]));
    let rows = json!({"action": "approve", "items": [{"id": submitted}]});
    let path = format!("{BASE}/payments/actions");
    let told: Value = bureau.reviewer().post(&path, &rows, &key()).await.unwrap();
    assert_eq!(told["items"][0]["problem"]["code"], "PAY-006");
    assert_eq!(bureau.stands(bgt_id).await, ["999.00", "1.00", "0.00"]);
    bureau.payer_is_stopped.store(false, Ordering::SeqCst);
    bureau.act(&bureau.reviewer(), submitted, "approve").await.unwrap();
}

#[tokio::test]
async fn the_division_sets_when_the_treasury_reviews() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.set("review_thresholds", json!({"payment.M3": "100.00"})).await;
    let small = bureau.approved(bgt_id, "99.99").await;
    let large = bureau.approved(bgt_id, "100.00").await;
    assert_eq!((small.workflow.node.is_none(), large.workflow.node.is_some()), (true, true));
}

#[tokio::test]
async fn after_the_cut_off_day_nothing_new_is_made() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let (approved, drafted) = (bureau.approved(bgt_id, "1.00").await, bureau.drafted(bgt_id, "1.00").await);
    bureau.set("cut_off_day", json!("03-10")).await;
    let late = refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await);
    assert_eq!((late.code(), &late.document().extensions["last_day"]), ("PAY-016", &json!("2026-03-10")));
    assert_eq!(refusal(bureau.vouchered(approved.pay_app_id).await).code(), "PAY-016");
}

async fn contracted(bureau: &Bureau, bgt_id: Uuid, amount: &str, prepay_percent: i32) -> Value {
    let body = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "contract_no": format!("HT-{}", key()),
        "contract_name": "办公用纸采购合同", "payee_acct_name": "南昌纸业有限公司", "payee_acct_no": PAYEE,
        "commitment_amt": amount, "prepay_percent": prepay_percent,
    });
    let made: Value = bureau.clerk().post(&format!("{BASE}/commitments"), &body, &key()).await.unwrap();
    let path = format!("{BASE}/commitments/{}/actions", made["commitment_id"].as_str().unwrap());
    let _: Value = bureau.clerk().post(&path, &json!({"action": "submit"}), &key()).await.unwrap();
    let _: Value = bureau.reviewer().post(&path, &json!({"action": "approve"}), &key()).await.unwrap();
    made
}

#[tokio::test]
async fn a_procurement_draws_on_its_contract_and_pays_its_supplier() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator_of("1000.00", json!({"is_gov_pur": true})).await;
    let bare = refused(&bureau, &payment(bgt_id, "1.00")).await;
    assert_eq!((bare.code(), pointers(&bare)), ("PAY-009", vec!["/commitment_id".to_owned()]));
    let contract = contracted(&bureau, bgt_id, "500.00", 30).await;
    let body = with(payment(bgt_id, "100.00"), "commitment_id", contract["commitment_id"].clone());
    let mut other = with(body.clone(), "payee_acct_name", json!("南昌文具有限公司"));
    other["payee_acct_no"] = json!("62220202020209");
    other["contract_no"] = json!("HT-X");
    let problem = refused(&bureau, &other).await;
    assert_eq!(problem.code(), "PAY-009");
    assert_eq!(pointers(&problem), ["/contract_no", "/payee_acct_name", "/payee_acct_no"]);
    submit(&bureau, &with(body.clone(), "contract_no", contract["contract_no"].clone())).await.unwrap();
    assert!(bureau.draft(&with(body.clone(), "pay_app_amt", json!("400.01"))).await.is_err());
    submit(&bureau, &with(body, "pay_app_amt", json!("400.00"))).await.unwrap();
    let mut batch = payment(bgt_id, "1.00");
    batch["pay_bus_type_code"] = json!("4");
    batch["details"] =
        json!([{"payee_acct_name": "甲", "payee_acct_no": "1", "payee_acct_bank_name": "x", "pay_amt": "1.00"}]);
    let problem = refusal(bureau.draft(&batch).await);
    assert_eq!((problem.code(), pointers(&problem)), ("PAY-009", vec!["/pay_bus_type_code".to_owned()]));
}

#[tokio::test]
async fn whoever_draws_on_a_contract_pays_its_supplier() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let contract = contracted(&bureau, bgt_id, "500.00", 30).await;
    let body = with(payment(bgt_id, "100.00"), "commitment_id", contract["commitment_id"].clone());
    let other = refused(&bureau, &with(body.clone(), "payee_acct_no", json!("62220202020209"))).await;
    assert_eq!((other.code(), pointers(&other)), ("PAY-009", vec!["/payee_acct_no".to_owned()]));
    submit(&bureau, &body).await.unwrap();
}

#[tokio::test]
async fn a_contract_is_paid_in_advance_within_its_share() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator_of("1000.00", json!({"is_gov_pur": true})).await;
    let advance = |contract: &Value, amount: &str| {
        let body = with(payment(bgt_id, amount), "commitment_id", contract["commitment_id"].clone());
        with(body, "is_prepayment", json!(true))
    };
    let ordinary = contracted(&bureau, bgt_id, "100.00", 30).await;
    submit(&bureau, &advance(&ordinary, "20.00")).await.unwrap();
    let problem = refused(&bureau, &advance(&ordinary, "10.01")).await;
    assert_eq!((problem.code(), &problem.document().extensions["limit"]), ("PAY-010", &json!("30.00")));
    submit(&bureau, &advance(&ordinary, "10.00")).await.unwrap();
    let small_firm = contracted(&bureau, bgt_id, "100.00", 60).await;
    assert_eq!(pointers(&refused(&bureau, &advance(&small_firm, "50.00")).await), ["/pay_app_amt", "/explanation"]);
    let explained = with(advance(&small_firm, "50.00"), "explanation", json!("中小企业预付款"));
    submit(&bureau, &explained).await.unwrap();
    let beyond = with(advance(&small_firm, "0.01"), "explanation", json!("中小企业预付款"));
    assert_eq!(refused(&bureau, &beyond).await.code(), "PAY-010");
}

#[tokio::test]
async fn travel_transferred_to_a_person_asks_why_not_by_card() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator_of("1000.00", json!({"dep_bgt_eco_code": "302"})).await;
    let mut body = with(payment(bgt_id, "1.00"), "dep_bgt_eco_code", json!("30211"));
    submit(&bureau, &body).await.unwrap();
    body["fund_traobj_type_code"] = json!("32");
    let problem = refused(&bureau, &body).await;
    assert_eq!(
        (problem.code(), pointers(&problem)),
        ("PAY-011", vec!["/dep_bgt_eco_code".into(), "/explanation".into()])
    );
    let explained = submit(&bureau, &with(body.clone(), "explanation", json!("偏远地区无法刷卡"))).await.unwrap();
    assert_eq!(explained.notices[0].code, "PAY-011");
    bureau.set("card_mandatory_items", json!(["30215"])).await;
    submit(&bureau, &body).await.unwrap();
}

#[tokio::test]
async fn the_same_payment_again_asks_for_an_explanation() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.set("duplicate_days", json!(5)).await;
    let first = submit(&bureau, &payment(bgt_id, "10.00")).await.unwrap();
    submit(&bureau, &payment(bgt_id, "10.01")).await.unwrap();
    submit(&bureau, &with(payment(bgt_id, "10.00"), "payee_acct_no", json!("62220202020203"))).await.unwrap();
    let other = bureau.indicator("1000.00").await;
    submit(&bureau, &payment(other, "10.00")).await.unwrap();
    let problem = refused(&bureau, &payment(bgt_id, "10.00")).await;
    assert_eq!((problem.code(), &problem.document().extensions["duplicate_of"]), ("PAY-015", &json!(first.pay_app_no)));
    submit(&bureau, &with(payment(bgt_id, "10.00"), "explanation", json!("第二批办公用纸"))).await.unwrap();
    bureau.server.clock.set("2026-03-17T02:00:00Z".parse().unwrap());
    submit(&bureau, &payment(bgt_id, "10.00")).await.unwrap();
}

#[tokio::test]
async fn money_to_people_says_to_whom_for_which_month_and_how() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let batch = |detail: Value| {
        let mut body = payment(bgt_id, "1.00");
        body["pay_bus_type_code"] = json!("4");
        let mut whole = json!({
            "payee_acct_name": "张三", "payee_acct_no": "1", "payee_acct_bank_name": "x", "pay_amt": "1.00",
            "is_to_peop_enterp": true,
        });
        for (field, value) in detail.as_object().unwrap() {
            whole[field] = value.clone();
        }
        body["details"] = json!([whole]);
        body
    };
    let person = json!({"iden_no": "11010519491231002X", "per_name": "张三", "pay_month": "03", "to_peop_family": "1"});
    let firm = json!({
        "unifsoc_cred_code": "91360100MA35A1B2C3", "corp_name": "南昌种业", "pay_month": "03", "to_peop_family": "2",
    });
    let paid = submit(&bureau, &batch(person.clone())).await.unwrap();
    assert_eq!(paid.details[0].iden_no.as_deref(), Some("**************002X"));
    submit(&bureau, &batch(firm.clone())).await.unwrap();
    let problem = refused(&bureau, &batch(json!({}))).await;
    assert_eq!(problem.code(), "PAY-022");
    assert_eq!(pointers(&problem), ["/details/0/iden_no", "/details/0/pay_month", "/details/0/to_peop_family"]);
    for (whole, field, value) in [
        (&person, "iden_no", json!("110105194912310021")),
        (&person, "per_name", json!(null)),
        (&person, "pay_month", json!("13")),
        (&person, "to_peop_family", json!("3")),
        (&firm, "corp_name", json!(" ")),
        (&firm, "unifsoc_cred_code", json!("913601")),
    ] {
        let problem = refused(&bureau, &batch(with(whole.clone(), field, value))).await;
        assert_eq!((problem.code(), pointers(&problem)), ("PAY-022", vec![format!("/details/0/{field}")]));
    }
}

#[tokio::test]
async fn bond_money_keeps_to_its_bond() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator_of("1000.00", json!({"fund_type_code": "112", "is_debt": true})).await;
    let with_bond = |code: &str| with(payment(bgt_id, "1.00"), "bond_code", json!(code));
    assert_eq!(refused(&bureau, &payment(bgt_id, "1.00")).await.code(), "PAY-023");
    assert_eq!(refused(&bureau, &with_bond("2026001")).await.code(), "PAY-023");
    let purpose = |project: &str, function: &str| json!({"pro_codes": [project], "exp_func_codes": [function]});
    let others = "360100261000000000009";
    let bonds = json!({
        "2026001": purpose(PROJECT, "205"), "2026002": purpose(others, "205"), "2026003": purpose(PROJECT, "210"),
    });
    bureau.set("bond_purposes", bonds).await;
    for code in ["2026002", "2026003", "2026009"] {
        assert_eq!(refused(&bureau, &with_bond(code)).await.code(), "PAY-023", "{code}");
    }
    submit(&bureau, &with_bond("2026001")).await.unwrap();
}

#[tokio::test]
async fn a_unit_that_does_not_book_is_reminded_until_it_does() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let paid = bureau.paid(bgt_id, "10.00").await;
    assert!(bureau.drafted(bgt_id, "1.00").await.notices.is_empty());
    bureau.server.clock.set("2026-04-11T02:00:00Z".parse().unwrap());
    let reminded = bureau.drafted(bgt_id, "1.00").await;
    assert_eq!(reminded.notices[0].code, "PAY-014");
    let accountant = bureau.server.client(&bureau.server.identity.token("u3", &[Role::U3], DIVISION, Some(AGENCY)));
    let (path, body) = (format!("{BASE}/bookings"), json!({"pay_cert_id": paid.pay_cert_id}));
    let by_clerk: Result<Value, _> = bureau.clerk().post(&path, &body, &key()).await;
    assert_eq!(refusal(by_clerk).status().as_u16(), 403);
    let _: Value = accountant.post(&path, &body, &key()).await.unwrap();
    let twice: Result<Value, _> = accountant.post(&path, &body, &key()).await;
    assert_eq!(refusal(twice).status().as_u16(), 409);
    assert!(bureau.drafted(bgt_id, "1.00").await.notices.is_empty());
}
