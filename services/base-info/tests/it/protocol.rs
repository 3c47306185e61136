//! What every write and every refusal has in common.

use common_types::Role;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::key;

use crate::world::{
    Answer, BASE, COUNTY, OTHER_COUNTY, UNIT, World, account, agency, agency_path, but, get, payee, person, post,
    post_as, put, send, user,
};

fn divisions() -> Value {
    let division = |code: &str, name: &str, parent: Value, level: i32, kind: &str| json!({"mof_div_code": code, "mof_div_name": name, "parent": parent, "level": level, "kind": kind});
    json!({"items": [
        division("360000000", "江西省", Value::Null, 1, "province"),
        division("360100000", "南昌市", json!("360000000"), 2, "city"),
        division(COUNTY, "南昌县", json!("360100000"), 3, "county"),
    ]})
}

fn is_problem(answer: &Answer) -> bool {
    let body = &answer.body;
    answer.content_type == "application/problem+json"
        && body["type"] == format!("urn:yitihua:error:{}", body["code"].as_str().unwrap_or_default())
        && body["status"] == answer.status
        && ["title", "detail", "remedy"].iter().all(|field| body[*field].as_str().is_some_and(|text| !text.is_empty()))
        && body["trace_id"].as_str().is_some_and(|id| id.len() == 32)
}

#[actix_web::test]
async fn an_unknown_field_or_code_is_refused_where_it_stands() {
    let world = World::start().await;
    let good = agency(COUNTY, UNIT);
    let cases = [
        ("colour", json!("red")),
        ("agency_type_code", json!("99")),
        ("exp_func_code", json!("9990000")),
        ("mof_div_code", json!("36012100")),
        ("agency_code", json!("20500")),
        ("fiscal_year", json!("2026")),
        ("admin_staf_num", json!(-1)),
    ];
    for (field, value) in cases {
        let answer = post(&world.admin(), "/agencies", &but(good.clone(), field, value)).await;
        assert_eq!((answer.refusal(), answer.pointer()), ((422, "HTTP-422"), format!("/{field}").as_str()));
        assert!(is_problem(&answer), "{answer:?}");
    }
    let path = agency_path(COUNTY, UNIT);
    post(&world.admin(), "/agencies", &good).await;
    let change = put(&world.admin(), &path, &but(good, "colour", "red"), Some("\"1\"")).await;
    assert_eq!(change.refusal(), (422, "HTTP-422"));
}

#[actix_web::test]
async fn a_repeated_key_replays_the_first_answer_and_does_nothing() {
    let world = World::start().await;
    let (admin, key) = (world.admin(), key());
    let first = post_as(&admin, "/accounts", &account("1001"), &key).await;
    let again = post_as(&admin, "/accounts", &account("1001"), &key).await;

    assert_eq!((first.status, first.replayed), (201, false));
    assert_eq!((again.status, again.replayed), (201, true));
    assert_eq!(first.body, again.body);
    assert_eq!(world.audit_count().await, 1);
}

#[actix_web::test]
async fn a_key_with_other_content_or_for_another_address_is_refused() {
    let world = World::start().await;
    let (admin, key) = (world.admin(), key());
    post_as(&admin, "/accounts", &account("1001"), &key).await;
    assert_eq!(post_as(&admin, "/accounts", &account("1002"), &key).await.refusal(), (422, "IDEM-002"));
    assert_eq!(post_as(&admin, "/agencies", &agency(COUNTY, UNIT), &key).await.refusal(), (422, "IDEM-002"));
    let other = world.person("other", Role::M7, COUNTY, None);
    assert_eq!(post_as(&other, "/accounts", &account("1002"), &key).await.status, 201);
}

#[actix_web::test]
async fn a_refused_command_leaves_its_key_free() {
    let world = World::start().await;
    let (admin, key) = (world.admin(), key());
    let refused = post_as(&admin, "/accounts", &but(account("1001"), "bank_code", "1"), &key).await;
    assert_eq!(refused.refusal(), (422, "BI-005"));
    assert_eq!(post_as(&admin, "/accounts", &account("1001"), &key).await.status, 201);
}

