//! Rules as documents: drafted by one, released by another, replaced from a day; conditions that cannot work are refused.

use common_types::Role;
use monitoring_contract::{Outcome, Rule};
use serde_json::{Value, json};
use service_kit::{Page, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::world::{BASE, COUNTY, NEIGHBOUR, PROVINCE, SCHOOL, World, codes, facts, own_account, refusal, rule, with};

const ALWAYS: &str = "pay.pay_app_amt >= param.amount";

async fn draft(world: &World, rule: &Value) -> Result<Value, PeerError> {
    world.supervisor().post(&format!("{BASE}/rules"), rule, &key()).await
}

#[tokio::test]
async fn a_released_rule_applies_and_a_draft_does_not() {
    let world = World::start().await;
    let drafted = draft(&world, &rule("L001", "1", ALWAYS)).await.unwrap();
    assert_eq!(drafted["rule_version"], 1);
    assert_eq!(world.evaluate(facts()).await.outcome, Outcome::Pass);
    world.release(&rule("L002", "1", ALWAYS)).await;
    assert_eq!(codes(&world.evaluate(facts()).await), ["L002"]);
}

#[tokio::test]
async fn who_drafts_a_rule_does_not_release_it() {
    let world = World::start().await;
    let drafted = draft(&world, &rule("L001", "1", ALWAYS)).await.unwrap();
    let actions = format!("{BASE}/rules/{}/actions", drafted["rule_id"].as_str().unwrap());
    let _submitted: Value = world.supervisor().post(&actions, &json!({"action": "submit"}), &key()).await.unwrap();
    let own = world.supervisor().post::<_, Value>(&actions, &json!({"action": "approve"}), &key()).await;
    assert_eq!(refusal(own).code(), "WF-002");
    let treasury = world.person("treasury", Role::M3, COUNTY, None);
    let other = treasury.post::<_, Value>(&actions, &json!({"action": "approve"}), &key()).await;
    assert_eq!(refusal(other).code(), "WF-003");
    assert_eq!(world.evaluate(facts()).await.outcome, Outcome::Pass);
}

#[tokio::test]
async fn a_new_version_replaces_the_old_one_from_its_day() {
    let world = World::start().await;
    world.release(&rule("L001", "1", ALWAYS)).await;
    let mut next = rule("L001", "3", ALWAYS);
    next["start_date"] = json!("2026-07-10");
    let released = world.release(&next).await;
    assert_eq!(released["rule_version"], 2);
    let (in_flight, later) = (Uuid::now_v7(), Uuid::now_v7());
    let before = world.evaluate_document(in_flight, facts()).await;
    assert_eq!((before.outcome, before.warnings[0].rule_version), (Outcome::Warn, 1));
    world.server.clock.set("2026-07-10T02:00:00Z".parse().unwrap());
    let after = world.evaluate_document(later, facts()).await;
    assert_eq!((after.outcome, after.warnings[0].rule_version), (Outcome::Intercept, 2));
    let kept = world.warning(before.warnings[0].warn_id).await;
    assert_eq!(
        (&kept["rule_version"], &kept["ctrl_type"]),
        (&json!(1), &json!("1")),
        "what was opened stays as it was"
    );
}

#[tokio::test]
async fn a_version_that_ended_does_not_bring_the_one_before_back() {
    let world = World::start().await;
    world.release(&rule("L001", "3", ALWAYS)).await;
    let mut next = rule("L001", "1", ALWAYS);
    next["end_date"] = json!("2026-07-09");
    world.release(&next).await;
    assert_eq!(world.evaluate(facts()).await.outcome, Outcome::Warn);
    world.server.clock.set("2026-07-10T02:00:00Z".parse().unwrap());
    assert_eq!(world.evaluate(facts()).await.outcome, Outcome::Pass);
}

#[tokio::test]
async fn a_rule_applies_between_its_days_only() {
    let world = World::start().await;
    let days =
        [("2026-07-09", "2026-12-31", false), ("2026-01-01", "2026-07-07", false), ("2026-07-08", "2026-07-08", true)];
    for (turn, (start, end, applies)) in days.into_iter().enumerate() {
        let code = format!("L00{turn}");
        let mut dated = rule(&code, "1", ALWAYS);
        dated["start_date"] = json!(start);
        dated["end_date"] = json!(end);
        world.release(&dated).await;
        assert_eq!(codes(&world.evaluate(facts()).await).contains(&code.as_str()), applies, "{start} to {end}");
    }
}

#[tokio::test]
async fn a_county_tightens_a_rule_of_the_province_for_itself_alone() {
    let world = World::start().await;
    let mut own = rule("M059", "3", "pay.pay_app_amt >= param.amount");
    own["params"] = json!({"amount": 100_000_000});
    world.release(&own).await;
    let large = with(|facts| facts.pay_app_amt = "1000000.00".parse().unwrap());
    assert!(codes(&world.evaluate(large.clone()).await).contains(&"M059"));
    let mut neighbour = large;
    neighbour.mof_div_code = NEIGHBOUR.parse().unwrap();
    assert!(!codes(&world.evaluate(neighbour).await).contains(&"M059"));
}

#[tokio::test]
async fn a_condition_that_does_not_parse_is_refused() {
    let world = World::start().await;
    for condition in ["pay.pay_app_amt >=", "pay.pay_app_amt >= 1 &&", "(", ""] {
        let problem = refusal(draft(&world, &rule("L001", "1", condition)).await);
        assert_eq!(problem.code(), "MON-101", "{condition:?}");
    }
    assert_eq!(rules(&world, "L001").await.len(), 0);
}

#[tokio::test]
async fn a_condition_over_an_unknown_field_is_refused_wherever_it_stands() {
    let world = World::start().await;
    let conditions = [
        "pay.colour == 'red'",
        "colour == 'red'",
        "pay.pay_app_amt > 999999999999 && pay.colour == 'red'",
        "pay.pay_app_amt >= 0 || pay.colour == 'red'",
        "pay.use_des.contains('a') ? pay.colour == 'red' : false",
        "pay.attachments.exists(kind, kind == pay.colour)",
        "pay.pay_app_amt < 0 && param.limit > 0",
        "pay.pay_app_amt < 0 && window.colour > 0",
        "indicator.amount > 0",
        "has(pay.colour)",
    ];
    for condition in conditions {
        let problem = refusal(draft(&world, &rule("L001", "1", condition)).await);
        assert_eq!(problem.code(), "MON-101", "{condition}");
    }
}

#[tokio::test]
async fn a_condition_that_gives_no_truth_value_or_uses_floats_is_refused() {
    let world = World::start().await;
    for condition in
        ["pay.pay_app_amt", "pay.use_des + 'a'", "double(pay.pay_app_amt) > 1.5", "pay.pay_app_amt < 0 && 1.5 > 1.0"]
    {
        assert_eq!(refusal(draft(&world, &rule("L001", "1", condition)).await).code(), "MON-101", "{condition}");
    }
}

#[tokio::test]
async fn an_end_before_the_start_is_refused() {
    let world = World::start().await;
    let mut backwards = rule("L001", "1", ALWAYS);
    backwards["end_date"] = json!("2025-12-31");
    assert_eq!(refusal(draft(&world, &backwards).await).code(), "MON-105");
}

#[tokio::test]
async fn only_the_supervisors_of_a_division_make_its_rules_and_exceptions() {
    let world = World::start().await;
    let entry = json!({
        "mof_div_code": COUNTY, "rule_code": "M004", "dimension": "agency_code", "value": SCHOOL,
        "reason": "食堂专户", "basis": "南财库〔2026〕8号", "end_date": "2026-12-31",
    });
    for (path, body) in [("rules", rule("L001", "1", ALWAYS)), ("whitelist-entries", entry)] {
        let path = format!("{BASE}/{path}");
        assert_eq!(refusal(world.clerk().post::<_, Value>(&path, &body, &key()).await).code(), "AUTH-004");
        for division in [NEIGHBOUR, PROVINCE] {
            let foreign = world.person("foreign", Role::M5, division, None);
            assert_eq!(refusal(foreign.post::<_, Value>(&path, &body, &key()).await).status().as_u16(), 404);
        }
    }
    assert_eq!(world.evaluate(own_account()).await.outcome, Outcome::Intercept);
}

#[tokio::test]
async fn an_exception_needs_reason_and_basis() {
    let world = World::start().await;
    for missing in ["reason", "basis"] {
        let mut entry = json!({
            "mof_div_code": COUNTY, "rule_code": "M004", "dimension": "agency_code", "value": SCHOOL,
            "reason": "食堂专户", "basis": "南财库〔2026〕8号", "end_date": "2026-12-31",
        });
        entry[missing] = json!("");
        let answer = world.supervisor().post::<_, Value>(&format!("{BASE}/whitelist-entries"), &entry, &key()).await;
        assert_eq!(refusal(answer).status().as_u16(), 422);
    }
}

#[tokio::test]
async fn a_division_sees_the_rules_that_apply_to_it() {
    let world = World::start().await;
    world.release(&rule("L001", "1", ALWAYS)).await;
    assert_eq!(rules(&world, "L001").await.len(), 1);
    let neighbour = world.person("neighbour", Role::M5, NEIGHBOUR, None);
    let page: Page<Rule> = neighbour.get(&format!("{BASE}/rules")).await.unwrap();
    assert!(page.items.iter().any(|rule| rule.content.rule_code == "M004"));
    assert!(!page.items.iter().any(|rule| rule.content.rule_code == "L001"));
}

#[tokio::test]
async fn a_draft_is_revised_by_its_maker_at_its_version_and_compiled_anew() {
    let world = World::start().await;
    let drafted = draft(&world, &rule("L001", "1", "pay.pay_app_amt < 0")).await.unwrap();
    let path = format!("{BASE}/rules/{}", drafted["rule_id"].as_str().unwrap());
    let better = rule("L001", "3", ALWAYS);
    let stale = world.supervisor().put::<_, Value>(&path, &better, Some(7)).await;
    assert_eq!(refusal(stale).code(), "WF-412");
    let other = world.second().put::<_, Value>(&path, &better, Some(1)).await;
    assert_eq!(refusal(other).code(), "WF-003");
    let broken = world.supervisor().put::<_, Value>(&path, &rule("L001", "3", "pay.colour"), Some(1)).await;
    assert_eq!(refusal(broken).code(), "MON-101");
    let renamed = world.supervisor().put::<_, Value>(&path, &rule("L002", "3", ALWAYS), Some(1)).await;
    assert_eq!(refusal(renamed).status().as_u16(), 422);
    let _revised: Value = world.supervisor().put(&path, &better, Some(1)).await.unwrap();
    let actions = format!("{path}/actions");
    let _submitted: Value = world.supervisor().post(&actions, &json!({"action": "submit"}), &key()).await.unwrap();
    let _released: Value = world.second().post(&actions, &json!({"action": "approve"}), &key()).await.unwrap();
    assert_eq!(world.evaluate(facts()).await.outcome, Outcome::Intercept);
    let late = world.supervisor().put::<_, Value>(&path, &better, Some(4)).await;
    assert_eq!(refusal(late).code(), "WF-001");
    let shown: Value = world.clerk().get(&path).await.unwrap();
    assert_eq!(shown["state"]["status"], "FINAL");
    let history: Value = world.clerk().get(&format!("{path}/history")).await.unwrap();
    let actions: Vec<_> = history.as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["open", "revise", "submit", "approve"]);
    let neighbour = world.person("neighbour", Role::M5, NEIGHBOUR, None);
    assert_eq!(refusal(neighbour.get::<Value>(&path).await).status().as_u16(), 404);
}

async fn rules(world: &World, code: &str) -> Vec<Rule> {
    let page: Page<Rule> = world.supervisor().get(&format!("{BASE}/rules?rule_code={code}")).await.unwrap();
    page.items
}
