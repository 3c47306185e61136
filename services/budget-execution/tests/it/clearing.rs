//! Clearing of a day and comparison with the bank.

use budget_execution_contract::{
    BankDifference, Clearing, ClearingDay, ClearingStatus, DifferenceKind, DifferenceStatus, QuotaNotice,
    Reconciliation, VoucherStatus,
};
use common_types::{ReconResult, Role};
use serde_json::json;
use service_kit::{Page, Peer, PeerError};
use testkit::key;

use crate::{
    bureau::{AGENCY, Bureau, DAY, PAYEE, payment, receipt, with, yuan},
    world::{BASE, DIVISION, refusal},
};

async fn clear(bureau: &Bureau) -> Result<Clearing, PeerError> {
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "day": DAY});
    bureau.treasury().post(&format!("{BASE}/clearings"), &body, &key()).await
}

async fn reconcile(bureau: &Bureau) -> Reconciliation {
    let body = json!({"mof_div_code": DIVISION, "day": DAY});
    bureau.treasury().post(&format!("{BASE}/reconciliations"), &body, &key()).await.unwrap()
}

#[tokio::test]
async fn a_day_is_cleared_once_for_what_was_paid() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    assert_eq!(refusal(clear(&bureau).await).code(), "CLR-102");
    let (one, two) = (bureau.paid(bgt_id, "100.00").await, bureau.paid(bgt_id, "50.00").await);
    bureau.sent(bgt_id, "10.00").await;
    let cleared = clear(&bureau).await.unwrap();
    assert_eq!((cleared.status, cleared.voucher_count, cleared.lqd_amt), (ClearingStatus::Cleared, 2, yuan("150.00")));
    assert_eq!(cleared.sums.len(), 1);
    for voucher in [one, two] {
        let now = bureau.voucher(voucher.pay_cert_id).await;
        assert_eq!(now.voucher_status, VoucherStatus::Cleared);
        assert_eq!(now.act_lqd_date.unwrap().to_string(), DAY);
    }
    assert_eq!(refusal(clear(&bureau).await).code(), "CLR-102");
    assert_eq!(bureau.stands(bgt_id).await, ["840.00", "10.00", "150.00"]);
}

#[tokio::test]
async fn a_day_that_the_bank_knows_otherwise_is_not_cleared() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.behave(PAYEE, "fail").await;
    let sent = bureau.sent(bgt_id, "100.00").await;
    bureau.receive(&receipt(&sent.pay_cert_no, "PAID", "100.00")).await.unwrap();
    assert_eq!(clear(&bureau).await.unwrap().status, ClearingStatus::Refused);
    assert_eq!(bureau.voucher(sent.pay_cert_id).await.voucher_status, VoucherStatus::Paid);
    let compared = reconcile(&bureau).await;
    assert_eq!(compared.result, ReconResult::Mismatched);
    assert_eq!(compared.differences[0].kind, DifferenceKind::Status);
}

#[tokio::test]
async fn a_day_in_order_reconciles() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.paid(bgt_id, "100.00").await;
    let compared = reconcile(&bureau).await;
    assert_eq!((compared.result, compared.our_count, compared.bank_amt), (ReconResult::Matched, 1, yuan("100.00")));
    let unsettled = bureau.sent(bgt_id, "10.00").await;
    let compared = reconcile(&bureau).await;
    assert_eq!(compared.differences.len(), 1, "the bank has paid {} already", unsettled.pay_cert_no);
}

async fn close_day(bureau: &Bureau, day: &str) -> Result<ClearingDay, PeerError> {
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "day": day});
    bureau.treasury().post(&format!("{BASE}/clearing-days"), &body, &key()).await
}

async fn handle(who: &Peer, ticket: &BankDifference, action: &str) -> Result<BankDifference, PeerError> {
    let path = format!("{BASE}/bank-differences/{}/actions", ticket.diff_id);
    who.post(&path, &json!({"action": action, "opinion": "已与银行核实"}), &key()).await
}

