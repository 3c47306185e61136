//! What an agent bank may do, and what it does to the money: paid once, free once, or reserved until it is known (S20).

use std::time::Instant;

use budget_execution_contract::{
    BankDifference, DifferenceKind, InquiryReport, PaymentStatus, Voucher, VoucherDetail, VoucherStatus,
};
use serde_json::{Value, json};
use service_kit::{Page, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{Bureau, PAYEE, batch, receipt, with, yuan},
    world::{BASE, DIVISION, refusal},
};

const PAID: [&str; 3] = ["900.00", "0.00", "100.00"];
const RESERVED: [&str; 3] = ["900.00", "100.00", "0.00"];
const FREE: [&str; 3] = ["1000.00", "0.00", "0.00"];

/// A voucher over 100.00 of 1000.00 at a bank that behaves so, and delivers.
async fn sent(behaviour: &str) -> (Bureau, Uuid, Voucher) {
    let bureau = Bureau::start_with_delivering_bank().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let signed = bureau.signed(bgt_id, "100.00").await;
    bureau.behave_for(&signed.pay_cert_no, behaviour).await;
    let voucher = bureau.do_voucher(&bureau.treasury(), signed.pay_cert_id, "send").await.unwrap();
    (bureau, bgt_id, voucher)
}

async fn tickets(bureau: &Bureau) -> Vec<DifferenceKind> {
    let path = format!("{BASE}/bank-differences?mof_div_code={DIVISION}");
    let page: Page<BankDifference> = bureau.treasury().get(&path).await.unwrap();
    page.items.into_iter().map(|ticket| ticket.kind).collect()
}

async fn run_inquiries(bureau: &Bureau) -> InquiryReport {
    let body = json!({"mof_div_code": DIVISION});
    bureau.treasury().post(&format!("{BASE}/jobs/inquiries"), &body, &key()).await.unwrap()
}

/// Reads until it is so; what the bank sends takes a moment.
async fn eventually(is_so: impl AsyncFn() -> bool) {
    const MOST_READS: usize = 3000;
    for _ in 0..MOST_READS {
        if is_so().await {
            return;
        }
    }
    panic!("it never became so");
}

/// The bank's clock is ours; it moves only by hand.
fn later(bureau: &Bureau, minutes: i64) {
    let clock = &bureau.server.clock;
    clock.set(clock.now() + chrono::TimeDelta::minutes(minutes));
}

#[tokio::test]
async fn accepted_delayed_repeated_and_late_answers_pay_once() {
    for behaviour in ["accept", "delay", "repeat", "late"] {
        let (bureau, bgt_id, voucher) = sent(behaviour).await;
        if behaviour == "late" {
            assert!(matches!(voucher.voucher_status, VoucherStatus::Unknown | VoucherStatus::Paid));
        }
        bureau.until(voucher.pay_cert_id, VoucherStatus::Paid).await;
        assert_eq!(bureau.stands(bgt_id).await, PAID, "{behaviour}");
        bureau.verified().await;
    }
}

#[tokio::test]
async fn refused_and_failed_vouchers_free_their_money_once() {
    for (behaviour, status) in [("refuse", VoucherStatus::BankRejected), ("fail", VoucherStatus::Failed)] {
        let (bureau, bgt_id, voucher) = sent(behaviour).await;
        bureau.until(voucher.pay_cert_id, status).await;
        assert_eq!(bureau.payment(voucher.pay_app_id).await.pay_status, PaymentStatus::BankReturned);
        assert_eq!(bureau.stands(bgt_id).await, FREE, "{behaviour}");
        bureau.verified().await;
    }
}

#[tokio::test]
async fn a_return_that_overtakes_its_payment_is_taken_after_it() {
    for behaviour in ["return", "reorder"] {
        let (bureau, bgt_id, voucher) = sent(behaviour).await;
        bureau.until(voucher.pay_cert_id, VoucherStatus::Paid).await;
        eventually(async || !bureau.voucher(voucher.pay_cert_id).await.ref_amt.is_zero()).await;
        assert_eq!(bureau.stands(bgt_id).await, FREE, "{behaviour}");
        bureau.verified().await;
    }
}

#[tokio::test]
async fn a_bank_that_contradicts_itself_opens_a_ticket_and_moves_nothing() {
    let (bureau, bgt_id, voucher) = sent("contradict").await;
    bureau.until(voucher.pay_cert_id, VoucherStatus::Paid).await;
    eventually(async || !tickets(&bureau).await.is_empty()).await;
    assert_eq!(tickets(&bureau).await, [DifferenceKind::Contradiction]);
    assert_eq!(bureau.stands(bgt_id).await, PAID);
    bureau.verified().await;
}

