//! What is wrong is refused with its status and code, and changes nothing.

use common_types::Role;
use serde_json::{Value, json};
use service_kit::PeerError;
use testkit::key;
use workflow::Action;

use crate::support::*;

const PACKAGES: &str = "/api/budget-compilation/v1/packages";

async fn post(world: &World, path: &str, body: Value, role: Role, agency: Option<&str>) -> (u16, String) {
    let client = world.as_user("somebody", role, PROVINCE, agency);
    let problem = refused(client.0.post::<_, Value>(path, &body, &key()).await);
    (problem.status, problem.code)
}

async fn refusal(world: &World, change: impl FnOnce(&mut Value)) -> (u16, String) {
    let mut body = package("one_up", UNIT, &[line(SPECIAL, "1.00")]);
    change(&mut body);
    let answer = post(world, PACKAGES, body, Role::U1, Some(UNIT)).await;
    let page = world.clerk(UNIT).packages("").await.unwrap();
    assert!(page.items.is_empty(), "a refused package was kept");
    answer
}

#[tokio::test]
async fn malformed_content_is_refused() {
    let world = World::start().await;
    let at = |status: u16, code: &str| (status, code.to_owned());
    for amount in ["1.005", "-1.00", "0.00"] {
        assert_eq!(refusal(&world, |body| body["lines"][0]["apply_up"] = amount.into()).await, at(422, "HTTP-422"));
    }
    assert_eq!(refusal(&world, |body| body["lines"][0]["apply_up"] = json!(1.5)).await, at(422, "HTTP-422"));
    assert_eq!(refusal(&world, |body| body["lines"][0]["exp_func_code"] = "2999999".into()).await, at(422, "HTTP-422"));
    assert_eq!(refusal(&world, |body| body["unknown"] = true.into()).await, at(422, "HTTP-422"));
    assert_eq!(refusal(&world, |body| body["lines"] = json!([])).await, at(422, "BG-101"));
    let twice = |body: &mut Value| body["lines"] = json!([line(SPECIAL, "1.00"), line(SPECIAL, "2.00")]);
    assert_eq!(refusal(&world, twice).await, at(422, "BG-101"));
}

#[tokio::test]
async fn wrong_division_year_and_unit_are_refused() {
    let world = World::start().await;
    let at = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(refusal(&world, |body| body["mof_div_code"] = "360100000".into()).await, at(404, "HTTP-404"));
    assert_eq!(refusal(&world, |body| body["fiscal_year"] = 2027.into()).await, at(422, "BG-102"));
    assert_eq!(refusal(&world, |body| body["fiscal_year"] = 1999.into()).await, at(422, "HTTP-422"));
    assert_eq!(refusal(&world, |body| body["agency_code"] = SCHOOL.into()).await, at(404, "HTTP-404"));
    assert_eq!(refusal(&world, |body| body["agency_code"] = "219007001".into()).await, at(422, "BG-102"));
}

#[tokio::test]
async fn a_missing_dimension_is_refused() {
    let world = World::start().await;
    let missing = |body: &mut Value| body["lines"][0]["dep_bgt_eco_code"] = Value::Null;
    assert_eq!(refusal(&world, missing).await.0, 422);
    let missing = |body: &mut Value| {
        body["lines"][0].as_object_mut().unwrap().remove("fund_type_code");
    };
    assert_eq!(refusal(&world, missing).await.0, 422);
}

#[tokio::test]
async fn the_wrong_role_is_refused() {
    let world = World::start().await;
    let body = package("one_up", UNIT, &[line(SPECIAL, "1.00")]);
    assert_eq!(post(&world, PACKAGES, body, Role::U2, Some(UNIT)).await, (403, "AUTH-004".into()));
    let control = json!({"mof_div_code": PROVINCE, "fiscal_year": 2026, "items": []});
    let path = "/api/budget-compilation/v1/control-numbers";
    assert_eq!(post(&world, path, control, Role::M1, None).await, (403, "AUTH-004".into()));
    let approval = serde_json::to_value(approval_request("1号")).unwrap();
    let path = "/api/budget-compilation/v1/approvals";
    assert_eq!(post(&world, path, approval, Role::M1, None).await, (403, "AUTH-004".into()));
}

#[tokio::test]
async fn transfers_go_only_to_divisions_below_by_transfer_functions() {
    let world = World::start().await;
    let path = "/api/budget-compilation/v1/transfer-packages";
    for receiver in ["440100000", PROVINCE, "369900000"] {
        let answer = post(&world, path, transfer(receiver, "1.00"), Role::M1, None).await;
        assert_eq!(answer, (422, "BG-108".into()), "{receiver}");
    }
    let mut wrong = transfer("360100000", "1.00");
    wrong["lines"][0]["tp_func_code"] = "2050202".into();
    assert_eq!(post(&world, path, wrong, Role::M1, None).await, (422, "BG-112".into()));
}

#[tokio::test]
async fn a_package_of_another_unit_is_not_there() {
    let world = World::start().await;
    let id = world.submitted(package("one_up", UNIT, &[line(SPECIAL, "1.00")])).await.summary.package_id;
    let stranger = world.clerk(SCHOOL);
    assert_eq!(refused(stranger.package(id).await).status, 404);
    assert_eq!(refused(stranger.act_on_package(id, &action(Action::Recall), &key()).await).status, 404);
    let other_division = world.as_user("m2-city", Role::M2, "360100000", None);
    assert_eq!(refused(other_division.package(id).await).status, 404);
}

#[tokio::test]
async fn a_key_used_for_other_content_is_refused_and_an_expired_token_too() {
    let world = World::start().await;
    let (clerk, same) = (world.clerk(UNIT), key());
    let request = |amount: &str| package_request(package("one_up", UNIT, &[line(SPECIAL, amount)]));
    clerk.create_package(&request("1.00"), &same).await.unwrap();
    assert_eq!(refused(clerk.create_package(&request("2.00"), &same).await).code, "IDEM-002");
    let expired = world.server.client(&world.server.identity.expired_token("u1", &[Role::U1], PROVINCE));
    let answer: Result<Value, PeerError> = expired.get(PACKAGES).await;
    assert_eq!(refused(answer).status, 401);
}

#[tokio::test]
async fn a_dry_run_keeps_nothing() {
    let world = World::start().await;
    let body = package("one_up", UNIT, &[line(SPECIAL, "1.00")]);
    let path = format!("{PACKAGES}?dry_run=true");
    let _package: Value = world.clerk(UNIT).0.post(&path, &body, &key()).await.unwrap();
    assert!(world.clerk(UNIT).packages("").await.unwrap().items.is_empty());
}

#[tokio::test]
async fn events_of_the_library_are_taken_from_machines_only() {
    let world = World::start().await;
    let event = json!({"specversion": "1.0", "id": "1", "source": "project-library", "type": "project-library.project.stored",
        "subject": "x", "time": "2026-01-01T00:00:00Z", "data": {}});
    let path = "/api/budget-compilation/v1/events";
    let machine = world.server.client(&world.server.identity.service_token());
    for _ in 0..2 {
        let _answer: Value = machine.post(path, &event, &key()).await.unwrap();
    }
    assert_eq!(post(&world, path, event, Role::M2, None).await, (403, "AUTH-004".into()));
}