#[tokio::test]
async fn a_quota_notice_covers_each_list_and_adds_up_by_unit_and_function() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let one = bureau.paid(bgt_id, "100.00").await;
    bureau.paid(bgt_id, "50.00").await;
    let cleared = clear(&bureau).await.unwrap();
    assert_eq!(cleared.ref_cert_no, None);
    let path = format!("{BASE}/quota-notices?mof_div_code={DIVISION}&day={DAY}");
    let notices: Page<QuotaNotice> = bureau.treasury().get(&path).await.unwrap();
    assert_eq!(notices.items.len(), 1);
    let notice = &notices.items[0];
    assert_eq!((notice.vt_code.as_str(), notice.notice_amt), ("5106", yuan("150.00")));
    assert_eq!(notice.lines.len(), 1);
    assert_eq!(
        (notice.lines[0].agency_code.to_string().as_str(), notice.lines[0].notice_amt),
        (AGENCY, yuan("150.00"))
    );
    assert_eq!(cleared.sums[0].lqd_quota_notice_no.as_ref(), Some(&notice.lqd_quota_notice_no));
    assert_eq!(cleared.sums[0].pay_cert_sum_no, notice.pay_cert_sum_no);
    let voucher = bureau.voucher(one.pay_cert_id).await;
    assert_eq!(voucher.lqd_quota_notice_no.as_ref(), Some(&notice.lqd_quota_notice_no));
    assert_eq!(voucher.lqd_cert_no.as_ref(), Some(&cleared.lqd_cert_no));
}

#[tokio::test]
async fn what_finance_pays_directly_has_a_list_and_a_notice_of_its_own() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let authorised = bureau.paid(bgt_id, "100.00").await;
    let mut body = with(payment(bgt_id, "60.00"), "pay_variant", json!("FINANCE_ZERO_BALANCE"));
    body["pay_acct_no"] = json!("2200");
    let drafted = bureau.draft(&body).await.unwrap().pay_app_id;
    bureau.act(&bureau.clerk(), drafted, "submit").await.unwrap();
    bureau.act(&bureau.reviewer(), drafted, "approve").await.unwrap();
    let direct = bureau.pay(drafted).await;
    let back = with(receipt(&direct.pay_cert_no, "RETURNED", "20.00"), "agent_business_no", json!("B9"));
    bureau.receive(&back).await.unwrap();
    let cleared = clear(&bureau).await.unwrap();
    assert_eq!((cleared.status, cleared.lqd_amt), (ClearingStatus::Cleared, yuan("140.00")));
    let sums: Vec<_> = cleared.sums.iter().map(|sum| (sum.vt_code.as_str(), sum.paid_amt, sum.ref_amt)).collect();
    assert_eq!(sums, [("5106", yuan("100.00"), yuan("0.00")), ("5108", yuan("60.00"), yuan("20.00"))]);
    let path = format!("{BASE}/quota-notices?mof_div_code={DIVISION}&day={DAY}");
    let notices: Page<QuotaNotice> = bureau.treasury().get(&path).await.unwrap();
    let told: Vec<_> = notices.items.iter().map(|notice| (notice.vt_code.as_str(), notice.notice_amt)).collect();
    assert_eq!(told, [("5106", yuan("100.00")), ("5108", yuan("60.00"))]);
    for ((voucher, notice), sum) in [authorised, direct].iter().zip(&notices.items).zip(&cleared.sums) {
        let now = bureau.voucher(voucher.pay_cert_id).await;
        assert_eq!(now.lqd_quota_notice_no.as_ref(), Some(&notice.lqd_quota_notice_no));
        assert_eq!((&sum.pay_cert_sum_no, now.voucher_status), (&notice.pay_cert_sum_no, VoucherStatus::Cleared));
    }
    assert_eq!(reconcile(&bureau).await.result, ReconResult::Matched);
    bureau.server.clock.set("2026-03-11T02:00:00Z".parse().unwrap());
    close_day(&bureau, DAY).await.unwrap();
    bureau.verified().await;
}

#[tokio::test]
async fn refunds_of_a_day_are_cleared_by_a_request_of_their_own() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let paid = bureau.paid(bgt_id, "100.00").await;
    let back = with(receipt(&paid.pay_cert_no, "RETURNED", "30.00"), "agent_business_no", json!("B9"));
    bureau.receive(&back).await.unwrap();
    let cleared = clear(&bureau).await.unwrap();
    assert_eq!((cleared.paid_amt, cleared.ref_amt, cleared.lqd_amt), (yuan("100.00"), yuan("30.00"), yuan("70.00")));
    assert_eq!(cleared.status, ClearingStatus::Cleared);
    assert!(cleared.ref_cert_no.is_some_and(|number| number != cleared.lqd_cert_no));
    let later = with(receipt(&paid.pay_cert_no, "RETURNED", "20.00"), "agent_business_no", json!("B10"));
    bureau.receive(&later).await.unwrap();
    let second = clear(&bureau).await.unwrap();
    assert_eq!(
        (second.status, second.paid_amt, second.ref_amt),
        (ClearingStatus::Cleared, yuan("0.00"), yuan("20.00"))
    );
    assert_eq!(refusal(clear(&bureau).await).code(), "CLR-102");
    bureau.verified().await;
}

