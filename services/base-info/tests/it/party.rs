//! The sides of payments, told for many payments at once.

use common_types::Role;
use serde_json::{Value, json};

use crate::world::{COUNTY, OTHER_COUNTY, PROVINCE, UNIT, World, account, agency, but, get, payee, post};

fn question(division: &str, payer: &Value, payee: &Value) -> Value {
    json!({"mof_div_code": division, "pay_acct_no": payer["account_no"], "payee_acct_nos": [payee["payee_acct_no"]]})
}

#[actix_web::test]
async fn each_payment_is_told_its_payer_and_who_of_its_payees_is_blacklisted_or_a_unit_of_its_division() {
    let world = World::start().await;
    assert_eq!(post(&world.admin(), "/agencies", &agency(COUNTY, UNIT)).await.status, 201);
    let payer = post(&world.admin(), "/accounts", &account("21360121205007")).await.body;
    let good = payee("6222000000000001");
    let bad = but(but(payee("6222000000000002"), "is_blacklisted", true), "basis", "洪财监〔2026〕1号");
    for one in [&good, &bad] {
        assert_eq!(post(&world.admin(), "/payees", one).await.status, 201);
    }
    let platform = world.person("platform", Role::S1, PROVINCE, None);
    let unknown = json!({"account_no": "0000000000"});
    let items = json!([
        question(COUNTY, &payer, &good),
        question(COUNTY, &payer, &bad),
        question(OTHER_COUNTY, &payer, &bad),
        question(COUNTY, &unknown, &json!({"payee_acct_no": "6222999999999999"})),
        question(COUNTY, &payer, &json!({"payee_acct_no": payer["account_no"]})),
    ]);
    let told = post(&platform, "/payment-parties", &json!({"items": items})).await;
    let expected = json!([
        {"payer": payer, "blacklisted": [], "owners": {}},
        {"payer": payer, "blacklisted": ["6222000000000002"], "owners": {}},
        {"payer": null, "blacklisted": [], "owners": {}},
        {"payer": null, "blacklisted": [], "owners": {}},
        {"payer": payer, "blacklisted": [], "owners": {"21360121205007": UNIT}},
    ]);
    assert_eq!((told.status, &told.body["items"]), (200, &expected));
}

#[actix_web::test]
async fn the_sides_of_payments_are_told_to_the_platform_only_and_not_without_limit() {
    let world = World::start().await;
    let one = json!({"mof_div_code": COUNTY, "pay_acct_no": "21360121205007", "payee_acct_nos": ["6222000000000001"]});
    let refused = post(&world.clerk(), "/payment-parties", &json!({"items": [one]})).await;
    assert_eq!(refused.refusal(), (403, "AUTH-004"));
    let platform = world.person("platform", Role::S1, PROVINCE, None);
    let many = json!({"items": vec![one; 501]});
    assert_eq!(post(&platform, "/payment-parties", &many).await.refusal(), (422, "HTTP-422"));
}

#[actix_web::test]
async fn a_stopped_account_and_a_changed_blacklist_are_told_to_the_very_next_payment() {
    let world = World::start().await;
    assert_eq!(post(&world.admin(), "/agencies", &agency(COUNTY, UNIT)).await.status, 201);
    let (treasury, supervision) =
        (world.person("m3", Role::M3, COUNTY, None), world.person("m5", Role::M5, COUNTY, None));
    let payer = post(&treasury, "/accounts", &account("21360121205007")).await.body;
    let payee = post(&world.clerk(), "/payees", &payee("6222000000000001")).await.body;
    let platform = world.person("platform", Role::S1, PROVINCE, None);
    let told = async || {
        let items = json!({"items": [question(COUNTY, &payer, &payee)]});
        let told = post(&platform, "/payment-parties", &items).await.body["items"][0].clone();
        (told["payer"]["is_enabled"].as_bool().unwrap(), told["blacklisted"] == json!(["6222000000000001"]))
    };
    assert_eq!(told().await, (true, false));

    let stops = format!("/accounts/{}/stops", payer["account_id"].as_str().unwrap());
    for _ in 0..2 {
        let stopped = post(&treasury, &stops, &json!({})).await;
        assert_eq!((stopped.status, &stopped.body["is_enabled"]), (200, &json!(false)));
    }
    assert_eq!(told().await, (false, false));

    let changes = format!("/payees/{}/blacklist-changes", payee["payee_id"].as_str().unwrap());
    for is_blacklisted in [true, false] {
        let change = json!({"is_blacklisted": is_blacklisted, "basis": "洪财监〔2026〕1号"});
        let changed = post(&supervision, &changes, &change).await;
        assert_eq!((changed.status, &changed.body["basis"]), (200, &change["basis"]));
        assert_eq!(told().await, (false, is_blacklisted));
    }
}

#[actix_web::test]
async fn who_may_not_stop_or_blacklist_changes_nothing() {
    let world = World::start().await;
    let account = post(&world.admin(), "/accounts", &account("21360121205007")).await.body;
    let payee = post(&world.admin(), "/payees", &payee("6222000000000001")).await.body;
    let stops = format!("/accounts/{}/stops", account["account_id"].as_str().unwrap());
    let changes = format!("/payees/{}/blacklist-changes", payee["payee_id"].as_str().unwrap());
    let change = json!({"is_blacklisted": true, "basis": "洪财监〔2026〕1号"});
    let of = |role, division| world.person("somebody", role, division, None);

    assert_eq!(post(&world.clerk(), &stops, &json!({})).await.refusal(), (403, "AUTH-004"));
    assert_eq!(post(&of(Role::M3, OTHER_COUNTY), &stops, &json!({})).await.refusal(), (404, "HTTP-404"));
    assert_eq!(post(&of(Role::M3, COUNTY), &changes, &change).await.refusal(), (403, "AUTH-004"));
    assert_eq!(post(&of(Role::M5, OTHER_COUNTY), &changes, &change).await.refusal(), (404, "HTTP-404"));
    let groundless = post(&of(Role::M5, COUNTY), &changes, &but(change, "basis", " ")).await;
    assert_eq!((groundless.refusal(), groundless.pointer()), ((422, "HTTP-422"), "/basis"));

    let kept = get(&world.admin(), &format!("/accounts?mof_div_code={COUNTY}")).await;
    assert_eq!(kept.items()[0], account);
    let kept = get(&world.admin(), &format!("/payees?mof_div_code={COUNTY}")).await;
    assert_eq!(kept.items()[0], payee);
}
