//! The variants of payment, each from its application to the receipt of the bank.

use budget_execution_contract::{Payment, PaymentStatus, Voucher, VoucherDetail, VoucherStatus};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::Page;
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{AGENCY, Bureau, payment, receipt, with},
    stubs::PERSONS,
    world::{BASE, DIVISION, refusal},
};

pub fn changed(mut body: Value, changes: Value) -> Value {
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

async fn submitted(bureau: &Bureau, body: &Value) -> Payment {
    let drafted = bureau.draft(body).await.unwrap();
    bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await.unwrap()
}

pub async fn approved(bureau: &Bureau, body: &Value) -> Payment {
    let submitted = submitted(bureau, body).await;
    bureau.act(&bureau.reviewer(), submitted.pay_app_id, "approve").await.unwrap()
}

/// Pays it and finds the money spent, the books even.
pub async fn is_paid(bureau: &Bureau, approved: &Payment) {
    let voucher = bureau.pay(approved.pay_app_id).await;
    assert_eq!((voucher.voucher_status, voucher.xpay_amt), (VoucherStatus::Paid, approved.pay_app_amt));
    assert_eq!(bureau.payment(approved.pay_app_id).await.pay_status, PaymentStatus::Paid);
    bureau.verified().await;
}

fn detail(amount: &str) -> Value {
    json!({
        "payee_acct_name": "张三", "payee_acct_no": "6217000000000001", "payee_acct_bank_name": "中国银行",
        "pay_amt": amount,
    })
}

#[tokio::test]
async fn what_finance_pays_for_a_unit_finance_makes_the_voucher_of() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let body =
        changed(payment(bgt_id, "100.00"), json!({"pay_variant": "FINANCE_ZERO_BALANCE", "pay_acct_no": "2200"}));
    let approved = approved(&bureau, &body).await;
    assert_eq!(approved.pay_status, PaymentStatus::Approved);
    assert_eq!(refusal(bureau.vouchered(approved.pay_app_id).await).code(), "AUTH-004");
    is_paid(&bureau, &approved).await;
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "0.00", "100.00"]);
}

#[tokio::test]
async fn the_unit_stamps_nothing_that_finance_pays() {
    let bureau = Bureau::start().await;
    bureau.certify("head", "SM2", ("2026-01-01", "2026-12-31")).await.unwrap();
    let head = bureau.person("head", &[Role::U2], DIVISION, Some(AGENCY));
    let bgt_id = bureau.indicator("1000.00").await;
    for variant in ["FINANCE_ZERO_BALANCE", "FINANCE_PAYMENT"] {
        let body = changed(payment(bgt_id, "1.00"), json!({"pay_variant": variant, "pay_acct_no": "2200"}));
        let mut reviewed = approved(&bureau, &body).await;
        if reviewed.pay_status == PaymentStatus::InReview {
            reviewed = bureau.act(&bureau.treasury(), reviewed.pay_app_id, "approve").await.unwrap();
        }
        let body = json!({"pay_app_id": reviewed.pay_app_id});
        let made: Voucher = bureau.treasury().post(&format!("{BASE}/vouchers"), &body, &key()).await.unwrap();
        assert_eq!(refusal(bureau.do_voucher(&head, made.pay_cert_id, "sign").await).code(), "PAY-019", "{variant}");
        bureau.do_voucher(&bureau.other_treasury(), made.pay_cert_id, "sign").await.unwrap();
        assert_eq!(refusal(bureau.do_voucher(&head, made.pay_cert_id, "seal").await).code(), "PAY-019", "{variant}");
        assert_eq!(bureau.voucher(made.pay_cert_id).await.voucher_status, VoucherStatus::Signed);
    }
    let own = bureau.approved(bgt_id, "1.00").await;
    let made = bureau.vouchered(own.pay_app_id).await.unwrap();
    bureau.do_voucher(&head, made.pay_cert_id, "sign").await.unwrap();
}

#[tokio::test]
async fn a_payment_by_finance_is_reviewed_by_the_treasury_whatever_its_amount() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let body = changed(payment(bgt_id, "1.00"), json!({"pay_variant": "FINANCE_PAYMENT", "pay_acct_no": "2200"}));
    let reviewed = approved(&bureau, &body).await;
    assert_eq!(reviewed.pay_status, PaymentStatus::InReview);
    let approved = bureau.act(&bureau.treasury(), reviewed.pay_app_id, "approve").await.unwrap();
    assert_eq!(approved.pay_status, PaymentStatus::Approved);
    is_paid(&bureau, &approved).await;
}

