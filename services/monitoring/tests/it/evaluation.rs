//! Evaluations: the hardest handling wins, a warning is opened once, nothing passes because a rule is broken.

use common_types::CtrlType;
use monitoring_contract::{Outcome, Verdict};
use serde_json::{Value, json};
use service_kit::PeerError;
use testkit::key;
use uuid::Uuid;

use crate::world::{BASE, COUNTY, SCHOOL, World, codes, facts, id, own_account, refusal, request, rule, with};

fn path() -> String {
    format!("{BASE}/evaluations")
}

#[tokio::test]
async fn each_handling_gives_its_outcome() {
    let world = World::start().await;
    let by_handling = [
        (facts(), Outcome::Pass),
        (with(|facts| facts.pay_app_amt = "200000.00".parse().unwrap()), Outcome::Record),
        (with(|facts| facts.use_des = "支付往来款".to_owned()), Outcome::Warn),
        (with(|facts| facts.use_des = "采购礼品".to_owned()), Outcome::WarnWithAttachment),
        (own_account(), Outcome::Intercept),
        (with(|facts| facts.pro_kind_code = Some("11".parse().unwrap())), Outcome::Forbid),
    ];
    for (facts, outcome) in by_handling {
        assert_eq!(world.evaluate(facts).await.outcome, outcome);
    }
}

#[tokio::test]
async fn the_hardest_of_several_handlings_wins() {
    let world = World::start().await;
    let mut facts = own_account();
    facts.use_des = "采购礼品".to_owned();
    let verdict = world.evaluate(facts).await;
    assert_eq!(codes(&verdict), ["M004", "M017"]);
    assert_eq!(verdict.outcome, Outcome::Intercept);
}

#[tokio::test]
async fn a_message_tells_amount_and_payee_in_both_languages() {
    let world = World::start().await;
    let verdict = world.evaluate(with(|facts| facts.pay_app_amt = "200000.00".parse().unwrap())).await;
    let hit = verdict.warnings.iter().find(|hit| hit.rule_code == "M027").unwrap();
    assert!(hit.message_zh.contains("200000.00"), "{}", hit.message_zh);
    assert!(hit.message_en.contains("200000.00"), "{}", hit.message_en);
    let own = world.evaluate(own_account()).await;
    assert!(own.warnings[0].message_zh.contains("南昌县第二中学"), "{}", own.warnings[0].message_zh);
}

#[tokio::test]
async fn a_repeated_evaluation_opens_its_warnings_once() {
    let world = World::start().await;
    let document = Uuid::now_v7();
    let first = world.evaluate_document(document, own_account()).await;
    let second = world.evaluate_document(document, own_account()).await;
    assert_eq!(first.warnings, second.warnings);
    assert_eq!(world.warnings(&format!("document_id={document}")).await.len(), 1);
}

#[tokio::test]
async fn a_repeated_request_answers_the_same_and_another_content_under_its_key_is_refused() {
    let world = World::start().await;
    let (machine, key, asked) = (world.machine(), key(), request(Uuid::now_v7(), own_account()));
    let first: Verdict = machine.post(&path(), &asked, &key).await.unwrap();
    let again: Verdict = machine.post(&path(), &asked, &key).await.unwrap();
    assert_eq!(first, again);
    let other = machine.post::<_, Verdict>(&path(), &request(asked.document_id, facts()), &key).await;
    assert_eq!(refusal(other).code(), "IDEM-002");
}

#[tokio::test]
async fn evaluations_of_one_document_at_once_open_one_warning() {
    let world = World::start().await;
    let document = Uuid::now_v7();
    let evaluations = (0..8).map(|_| world.evaluate_document(document, own_account()));
    let verdicts = futures::future::join_all(evaluations).await;
    assert!(verdicts.iter().all(|verdict| verdict.warnings == verdicts[0].warnings));
    assert_eq!(world.warnings(&format!("document_id={document}")).await.len(), 1);
}