#[tokio::test]
async fn a_forged_receipt_settles_nothing_and_the_inquiry_does() {
    let (bureau, bgt_id, voucher) = sent("forge").await;
    assert_eq!(voucher.voucher_status, VoucherStatus::BankAccepted);
    assert_eq!(run_inquiries(&bureau).await, InquiryReport::default(), "it is not due");
    assert_eq!(bureau.stands(bgt_id).await, RESERVED);
    later(&bureau, 1);
    let report = run_inquiries(&bureau).await;
    assert_eq!((report.asked, report.settled), (1, 1));
    assert_eq!(bureau.stands(bgt_id).await, PAID);
}

#[tokio::test]
async fn while_unknown_nothing_else_happens_to_the_bill_and_an_inquiry_settles_it_once() {
    for (behaviour, status, stands) in
        [("silent", VoucherStatus::Paid, PAID), ("silent_fail", VoucherStatus::Failed, FREE)]
    {
        let (bureau, bgt_id, voucher) = sent(behaviour).await;
        assert_eq!(voucher.voucher_status, VoucherStatus::Unknown);
        let reviewer = bureau.reviewer();
        let withdrawn = bureau.do_voucher(&reviewer, voucher.pay_cert_id, "withdraw").await;
        assert_eq!(refusal(withdrawn).status().as_u16(), 409);
        let discarded = bureau.act(&reviewer, voucher.pay_app_id, "discard").await;
        assert_eq!(refusal(discarded).status().as_u16(), 409);
        assert_eq!(refusal(bureau.vouchered(voucher.pay_app_id).await).status().as_u16(), 409);
        assert_eq!(bureau.stands(bgt_id).await, RESERVED);
        later(&bureau, 1);
        let rounds = futures::future::join_all((0..4).map(|_| run_inquiries(&bureau))).await;
        assert!(rounds.iter().map(|round| round.asked).sum::<u32>() >= 1);
        assert_eq!(bureau.voucher(voucher.pay_cert_id).await.voucher_status, status);
        later(&bureau, 600);
        assert_eq!(run_inquiries(&bureau).await.asked, 0, "what ended is not asked about");
        assert_eq!(bureau.stands(bgt_id).await, stands);
        bureau.verified().await;
    }
}

#[tokio::test]
async fn inquiries_wait_longer_and_longer_while_the_bank_knows_nothing() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.behave(PAYEE, "silent").await;
    let voucher = bureau.sent(bgt_id, "100.00").await;
    let clock = bureau.server.clock.clone();
    let database = service_kit::Database::open(&bureau.server.database, "budget-execution", clock).await.unwrap();
    let tx = database.begin_write().await.unwrap();
    let lost =
        format!("UPDATE pay_voucher_bill SET pay_cert_no = 'lost' WHERE pay_cert_no = '{}'", voucher.pay_cert_no);
    sea_orm::ConnectionTrait::execute_unprepared(&tx, &lost).await.unwrap();
    tx.commit().await.unwrap();
    let mut counts = Vec::new();
    for _ in 0..7 {
        later(&bureau, 1);
        run_inquiries(&bureau).await;
        let row = budget_execution::voucher::store::voucher(database.read(), voucher.pay_cert_id).await.unwrap();
        counts.push(row.unwrap().inquiry_count);
    }
    assert_eq!(counts, [1, 2, 2, 3, 3, 3, 3], "after half a minute, then one, two and four");
    assert_eq!(bureau.voucher(voucher.pay_cert_id).await.voucher_status, VoucherStatus::Unknown);
    assert_eq!(bureau.stands(bgt_id).await, RESERVED);
}

#[tokio::test]
async fn only_the_treasury_division_and_the_platform_start_inquiries() {
    let bureau = Bureau::start().await;
    let body = json!({"mof_div_code": DIVISION});
    let path = format!("{BASE}/jobs/inquiries");
    let answer: Result<Value, PeerError> = bureau.clerk().post(&path, &body, &key()).await;
    assert_eq!(refusal(answer).code(), "AUTH-004");
    let answer: Result<Value, PeerError> = bureau.treasury().post(&path, &json!({}), &key()).await;
    assert_eq!(refusal(answer).code(), "AUTH-004");
    let report: InquiryReport = bureau.platform().post(&path, &json!({}), &key()).await.unwrap();
    assert_eq!(report, InquiryReport::default());
}