#[tokio::test]
async fn an_account_of_another_kind_does_not_pay() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    for (variant, account) in [
        ("UNIT_ZERO_BALANCE", "2200"),
        ("FINANCE_ZERO_BALANCE", crate::bureau::PAYER),
        ("FINANCE_PAYMENT", "4100"),
        ("UNIT_FUNDS", "4100"),
    ] {
        let body = changed(payment(bgt_id, "1.00"), json!({"pay_variant": variant, "pay_acct_no": account}));
        let drafted = bureau.draft(&body).await.unwrap();
        let refused = refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await);
        assert_eq!(refused.code(), "PAY-006", "{variant} {account}");
    }
}

#[tokio::test]
async fn swipes_of_official_cards_are_repaid_in_one_voucher() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let swipe = |card: &str, amount: &str| {
        changed(
            detail(amount),
            json!({"card_no": card, "swipe_date": "2026-03-02", "merchant_name": "南昌铁路客票中心"}),
        )
    };
    let card = json!({
        "pay_bus_type_code": "2", "set_mode_code": "8", "payee_acct_name": "中国银行南昌分行",
        "details": [swipe("6283880000000001", "60.00"), swipe("6283880000000002", "40.00")],
    });
    let body = changed(payment(bgt_id, "100.00"), card);
    let mut bare = body.clone();
    bare["details"] = json!([detail("60.00"), swipe("6283880000000002", "40.00")]);
    let drafted = bureau.draft(&bare).await.unwrap();
    let refused = refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await);
    let pointers: Vec<_> = refused.document().errors.into_iter().map(|error| error.pointer).collect();
    assert_eq!(refused.code(), "PAY-110");
    assert_eq!(pointers, ["/details/0/card_no", "/details/0/merchant_name", "/details/0/swipe_date"]);
    is_paid(&bureau, &approved(&bureau, &body).await).await;
    assert_eq!(refusal(bureau.draft(&with(body, "details", json!([]))).await).code(), "PAY-007");
}

#[tokio::test]
async fn a_batch_pays_many_in_one_voucher() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let body = changed(
        payment(bgt_id, "100.00"),
        json!({"pay_bus_type_code": "4", "details": [detail("30.00"), detail("70.00")]}),
    );
    is_paid(&bureau, &approved(&bureau, &body).await).await;
}

fn salary(bgt_id: Uuid, month: &str, persons: &[usize]) -> Value {
    let details: Vec<Value> = persons
        .iter()
        .map(|at| {
            let (per_id, per_name, _) = PERSONS[*at];
            changed(detail("50.00"), json!({"receiver_code": per_id, "payee_acct_name": per_name}))
        })
        .collect();
    let amount = format!("{}.00", 50 * persons.len());
    changed(
        payment(bgt_id, &amount),
        json!({
            "pay_bus_type_code": "3", "pay_month": month, "details": details, "dep_bgt_eco_code": "30101",
            "use_des": "发放三月份工资", "fund_traobj_type_code": "32",
        }),
    )
}

async fn personnel(bureau: &Bureau) -> Uuid {
    let changes = json!({"pro_kind_code": "11", "gov_bgt_eco_code": "50101", "dep_bgt_eco_code": "30101"});
    bureau.indicator_of("1000.00", changes).await
}

#[tokio::test]
async fn a_payroll_pays_persons_of_the_unit_and_each_month_once() {
    let bureau = Bureau::start().await;
    let bgt_id = personnel(&bureau).await;
    is_paid(&bureau, &approved(&bureau, &salary(bgt_id, "03", &[0, 1])).await).await;
    let again = bureau.draft(&salary(bgt_id, "03", &[1])).await.unwrap();
    assert_eq!(refusal(bureau.act(&bureau.clerk(), again.pay_app_id, "submit").await).code(), "PAY-021");
    submitted(&bureau, &salary(bgt_id, "02", &[1])).await;
}