#[tokio::test]
async fn racing_clearings_of_a_day_bundle_each_voucher_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    for _ in 0..3 {
        bureau.paid(bgt_id, "10.00").await;
    }
    let answers = futures::future::join_all((0..5).map(|_| clear(&bureau))).await;
    let mut numbers: Vec<String> =
        answers.into_iter().filter_map(Result::ok).map(|cleared| cleared.lqd_cert_no).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 1, "whoever asked got the same request");
    let path = format!("{BASE}/clearings?mof_div_code={DIVISION}");
    let all: Page<Clearing> = bureau.treasury().get(&path).await.unwrap();
    let sums: Vec<_> = all.items.iter().map(|one| (one.voucher_count, one.lqd_amt)).collect();
    assert_eq!(sums, [(3, yuan("30.00"))]);
}

#[tokio::test]
async fn a_day_is_closed_once_and_only_when_nothing_is_open() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.behave(PAYEE, "silent").await;
    let waiting = bureau.sent(bgt_id, "10.00").await;
    bureau.server.clock.set("2026-03-11T02:00:00Z".parse().unwrap());
    let problem = refusal(close_day(&bureau, "2026-03-11").await);
    assert_eq!((problem.code(), problem.status().as_u16()), ("CLR-001", 409));
    bureau.settled(waiting, "10.00").await;
    assert_eq!(refusal(close_day(&bureau, DAY).await).code(), "CLR-001", "it is not cleared");
    assert_eq!(clear(&bureau).await.unwrap().status, ClearingStatus::Cleared);
    bureau.receive(&receipt("W999", "PAID", "1.00")).await.unwrap();
    assert_eq!(refusal(close_day(&bureau, DAY).await).code(), "CLR-001", "a difference is open");
    let path = format!("{BASE}/bank-differences?mof_div_code={DIVISION}");
    let tickets: Page<BankDifference> = bureau.treasury().get(&path).await.unwrap();
    handle(&bureau.treasury(), &tickets.items[0], "explain").await.unwrap();
    handle(&bureau.other_treasury(), &tickets.items[0], "settle").await.unwrap();
    let closings = futures::future::join_all((0..4).map(|_| close_day(&bureau, DAY))).await;
    assert_eq!(closings.iter().filter(|closing| closing.is_ok()).count(), 1);
    assert_eq!(refusal(close_day(&bureau, "2026-03-12").await).status().as_u16(), 422, "it has not begun");
}

#[tokio::test]
async fn a_difference_is_explained_by_one_and_settled_by_another() {
    let bureau = Bureau::start().await;
    bureau.receive(&receipt("W999", "PAID", "1.00")).await.unwrap();
    let path = format!("{BASE}/bank-differences?mof_div_code={DIVISION}");
    let ticket = bureau.treasury().get::<Page<BankDifference>>(&path).await.unwrap().items.remove(0);
    assert_eq!((ticket.kind, ticket.diff_status), (DifferenceKind::Unmatched, DifferenceStatus::Open));
    assert_eq!(refusal(handle(&bureau.treasury(), &ticket, "settle").await).status().as_u16(), 409);
    assert_eq!(refusal(handle(&bureau.clerk(), &ticket, "explain").await).code(), "AUTH-004");
    handle(&bureau.treasury(), &ticket, "explain").await.unwrap();
    assert_eq!(refusal(handle(&bureau.other_treasury(), &ticket, "explain").await).status().as_u16(), 409);
    assert_eq!(refusal(handle(&bureau.treasury(), &ticket, "settle").await).code(), "CLR-104");
    let settled = handle(&bureau.other_treasury(), &ticket, "settle").await.unwrap();
    assert_eq!(settled.diff_status, DifferenceStatus::Settled);
    assert_eq!(
        (settled.explained_by.as_deref(), settled.settled_by.as_deref()),
        (Some("treasury"), Some("treasury-2"))
    );
    assert_eq!(refusal(handle(&bureau.other_treasury(), &ticket, "settle").await).status().as_u16(), 409);
    bureau.receive(&receipt("W999", "PAID", "1.00")).await.unwrap();
    let tickets: Page<BankDifference> = bureau.treasury().get(&path).await.unwrap();
    assert_eq!(tickets.items.len(), 2, "it came again after it was settled");
}