/// A payroll of three: 30.00, 30.00 and 40.00.
async fn payroll(bureau: &Bureau, bgt_id: Uuid) -> Voucher {
    let detail = |number: i32, amount: &str| {
        json!({
            "payee_acct_name": format!("教师{number}"), "payee_acct_no": format!("70{number}"),
            "payee_acct_bank_name": "中国银行", "pay_amt": amount,
        })
    };
    let details = json!([detail(1, "30.00"), detail(2, "30.00"), detail(3, "40.00")]);
    let body = batch(bgt_id, "100.00", details);
    let draft = bureau.draft(&body).await.unwrap();
    bureau.act(&bureau.clerk(), draft.pay_app_id, "submit").await.unwrap();
    bureau.act(&bureau.reviewer(), draft.pay_app_id, "approve").await.unwrap();
    let voucher = bureau.vouchered(draft.pay_app_id).await.unwrap();
    bureau.do_voucher(&bureau.treasury(), voucher.pay_cert_id, "sign").await.unwrap();
    bureau.do_voucher(&bureau.other_treasury(), voucher.pay_cert_id, "seal").await.unwrap()
}

async fn details(bureau: &Bureau, pay_cert_id: Uuid) -> Vec<VoucherDetail> {
    let path = format!("{BASE}/vouchers/{pay_cert_id}/details");
    let page: Page<VoucherDetail> = bureau.clerk().get(&path).await.unwrap();
    page.items
}

#[tokio::test]
async fn of_a_batch_the_paid_part_settles_and_the_failed_part_is_free_in_one_step() {
    let bureau = Bureau::start_with_delivering_bank().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sealed = payroll(&bureau, bgt_id).await;
    assert!(details(&bureau, sealed.pay_cert_id).await.iter().all(|detail| detail.xpay_amt.is_none()));
    bureau.behave("702", "fail").await;
    bureau.do_voucher(&bureau.treasury(), sealed.pay_cert_id, "send").await.unwrap();
    let paid = bureau.until(sealed.pay_cert_id, VoucherStatus::Paid).await;
    assert_eq!(paid.xpay_amt, yuan("70.00"));
    let results = details(&bureau, sealed.pay_cert_id).await;
    let amounts: Vec<_> = results.iter().map(|detail| detail.xpay_amt.unwrap().to_string()).collect();
    assert_eq!(amounts, ["30.00", "0.00", "40.00"]);
    assert!(!results[1].receipt_add_word.is_empty() && results[0].receipt_add_word.is_empty());
    assert_eq!(bureau.payment(paid.pay_app_id).await.xpay_amt, yuan("70.00"));
    assert_eq!(bureau.stands(bgt_id).await, ["930.00", "0.00", "70.00"]);
    let body = json!({"pay_cert_id": paid.pay_cert_id, "ref_amt": "70.01", "ref_reason": "多付退回"});
    let refund: Result<Value, PeerError> = bureau.clerk().post(&format!("{BASE}/refunds"), &body, &key()).await;
    assert_eq!(refusal(refund).code(), "PAY-017");
    bureau.verified().await;
}

#[tokio::test]
async fn a_batch_of_which_nobody_was_paid_failed() {
    let bureau = Bureau::start_with_delivering_bank().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sealed = payroll(&bureau, bgt_id).await;
    for account in ["701", "702", "703"] {
        bureau.behave(account, "fail").await;
    }
    bureau.do_voucher(&bureau.treasury(), sealed.pay_cert_id, "send").await.unwrap();
    later(&bureau, 1);
    run_inquiries(&bureau).await;
    bureau.until(sealed.pay_cert_id, VoucherStatus::Failed).await;
    assert!(details(&bureau, sealed.pay_cert_id).await.iter().all(|detail| detail.xpay_amt == Some(yuan("0.00"))));
    assert_eq!(bureau.stands(bgt_id).await, FREE);
    bureau.verified().await;
}

