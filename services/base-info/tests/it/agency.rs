//! Units: recorded, changed by version, stopped, copied to the next year.

use common_types::Role;
use serde_json::{Value, json};

use crate::world::{COUNTY, OTHER_COUNTY, PROVINCE, UNIT, World, agency, agency_path, but, get, post, put};

fn opening(year: u16) -> Value {
    json!({"mof_div_code": COUNTY, "fiscal_year": year})
}

#[actix_web::test]
async fn a_unit_is_recorded_and_read_with_its_version() {
    let world = World::start().await;
    let created = post(&world.admin(), "/agencies", &agency(COUNTY, UNIT)).await;
    assert_eq!((created.status, &created.body["dept_code"]), (201, &json!("205")));
    let read = get(&world.clerk(), &agency_path(COUNTY, UNIT)).await;
    assert_eq!((read.status, read.etag.as_deref()), (200, Some("\"1\"")));
    assert_eq!(read.body, created.body);
    assert_eq!(get(&world.admin(), &agency_path(COUNTY, "205008")).await.refusal(), (404, "HTTP-404"));
}

#[actix_web::test]
async fn only_those_who_keep_the_data_record_units() {
    let world = World::start().await;
    for role in [Role::U1, Role::D1, Role::M3, Role::M5, Role::S1] {
        let caller = world.person("somebody", role, COUNTY, None);
        assert_eq!(post(&caller, "/agencies", &agency(COUNTY, UNIT)).await.refusal(), (403, "AUTH-004"), "{role}");
    }
    let neighbour = world.person("neighbour", Role::M2, OTHER_COUNTY, None);
    let above = world.person("above", Role::M2, PROVINCE, None);
    for caller in [neighbour, above] {
        assert_eq!(post(&caller, "/agencies", &agency(COUNTY, UNIT)).await.refusal(), (404, "HTTP-404"));
    }
    let budget = world.person("budget", Role::M2, COUNTY, None);
    assert_eq!(post(&budget, "/agencies", &agency(COUNTY, UNIT)).await.status, 201);
}

#[actix_web::test]
async fn a_change_names_the_version_it_is_based_on() {
    let world = World::start().await;
    let (admin, path) = (world.admin(), agency_path(COUNTY, UNIT));
    post(&admin, "/agencies", &agency(COUNTY, UNIT)).await;
    let renamed = but(agency(COUNTY, UNIT), "agency_name", "第一高级中学");

    assert_eq!(put(&admin, &path, &renamed, None).await.refusal(), (428, "WF-428"));
    assert_eq!(put(&admin, &path, &renamed, Some("\"latest\"")).await.refusal(), (400, "HTTP-400"));
    let changed = put(&admin, &path, &renamed, Some("\"1\"")).await;
    assert_eq!((changed.status, changed.etag.as_deref()), (200, Some("\"2\"")));
    let stale = put(&admin, &path, &agency(COUNTY, UNIT), Some("\"1\"")).await;
    assert_eq!((stale.refusal(), &stale.body["etag"]), ((412, "WF-412"), &json!("\"2\"")));
    assert_eq!(put(&world.clerk(), &path, &renamed, Some("\"2\"")).await.refusal(), (403, "AUTH-004"));
    assert_eq!(get(&admin, &path).await.body["agency_name"], "第一高级中学");
}

#[actix_web::test]
async fn racing_changes_of_one_version_change_it_once() {
    let world = World::start().await;
    let (admin, path) = (world.admin(), agency_path(COUNTY, UNIT));
    post(&admin, "/agencies", &agency(COUNTY, UNIT)).await;
    let bodies: Vec<Value> = (0..8).map(|n| but(agency(COUNTY, UNIT), "agency_name", format!("第{n}中学"))).collect();
    let answers = futures::future::join_all(bodies.iter().map(|body| put(&admin, &path, body, Some("\"1\"")))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| [409, 412].contains(status)), "{statuses:?}");
    assert_eq!(get(&admin, &path).await.etag.as_deref(), Some("\"2\""));
}

#[actix_web::test]
async fn the_codes_of_a_unit_stay() {
    let world = World::start().await;
    let (admin, path) = (world.admin(), agency_path(COUNTY, UNIT));
    post(&admin, "/agencies", &agency(COUNTY, UNIT)).await;
    let credit =
        put(&admin, &path, &but(agency(COUNTY, UNIT), "unifsoc_cred_code", "12360121MB0000009X"), Some("1")).await;
    assert_eq!((credit.refusal(), credit.pointer()), ((422, "HTTP-422"), "/unifsoc_cred_code"));
    let code = put(&admin, &path, &but(agency(COUNTY, UNIT), "agency_code", "205009"), Some("1")).await;
    assert_eq!((code.refusal(), code.pointer()), ((422, "HTTP-422"), "/agency_code"));
}

#[actix_web::test]
async fn a_unit_needs_its_name_and_an_acceptable_credit_code() {
    let world = World::start().await;
    let cases =
        [("agency_name", "  "), ("unifsoc_cred_code", "12360121MB000000"), ("unifsoc_cred_code", "12360121MB000000-X")];
    for (field, value) in cases {
        let answer = post(&world.admin(), "/agencies", &but(agency(COUNTY, UNIT), field, value)).await;
        assert_eq!((answer.refusal(), answer.pointer()), ((422, "HTTP-422"), format!("/{field}").as_str()));
    }
}