#[tokio::test]
async fn each_kind_of_difference_becomes_one_ticket_however_often_a_month_is_compared() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let missing_there = bureau.paid(bgt_id, "100.00").await;
    let other_amount = bureau.paid(bgt_id, "50.00").await;
    bureau.behave(PAYEE, "fail").await;
    let other_status = bureau.sent(bgt_id, "25.00").await;
    let clock = bureau.server.clock.clone();
    let database = service_kit::Database::open(&bureau.server.database, "budget-execution", clock).await.unwrap();
    let tx = database.begin_write().await.unwrap();
    for change in [
        format!("UPDATE pay_voucher_bill SET pay_cert_no = 'lost' WHERE pay_cert_no = '{}'", missing_there.pay_cert_no),
        format!("UPDATE pay_voucher_bill SET pay_amt = 5001 WHERE pay_cert_no = '{}'", other_amount.pay_cert_no),
    ] {
        sea_orm::ConnectionTrait::execute_unprepared(&tx, &change).await.unwrap();
    }
    tx.commit().await.unwrap();
    let month = json!({"mof_div_code": DIVISION, "day": "2026-03-01", "until": "2026-03-31"});
    for _ in 0..2 {
        let compared: Reconciliation =
            bureau.treasury().post(&format!("{BASE}/reconciliations"), &month, &key()).await.unwrap();
        assert_eq!((compared.result, compared.until.to_string().as_str()), (ReconResult::Mismatched, "2026-03-31"));
        let mut kinds: Vec<_> =
            compared.differences.iter().map(|one| (one.pay_cert_no.clone(), format!("{:?}", one.kind))).collect();
        kinds.sort();
        let mut expected = vec![
            ("lost".to_owned(), "MissingAtBank".to_owned()),
            (missing_there.pay_cert_no.clone(), "MissingHere".to_owned()),
            (other_amount.pay_cert_no.clone(), "Amount".to_owned()),
            (other_status.pay_cert_no.clone(), "Status".to_owned()),
        ];
        expected.sort();
        assert_eq!(kinds, expected);
    }
    let path = format!("{BASE}/bank-differences?mof_div_code={DIVISION}");
    let tickets: Page<BankDifference> = bureau.treasury().get(&path).await.unwrap();
    assert_eq!(tickets.items.len(), 4);
    let wrong = json!({"mof_div_code": DIVISION, "day": "2026-03-01", "until": "2026-05-01"});
    let answer: Result<Reconciliation, _> =
        bureau.treasury().post(&format!("{BASE}/reconciliations"), &wrong, &key()).await;
    assert_eq!(refusal(answer).status().as_u16(), 422);
}

#[tokio::test]
async fn a_unit_compares_its_month_with_finance() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.paid(bgt_id, "100.00").await;
    let token = bureau.server.identity.token("keeper", &[Role::U3], DIVISION, Some(AGENCY));
    let keeper = bureau.server.client(&token);
    let books = |count: u32, paid: &str| {
        json!({
            "mof_div_code": DIVISION, "agency_code": AGENCY, "day": "2026-03-01", "voucher_count": count,
            "paid_amt": paid, "ref_amt": "0.00",
        })
    };
    let path = format!("{BASE}/unit-reconciliations");
    let same: Reconciliation = keeper.post(&path, &books(1, "100.00"), &key()).await.unwrap();
    assert_eq!((same.result, same.differences.len()), (ReconResult::Matched, 0));
    for _ in 0..2 {
        let other: Reconciliation = keeper.post(&path, &books(1, "90.00"), &key()).await.unwrap();
        assert_eq!(other.result, ReconResult::Mismatched);
        assert_eq!(other.differences[0].kind, DifferenceKind::Amount);
    }
    let tickets: Page<BankDifference> =
        bureau.treasury().get(&format!("{BASE}/bank-differences?mof_div_code={DIVISION}")).await.unwrap();
    assert_eq!(tickets.items.len(), 1);
    let middle = with(books(1, "100.00"), "day", json!("2026-03-02"));
    assert_eq!(refusal(keeper.post::<_, Reconciliation>(&path, &middle, &key()).await).status().as_u16(), 422);
    let foreign: Result<Reconciliation, _> = bureau.stranger().post(&path, &books(1, "100.00"), &key()).await;
    assert_eq!(refusal(foreign).status().as_u16(), 404);
}
