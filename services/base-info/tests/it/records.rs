//! Persons, accounts, payees, standards and value sets.

use common_types::Role;
use serde_json::{Value, json};

use crate::world::{COUNTY, OTHER_COUNTY, UNIT, World, account, agency, but, get, payee, person, post};

async fn world_with_units() -> World {
    let world = World::start().await;
    for (division, code) in [(COUNTY, UNIT), (OTHER_COUNTY, UNIT)] {
        assert_eq!(post(&world.admin(), "/agencies", &agency(division, code)).await.status, 201);
    }
    world
}

#[actix_web::test]
async fn a_person_is_active_in_one_unit_of_the_province() {
    let world = world_with_units().await;
    let first = post(&world.clerk(), "/persons", &person("360121199001011234")).await;
    assert_eq!((first.status, &first.body["iden_no"]), (201, &json!("**************1234")));

    let elsewhere = but(person("360121199001011234"), "mof_div_code", OTHER_COUNTY);
    let refused = post(&world.admin(), "/persons", &elsewhere).await;
    assert_eq!(refused.refusal(), (422, "BI-003"));
    assert!(!refused.body.to_string().contains("360121199001011234"), "{}", refused.body);
    assert_eq!(post(&world.admin(), "/persons", &but(elsewhere.clone(), "per_sta_code", "3")).await.status, 201);
    assert_eq!(post(&world.admin(), "/persons", &but(elsewhere, "iden_type_code", "2")).await.status, 201);

    let listed = get(&world.clerk(), "/persons").await;
    assert_eq!(listed.column("iden_no"), ["**************1234"]);
}

#[actix_web::test]
async fn unified_salary_needs_a_card() {
    let world = world_with_units().await;
    let unified = but(person("1"), "is_uni_sala", true);
    for body in [unified.clone(), but(unified.clone(), "sala_card_no", "")] {
        let answer = post(&world.clerk(), "/persons", &body).await;
        assert_eq!((answer.refusal(), answer.pointer()), ((422, "BI-003"), "/sala_card_no"));
    }
    assert_eq!(post(&world.clerk(), "/persons", &but(unified, "sala_card_no", "6222000011112222")).await.status, 201);
}

#[actix_web::test]
async fn more_serving_persons_than_the_staffing_are_told() {
    let world = world_with_units().await;
    let over = async |body: Value| post(&world.clerk(), "/persons", &body).await.body["is_over_staffed"].clone();
    assert_eq!(over(person("1")).await, json!(false));
    assert_eq!(over(but(person("2"), "per_sta_code", "3")).await, json!(false));
    assert_eq!(over(person("3")).await, json!(true));
    let listed = get(&world.clerk(), "/persons").await;
    let told: Vec<_> = listed.body["items"].as_array().unwrap().iter().map(|one| &one["is_over_staffed"]).collect();
    assert_eq!(told, [true, true, true]);
}

#[actix_web::test]
async fn a_person_belongs_to_a_unit_within_reach() {
    let world = world_with_units().await;
    let unknown = but(person("1"), "agency_code", "205007001");
    assert_eq!(post(&world.clerk(), "/persons", &unknown).await.refusal(), (404, "HTTP-404"));
    let stranger = world.person("stranger", Role::U1, COUNTY, Some("206001"));
    assert_eq!(post(&stranger, "/persons", &person("1")).await.refusal(), (404, "HTTP-404"));
    let reviewer = world.person("reviewer", Role::U2, COUNTY, Some(UNIT));
    assert_eq!(post(&reviewer, "/persons", &person("1")).await.refusal(), (403, "AUTH-004"));
}

#[actix_web::test]
async fn an_account_needs_bank_unit_and_approval() {
    let world = World::start().await;
    let treasury = world.person("treasury", Role::M3, COUNTY, None);
    let cases = [
        (but(account("1001"), "bank_code", "10242100001"), "/bank_code"),
        (but(account("1001"), "bank_code", "10242100001X"), "/bank_code"),
        (but(account("1001"), "agency_code", Value::Null), "/agency_code"),
        (but(account("1001"), "approve_no", " "), "/approve_no"),
    ];
    for (body, pointer) in cases {
        let answer = post(&treasury, "/accounts", &body).await;
        assert_eq!((answer.refusal(), answer.pointer()), ((422, "BI-005"), pointer));
    }
    let of_the_bureau = but(but(account("1001"), "agency_code", Value::Null), "acc_type_code", "11");
    assert_eq!(post(&treasury, "/accounts", &of_the_bureau).await.status, 201);
    assert_eq!(post(&world.clerk(), "/accounts", &account("1002")).await.refusal(), (403, "AUTH-004"));
    let neighbour = world.person("neighbour", Role::M3, OTHER_COUNTY, None);
    assert_eq!(post(&neighbour, "/accounts", &account("1002")).await.refusal(), (404, "HTTP-404"));
}