#[tokio::test]
async fn what_is_no_payroll_of_the_unit_is_refused_at_the_person() {
    let bureau = Bureau::start().await;
    let bgt_id = personnel(&bureau).await;
    let project =
        bureau.indicator_of("1000.00", json!({"gov_bgt_eco_code": "50101", "dep_bgt_eco_code": "30101"})).await;
    let mut stranger = salary(bgt_id, "03", &[0, 1]);
    stranger["details"][1]["receiver_code"] = json!("019b0000-0000-7000-8000-00000000ffff");
    let mut misnamed = salary(bgt_id, "03", &[0]);
    misnamed["details"][0]["payee_acct_name"] = json!("李四");
    let cases = [
        (stranger, "/details/1/receiver_code"),
        (misnamed, "/details/0/receiver_code"),
        (salary(bgt_id, "03", &[3]), "/details/0/receiver_code"),
        (salary(bgt_id, "03", &[0, 0]), "/details/1/receiver_code"),
        (salary(bgt_id, "04", &[0]), "/pay_month"),
        (salary(project, "03", &[0]), "/bgt_id"),
    ];
    for (body, pointer) in cases {
        let drafted = bureau.draft(&body).await.unwrap();
        let refused = refusal(bureau.act(&bureau.clerk(), drafted.pay_app_id, "submit").await);
        assert_eq!((refused.code(), refused.document().errors[0].pointer.as_str()), ("PAY-021", pointer));
    }
    for month in [json!(null), json!("3"), json!("13")] {
        let refused = refusal(bureau.draft(&with(salary(bgt_id, "03", &[0]), "pay_month", month)).await);
        assert_eq!(refused.code(), "PAY-021");
    }
    assert_eq!(bureau.stands(bgt_id).await, ["1000.00", "0.00", "0.00"]);
}

#[tokio::test]
async fn of_racing_payrolls_one_pays_the_month_and_a_returned_one_lets_go() {
    let bureau = Bureau::start().await;
    let bgt_id = personnel(&bureau).await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(bureau.draft(&salary(bgt_id, "03", &[0, 1])).await.unwrap().pay_app_id);
    }
    let clerk = bureau.clerk();
    let answers = futures::future::join_all(ids.iter().map(|id| bureau.act(&clerk, *id, "submit"))).await;
    let done: Vec<Payment> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(done.len(), 1);
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "100.00", "0.00"]);
    bureau.act(&bureau.reviewer(), done[0].pay_app_id, "return").await.unwrap();
    let other = ids.iter().find(|id| **id != done[0].pay_app_id).unwrap();
    bureau.act(&clerk, *other, "submit").await.unwrap();
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "100.00", "0.00"]);
    bureau.verified().await;
}

/// A payroll of March for two persons that the bank has taken, and what the bank says when it pays the first one only.
async fn half_paid_payroll(bureau: &Bureau, bgt_id: Uuid) -> Value {
    let approved = approved(bureau, &salary(bgt_id, "03", &[0, 1])).await;
    let made = bureau.vouchered(approved.pay_app_id).await.unwrap();
    bureau.do_voucher(&bureau.treasury(), made.pay_cert_id, "sign").await.unwrap();
    bureau.do_voucher(&bureau.other_treasury(), made.pay_cert_id, "seal").await.unwrap();
    let sent = bureau.do_voucher(&bureau.treasury(), made.pay_cert_id, "send").await.unwrap();
    let path = format!("{BASE}/vouchers/{}/details", sent.pay_cert_id);
    let page: Page<VoucherDetail> = bureau.clerk().get(&path).await.unwrap();
    let said = page.items.iter().map(|detail| {
        let amount = if detail.payee_acct_name == PERSONS[0].1 { "50.00" } else { "0.00" };
        json!({"pay_detail_id": detail.pay_detail_id, "xpay_amt": amount, "receipt_add_word": "账号已销户"})
    });
    with(receipt(&sent.pay_cert_no, "PAID", "50.00"), "details", said.collect())
}

/// Submits these drafts at once; how many were taken.
async fn race(bureau: &Bureau, ids: &[Uuid]) -> usize {
    let clerk = bureau.clerk();
    let answers = futures::future::join_all(ids.iter().map(|id| bureau.act(&clerk, *id, "submit"))).await;
    answers.iter().filter(|answer| answer.is_ok()).count()
}

