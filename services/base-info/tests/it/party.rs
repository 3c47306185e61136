//! The sides of payments, told for many payments at once.

use common_types::Role;
use serde_json::{Value, json};

use crate::world::{COUNTY, OTHER_COUNTY, PROVINCE, UNIT, World, account, agency, but, payee, post};

fn question(division: &str, payer: &Value, payee: &Value) -> Value {
    json!({"mof_div_code": division, "pay_acct_no": payer["account_no"], "payee_acct_no": payee["payee_acct_no"]})
}

#[actix_web::test]
async fn each_payment_is_told_its_payer_and_whether_its_payee_is_blacklisted_in_its_division() {
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
    ]);
    let told = post(&platform, "/payment-parties", &json!({"items": items})).await;
    let expected = json!([
        {"payer": payer, "is_blacklisted": false},
        {"payer": payer, "is_blacklisted": true},
        {"payer": null, "is_blacklisted": false},
        {"payer": null, "is_blacklisted": false},
    ]);
    assert_eq!((told.status, &told.body["items"]), (200, &expected));
}

#[actix_web::test]
async fn the_sides_of_payments_are_told_to_the_platform_only_and_not_without_limit() {
    let world = World::start().await;
    let one = json!({"mof_div_code": COUNTY, "pay_acct_no": "21360121205007", "payee_acct_no": "6222000000000001"});
    let refused = post(&world.clerk(), "/payment-parties", &json!({"items": [one]})).await;
    assert_eq!(refused.refusal(), (403, "AUTH-004"));
    let platform = world.person("platform", Role::S1, PROVINCE, None);
    let many = json!({"items": vec![one; 501]});
    assert_eq!(post(&platform, "/payment-parties", &many).await.refusal(), (422, "HTTP-422"));
}
