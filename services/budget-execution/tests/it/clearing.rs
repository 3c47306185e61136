//! Clearing of a day and comparison with the bank.

use budget_execution_contract::{
    BankDifference, Clearing, ClearingDay, ClearingStatus, DifferenceKind, DifferenceStatus, QuotaNotice,
    Reconciliation, VoucherStatus,
};
use common_types::{ReconResult, Role};
use serde_json::json;
use service_kit::{Database, Page, Peer, PeerError};
use testkit::key;

use crate::{
    bureau::{AGENCY, Bureau, DAY, PAYEE, payment, receipt, with, yuan},
    jobs::instance,
    world::{BASE, DIVISION, refusal},
};

async fn clear(bureau: &Bureau) -> Result<Clearing, PeerError> {
    clear_day(bureau, DAY).await
}

async fn clear_day(bureau: &Bureau, day: &str) -> Result<Clearing, PeerError> {
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "day": day});
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
async fn a_day_before_its_year_or_to_come_is_neither_cleared_nor_closed() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.paid(bgt_id, "10.00").await;
    for day in ["0000-01-01", "2020-01-01", "2025-12-31", "2026-03-11", "2027-01-01"] {
        for refused in [refusal(clear_day(&bureau, day).await), refusal(close_day(&bureau, day).await)] {
            let pointer = &refused.document().errors[0].pointer;
            assert_eq!((refused.status().as_u16(), pointer.as_str()), (422, "/day"), "{day}");
        }
    }
    bureau.server.clock.set("2027-01-05T02:00:00Z".parse().unwrap());
    assert_eq!(refusal(close_day(&bureau, "2027-01-02").await).status().as_u16(), 422, "it is not of the year");
    let tail = clear_day(&bureau, "2027-01-02").await.unwrap();
    assert_eq!((tail.status, tail.lqd_amt), (ClearingStatus::Cleared, yuan("10.00")), "the tail of a year is cleared");
    close_day(&bureau, "2026-12-31").await.unwrap();
}

#[tokio::test]
async fn a_day_is_not_closed_while_something_paid_until_then_is_not_cleared() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.paid(bgt_id, "100.00").await;
    let paid = bureau.paid(bgt_id, "50.00").await;
    let back = with(receipt(&paid.pay_cert_no, "RETURNED", "20.00"), "agent_business_no", json!("B9"));
    bureau.receive(&back).await.unwrap();
    bureau.server.clock.set("2026-03-12T02:00:00Z".parse().unwrap());
    for day in [DAY, "2026-03-11", "2026-03-12"] {
        let refused = refusal(close_day(&bureau, day).await);
        let told = &refused.document().extensions;
        assert_eq!(refused.code(), "CLR-001");
        assert_eq!([&told["uncleared"], &told["uncleared_amt"]], [&json!(2), &json!("150.00")]);
        assert_eq!([&told["uncleared_refunds"], &told["uncleared_ref_amt"]], [&json!(1), &json!("20.00")]);
    }
    let cleared = clear(&bureau).await.unwrap();
    assert_eq!((cleared.voucher_count, cleared.lqd_amt), (2, yuan("130.00")));
    for day in ["2026-03-11", DAY, "2026-03-12"] {
        close_day(&bureau, day).await.unwrap();
    }
    bureau.verified().await;
}

#[tokio::test]
async fn a_day_whose_clearing_the_bank_has_not_confirmed_is_not_closed() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.behave(PAYEE, "fail").await;
    let sent = bureau.sent(bgt_id, "100.00").await;
    bureau.receive(&receipt(&sent.pay_cert_no, "PAID", "100.00")).await.unwrap();
    assert_eq!(clear(&bureau).await.unwrap().status, ClearingStatus::Refused);
    bureau.server.clock.set("2026-03-11T02:00:00Z".parse().unwrap());
    let refused = refusal(close_day(&bureau, "2026-03-11").await);
    let told = &refused.document().extensions;
    assert_eq!(
        (refused.code(), &told["unconfirmed"], &told["uncleared_amt"]),
        ("CLR-001", &json!(1), &json!("100.00"))
    );
    assert_eq!(refusal(clear_day(&bureau, "2026-03-11").await).code(), "CLR-102", "it waits in its own request");
}

#[tokio::test]
async fn what_becomes_known_after_a_day_was_closed_is_cleared_on_the_next_open_day() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    close_day(&bureau, DAY).await.unwrap();
    let late = bureau.paid(bgt_id, "100.00").await;
    let back = with(receipt(&late.pay_cert_no, "RETURNED", "30.00"), "agent_business_no", json!("B9"));
    bureau.receive(&back).await.unwrap();
    for refused in [refusal(clear(&bureau).await), refusal(close_day(&bureau, DAY).await)] {
        assert_eq!((refused.code(), refused.status().as_u16()), ("CLR-105", 409));
    }
    assert_eq!(bureau.voucher(late.pay_cert_id).await.lqd_cert_no, None);
    bureau.server.clock.set("2026-03-11T02:00:00Z".parse().unwrap());
    assert_eq!(refusal(close_day(&bureau, "2026-03-11").await).code(), "CLR-001");
    let cleared = clear_day(&bureau, "2026-03-11").await.unwrap();
    assert_eq!((cleared.paid_amt, cleared.ref_amt, cleared.lqd_amt), (yuan("100.00"), yuan("30.00"), yuan("70.00")));
    assert_eq!(bureau.voucher(late.pay_cert_id).await.voucher_status, VoucherStatus::Cleared);
    close_day(&bureau, "2026-03-11").await.unwrap();
    bureau.verified().await;
}