#[actix_web::test]
async fn racing_requests_with_one_key_record_once() {
    let world = World::start().await;
    let (admin, key, body) = (world.admin(), key(), account("1001"));
    let answers = join_all((0..8).map(|_| post_as(&admin, "/accounts", &body, &key))).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.body["account_id"] == answers[0].body["account_id"]));
    assert_eq!(get(&admin, &format!("/accounts?mof_div_code={COUNTY}")).await.items().len(), 1);
}

#[actix_web::test]
async fn a_write_without_a_key_is_refused() {
    let world = World::start().await;
    let admin = world.admin();
    let writes = [
        ("/agencies", agency(COUNTY, UNIT)),
        ("/accounts", account("1001")),
        ("/payees", payee("6001")),
        ("/persons", person("1")),
        ("/users", user("zhang", "person:1", &[Role::U1])),
        ("/divisions/imports", divisions()),
    ];
    for (path, body) in writes {
        let request = admin.request(Method::POST, &format!("{BASE}{path}")).unwrap().json(&body);
        let answer = send(&admin, request).await;
        assert_eq!(answer.refusal(), (400, "IDEM-001"), "{path}");
        assert!(is_problem(&answer));
    }
    let long = "k".repeat(191);
    assert_eq!(post_as(&admin, "/accounts", &account("1001"), &long).await.refusal(), (400, "IDEM-001"));
    assert_eq!(get(&admin, &format!("/accounts?mof_div_code={COUNTY}")).await.items().len(), 0);
}

#[actix_web::test]
async fn a_dry_run_answers_as_the_write_would_and_keeps_nothing() {
    let world = World::start().await;
    let admin = world.admin();
    let dry = async |body: Value| post(&admin, "/accounts?dry_run=true", &body).await;
    assert_eq!(dry(account("1001")).await.status, 201);
    assert_eq!(dry(but(account("1001"), "bank_code", "1")).await.refusal(), (422, "BI-005"));
    assert_eq!(get(&admin, &format!("/accounts?mof_div_code={COUNTY}")).await.items().len(), 0);
    assert_eq!(world.audit_count().await, 0);
}

#[actix_web::test]
async fn every_write_leaves_one_audit_row_and_a_refusal_none() {
    let world = World::start().await;
    let admin = world.admin();
    post(&admin, "/agencies", &agency(COUNTY, UNIT)).await;
    post(&admin, "/agencies", &agency(COUNTY, UNIT)).await;
    put(&admin, &agency_path(COUNTY, UNIT), &agency(COUNTY, UNIT), Some("\"1\"")).await;
    put(&admin, &agency_path(COUNTY, UNIT), &agency(COUNTY, UNIT), Some("\"1\"")).await;
    post(&admin, &format!("{}/stops", agency_path(COUNTY, UNIT)), &json!({})).await;
    post(&admin, "/users", &user("zhang", "person:1", &[Role::U1])).await;

    let rows = world.audited().await;
    let mut operations: Vec<&str> = rows.iter().map(|row| row.operation.as_str()).collect();
    operations.sort_unstable();
    let unit = format!("{BASE}{}", agency_path(COUNTY, UNIT));
    let expected = [
        format!("POST {BASE}/agencies"),
        format!("POST {unit}/stops"),
        format!("POST {BASE}/users"),
        format!("PUT {unit}"),
    ];
    assert_eq!(operations, expected);
    assert!(rows.iter().all(|row| row.subject == "admin" && row.trace_id.len() == 32 && !row.response_hash.is_empty()));
}

#[actix_web::test]
async fn importing_twice_is_importing_once() {
    let world = World::start().await;
    let admin = world.admin();
    for _ in 0..2 {
        let answer = post(&admin, "/divisions/imports", &divisions()).await;
        assert_eq!((answer.status, &answer.body["imported"]), (200, &json!(3)));
    }
    let mut renamed = divisions();
    renamed["items"][2]["mof_div_name"] = json!("南昌县（新）");
    post(&admin, "/divisions/imports", &renamed).await;

    assert_eq!(get(&admin, "/divisions").await.column("mof_div_name"), ["江西省", "南昌市", "南昌县（新）"]);
    assert_eq!(get(&world.clerk(), "/divisions").await.column("mof_div_code"), [COUNTY]);
    assert_eq!(get(&world.clerk(), "/divisions/360100000").await.body["mof_div_name"], "南昌市");
    assert_eq!(get(&admin, &format!("/divisions/{OTHER_COUNTY}")).await.refusal(), (404, "HTTP-404"));
}

