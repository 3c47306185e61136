//! Rules and whitelists: who sets them, from when to when they hold, and what a bad condition does.

use common_types::{CtrlType, Role};
use monitoring_contract::{NewRule, Outcome, Rule, WhitelistEntry};
use serde_json::{Value, json};
use service_kit::Page;

use crate::world::{
    COUNTY, OTHER_COUNTY, TODAY, UNIT, World, act, but, code, codes, day, facts, get, new_rule, post, refused, yuan,
};

#[actix_web::test]
async fn a_rule_holds_from_its_approval_on() {
    let world = World::start().await;
    let (drafter, approver) = (world.supervisor(), world.person("approver", &[Role::M5], COUNTY, None));
    let rule: Rule = post(&drafter, "/rules", &new_rule("C001", "pay.pay_app_amt > 0")).await.unwrap();
    assert_eq!(codes(&world.verdict(facts()).await), Vec::<&str>::new());
    act(&drafter, &rule, "submit").await.unwrap();
    assert_eq!(code(act(&drafter, &rule, "approve").await), "WF-002");
    assert_eq!(codes(&world.verdict(facts()).await), Vec::<&str>::new());
    act(&approver, &rule, "approve").await.unwrap();
    let verdict = world.verdict(facts()).await;
    assert_eq!((codes(&verdict), verdict.warnings[0].message_zh.as_str()), (vec!["C001"], "提示 1000.00"));

    act(&approver, &rule, "discard").await.unwrap();
    assert_eq!(codes(&world.verdict(facts()).await), Vec::<&str>::new());
}

#[actix_web::test]
async fn only_supervision_of_the_division_sets_its_rules() {
    let world = World::start().await;
    let new = new_rule("C001", "true");
    for (role, division, expected) in
        [(Role::M7, COUNTY, "AUTH-004"), (Role::U1, COUNTY, "AUTH-004"), (Role::M5, OTHER_COUNTY, "HTTP-404")]
    {
        let peer = world.person("somebody", &[role], division, None);
        assert_eq!(code(post::<_, Rule>(&peer, "/rules", &new).await), expected, "{role} of {division}");
    }
    let of_unit = world.person("somebody", &[Role::M5], COUNTY, Some(UNIT));
    assert_eq!(code(post::<_, Rule>(&of_unit, "/rules", &new).await), "HTTP-404");
    let rule: Rule = post(&world.supervisor(), "/rules", &new).await.unwrap();
    let stranger = world.person("stranger", &[Role::M5], OTHER_COUNTY, None);
    assert_eq!(code(act(&stranger, &rule, "submit").await), "HTTP-404");
}

#[actix_web::test]
async fn a_county_s_rule_holds_in_the_county() {
    let world = World::start().await;
    world.rule(&new_rule("C001", "true")).await;
    assert_eq!(codes(&world.verdict(facts()).await), ["C001"]);
    let elsewhere = but(|f| f.mof_div_code = OTHER_COUNTY.parse().unwrap());
    assert_eq!(codes(&world.verdict(elsewhere).await), Vec::<&str>::new());
}

#[actix_web::test]
async fn the_nearest_division_s_rule_takes_the_place_of_the_province_s() {
    let world = World::start().await;
    let vague = || but(|f| f.use_des = "职工借款".into());
    assert_eq!(world.verdict(vague()).await.outcome, Outcome::Warn);
    let stricter = NewRule { ctrl_type: CtrlType::Forbid, ..new_rule("M016", "pay.use_des.contains('借款')") };
    world.rule(&stricter).await;
    let verdict = world.verdict(vague()).await;
    assert_eq!((codes(&verdict), verdict.outcome), (vec!["M016"], Outcome::Forbid));
    let elsewhere = but(|f| {
        f.use_des = "职工借款".into();
        f.mof_div_code = OTHER_COUNTY.parse().unwrap()
    });
    assert_eq!(world.verdict(elsewhere).await.outcome, Outcome::Warn);
}

#[actix_web::test]
async fn a_new_version_holds_from_its_day_and_the_old_one_until_then() {
    let world = World::start().await;
    world.rule(&new_rule("C001", "pay.pay_app_amt >= 100000")).await;
    let second = NewRule { start_date: day("2026-06-11"), ..new_rule("C001", "pay.pay_app_amt >= 200000") };
    assert_eq!(world.rule(&second).await.rule_version, 2);

    let of = |amount: &'static str| but(|f| f.pay_app_amt = yuan(amount));
    let first = world.verdict(of("1000.00")).await;
    assert_eq!((codes(&first), first.warnings[0].rule_version), (vec!["C001"], 1));
    world.go_to("2026-06-11");
    assert_eq!(codes(&world.verdict(of("1999.99")).await), Vec::<&str>::new());
    let later = world.verdict(of("2000.00")).await;
    assert_eq!((codes(&later), later.warnings[0].rule_version), (vec!["C001"], 2));

    let versions: Page<Rule> = get(&world.supervisor(), "/rules?rule_code=C001").await.unwrap();
    assert_eq!(versions.items.iter().map(|rule| rule.rule_version).collect::<Vec<_>>(), [1, 2]);
}

#[actix_web::test]
async fn a_rule_ends_with_its_last_day() {
    let world = World::start().await;
    world.rule(&NewRule { end_date: Some(day(TODAY)), ..new_rule("C001", "true") }).await;
    assert_eq!(codes(&world.verdict(facts()).await), ["C001"]);
    world.go_to("2026-06-11");
    assert_eq!(codes(&world.verdict(facts()).await), Vec::<&str>::new());

    let backwards = NewRule { end_date: Some(day("2025-12-31")), ..new_rule("C002", "true") };
    assert_eq!(code(post::<_, Rule>(&world.supervisor(), "/rules", &backwards).await), "MON-105");
}