async fn counted(database: &Database, counting: &str) -> i64 {
    let statement = sea_orm::Statement::from_string(database.backend(), counting);
    let found = sea_orm::ConnectionTrait::query_one_raw(database.read(), statement).await.unwrap().unwrap();
    found.try_get("", "n").unwrap()
}

/// How many clearings began after their day was closed.
const CLEARED_AFTER_CLOSING: &str = "SELECT COUNT(*) AS n FROM pay_lqd_cert c JOIN pay_clearing_day d \
    ON d.mof_div_code = c.mof_div_code AND d.fiscal_year = c.fiscal_year AND d.day = c.day \
    WHERE c.clearing_id > d.close_id";

/// Waits until a session waits for somebody's lock with a statement about this table.
async fn is_waiting(database: &Database, table: &str) {
    const MOST_LOOKS: usize = 1000;
    let waiting = format!(
        "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database() \
         AND wait_event_type = 'Lock' AND query LIKE '%{table}%'"
    );
    for _ in 0..MOST_LOOKS {
        if counted(database, &waiting).await > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nobody waits for {table}");
}

#[tokio::test]
async fn a_clearing_waits_for_the_closing_of_its_day_that_is_under_way() {
    let bureau = Bureau::start().await;
    if bureau.server.database.url.is_empty() {
        // on SQLite one writes after the other
        return;
    }
    let (bgt_id, rival) = (bureau.indicator("1000.00").await, instance(&bureau).await);
    let sent = bureau.sent(bgt_id, "1.00").await;
    let tx = rival.begin_write().await.unwrap();
    let row = format!("'{DIVISION}', 2026, '{DAY}', 'rival', '{}', now()", uuid::Uuid::now_v7());
    let insert = format!("INSERT INTO pay_clearing_day VALUES ({row})");
    sea_orm::ConnectionTrait::execute_unprepared(&tx, &insert).await.unwrap();
    let late = async {
        is_waiting(&rival, "pay_clearing_day").await;
        // nothing was open when the closing looked; now it goes on
        bureau.settled(sent, "1.00").await;
        let closing_goes_on = async {
            is_waiting(&rival, "pay_sequence").await;
            tx.rollback().await.unwrap();
        };
        tokio::join!(clear(&bureau), closing_goes_on).0
    };
    let (closed, cleared) = tokio::join!(close_day(&bureau, DAY), late);
    closed.unwrap();
    assert_eq!(refusal(cleared).code(), "CLR-105");
    assert_eq!(counted(&rival, CLEARED_AFTER_CLOSING).await, 0);
    bureau.server.clock.set("2026-03-11T02:00:00Z".parse().unwrap());
    assert_eq!(clear_day(&bureau, "2026-03-11").await.unwrap().lqd_amt, yuan("1.00"));
}

#[tokio::test]
async fn a_clearing_that_races_the_closing_of_its_day_comes_before_it_or_not_at_all() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let days = [DAY, "2026-03-11", "2026-03-12", "2026-03-13", "2026-03-14"];
    for day in days {
        bureau.server.clock.set(format!("{day}T02:00:00Z").parse().unwrap());
        let sent = bureau.sent(bgt_id, "1.00").await;
        let paid_and_cleared = async {
            bureau.settled(sent, "1.00").await;
            clear_day(&bureau, day).await
        };
        let (cleared, closed, again) =
            tokio::join!(paid_and_cleared, close_day(&bureau, day), async { clear_day(&bureau, day).await });
        assert!(cleared.is_ok() || again.is_ok() || closed.is_ok());
        for refused in [cleared, again].into_iter().filter(Result::is_err).map(refusal) {
            assert!(["CLR-102", "CLR-105"].contains(&refused.code()), "{refused:?}");
        }
        if closed.is_err() {
            assert_eq!(refusal(closed).code(), "CLR-001");
        }
    }
    bureau.server.clock.set("2026-03-15T02:00:00Z".parse().unwrap());
    let _ = clear_day(&bureau, "2026-03-15").await;
    let path = format!("{BASE}/clearings?mof_div_code={DIVISION}");
    let all: Page<Clearing> = bureau.treasury().get(&path).await.unwrap();
    assert_eq!(all.items.iter().map(|one| one.voucher_count).sum::<u32>(), 5, "each is cleared once");
    assert_eq!(counted(&instance(&bureau).await, CLEARED_AFTER_CLOSING).await, 0);
    close_day(&bureau, "2026-03-15").await.unwrap();
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
    let database = instance(&bureau).await;
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
