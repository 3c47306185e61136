//! What every route promises at the gateway: a token, a problem document, a documented method.

use reqwest::{Method, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};

use all_in_one::settings::DEMO_ADMIN;

use crate::{architecture::sources, platform::Running};

/// Answer without a token: sign-in, the public keys.
const OPEN: [&str; 2] = ["/api/base-info/v1/tokens", "/api/base-info/v1/jwks"];

async fn operations(platform: &Running) -> Vec<(Method, String, Value)> {
    let document: Value =
        reqwest::get(platform.base.join("/openapi.json").unwrap()).await.unwrap().json().await.unwrap();
    assert_eq!(document["x-unavailable"], serde_json::json!([]));
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            if let Some(operation) = item.get(method) {
                operations.push((method.to_uppercase().parse().unwrap(), path.clone(), operation.clone()));
            }
        }
    }
    operations
}

fn concrete(template: &str) -> String {
    let filled = template.split('/').map(|segment| match segment {
        "{fiscal_year}" | "{year}" => "2026",
        "{mof_div_code}" | "{div}" | "{division}" => "360000000",
        "{agency_code}" => "105001",
        "{pro_code}" => "36000026105Z000000001",
        segment if segment.starts_with('{') => "0190a000-0000-7000-8000-000000000000",
        segment => segment,
    });
    filled.collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_route_exists_and_asks_for_a_token() {
    let platform = Running::start().await;
    let operations = operations(&platform).await;
    assert!(operations.len() > 100, "only {} operations are documented", operations.len());
    let http = reqwest::Client::new();
    let mut wrong = Vec::new();
    for (method, path, _) in operations.iter().filter(|(_, path, _)| !OPEN.contains(&path.as_str())) {
        let url = platform.base.join(&concrete(path)).unwrap();
        let answer = http.request(method.clone(), url).header("Idempotency-Key", "k").send().await.unwrap();
        let status = answer.status();
        let problem: Value = answer.json().await.unwrap_or_default();
        // a query is read before the token where it names what is asked for; nothing is told either way
        let is_refused =
            status == StatusCode::UNAUTHORIZED || (status == StatusCode::BAD_REQUEST && *method == Method::GET);
        if !is_refused || problem["code"].is_null() {
            wrong.push(format!("{method} {path}: {status} {problem}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The parameters that an operation lists in a place.
fn listed<'a>(operation: &'a Value, place: &str) -> Vec<&'a str> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(|one| one["in"] == place).map(|one| one["name"].as_str().unwrap()).collect()
}

/// A client that is signed in as the administrator, and says so in every request.
async fn administrator(platform: &Running) -> reqwest::Client {
    let grant = json!({"grant_type": "password", "username": DEMO_ADMIN, "password": story::PASSWORD});
    let url = platform.base.join("/api/base-info/v1/tokens").unwrap();
    let token: Value = reqwest::Client::new().post(url).json(&grant).send().await.unwrap().json().await.unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap()).parse().unwrap();
    reqwest::Client::builder().default_headers([(AUTHORIZATION, bearer)].into_iter().collect()).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_change_needs_beside_its_body_is_documented_and_nothing_else_is() {
    let platform = Running::start().await;
    let http = administrator(&platform).await;
    let code = async |method: &Method, path: &str, query: &str| -> Value {
        let url = platform.base.join(&format!("{}{query}", concrete(path))).unwrap();
        let answer = http.request(method.clone(), url).json(&json!({})).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["code"].clone()
    };
    let (mut wrong, mut commands) = (Vec::new(), 0);
    for (method, path, operation) in operations(&platform).await.iter().filter(|(method, ..)| *method != Method::GET) {
        let (headers, query) = (listed(operation, "header"), listed(operation, "query"));
        let missing = if *method == Method::POST { ("Idempotency-Key", "IDEM-001") } else { ("If-Match", "WF-428") };
        let answered = code(method, path, "").await;
        if headers.contains(&missing.0) != (answered == missing.1) {
            wrong.push(format!("{method} {path} lists {headers:?} and answers {answered} without"));
        }
        if *method == Method::POST && headers.contains(&missing.0) {
            commands += 1;
            let dry = code(method, path, "?dry_run=true").await;
            if query.contains(&"dry_run") == (dry == missing.1) {
                wrong.push(format!("{method} {path} lists {query:?} and answers {dry} to a dry run"));
            }
        }
        let in_path = listed(operation, "path");
        let named = path.split(['{', '}']).skip(1).step_by(2);
        wrong.extend(
            named.filter(|name| !in_path.contains(name)).map(|name| format!("{method} {path} lists no {name}")),
        );
    }
    assert!(commands > 100, "only {commands} commands are documented");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_path_or_method_is_a_problem_document() {
    let platform = Running::start().await;
    let http = reqwest::Client::new();
    let absent = http.get(platform.base.join("/api/base-info/v1/nothing").unwrap()).send().await.unwrap();
    assert_eq!(absent.status(), StatusCode::NOT_FOUND);
    assert_eq!(absent.headers()["content-type"], "application/problem+json");
    let wrong = http.delete(platform.base.join("/api/base-info/v1/tokens").unwrap()).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong.headers()["allow"], "POST");
    let problem: Value = wrong.json().await.unwrap();
    assert_eq!(problem["code"], "HTTP-405");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trace_of_a_request_comes_back() {
    let platform = Running::start().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let answer = reqwest::Client::new()
        .get(platform.base.join("/api/budget-execution/v1/indicators").unwrap())
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .header("Accept-Language", "en")
        .send()
        .await
        .unwrap();
    assert!(answer.headers()["traceparent"].to_str().unwrap().contains(trace));
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["trace_id"], trace);
    assert_eq!(problem["title"], "no token");
}

#[test]
fn services_add_routes_only_where_they_are_documented() {
    let mut undocumented = Vec::new();
    for (path, text) in sources("services") {
        let is_service = !path
            .components()
            .any(|part| ["gateway", "all-in-one", "tests"].contains(&part.as_os_str().to_str().unwrap()));
        if is_service && text.lines().any(|line| line.contains(".route(")) {
            undocumented.push(path);
        }
    }
    assert!(undocumented.is_empty(), "{undocumented:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_characters_and_arrays_never_reach_a_handler() {
    let platform = Running::start().await;
    let url = platform.base.join("/api/base-info/v1/tokens").unwrap();
    let grant = |username: &str| format!(r#"{{"grant_type":"password","username":"{username}","password":"x"}}"#);
    let post = async |body: String| {
        let request = reqwest::Client::new().post(url.clone()).header("Content-Type", "application/json").body(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned())
    };
    for hidden in ["a\\u0000b", "a\\u001b[31m", "a\u{202e}b", "a\\u202Eb"] {
        assert_eq!(post(grant(hidden)).await, (422, "HTTP-422".to_owned()), "{hidden:?}");
    }
    for plain in ["普通用户", "back\\\\u0000slash", "line\\nbreak"] {
        assert_eq!(post(grant(plain)).await, (401, "BI-101".to_owned()), "{plain:?}");
    }
}
