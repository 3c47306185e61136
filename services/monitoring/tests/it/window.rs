//! Windows over what was paid before.

use monitoring_contract::PaymentFacts;

use crate::world::{BASE, NEIGHBOUR, World, codes, facts, refusal, with};

fn of_amount(facts: &PaymentFacts, amount: &str) -> PaymentFacts {
    let mut facts = facts.clone();
    facts.pay_app_amt = amount.parse().unwrap();
    facts
}

#[tokio::test]
async fn three_payments_within_a_week_that_reach_the_limit_together_are_a_split() {
    let world = World::start().await;
    let part = of_amount(&facts(), "90000.00");
    world.paid(&part, "2026-07-03").await;
    assert!(!codes(&world.evaluate(part.clone()).await).contains(&"M018"), "two are no split");
    world.paid(&of_amount(&part, "80000.00"), "2026-07-06").await;
    assert!(codes(&world.evaluate(part.clone()).await).contains(&"M018"));
    let small = of_amount(&part, "29999.99");
    assert!(!codes(&world.evaluate(small).await).contains(&"M018"), "together below the limit");
}

#[tokio::test]
async fn what_lies_before_the_window_does_not_count() {
    let world = World::start().await;
    let part = of_amount(&facts(), "90000.00");
    world.paid(&part, "2026-06-30").await;
    world.paid(&of_amount(&part, "80000.00"), "2026-06-30").await;
    assert!(!codes(&world.evaluate(part.clone()).await).contains(&"M018"));
}

#[tokio::test]
async fn another_indicator_or_payee_or_division_is_no_split() {
    let world = World::start().await;
    let part = of_amount(&facts(), "90000.00");
    world.paid(&part, "2026-07-06").await;
    world.paid(&of_amount(&part, "80000.00"), "2026-07-07").await;
    let indicator = with(|facts| facts.pay_app_amt = part.pay_app_amt);
    let mut payee = part.clone();
    payee.payee_acct_no = "6222000000000002".parse().unwrap();
    let mut division = part.clone();
    division.mof_div_code = NEIGHBOUR.parse().unwrap();
    for other in [indicator, payee, division] {
        assert!(!codes(&world.evaluate(other).await).contains(&"M018"));
    }
}

#[tokio::test]
async fn the_same_payee_amount_and_purpose_within_thirty_days_is_a_repetition() {
    let world = World::start().await;
    world.paid(&facts(), "2026-06-09").await;
    assert!(codes(&world.evaluate(facts()).await).contains(&"M019"));
    let purpose = with(|facts| facts.use_des = "购买复印纸".to_owned());
    let amount = of_amount(&facts(), "1234.51");
    for other in [purpose, amount] {
        assert!(!codes(&world.evaluate(other).await).contains(&"M019"));
    }
}

#[tokio::test]
async fn a_payment_of_thirty_one_days_ago_is_no_repetition() {
    let world = World::start().await;
    world.paid(&facts(), "2026-06-07").await;
    assert!(!codes(&world.evaluate(facts()).await).contains(&"M019"));
}

#[tokio::test]
async fn a_known_account_is_no_longer_a_first_payment() {
    let world = World::start().await;
    let large = of_amount(&facts(), "200000.00");
    assert!(codes(&world.evaluate(large.clone()).await).contains(&"M027"));
    world.paid(&facts(), "2026-01-10").await;
    assert!(!codes(&world.evaluate(large).await).contains(&"M027"));
}

#[tokio::test]
async fn an_account_used_under_another_name_is_noticed() {
    let world = World::start().await;
    world.paid(&with(|facts| facts.payee_acct_name = "南昌办公用品有限公司".to_owned()), "2026-03-10").await;
    assert!(codes(&world.evaluate(facts()).await).contains(&"M028"));
}

#[tokio::test]
async fn an_event_delivered_twice_counts_once() {
    let world = World::start().await;
    let part = of_amount(&facts(), "90000.00");
    let (id, data) = (testkit::key(), world.paid_event(&part, "2026-07-06"));
    for _ in 0..3 {
        world.tell_as(&id, "payment.paid", data.clone()).await;
    }
    let third = of_amount(&part, "150000.00");
    assert!(!codes(&world.evaluate(third).await).contains(&"M018"), "one payment was counted more than once");
}

#[tokio::test]
async fn an_event_that_is_not_known_is_taken_and_left_aside() {
    let world = World::start().await;
    world.tell("year.closed", serde_json::json!({"anything": true})).await;
}

#[tokio::test]
async fn only_services_tell_of_events() {
    let world = World::start().await;
    let event = serde_json::json!({
        "specversion": "1.0", "id": "1", "source": "budget-execution", "type": "budget-execution.year.closed",
        "subject": "1", "time": "2026-07-08T02:00:00Z", "data": {},
    });
    let answer = world.supervisor().post::<_, serde_json::Value>(&format!("{BASE}/events"), &event, "1").await;
    assert_eq!(refusal(answer).code(), "AUTH-004");
}
