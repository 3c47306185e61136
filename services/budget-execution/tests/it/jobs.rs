//! Nightly work: once per division and day whoever does it, and reports that are kept.

use budget_execution::jobs;
use budget_execution_contract::KeptVerification;
use chrono::NaiveDate;
use futures::future::join_all;
use sea_orm::ConnectionTrait as _;
use service_kit::{Database, Page};

use crate::{
    bureau::Bureau,
    world::{BASE, DIVISION, refusal},
};

const FIRST: &str = "2026-03-10";
const SECOND: &str = "2026-03-11";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Another instance of the service on the same database.
pub async fn instance(bureau: &Bureau) -> Database {
    let server = &bureau.server;
    Database::open(&server.database, "budget-execution", server.clock.clone()).await.unwrap()
}

pub async fn change(database: &Database, statement: &str) {
    let tx = database.begin_write().await.unwrap();
    tx.execute_unprepared(statement).await.unwrap();
    tx.commit().await.unwrap();
}

/// The invariants that do not hold now.
pub async fn failing(bureau: &Bureau) -> Vec<i32> {
    let report = bureau.verification().await;
    report.invariants.into_iter().filter(|check| !check.ok).map(|check| check.invariant).collect()
}

async fn reports(bureau: &Bureau, query: &str) -> Vec<KeptVerification> {
    let page: Page<KeptVerification> = bureau.treasury().get(&format!("{BASE}/verifications?{query}")).await.unwrap();
    page.items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_division_is_verified_once_a_day_by_whichever_instance_comes_first() {
    let bureau = Bureau::start().await;
    bureau.indicator("1000.00").await;
    let platform = bureau.platform();
    let instances = join_all((0..4).map(|_| instance(&bureau))).await;
    for _ in 0..2 {
        let verified =
            join_all(instances.iter().map(|database| jobs::verify_all(database, &platform, day(FIRST)))).await;
        let before = reports(&bureau, "").await.len();
        assert!(verified.iter().all(Result::is_ok), "{verified:?}");
        assert_eq!(before, 1, "{verified:?}");
    }
    jobs::verify_all(&instances[0], &platform, day(SECOND)).await.unwrap();
    let kept = reports(&bureau, "").await;
    assert_eq!(kept.iter().map(|one| one.day.to_string()).collect::<Vec<_>>(), [SECOND, FIRST]);
    assert!(kept.iter().all(|one| one.report.ok && one.mof_div_code.as_str() == DIVISION), "{kept:?}");
    let path = format!("{BASE}/verifications/{}", kept[0].report.verification_id);
    let read: KeptVerification = bureau.treasury().get(&path).await.unwrap();
    assert_eq!(read, kept[0]);
    assert_eq!(refusal(bureau.clerk().get::<KeptVerification>(&path).await).status().as_u16(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_report_stands_before_later_good_ones() {
    let bureau = Bureau::start().await;
    bureau.indicator("1000.00").await;
    let database = instance(&bureau).await;
    change(&database, "UPDATE glb_bal SET bal_amt = bal_amt + 1 WHERE acct_cls_code = '6101'").await;
    jobs::verify_all(&database, &bureau.platform(), day(FIRST)).await.unwrap();
    change(&database, "UPDATE glb_bal SET bal_amt = bal_amt - 1 WHERE acct_cls_code = '6101'").await;
    jobs::verify_all(&database, &bureau.platform(), day(SECOND)).await.unwrap();
    let kept = reports(&bureau, "page_size=1").await;
    assert_eq!((kept[0].report.ok, kept[0].day), (false, day(FIRST)));
    let page: Page<KeptVerification> =
        bureau.treasury().get(&format!("{BASE}/verifications?page_size=1")).await.unwrap();
    let next = page.next_page_token.unwrap();
    assert_eq!(reports(&bureau, &format!("page_size=1&page_token={next}")).await[0].day, day(SECOND));
    assert_eq!(reports(&bureau, "ok=true").await.len(), 1);
    assert_eq!(reports(&bureau, &format!("day={FIRST}")).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_an_instance_that_died_is_taken_over_when_its_claim_ends() {
    let bureau = Bureau::start().await;
    bureau.indicator("1000.00").await;
    let database = instance(&bureau).await;
    let claim = "INSERT INTO exe_job_run (mof_div_code, job, day, claimed_until) VALUES \
                 ('360100000', 'verification', '2026-03-10', '2026-03-10T03:00:00+00:00')";
    change(&database, claim).await;
    assert_eq!(jobs::verify_all(&database, &bureau.platform(), day(FIRST)).await.unwrap(), 0);
    assert!(reports(&bureau, "").await.is_empty());
    assert!(bureau.server.clock.set("2026-03-10T03:00:01Z".parse().unwrap()));
    assert_eq!(jobs::verify_all(&database, &bureau.platform(), day(FIRST)).await.unwrap(), 1);
    assert_eq!(reports(&bureau, "").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_contradict_the_ledger_are_found() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.submitted(bgt_id, "100.00").await;
    let approved = bureau.approved(bgt_id, "50.00").await;
    bureau.vouchered(approved.pay_app_id).await.unwrap();
    bureau.verified().await;
    let database = instance(&bureau).await;
    let cases = [
        ("UPDATE pay_voucher SET pay_app_amt = pay_app_amt + 1 WHERE pay_status = 'IN_REVIEW'", vec![13]),
        ("UPDATE pay_voucher SET pay_app_amt = pay_app_amt - 1 WHERE pay_status = 'IN_REVIEW'", vec![]),
        ("UPDATE pay_voucher_bill SET pay_amt = 4999", vec![14]),
        ("UPDATE pay_voucher_bill SET pay_amt = 5000", vec![]),
        ("UPDATE ba_bgt_info SET ori_bgt_id = origin_id", vec![15]),
        ("UPDATE ba_bgt_info SET ori_bgt_id = NULL", vec![]),
        ("UPDATE pay_voucher SET pay_status = 'RETURNED' WHERE pay_status = 'IN_REVIEW'", vec![16]),
    ];
    for (statement, expected) in cases {
        change(&database, statement).await;
        assert_eq!(failing(&bureau).await, expected, "{statement}");
    }
}