#[tokio::test]
async fn who_was_not_paid_with_a_payroll_is_paid_for_the_month_by_one_other() {
    let bureau = Bureau::start().await;
    let bgt_id = personnel(&bureau).await;
    let receipt = half_paid_payroll(&bureau, bgt_id).await;
    let mut again = Vec::new();
    for _ in 0..4 {
        again.push(bureau.draft(&salary(bgt_id, "03", &[1])).await.unwrap().pay_app_id);
    }
    assert_eq!(race(&bureau, &again).await, 0, "the bank has not answered");
    let receipts = futures::future::join_all((0..3).map(|_| bureau.receive(&receipt)));
    let (receipts, taken_early) = tokio::join!(receipts, race(&bureau, &again));
    let settled = receipts.iter().filter(|answer| answer.as_ref().unwrap()["outcome"] == "SETTLED").count();
    let taken = taken_early + race(&bureau, &again).await;
    assert_eq!((settled, taken), (1, 1));
    assert_eq!(bureau.receive(&receipt).await.unwrap()["outcome"], "ALREADY");
    assert_eq!(race(&bureau, &again).await, 0, "a repeated receipt takes nothing from the second payroll");
    let paid = bureau.draft(&salary(bgt_id, "03", &[0])).await.unwrap();
    assert_eq!(race(&bureau, &[paid.pay_app_id]).await, 0, "who was paid was paid");
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "50.00", "50.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_foreign_amount_times_its_rate_makes_the_amount() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let foreign = |amount: &str, rate: &str, yuan: &str| {
        changed(
            payment(bgt_id, yuan),
            json!({"pay_bus_type_code": "7", "foreign_amt": amount, "currency_code": "USD", "est_rat": rate}),
        )
    };
    let approved = approved(&bureau, &foreign("100.00", "7.12345678", "712.35")).await;
    let told = serde_json::to_value(&approved).unwrap();
    assert_eq!((&told["foreign_amt"], &told["est_rat"]), (&json!("100.00"), &json!("7.12345678")));
    is_paid(&bureau, &approved).await;
    for (body, pointer) in [
        (foreign("100.00", "7.12345678", "712.34"), "/pay_app_amt"),
        (foreign("0", "7", "1.00"), "/foreign_amt"),
        (with(foreign("10.00", "7", "70.00"), "currency_code", json!("CNY")), "/currency_code"),
        (with(foreign("10.00", "7", "70.00"), "est_rat", json!(null)), "/est_rat"),
    ] {
        let refused = refusal(bureau.draft(&body).await);
        assert_eq!((refused.code(), refused.document().errors[0].pointer.as_str()), ("PAY-113", pointer));
    }
    for rate in [json!("7.123456789"), json!(7.1), json!("0"), json!("-7")] {
        let refused = refusal(bureau.draft(&with(foreign("10.00", "7", "70.00"), "est_rat", rate)).await);
        assert_eq!(refused.document().errors[0].pointer, "/est_rat");
    }
}

#[tokio::test]
async fn a_centre_applies_for_the_units_that_it_is_let() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let centre = |name: &str, roles: &[Role]| {
        bureau.server.client(&bureau.server.identity.token(name, roles, DIVISION, Some("901001")))
    };
    let path = format!("{BASE}/payments");
    let body = payment(bgt_id, "100.00");
    let not_let: Result<Payment, _> = centre("centre", &[Role::U1]).post(&path, &body, &key()).await;
    assert_eq!(refusal(not_let).status().as_u16(), 404);
    bureau.set("agent_agencies", json!({"901001": [AGENCY]})).await;
    let drafted: Payment = centre("centre", &[Role::U1]).post(&path, &body, &key()).await.unwrap();
    assert_eq!(drafted.apply_agency_code.as_ref().unwrap().as_str(), "901001");
    let id = drafted.pay_app_id;
    assert_eq!(refusal(bureau.act(&bureau.clerk(), id, "submit").await).status().as_u16(), 404);
    bureau.act(&centre("centre", &[Role::U1]), id, "submit").await.unwrap();
    let approved = bureau.act(&centre("centre-2", &[Role::U2]), id, "approve").await.unwrap();
    assert_eq!((approved.pay_status, approved.agency_code.as_str()), (PaymentStatus::Approved, AGENCY));
    let seen: Value = centre("centre", &[Role::U1]).get(&path).await.unwrap();
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);
    assert_eq!(bureau.payment(id).await.pay_app_id, id);
}
