//! Scheduled rules over a year's facts: found once per rule, subject and month.

use common_types::Role;
use monitoring_contract::{PaymentFacts, ScanResult};
use serde_json::json;
use service_kit::PeerError;
use testkit::key;

use crate::world::{BASE, COUNTY, NEIGHBOUR, World, facts, refusal, with};

async fn scan(world: &World, as_of: &str) -> ScanResult {
    let body = json!({"mof_div_code": COUNTY, "fiscal_year": 2026, "as_of": as_of});
    world.supervisor().post(&format!("{BASE}/scans"), &body, &key()).await.unwrap()
}

async fn found(world: &World, code: &str) -> usize {
    world.warnings(&format!("rule_code={code}")).await.len()
}

fn of_amount(amount: &str) -> PaymentFacts {
    with(|facts| facts.pay_app_amt = amount.parse().unwrap())
}

#[tokio::test]
async fn a_large_round_payment_is_found_once_a_month() {
    let world = World::start().await;
    world.paid(&of_amount("100000.00"), "2026-07-06").await;
    world.paid(&of_amount("100000.01"), "2026-07-06").await;
    world.paid(&of_amount("90000.00"), "2026-07-06").await;
    assert_eq!(scan(&world, "2026-07-08").await.opened, 1);
    assert_eq!(scan(&world, "2026-07-09").await.opened, 0);
    assert_eq!(found(&world, "M021").await, 1);
}

#[tokio::test]
async fn a_payment_on_a_weekend_is_found() {
    let world = World::start().await;
    world.paid(&facts(), "2026-07-04").await;
    world.paid(&facts(), "2026-07-06").await;
    scan(&world, "2026-07-08").await;
    assert_eq!(found(&world, "M020").await, 1);
}

#[tokio::test]
async fn spending_that_crowds_into_december_is_found() {
    let world = World::start().await;
    world.paid(&of_amount("600.00"), "2026-05-06").await;
    world.paid(&of_amount("400.00"), "2026-12-08").await;
    scan(&world, "2026-12-31").await;
    assert_eq!(found(&world, "M029").await, 0, "at the limit");
    world.paid(&of_amount("0.10"), "2026-12-09").await;
    scan(&world, "2026-12-31").await;
    assert_eq!(found(&world, "M029").await, 1);
}

#[tokio::test]
async fn an_indicator_that_is_not_used_is_slow_and_idle_and_one_that_is_used_is_neither() {
    let world = World::start().await;
    world.server.clock.set("2026-01-10T02:00:00Z".parse().unwrap());
    let (idle, used) = (facts(), of_amount("900.00"));
    world.issued(&idle, "1000.00").await;
    world.issued(&used, "1000.00").await;
    world.paid(&used, "2026-03-02").await;
    scan(&world, "2026-03-10").await;
    assert_eq!((found(&world, "M030").await, found(&world, "M032").await), (0, 0), "within the time allowed");
    scan(&world, "2026-07-08").await;
    assert_eq!((found(&world, "M030").await, found(&world, "M032").await), (1, 1));
}

#[tokio::test]
async fn money_that_came_back_does_not_count_as_used() {
    let world = World::start().await;
    world.server.clock.set("2026-01-10T02:00:00Z".parse().unwrap());
    let facts = of_amount("900.00");
    world.issued(&facts, "1000.00").await;
    let voucher = world.paid(&facts, "2026-03-02").await;
    world.refunded(voucher, &facts, "2026-03-05").await;
    scan(&world, "2026-07-08").await;
    assert_eq!((found(&world, "M030").await, found(&world, "M032").await), (1, 1));
}

#[tokio::test]
async fn many_refunds_are_found() {
    let world = World::start().await;
    world.paid(&of_amount("950.00"), "2026-05-06").await;
    let small = of_amount("50.00");
    let voucher = world.paid(&small, "2026-05-07").await;
    world.refunded(voucher, &small, "2026-05-08").await;
    scan(&world, "2026-07-08").await;
    assert_eq!(found(&world, "M054").await, 0, "at the limit");
    world.refunded(voucher, &of_amount("0.10"), "2026-05-09").await;
    scan(&world, "2026-07-08").await;
    assert_eq!(found(&world, "M054").await, 1);
}

#[tokio::test]
async fn a_rule_that_fails_does_not_stop_the_others() {
    let world = World::start().await;
    let broken = json!({
        "rule_code": "L001", "rule_name": "本县规则", "mof_div_code": COUNTY, "trigger_class": "2", "subject": "payment",
        "warn_level": "1", "ctrl_type": "5", "condition": "pay.amount / (pay.amount - 10000000) > 0",
        "message_zh": "整数", "message_en": "round", "start_date": "2026-01-01",
    });
    world.release(&broken).await;
    world.paid(&of_amount("100000.00"), "2026-07-06").await;
    let result = scan(&world, "2026-07-08").await;
    assert_eq!(result.failed, ["L001"]);
    assert_eq!(found(&world, "M021").await, 1);
}

#[tokio::test]
async fn the_monitor_scans_by_itself_as_days_pass() {
    let world = World::start().await;
    world.paid(&of_amount("100000.00"), "2026-07-06").await;
    world.server.clock.set("2026-07-09T02:00:00Z".parse().unwrap());
    let warnings = crate::world::until(|| world.warnings("rule_code=M021"), |warnings| !warnings.is_empty()).await;
    assert_eq!(warnings.len(), 1);
}

#[tokio::test]
async fn only_the_supervisors_of_a_division_scan_it() {
    let world = World::start().await;
    let body = json!({"mof_div_code": COUNTY, "fiscal_year": 2026, "as_of": "2026-07-08"});
    let path = format!("{BASE}/scans");
    let clerk: Result<ScanResult, PeerError> = world.clerk().post(&path, &body, &key()).await;
    assert_eq!(refusal(clerk).code(), "AUTH-004");
    let neighbour = world.person("neighbour", Role::M5, NEIGHBOUR, None);
    let foreign: Result<ScanResult, PeerError> = neighbour.post(&path, &body, &key()).await;
    assert_eq!(refusal(foreign).status().as_u16(), 404);
}