#[tokio::test]
async fn a_dry_run_answers_and_keeps_nothing() {
    let world = World::start().await;
    let document = Uuid::now_v7();
    let request = request(document, own_account());
    let verdict: Verdict = world.machine().post(&format!("{}?dry_run=true", path()), &request, &key()).await.unwrap();
    assert_eq!(verdict.outcome, Outcome::Intercept);
    assert_eq!(world.warnings(&format!("document_id={document}")).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_rule_that_fails_while_it_runs_intercepts() {
    let world = World::start().await;
    let condition = "pay.pay_app_amt / (pay.pay_app_amt - 123450) > 0";
    world.release(&rule("L001", "5", condition)).await;
    let verdict = world.evaluate(facts()).await;
    let hit = verdict.warnings.iter().find(|hit| hit.rule_code == "L001").unwrap();
    assert_eq!((verdict.outcome, hit.ctrl_type), (Outcome::Intercept, CtrlType::Intercept));
    assert!(hit.message_zh.contains("L001"), "{}", hit.message_zh);
    let other = world.evaluate(with(|facts| facts.pay_app_amt = "1.00".parse().unwrap())).await;
    assert_eq!(codes(&other), Vec::<&str>::new());
}

#[tokio::test]
async fn after_a_violation_the_same_document_is_held_by_a_new_warning() {
    let world = World::start().await;
    let document = Uuid::now_v7();
    let first = world.evaluate_document(document, own_account()).await.warnings[0].warn_id;
    let affirm = json!({"affirm_result": "2", "opinion": "违规"});
    let path = format!("{BASE}/warnings/{first}/affirmations");
    let explain = json!({"text": "误操作", "contact": "李某", "phone": "0791", "attachments": [
        {"kind": "explanation", "name": "说明.pdf", "hash": "b".repeat(64)}]});
    let _explained: Value =
        world.clerk().post(&format!("{BASE}/warnings/{first}/explanations"), &explain, &key()).await.unwrap();
    let _affirmed: Value = world.supervisor().post(&path, &affirm, &key()).await.unwrap();
    let second = world.evaluate_document(document, own_account()).await.warnings[0].warn_id;
    assert_ne!(first, second, "a decided warning cannot hold the document again");
    let third = world.evaluate_document(document, own_account()).await.warnings[0].warn_id;
    assert_eq!(second, third);
}

#[tokio::test]
async fn only_services_ask_for_an_evaluation() {
    let world = World::start().await;
    for person in [world.clerk(), world.supervisor()] {
        let answer = person.post::<_, Verdict>(&path(), &request(Uuid::now_v7(), facts()), &key()).await;
        assert_eq!(refusal(answer).code(), "AUTH-004");
    }
    let nobody = service_kit::Peer::anonymous(world.server.base.clone());
    let answer = nobody.post::<_, Verdict>(&path(), &request(Uuid::now_v7(), facts()), &key()).await;
    assert_eq!(refusal(answer).status().as_u16(), 401);
}

#[tokio::test]
async fn unreadable_facts_are_refused_and_open_nothing() {
    let world = World::start().await;
    let document = Uuid::now_v7();
    for (field, value) in [("pay_app_amt", "1.234"), ("dep_bgt_eco_code", "乱"), ("mof_div_code", "36")] {
        let mut body = serde_json::to_value(request(document, own_account())).unwrap();
        body["facts"][field] = json!(value);
        let answer: Result<Value, PeerError> = world.machine().post(&path(), &body, &key()).await;
        let problem = refusal(answer);
        assert_eq!(problem.status().as_u16(), 422, "{field}");
    }
    let mut body = serde_json::to_value(request(document, own_account())).unwrap();
    body["colour"] = json!("red");
    assert_eq!(refusal(world.machine().post::<_, Value>(&path(), &body, &key()).await).status().as_u16(), 422);
    assert_eq!(world.warnings(&format!("document_id={document}")).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_whitelisted_payment_passes_until_the_last_day_and_its_hit_is_recorded() {
    let world = World::start().await;
    let entry = json!({
        "mof_div_code": COUNTY, "rule_code": "M004", "dimension": "agency_code", "value": SCHOOL,
        "reason": "食堂专户", "basis": "南财库〔2026〕8号", "end_date": "2026-07-10",
    });
    let path = format!("{BASE}/whitelist-entries");
    let _entry: Value = world.supervisor().post(&path, &entry, &key()).await.unwrap();
    let verdict = world.evaluate(own_account()).await;
    assert_eq!(verdict.outcome, Outcome::Pass);
    assert_eq!(codes(&verdict), Vec::<&str>::new());
    assert_eq!(verdict.whitelisted, ["M004"]);
    let elsewhere = with(|facts| {
        *facts = own_account();
        facts.agency_code = "205010".parse().unwrap();
    });
    assert_eq!(world.evaluate(elsewhere).await.outcome, Outcome::Intercept);
    world.server.clock.set("2026-07-11T02:00:00Z".parse().unwrap());
    assert_eq!(world.evaluate(own_account()).await.outcome, Outcome::Intercept);
}

#[tokio::test]
async fn a_warning_keeps_what_it_was_about() {
    let world = World::start().await;
    let verdict = world.evaluate(own_account()).await;
    let warning = world.warning(verdict.warnings[0].warn_id).await;
    assert_eq!(id(&warning, "warn_id"), verdict.warnings[0].warn_id);
    assert_eq!(warning["rule_code"], "M004");
    assert_eq!(warning["rule_version"], 1);
    assert_eq!(warning["agency_code"], SCHOOL);
    assert_eq!(warning["amount"], "1234.50");
    assert_eq!(warning["status"], "0");
    assert_eq!(warning["affirm_result"], "0");
}