#[actix_web::test]
async fn a_code_or_credit_code_in_use_is_refused() {
    let world = World::start().await;
    let admin = world.admin();
    let first = agency(COUNTY, UNIT);
    assert_eq!(post(&admin, "/agencies", &first).await.status, 201);
    let same_code = but(first.clone(), "unifsoc_cred_code", "12360121MB0000009X");
    assert_eq!(post(&admin, "/agencies", &same_code).await.refusal(), (422, "BI-001"));
    let same_credit = but(agency(OTHER_COUNTY, "301"), "unifsoc_cred_code", first["unifsoc_cred_code"].clone());
    assert_eq!(post(&admin, "/agencies", &same_credit).await.refusal(), (422, "BI-001"));
    assert_eq!(post(&admin, "/agencies", &but(first, "fiscal_year", 2027)).await.status, 201);

    let stopped = post(&admin, &format!("{}/stops", agency_path(COUNTY, UNIT)), &json!({})).await;
    assert_eq!((stopped.status, &stopped.body["is_enabled"]), (200, &json!(false)));
    assert_eq!(post(&admin, "/agencies", &same_credit).await.status, 201);
}

#[actix_web::test]
async fn a_unit_with_units_below_it_is_not_stopped() {
    let world = World::start().await;
    let admin = world.admin();
    for code in ["205", UNIT, "206"] {
        assert_eq!(post(&admin, "/agencies", &agency(COUNTY, code)).await.status, 201);
    }
    let stops = |code: &str| format!("{}/stops", agency_path(COUNTY, code));
    let refused = post(&admin, &stops("205"), &json!({})).await;
    assert_eq!((refused.refusal(), &refused.body["below"]), ((422, "BI-002"), &json!(1)));
    assert_eq!(post(&admin, &stops(UNIT), &json!({})).await.status, 200);
    assert_eq!(post(&admin, &stops("205"), &json!({})).await.status, 200);
    assert_eq!(post(&admin, &stops("207"), &json!({})).await.refusal(), (404, "HTTP-404"));
    let codes = async |is_enabled: bool| {
        let path = format!("/agencies?mof_div_code={COUNTY}&fiscal_year=2026&is_enabled={is_enabled}");
        get(&admin, &path).await.column("agency_code").join(" ")
    };
    assert_eq!((codes(false).await, codes(true).await), (format!("205 {UNIT}"), "206".to_owned()));
}

#[actix_web::test]
async fn a_stopped_unit_that_is_changed_stays_stopped() {
    let world = World::start().await;
    let (admin, path) = (world.admin(), agency_path(COUNTY, UNIT));
    post(&admin, "/agencies", &agency(COUNTY, UNIT)).await;
    assert_eq!(post(&admin, &format!("{path}/stops"), &json!({})).await.body["version"], 2);
    let changed = put(&admin, &path, &but(agency(COUNTY, UNIT), "agency_name", "原第一中学"), Some("\"2\"")).await;
    assert_eq!((changed.status, &changed.body["is_enabled"]), (200, &json!(false)));
}

#[actix_web::test]
async fn a_year_opens_with_the_units_of_the_year_before() {
    let world = World::start().await;
    let admin = world.admin();
    assert_eq!(post(&admin, "/fiscal-years/openings", &opening(2027)).await.refusal(), (422, "BI-009"));
    for code in ["205", UNIT, "206"] {
        post(&admin, "/agencies", &agency(COUNTY, code)).await;
    }
    post(&admin, &format!("{}/stops", agency_path(COUNTY, "206")), &json!({})).await;

    assert_eq!(post(&admin, "/fiscal-years/openings", &opening(2027)).await.body["copied"], 2);
    assert_eq!(post(&admin, "/fiscal-years/openings", &opening(2027)).await.body["copied"], 0);
    let next = get(&admin, &format!("/agencies?mof_div_code={COUNTY}&fiscal_year=2027")).await;
    assert_eq!(next.column("agency_code"), ["205", UNIT]);
    let copied = get(&admin, &format!("/agencies/{COUNTY}/2027/{UNIT}")).await.body;
    let source = get(&admin, &agency_path(COUNTY, UNIT)).await.body;
    assert_eq!(
        (&copied["agency_name"], &copied["unifsoc_cred_code"]),
        (&source["agency_name"], &source["unifsoc_cred_code"])
    );
    assert_eq!(post(&world.clerk(), "/fiscal-years/openings", &opening(2028)).await.refusal(), (403, "AUTH-004"));
}

#[actix_web::test]
async fn pages_hold_every_unit_once() {
    let world = World::start().await;
    let admin = world.admin();
    let codes = ["205", "205001", "205007", "206", "207"];
    for code in codes {
        assert_eq!(post(&admin, "/agencies", &agency(COUNTY, code)).await.status, 201);
    }
    post(&admin, "/fiscal-years/openings", &opening(2027)).await;
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = get(&admin, &format!("/agencies?mof_div_code={COUNTY}&page_size=3{token}")).await;
        let of_page = page
            .items()
            .iter()
            .map(|item| format!("{}/{}", item["fiscal_year"], item["agency_code"].as_str().unwrap()));
        seen.extend(of_page);
        match page.body["next_page_token"].as_str() {
            Some(next) => token = format!("&page_token={next}"),
            None => break,
        }
    }
    let expected: Vec<String> =
        [2026, 2027].iter().flat_map(|year| codes.map(|code| format!("{year}/{code}"))).collect();
    assert_eq!(seen, expected);
    for query in ["page_size=0", "page_size=1001", "page_token=%21"] {
        assert_eq!(get(&admin, &format!("/agencies?{query}")).await.refusal(), (400, "HTTP-400"), "{query}");
    }
}
