//! Rules that look back: what was paid before reaches them as events.

use budget_execution_contract::PAYMENT_PAID;
use common_types::Role;
use monitoring_contract::PaymentFacts;
use serde_json::{Value, json};
use service_kit::store::outbox::CloudEvent;
use uuid::Uuid;

use crate::world::{COUNTY, OTHER_COUNTY, TODAY, World, but, code, codes, event, facts, payment, post, request, yuan};

async fn is_met(world: &World, rule: &str, facts: PaymentFacts) -> bool {
    codes(&world.verdict(facts).await).contains(&rule)
}

/// One of several payments that together pass the limit of M018.
fn part() -> PaymentFacts {
    but(|f| f.pay_app_amt = yuan("70000.00"))
}

#[actix_web::test]
async fn the_third_part_within_a_week_looks_split() {
    let world = World::start().await;
    world.paid(payment(&part(), "2026-06-03")).await;
    assert!(!is_met(&world, "M018", part()).await);
    world.paid(payment(&part(), TODAY)).await;
    assert!(is_met(&world, "M018", part()).await);
    assert!(!is_met(&world, "M018", but(|f| f.pay_app_amt = yuan("59999.99"))).await);
    assert!(!is_met(&world, "M018", but(|f| f.pay_app_amt = yuan("200000.00"))).await);
    let elsewhere = PaymentFacts { bgt_id: Uuid::from_u128(2), ..part() };
    assert!(!is_met(&world, "M018", elsewhere).await);
    let other_payee = PaymentFacts { payee_acct_no: "6002".parse().unwrap(), ..part() };
    assert!(!is_met(&world, "M018", other_payee).await);

    world.go_to("2026-06-11");
    assert!(!is_met(&world, "M018", part()).await);
}

#[actix_web::test]
async fn the_same_payment_within_thirty_days_looks_doubled() {
    let world = World::start().await;
    world.paid(payment(&facts(), "2026-05-11")).await;
    assert!(is_met(&world, "M019", facts()).await);
    assert!(!is_met(&world, "M019", but(|f| f.pay_app_amt = yuan("1000.01"))).await);
    assert!(!is_met(&world, "M019", but(|f| f.use_des = "办公用品采购尾款".into())).await);
    assert!(!is_met(&world, "M019", but(|f| f.mof_div_code = OTHER_COUNTY.parse().unwrap())).await);
    world.go_to("2026-06-11");
    assert!(!is_met(&world, "M019", facts()).await);
}

#[actix_web::test]
async fn an_account_that_had_another_name_is_met() {
    let world = World::start().await;
    world.paid(payment(&facts(), "2026-01-05")).await;
    assert!(!is_met(&world, "M028", facts()).await);
    assert!(is_met(&world, "M028", but(|f| f.payee_acct_name = "另一公司".into())).await);
}

#[actix_web::test]
async fn an_account_that_was_paid_before_is_known() {
    let world = World::start().await;
    let large = || but(|f| f.pay_app_amt = yuan("200000.00"));
    assert!(is_met(&world, "M027", large()).await);
    world.paid(payment(&facts(), "2026-01-05")).await;
    assert!(!is_met(&world, "M027", large()).await);
}

#[actix_web::test]
async fn a_payment_does_not_double_itself() {
    let world = World::start().await;
    let asked = request(facts());
    let mut paid = payment(&facts(), TODAY);
    paid.pay_app_id = asked.document_id;
    world.paid(paid).await;
    assert_eq!(codes(&world.evaluate(&asked).await), Vec::<&str>::new());
    assert!(is_met(&world, "M019", facts()).await);
}

#[actix_web::test]
async fn a_payment_told_twice_counts_once() {
    let world = World::start().await;
    let told = event(PAYMENT_PAID, &payment(&part(), TODAY));
    world.hear(&told).await;
    world.hear(&told).await;
    world.hear(&CloudEvent { id: testkit::key(), ..told.clone() }).await;
    assert!(!is_met(&world, "M018", part()).await);
    world.paid(payment(&part(), TODAY)).await;
    assert!(is_met(&world, "M018", part()).await);
}

#[actix_web::test]
async fn events_come_from_machines_and_unknown_ones_are_left_aside() {
    let world = World::start().await;
    let told = event(PAYMENT_PAID, &payment(&facts(), TODAY));
    let person = world.person("person", &[Role::M5], COUNTY, None);
    assert_eq!(code(post::<_, Value>(&person, "/events", &told).await), "AUTH-004");
    world.hear(&event("budget-execution.something.else", &json!({"a": 1}))).await;

    let broken = CloudEvent { data: json!({"pay_cert_id": 1}), ..told.clone() };
    assert_eq!(code(post::<_, Value>(&world.machine(), "/events", &broken).await), "HTTP-400");
    assert!(!is_met(&world, "M019", facts()).await);
    world.hear(&told).await;
    assert!(is_met(&world, "M019", facts()).await);
}
