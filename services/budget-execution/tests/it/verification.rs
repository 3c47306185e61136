//! What the verifier finds in the records themselves: each fault is planted by hand.

use budget_execution::{jobs, verification};
use budget_execution_contract::Clearing;
use serde_json::{Value, json};
use testkit::key;

use crate::{
    adjustment::body,
    bureau::{AGENCY, Bureau, DAY, batch, receipt, with},
    jobs::{change, failing, instance},
    world::{BASE, DIVISION},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_sum_that_is_not_that_of_its_lines_is_found() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let detail = |amount: &str| json!({"payee_acct_name": "张三", "payee_acct_no": "6217", "payee_acct_bank_name": "中国银行", "pay_amt": amount});
    bureau.draft(&batch(bgt_id, "3.00", json!([detail("1.00"), detail("2.00")]))).await.unwrap();
    let paid = bureau.paid(bgt_id, "100.00").await;
    let back = with(receipt(&paid.pay_cert_no, "RETURNED", "30.00"), "agent_business_no", json!("B9"));
    bureau.receive(&back).await.unwrap();
    let day = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "day": DAY});
    let _: Clearing = bureau.treasury().post(&format!("{BASE}/clearings"), &day, &key()).await.unwrap();
    let cut = body("A2", None, json!({"ori_bgt_id": bgt_id, "add_amount": "1.00"}));
    let _: Value = bureau.sector().post(&format!("{BASE}/adjustments"), &cut, &key()).await.unwrap();
    bureau.verified().await;
    let database = instance(&bureau).await;
    for (table, change_up, change_down) in [
        ("pay_detail", "pay_amt = pay_amt + 1", "pay_amt = pay_amt - 1"),
        ("pay_sum", "paid_amt = paid_amt + 1, lqd_amt = lqd_amt + 1", "paid_amt = paid_amt - 1, lqd_amt = lqd_amt - 1"),
        ("pay_sum", "ref_amt = ref_amt + 1, lqd_amt = lqd_amt - 1", "ref_amt = ref_amt - 1, lqd_amt = lqd_amt + 1"),
        ("pay_refund", "ref_amt = ref_amt + 1", "ref_amt = ref_amt - 1"),
        ("pay_quota", "notice_amt = notice_amt + 1", "notice_amt = notice_amt - 1"),
        ("pay_quota_line", "notice_amt = notice_amt + 1", "notice_amt = notice_amt - 1"),
        ("ba_adjustment", "total_amt = total_amt + 1", "total_amt = total_amt - 1"),
        ("ba_bgt_adjsub", "add_amount = add_amount + 1", "add_amount = add_amount - 1"),
    ] {
        change(&database, &format!("UPDATE {table} SET {change_up}")).await;
        assert!(failing(&bureau).await.contains(&17), "{table} {change_up}");
        change(&database, &format!("UPDATE {table} SET {change_down}")).await;
        assert!(failing(&bureau).await.is_empty(), "{table} {change_down}");
    }
    let elsewhere = "UPDATE pay_voucher_bill SET lqd_quota_notice_no = NULL";
    change(&database, elsewhere).await;
    assert!(failing(&bureau).await.contains(&17), "a notice covers other vouchers than it says");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_unit_that_keeps_money_or_is_applied_for_is_found() {
    let bureau = Bureau::start().await;
    bureau.indicator("1000.00").await;
    bureau.set("agent_agencies", json!({"901001": ["101002"]})).await;
    assert!(failing(&bureau).await.is_empty());
    for (stopped, subject) in
        [(AGENCY, AGENCY), ("901001", "agent_agencies 901001"), ("101002", "agent_agencies 101002")]
    {
        bureau.stop_units(&[stopped]);
        let check = bureau.verification().await.invariants.into_iter().find(|check| check.invariant == 19).unwrap();
        assert!(!check.ok && check.differences.len() == 1, "{stopped}: {check:?}");
        assert!(check.differences[0].subject.ends_with(subject), "{check:?}");
    }
    bureau.stop_units(&["101009"]);
    assert!(failing(&bureau).await.is_empty());
    let night = jobs::verify_all(&instance(&bureau).await, &bureau.platform(), DAY.parse().unwrap()).await.unwrap();
    assert_eq!(night, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_base_info_does_not_tell_is_not_checked_and_the_rest_is() {
    let bureau = Bureau::start().await;
    bureau.indicator("1000.00").await;
    let nobody = service_kit::Peer::anonymous("http://127.0.0.1:9".parse().unwrap());
    let report =
        verification::of_division(&instance(&bureau).await, &nobody, &DIVISION.parse().unwrap()).await.unwrap();
    let made: Vec<i32> = report.invariants.iter().map(|check| check.invariant).collect();
    assert!(report.ok && made.contains(&18) && !made.contains(&19), "{made:?}");
}

/// What keeps numbers apart while nobody tampers with the database.
const FENCES: [&str; 2] =
    ["pay_voucher__mof_div_code_fiscal_year_pay_app_no", "pay_voucher_bill__mof_div_code_pay_cert_no"];

async fn two_vouchers() -> Bureau {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    for _ in 0..2 {
        bureau.signed(bgt_id, "1.00").await;
    }
    bureau.verified().await;
    bureau
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_or_a_reservation_of_two_records_is_found() {
    for (table, column, id) in [
        ("pay_voucher", "reservation_id", "pay_app_id"),
        ("pay_voucher", "pay_app_no", "pay_app_id"),
        ("pay_voucher_bill", "pay_cert_no", "pay_cert_id"),
    ] {
        let bureau = two_vouchers().await;
        let database = instance(&bureau).await;
        for fence in FENCES {
            change(&database, &format!("DROP INDEX {fence}")).await;
        }
        let first = format!("SELECT {column} FROM {table} ORDER BY {id} LIMIT 1");
        change(&database, &format!("UPDATE {table} SET {column} = ({first})")).await;
        assert!(failing(&bureau).await.contains(&18), "{table} {column}");
    }
}
