//! Packages: two ways up, control numbers, the rules of compilation.

use std::sync::atomic::Ordering;

use budget_compilation_contract::{AuditItem, AuditRequest, Package};
use common_types::Role;
use service_kit::PeerError;
use testkit::key;
use workflow::{Action, Status};

use crate::support::*;

async fn drafted(world: &World, request: serde_json::Value) -> Result<Package, PeerError> {
    let clerk = world.clerk(request["agency_code"].as_str().unwrap());
    clerk.create_package(&package_request(request), &key()).await
}

async fn submitted(world: &World, request: serde_json::Value) -> Result<Package, PeerError> {
    let clerk = world.clerk(request["agency_code"].as_str().unwrap());
    let id = drafted(world, request).await.unwrap().summary.package_id;
    clerk.act_on_package(id, &action(Action::Submit), &key()).await
}

async fn used(world: &World, kind: &str) -> String {
    let page: serde_json::Value =
        world.finance("m2", Role::M2).0.get("/api/budget-compilation/v1/control-numbers").await.unwrap();
    let items = page["items"].as_array().unwrap();
    items.iter().find(|item| item["pro_kind_code"] == kind).unwrap()["used_amt"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_first_way_up_needs_no_control_number() {
    let world = World::start().await;
    let package = world.finished(package("one_up", UNIT, &[line(SPECIAL, "5000.00")])).await;
    assert_eq!(package.summary.state.status, Status::Final);
    assert_eq!(world.peers.reserved_fen(), 0);
}

#[tokio::test]
async fn the_second_way_up_within_control_takes_library_money_at_its_end() {
    let world = World::start().await;
    world.controlled().await;
    let package =
        world.finished(package("two_up", UNIT, &[line(SPECIAL, "600.00"), line(PUBLIC_USE, "1000.00")])).await;
    assert_eq!(package.summary.state.status, Status::Final);
    assert_eq!(package.lines[0].gov_bgt_eco_code.as_str(), "50201");
    assert_eq!(package.summary.dept_code.unwrap().as_str(), "219");
    assert_eq!(world.peers.reserved_fen(), 160_000);
    assert!(world.peers.reservations.lock().unwrap().contains_key(&package.lines[0].bgt_pman_id.to_string()));
    assert_eq!(used(&world, "3").await, "600.00");
}

#[tokio::test]
async fn a_package_over_its_control_number_is_refused_with_what_it_exceeds() {
    let world = World::start().await;
    world.controlled().await;
    let problem = refused(submitted(&world, package("two_up", UNIT, &[line(SPECIAL, "1000.01")])).await);
    assert_eq!((problem.code.as_str(), problem.status), ("BG-002", 422));
    assert_eq!(problem.extensions["exceeded"], "0.01");
    assert_eq!(used(&world, "3").await, "0.00");
}

#[tokio::test]
async fn a_package_without_control_number_is_refused() {
    let world = World::start().await;
    let problem = refused(submitted(&world, package("two_up", UNIT, &[line(SPECIAL, "1.00")])).await);
    assert_eq!(problem.code, "BG-002");
}

#[tokio::test]
async fn two_units_of_a_department_share_its_control_number_and_never_exceed_it() {
    let world = World::start().await;
    world.controlled().await;
    let other = serde_json::json!({"pro_code": SPECIAL, "exp_func_code": "2050202", "dep_bgt_eco_code": "30201",
        "fund_type_code": "111", "apply_up": "600.00"});
    let (one, two) = tokio::join!(
        submitted(&world, package("two_up", UNIT, &[line(SPECIAL, "600.00")])),
        submitted(&world, package("two_up", SCHOOL, &[other])),
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|done| **done).count(), 1);
    assert_eq!(refused(if one.is_ok() { two } else { one }).code, "BG-002");
    assert_eq!(used(&world, "3").await, "600.00");
}

#[tokio::test]
async fn a_returned_package_gives_its_control_number_back() {
    let world = World::start().await;
    world.controlled().await;
    let package = submitted(&world, package("two_up", UNIT, &[line(SPECIAL, "600.00")])).await.unwrap();
    let reviewer = world.as_user("u2", Role::U2, PROVINCE, Some(UNIT));
    reviewer.act_on_package(package.summary.package_id, &action(Action::Return), &key()).await.unwrap();
    assert_eq!(used(&world, "3").await, "0.00");
}

#[tokio::test]
async fn a_control_number_below_what_is_asked_for_is_refused() {
    let world = World::start().await;
    world.controlled().await;
    submitted(&world, package("two_up", UNIT, &[line(SPECIAL, "600.00")])).await.unwrap();
    let lower = serde_json::json!({"mof_div_code": PROVINCE, "fiscal_year": 2026, "items": [
        {"dept_code": "219", "pro_kind_code": "3", "fund_type_code": "111", "control_amt": "599.99"}]});
    assert_eq!(refused(world.control(lower).await).code, "BG-103");
}

#[tokio::test]
async fn a_repeated_submission_takes_the_control_number_once() {
    let world = World::start().await;
    world.controlled().await;
    let clerk = world.clerk(UNIT);
    let id = drafted(&world, package("two_up", UNIT, &[line(SPECIAL, "600.00")])).await.unwrap().summary.package_id;
    let same = key();
    let first = clerk.act_on_package(id, &action(Action::Submit), &same).await.unwrap();
    let again = clerk.act_on_package(id, &action(Action::Submit), &same).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(used(&world, "3").await, "600.00");
}

#[tokio::test]
async fn a_project_outside_the_library_is_refused() {
    let world = World::start().await;
    for code in [ON_THE_WAY, "360000260000000000077"] {
        let problem = refused(drafted(&world, package("one_up", UNIT, &[line(code, "1.00")])).await);
        assert_eq!((problem.code.as_str(), problem.errors[0].pointer.as_str()), ("BG-001", "/lines/0/pro_code"));
    }
}

#[tokio::test]
async fn a_project_of_another_unit_is_refused() {
    let world = World::start().await;
    let answer = drafted(&world, package("one_up", UNIT, &[line(SCHOOLS_OWN, "1.00")])).await;
    assert_eq!(refused(answer).code, "BG-107");
}

#[tokio::test]
async fn three_public_expenses_above_last_year_are_refused() {
    let world = World::start().await;
    world.controlled().await;
    let with_class = |class: &str, amount: &str| {
        let mut line = line(PUBLIC_USE, amount);
        line["dep_bgt_eco_code"] = class.into();
        line
    };
    let lines = [with_class("30217", "60.00"), with_class("30231", "40.01")];
    let problem = refused(submitted(&world, package("two_up", UNIT, &lines)).await);
    assert_eq!((problem.code.as_str(), &problem.extensions["exceeded"]), ("BG-003", &"0.01".into()));
}

#[tokio::test]
async fn income_that_differs_from_expense_is_refused() {
    let world = World::start().await;
    let mut request = package("one_up", UNIT, &[line(SPECIAL, "5.00")]);
    request["income_amt"] = "4.99".into();
    assert_eq!(refused(drafted(&world, request).await).code, "BG-004");
}

#[tokio::test]
async fn the_government_class_follows_the_type_of_unit() {
    let world = World::start().await;
    let package_of = |agency: &str, gov: &str| {
        let mut line = line(SPECIAL, "1.00");
        line["gov_bgt_eco_code"] = gov.into();
        package("one_up", agency, &[line])
    };
    assert_eq!(refused(drafted(&world, package_of(UNIT, "50502")).await).code, "BG-005");
    assert_eq!(refused(drafted(&world, package_of(SCHOOL, "50201")).await).code, "BG-005");
    let school = drafted(&world, package_of(SCHOOL, "50502")).await.unwrap();
    assert_eq!(school.lines[0].gov_bgt_eco_code.as_str(), "50502");
}

#[tokio::test]
async fn a_function_takes_only_its_kind_of_funds() {
    let world = World::start().await;
    let mut wrong = line(SPECIAL, "1.00");
    wrong["exp_func_code"] = "21208".into();
    assert_eq!(refused(drafted(&world, package("one_up", UNIT, &[wrong])).await).code, "BG-006");
}

#[tokio::test]
async fn a_unit_has_one_package_of_each_stage() {
    let world = World::start().await;
    drafted(&world, package("one_up", UNIT, &[line(SPECIAL, "1.00")])).await.unwrap();
    let answer = drafted(&world, package("one_up", UNIT, &[line(SPECIAL, "1.00")])).await;
    assert_eq!(refused(answer).code, "BG-109");
    drafted(&world, package("two_up", UNIT, &[line(SPECIAL, "1.00")])).await.unwrap();
}

#[tokio::test]
async fn a_silent_project_library_leaves_the_package_where_it_was() {
    let world = World::start().await;
    world.controlled().await;
    let package = world.submitted(package("two_up", UNIT, &[line(SPECIAL, "600.00")])).await;
    let id = package.summary.package_id;
    let reviewers = world.reviewers(UNIT);
    for reviewer in &reviewers[..3] {
        reviewer.act_on_package(id, &action(Action::Approve), &key()).await.unwrap();
    }
    world.peers.library_is_down.store(true, Ordering::SeqCst);
    let last = key();
    let problem = refused(reviewers[3].act_on_package(id, &action(Action::Approve), &last).await);
    assert_eq!((problem.status, problem.code.as_str()), (503, "HTTP-503"));
    assert_eq!(reviewers[3].package(id).await.unwrap().summary.state.status, Status::InReview);
    world.peers.library_is_down.store(false, Ordering::SeqCst);
    let done = reviewers[3].act_on_package(id, &action(Action::Approve), &last).await.unwrap();
    assert_eq!(done.summary.state.status, Status::Final);
    assert_eq!(world.peers.reserved_fen(), 60_000);
}

#[tokio::test]
async fn a_discarded_final_package_gives_its_library_money_back() {
    let world = World::start().await;
    world.controlled().await;
    let package = world.finished(package("two_up", UNIT, &[line(SPECIAL, "600.00")])).await;
    assert_eq!(world.peers.reserved_fen(), 60_000);
    let chief = world.finance("m2", Role::M2);
    chief.act_on_package(package.summary.package_id, &action(Action::Discard), &key()).await.unwrap();
    world.eventually(|peers| peers.reserved_fen() == 0).await;
    assert_eq!(used(&world, "3").await, "0.00");
}

#[tokio::test]
async fn audited_amounts_replace_what_was_applied_for() {
    let world = World::start().await;
    world.controlled().await;
    let package = world.submitted(package("two_up", UNIT, &[line(SPECIAL, "600.00")])).await;
    let id = package.summary.package_id;
    let audit = |amount: &str| AuditRequest {
        items: vec![AuditItem { line_id: package.lines[0].line_id, fin_audit_money: amount.parse().unwrap() }],
    };
    let sector = world.finance("m1", Role::M1);
    assert_eq!(refused(sector.audit_package(id, &audit("500.00"), 2).await).code, "BG-110");
    for reviewer in &world.reviewers(UNIT)[..2] {
        reviewer.act_on_package(id, &action(Action::Approve), &key()).await.unwrap();
    }
    assert_eq!(refused(sector.audit_package(id, &audit("500.00"), 2).await).status, 412);
    assert_eq!(refused(sector.audit_package(id, &audit("600.01"), 4).await).code, "BG-111");
    let audited = sector.audit_package(id, &audit("500.00"), 4).await.unwrap();
    assert_eq!(audited.summary.fin_audit_money.to_string(), "500.00");
    assert_eq!(used(&world, "3").await, "500.00");
}

#[tokio::test]
async fn the_maker_does_not_review_and_a_stale_version_is_refused() {
    let world = World::start().await;
    let clerk = world.clerk(UNIT);
    let request = package("one_up", UNIT, &[line(SPECIAL, "1.00")]);
    let id = drafted(&world, request.clone()).await.unwrap().summary.package_id;
    clerk.revise_package(id, &package_request(request.clone()), 1).await.unwrap();
    assert_eq!(refused(clerk.revise_package(id, &package_request(request), 1).await).code, "WF-412");
    clerk.act_on_package(id, &action(Action::Submit), &key()).await.unwrap();
    let same_person = world.as_user(&format!("u1-{UNIT}"), Role::U2, PROVINCE, Some(UNIT));
    let answer = same_person.act_on_package(id, &action(Action::Approve), &key()).await;
    assert_eq!(refused(answer).code, "WF-002");
}