#[actix_web::test]
async fn an_import_outside_the_own_division_imports_nothing() {
    let world = World::start().await;
    let city = world.person("city", Role::M7, "360100000", None);
    let above = post(&city, "/divisions/imports", &divisions()).await;
    assert_eq!((above.refusal(), above.pointer()), ((422, "HTTP-422"), "/items/0/mof_div_code"));
    assert_eq!(post(&world.clerk(), "/divisions/imports", &divisions()).await.refusal(), (403, "AUTH-004"));
    assert_eq!(get(&world.admin(), "/divisions").await.items().len(), 0);
}

#[actix_web::test]
async fn an_import_that_names_a_division_twice_is_refused() {
    let world = World::start().await;
    let mut twice = divisions();
    twice["items"][2] = twice["items"][1].clone();
    let refused = post(&world.admin(), "/divisions/imports", &twice).await;
    assert_eq!((refused.refusal(), refused.pointer()), ((422, "HTTP-422"), "/items/2/mof_div_code"));
    assert_eq!(get(&world.admin(), "/divisions").await.items().len(), 0);
}

#[actix_web::test]
async fn unknown_addresses_and_methods_are_told_as_problems() {
    let world = World::start().await;
    let admin = world.admin();
    for path in ["/nothing", "/agencies/x/y", "/agencies/36/2026/205007", "/divisions/abc"] {
        let answer = get(&admin, path).await;
        assert_eq!(answer.refusal(), (404, "HTTP-404"), "{path}");
        assert!(is_problem(&answer), "{answer:?}");
    }
    for (method, path, allow) in [
        (Method::DELETE, "/agencies".to_owned(), "GET, POST"),
        (Method::PATCH, agency_path(COUNTY, UNIT), "GET, PUT"),
        (Method::GET, "/tokens".to_owned(), "POST"),
        (Method::PUT, "/divisions".to_owned(), "GET"),
    ] {
        let request = admin.request(method, &format!("{BASE}{path}")).unwrap();
        let answer = send(&admin, request).await;
        assert_eq!((answer.refusal(), answer.allow.as_deref()), ((405, "HTTP-405"), Some(allow)), "{path}");
        assert!(is_problem(&answer), "{answer:?}");
    }
}

#[actix_web::test]
async fn a_body_that_is_too_large_unreadable_or_no_json_is_refused() {
    let world = World::start().await;
    let admin = world.admin();
    let large = but(account("1001"), "account_name", "x".repeat(8 * 1024 * 1024));
    assert_eq!(post(&admin, "/accounts", &large).await.refusal(), (413, "HTTP-413"));
    let path = agency_path(COUNTY, UNIT);
    let large = but(agency(COUNTY, UNIT), "agency_name", "x".repeat(8 * 1024 * 1024));
    assert_eq!(put(&admin, &path, &large, Some("\"1\"")).await.refusal(), (413, "HTTP-413"));

    let raw = async |kind: &str, body: &'static str| {
        let request = admin.request(Method::POST, &format!("{BASE}/accounts")).unwrap();
        send(&admin, request.header("Idempotency-Key", key()).header("Content-Type", kind).body(body)).await
    };
    assert_eq!(raw("application/json", "{\"mof_div_code\": ").await.refusal(), (400, "HTTP-400"));
    assert_eq!(raw("text/plain", "{}").await.refusal(), (415, "HTTP-415"));
    assert_eq!(raw("application/json", "").await.refusal(), (422, "HTTP-422"));
}

#[actix_web::test]
async fn a_refusal_speaks_the_language_that_was_asked_for() {
    let world = World::start().await;
    let token = world.server.identity.token("admin", &[Role::M7], COUNTY, None);
    let detail = async |language: &'static str| {
        let peer = world.server.client(&token).with_language(language);
        get(&peer, &agency_path(COUNTY, UNIT)).await.body["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(detail("en").await, "the agency was not found");
    assert_eq!(detail("zh-CN").await, "没有找到单位");
}