#[tokio::test]
async fn a_receipt_that_does_not_fit_the_details_contradicts() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sealed = payroll(&bureau, bgt_id).await;
    bureau.do_voucher(&bureau.treasury(), sealed.pay_cert_id, "send").await.unwrap();
    let ids: Vec<Uuid> = details(&bureau, sealed.pay_cert_id).await.iter().map(|detail| detail.pay_detail_id).collect();
    let said = |amounts: &[(Uuid, &str)], total: &str| {
        let lines: Vec<_> =
            amounts.iter().map(|(id, amount)| json!({"pay_detail_id": id, "xpay_amt": amount})).collect();
        with(receipt(&sealed.pay_cert_no, "PAID", total), "details", json!(lines))
    };
    let wrong = [
        said(&[(ids[0], "30.00"), (ids[1], "0.00")], "30.00"),
        said(&[(ids[0], "30.00"), (ids[1], "10.00"), (ids[2], "0.00")], "40.00"),
        said(&[(ids[0], "30.00"), (ids[1], "0.00"), (ids[2], "40.00")], "100.00"),
        said(&[(ids[0], "30.00"), (ids[0], "30.00"), (ids[2], "40.00")], "100.00"),
        said(&[(ids[0], "0.00"), (ids[1], "0.00"), (ids[2], "0.00")], "0.00"),
        said(&[(ids[0], "30.00"), (ids[1], "30.00"), (Uuid::now_v7(), "40.00")], "100.00"),
    ];
    for receipt in &wrong {
        assert_eq!(refusal(bureau.receive(receipt).await).code(), "CLR-101");
    }
    assert_eq!(bureau.stands(bgt_id).await, RESERVED);
    let right = said(&[(ids[0], "30.00"), (ids[1], "0.00"), (ids[2], "40.00")], "70.00");
    let answers = futures::future::join_all((0..3).map(|_| bureau.receive(&right))).await;
    let settled = answers.iter().filter(|answer| answer.as_ref().unwrap()["outcome"] == "SETTLED").count();
    assert_eq!(settled, 1);
    assert_eq!(bureau.stands(bgt_id).await, ["930.00", "0.00", "70.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn numbers_of_racing_vouchers_leave_no_gap() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let mut applications = Vec::new();
    for _ in 0..12 {
        applications.push(bureau.approved(bgt_id, "1.00").await.pay_app_id);
    }
    let unapproved = bureau.submitted(bgt_id, "1.00").await.pay_app_id;
    applications.push(unapproved);
    let made = futures::future::join_all(applications.iter().map(|id| bureau.vouchered(*id))).await;
    let mut numbers: Vec<String> = made.into_iter().filter_map(Result::ok).map(|made| made.pay_cert_no).collect();
    numbers.sort();
    let expected: Vec<String> = (1..=12).map(|number| format!("W36010020260310{number:05}")).collect();
    assert_eq!(numbers, expected, "the refused one took none");
}

/// A payroll of this size is one document; the times are printed, not asserted.
const PAYROLL: usize = 1_000;

#[tokio::test]
async fn a_payroll_of_a_thousand_is_one_reservation_one_voucher_and_one_receipt() {
    let bureau = Bureau::start_with_delivering_bank().await;
    let bgt_id = bureau.indicator("100000.00").await;
    let detail = |number: usize| {
        json!({
            "payee_acct_name": format!("教师{number}"), "payee_acct_no": format!("70{number:08}"),
            "payee_acct_bank_name": "中国银行南昌分行", "pay_amt": "1.00", "add_word": "工资",
        })
    };
    let details: Vec<Value> = (0..PAYROLL).map(detail).collect();
    let body = batch(bgt_id, "1000.00", json!(details));
    let begun = Instant::now();
    let draft = bureau.draft(&body).await.unwrap();
    let drafted = begun.elapsed();
    bureau.act(&bureau.clerk(), draft.pay_app_id, "submit").await.unwrap();
    let submitted = begun.elapsed();
    assert_eq!(bureau.stands(bgt_id).await, ["99000.00", "1000.00", "0.00"]);
    bureau.act(&bureau.reviewer(), draft.pay_app_id, "approve").await.unwrap();
    let voucher = bureau.vouchered(draft.pay_app_id).await.unwrap();
    bureau.do_voucher(&bureau.treasury(), voucher.pay_cert_id, "sign").await.unwrap();
    bureau.do_voucher(&bureau.other_treasury(), voucher.pay_cert_id, "seal").await.unwrap();
    bureau.behave("7000000007", "fail").await;
    bureau.do_voucher(&bureau.treasury(), voucher.pay_cert_id, "send").await.unwrap();
    bureau.until(voucher.pay_cert_id, VoucherStatus::Paid).await;
    eprintln!("{PAYROLL} payees: drafted {drafted:?}, submitted {submitted:?}, paid {:?}", begun.elapsed());
    assert_eq!(bureau.stands(bgt_id).await, ["99001.00", "0.00", "999.00"]);
    bureau.verified().await;
}
