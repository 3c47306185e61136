//! What lies outside a caller's reach counts as absent.

use common_types::Role;
use serde_json::json;

use crate::world::{
    COUNTY, OTHER_COUNTY, OTHER_UNIT, PROVINCE, UNIT, World, account, agency, agency_path, but, get, payee, person,
    post, put,
};

/// Two units in the county and one in another, each with an account and a person.
async fn populated() -> World {
    let world = World::start().await;
    let admin = world.admin();
    for (number, (division, unit)) in
        [(COUNTY, UNIT), (COUNTY, OTHER_UNIT), (OTHER_COUNTY, UNIT)].into_iter().enumerate()
    {
        let of_unit = |body| but(but(body, "mof_div_code", division), "agency_code", unit);
        assert_eq!(post(&admin, "/agencies", &agency(division, unit)).await.status, 201);
        assert_eq!(post(&admin, "/accounts", &of_unit(account(&format!("100{number}")))).await.status, 201);
        assert_eq!(post(&admin, "/persons", &of_unit(person(&format!("{number}")))).await.status, 201);
        assert_eq!(
            post(&admin, "/payees", &but(payee(&format!("600{number}")), "mof_div_code", division)).await.status,
            201
        );
    }
    world
}

#[actix_web::test]
async fn a_unit_reads_itself_and_no_other() {
    let world = populated().await;
    let clerk = world.clerk();
    assert_eq!(get(&clerk, &agency_path(COUNTY, UNIT)).await.status, 200);
    for (division, unit) in [(COUNTY, OTHER_UNIT), (OTHER_COUNTY, UNIT)] {
        assert_eq!(get(&clerk, &agency_path(division, unit)).await.refusal(), (404, "HTTP-404"));
    }
    for list in ["/agencies", "/accounts", "/persons"] {
        assert_eq!(get(&clerk, list).await.column("agency_code"), [UNIT], "{list}");
    }
    let asked = get(&clerk, &format!("/accounts?agency_code={OTHER_UNIT}")).await;
    assert_eq!((asked.status, asked.items().len()), (200, 0));
}

#[actix_web::test]
async fn a_department_reads_its_units_and_no_other() {
    let world = populated().await;
    let department = world.person("department", Role::D1, COUNTY, Some("206"));
    assert_eq!(get(&department, "/agencies").await.column("agency_code"), [OTHER_UNIT]);
    assert_eq!(get(&department, &agency_path(COUNTY, UNIT)).await.refusal(), (404, "HTTP-404"));
}

#[actix_web::test]
async fn a_county_does_not_reach_another_nor_the_province() {
    let world = populated().await;
    let budget = world.person("budget", Role::M2, COUNTY, None);
    assert_eq!(get(&budget, "/agencies").await.column("agency_code"), [UNIT, OTHER_UNIT]);
    for list in ["/agencies", "/accounts", "/persons", "/payees", "/exp-criteria", "/value-sets/VD10001"] {
        for division in [OTHER_COUNTY, PROVINCE] {
            let answer = get(&budget, &format!("{list}?mof_div_code={division}")).await;
            assert_eq!(answer.refusal(), (404, "HTTP-404"), "{list} {division}");
        }
    }
    assert_eq!(get(&budget, &agency_path(OTHER_COUNTY, UNIT)).await.refusal(), (404, "HTTP-404"));
}

#[actix_web::test]
async fn a_county_does_not_change_what_belongs_to_another() {
    let world = populated().await;
    let budget = world.person("budget", Role::M2, COUNTY, None);
    let path = agency_path(OTHER_COUNTY, UNIT);
    let renamed = but(agency(OTHER_COUNTY, UNIT), "agency_name", "改名");
    assert_eq!(put(&budget, &path, &renamed, Some("\"1\"")).await.refusal(), (404, "HTTP-404"));
    assert_eq!(post(&budget, &format!("{path}/stops"), &json!({})).await.refusal(), (404, "HTTP-404"));
    let value = json!({"mof_div_code": OTHER_COUNTY, "fiscal_year": 2026, "ele_code": "111001", "ele_name": "专款", "parent": "111"});
    assert_eq!(post(&budget, "/value-sets/VD10001/values", &value).await.refusal(), (404, "HTTP-404"));
    let read = get(&world.admin(), &path).await.body;
    assert_eq!(
        (&read["agency_name"], &read["is_enabled"], &read["version"]),
        (&json!("第一中学"), &json!(true), &json!(1))
    );
}

#[actix_web::test]
async fn the_whole_province_looks_down_and_a_unit_of_the_province_does_not() {
    let world = populated().await;
    let budget = world.person("budget", Role::M2, PROVINCE, None);
    assert_eq!(get(&budget, &agency_path(COUNTY, UNIT)).await.status, 200);
    assert_eq!(get(&budget, &format!("/agencies?mof_div_code={OTHER_COUNTY}")).await.items().len(), 1);
    let unit = world.person("unit", Role::U1, PROVINCE, Some(UNIT));
    assert_eq!(get(&unit, &agency_path(COUNTY, UNIT)).await.refusal(), (404, "HTTP-404"));
    assert_eq!(get(&unit, &format!("/agencies?mof_div_code={COUNTY}")).await.refusal(), (404, "HTTP-404"));
}

#[actix_web::test]
async fn a_machine_of_the_platform_reads_every_division() {
    let world = populated().await;
    let machine = world.server.client(&world.server.identity.service_token());
    for division in [COUNTY, OTHER_COUNTY] {
        assert_eq!(get(&machine, &agency_path(division, UNIT)).await.status, 200);
        assert!(!get(&machine, &format!("/payees?mof_div_code={division}")).await.items().is_empty());
    }
}