#[actix_web::test]
async fn a_condition_that_cannot_be_used_is_refused() {
    let world = World::start().await;
    let conditions = [
        "pay.pay_app_amt >",
        "(pay.pay_app_amt > 0",
        "",
        "pay.colour == 'red'",
        "pay.set_mode_code == '3' && pay.colour == 'red'",
        "pay.pay_app_amt >= 0 || window.nothing > 0",
        "pay.set_mode_code == '3' && pay.attachments.exists(kind, kind == pay.colour)",
        "agency.paid > 0",
        "pay.set_mode_code == '3' && payment.amount > 0",
        "pay.pay_app_amt >= param.limit",
        "pay.pay_app_amt",
        "'yes'",
    ];
    for condition in conditions {
        let refusal = refused(post::<_, Rule>(&world.supervisor(), "/rules", &new_rule("C001", condition)).await);
        let document = serde_json::to_value(refusal.document()).unwrap();
        assert_eq!(
            (refusal.code(), &document["errors"][0]["pointer"]),
            ("MON-101", &json!("/condition")),
            "{condition}"
        );
    }
    let versions: Page<Rule> = get(&world.supervisor(), "/rules?rule_code=C001").await.unwrap();
    assert_eq!(versions.items.len(), 0);
}

#[actix_web::test]
async fn a_condition_may_use_what_its_subject_has() {
    let world = World::start().await;
    let mut with_param =
        new_rule("C001", "pay.attachments.exists(kind, kind == 'invoice') || pay.pay_app_amt >= param.limit");
    with_param.params.insert("limit".into(), 100_000);
    world.rule(&with_param).await;
    assert_eq!(codes(&world.verdict(facts()).await), ["C001"]);
    assert_eq!(codes(&world.verdict(but(|f| f.pay_app_amt = yuan("999.99"))).await), Vec::<&str>::new());

    let scheduled = json!({"trigger_class": "2", "subject": "agency"});
    let mut of_agency = serde_json::to_value(new_rule("C002", "agency.refunded > 0")).unwrap();
    of_agency.as_object_mut().unwrap().extend(scheduled.as_object().unwrap().clone());
    assert_eq!(post::<_, Rule>(&world.supervisor(), "/rules", &of_agency).await.unwrap().rule_version, 1);
    of_agency["subject"] = json!("indicator");
    assert_eq!(code(post::<_, Rule>(&world.supervisor(), "/rules", &of_agency).await), "MON-101");
}

#[actix_web::test]
async fn a_rule_that_breaks_intercepts() {
    let world = World::start().await;
    world.rule(&new_rule("C001", "1000 / (pay.pay_app_amt - 100) > 1000")).await;
    assert_eq!(world.verdict(facts()).await.outcome, Outcome::Pass);
    let verdict = world.verdict(but(|f| f.pay_app_amt = yuan("1.00"))).await;
    assert_eq!((codes(&verdict), verdict.outcome), (vec!["C001"], Outcome::Intercept));
    assert_eq!(verdict.warnings[0].message_zh, "规则 C001 无法执行，先行拦截");
    assert_eq!(world.warnings().await[0].ctrl_type, CtrlType::Intercept);
}

fn entry(dimension: &str, value: &str) -> Value {
    json!({
        "mof_div_code": COUNTY, "rule_code": "M016", "dimension": dimension, "value": value, "reason": "借款确有依据",
        "basis": "南财监〔2026〕3号", "end_date": TODAY,
    })
}

#[actix_web::test]
async fn what_stands_on_the_whitelist_passes_that_rule_until_the_entry_ends() {
    let facts = facts();
    let values = [
        ("agency_code", facts.agency_code.to_string()),
        ("pro_code", facts.pro_code.to_string()),
        ("payee_acct_no", facts.payee_acct_no.to_string()),
        ("payee_acct_name", facts.payee_acct_name.clone()),
    ];
    for (dimension, value) in values {
        let world = World::start().await;
        let hit = || but(|f| f.use_des = "福利借款".into());
        let _other: WhitelistEntry =
            post(&world.supervisor(), "/whitelist-entries", &entry(dimension, "999")).await.unwrap();
        assert_eq!(codes(&world.verdict(hit()).await), ["M016", "M017"], "{dimension}");
        let _entry: WhitelistEntry =
            post(&world.supervisor(), "/whitelist-entries", &entry(dimension, &value)).await.unwrap();
        assert_eq!(codes(&world.verdict(hit()).await), ["M017"], "{dimension}");
        let elsewhere = but(|f| {
            f.use_des = "职工借款".into();
            f.mof_div_code = OTHER_COUNTY.parse().unwrap()
        });
        assert_eq!(codes(&world.verdict(elsewhere).await), ["M016"], "{dimension}");
        world.go_to("2026-06-11");
        assert_eq!(codes(&world.verdict(hit()).await), ["M016", "M017"], "{dimension}");
    }
}

#[actix_web::test]
async fn a_whitelist_entry_needs_supervision_reason_and_basis() {
    let world = World::start().await;
    let good = entry("agency_code", UNIT);
    for field in ["reason", "basis"] {
        let mut body = good.clone();
        body[field] = json!(" ");
        assert_eq!(
            code(post::<_, WhitelistEntry>(&world.supervisor(), "/whitelist-entries", &body).await),
            "HTTP-422",
            "{field}"
        );
    }
    assert_eq!(code(post::<_, WhitelistEntry>(&world.clerk(), "/whitelist-entries", &good).await), "AUTH-004");
    let stranger = world.person("stranger", &[Role::M5], OTHER_COUNTY, None);
    assert_eq!(code(post::<_, WhitelistEntry>(&stranger, "/whitelist-entries", &good).await), "HTTP-404");
}