#[actix_web::test]
async fn an_account_number_is_registered_once_in_a_division() {
    let world = World::start().await;
    let admin = world.admin();
    assert_eq!(post(&admin, "/accounts", &account("1001")).await.status, 201);
    assert_eq!(
        post(&admin, "/accounts", &but(account("1001"), "account_name", "另一户名")).await.refusal(),
        (422, "BI-006")
    );
    assert_eq!(post(&admin, "/accounts", &but(account("1001"), "mof_div_code", OTHER_COUNTY)).await.status, 201);
    let found = get(&admin, &format!("/accounts?mof_div_code={COUNTY}&account_no=1001")).await;
    assert_eq!(found.column("account_name"), ["第一中学"]);
    assert_eq!(get(&admin, &format!("/accounts?mof_div_code={COUNTY}&account_no=1002")).await.items().len(), 0);
}

#[actix_web::test]
async fn a_payee_is_recorded_once_and_blacklisted_by_supervision_with_a_basis() {
    let world = World::start().await;
    let (clerk, supervision) = (world.clerk(), world.person("supervision", Role::M5, COUNTY, None));
    assert_eq!(post(&clerk, "/payees", &payee("6001")).await.status, 201);
    assert_eq!(post(&clerk, "/payees", &payee("6001")).await.refusal(), (422, "BI-006"));
    let bank = post(&clerk, "/payees", &but(payee("6002"), "payee_acct_bank_code", "1")).await;
    assert_eq!((bank.refusal(), bank.pointer()), ((422, "BI-005"), "/payee_acct_bank_code"));

    let black = but(payee("6003"), "is_blacklisted", true);
    assert_eq!(post(&clerk, "/payees", &but(black.clone(), "basis", "通报")).await.refusal(), (403, "AUTH-004"));
    let no_basis = post(&supervision, "/payees", &black).await;
    assert_eq!((no_basis.refusal(), no_basis.pointer()), ((422, "HTTP-422"), "/basis"));
    assert_eq!(post(&supervision, "/payees", &but(black, "basis", "通报")).await.status, 201);
    let found = get(&clerk, "/payees?payee_acct_no=6003").await;
    assert_eq!((found.items().len(), &found.items()[0]["is_blacklisted"]), (1, &json!(true)));
}

#[actix_web::test]
async fn a_standard_in_force_is_replaced_and_never_edited() {
    let world = World::start().await;
    let budget = world.person("budget", Role::M2, COUNTY, None);
    let standard = |value: &str, from: &str| {
        json!({
            "mof_div_code": COUNTY, "exp_cri_code": "KT01", "exp_cri_name": "课桌椅", "exp_cri_class": "2", "form": "1",
            "exp_cri_val": value, "unit": "元/套", "start_date": from,
        })
    };
    assert_eq!(post(&budget, "/exp-criteria", &standard("300.00", "2026-01-01")).await.status, 201);
    assert_eq!(post(&budget, "/exp-criteria", &standard("400.00", "2026-01-01")).await.refusal(), (422, "BI-008"));
    assert_eq!(post(&budget, "/exp-criteria", &standard("400.00", "2026-07-01")).await.status, 201);
    assert_eq!(post(&budget, "/exp-criteria", &standard("-1.00", "2026-08-01")).await.refusal(), (422, "HTTP-422"));
    assert_eq!(
        post(&world.clerk(), "/exp-criteria", &standard("1.00", "2027-01-01")).await.refusal(),
        (403, "AUTH-004")
    );
    let versions = get(&world.clerk(), "/exp-criteria?exp_cri_code=KT01").await;
    assert_eq!(versions.column("exp_cri_val"), ["300.00", "400.00"]);
}

#[actix_web::test]
async fn a_division_adds_values_below_those_of_the_standard() {
    let world = World::start().await;
    let budget = world.person("budget", Role::M2, COUNTY, None);
    let value = |code: &str, parent: &str| json!({"mof_div_code": COUNTY, "fiscal_year": 2026, "ele_code": code, "ele_name": "县级专款", "parent": parent});
    let path = "/value-sets/VD10001/values";
    assert_eq!(post(&budget, path, &value("111", "11")).await.refusal(), (422, "BI-120"));
    let orphan = post(&budget, path, &value("999001", "999")).await;
    assert_eq!((orphan.refusal(), orphan.pointer()), ((422, "HTTP-422"), "/parent"));
    assert_eq!(post(&budget, path, &value("111001", "111")).await.status, 201);
    let again = post(&budget, path, &value("111001", "111")).await;
    assert_eq!((again.refusal(), again.pointer()), ((422, "HTTP-422"), "/ele_code"));
    assert_eq!(post(&budget, "/value-sets/VD99999/values", &value("1", "2")).await.refusal(), (404, "HTTP-404"));

    let leaf_of = async |query: &str, code: &str| {
        let values = get(&world.clerk(), &format!("/value-sets/VD10001{query}")).await;
        values.items().iter().find(|value| value["ele_code"] == code).map(|value| value["is_leaf"].clone())
    };
    assert_eq!(leaf_of("?fiscal_year=2026", "111").await, Some(json!(false)));
    assert_eq!(leaf_of("?fiscal_year=2026", "111001").await, Some(json!(true)));
    assert_eq!(leaf_of("?fiscal_year=2027", "111").await, Some(json!(true)));
    assert_eq!(leaf_of("?fiscal_year=2027", "111001").await, None);
    assert_eq!(leaf_of("", "11").await, Some(json!(false)));
}
