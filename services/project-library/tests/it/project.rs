//! From draft to library to end.

use common_types::Role;
use project_library_contract::{
    GenerateProjects, GenerationItem, PROJECT_STORED, PROJECT_TERMINATED, Project, ProjectFilter, ProjectLibrary,
    ProjectStatus, ReviewAmount, TerminateProject,
};
use reqwest::Method;
use serde_json::json;
use testkit::key;
use workflow::{Action, BatchRequest, Row, Status};

use crate::world::{DIVISION, UNIT, World, action, code, draft, refused, reservation, yuan};

fn generation(item: &str, price: &str) -> GenerateProjects {
    GenerateProjects {
        mof_div_code: DIVISION.parse().unwrap(),
        fiscal_year: 2026_u16.try_into().unwrap(),
        agency_code: UNIT.parse().unwrap(),
        pro_cat_code: "11".parse().unwrap(),
        exp_func_code: "2050204".parse().unwrap(),
        fund_type_code: "111".parse().unwrap(),
        manage_mof_dep_code: None,
        items: vec![GenerationItem {
            item_name: item.to_owned(),
            exp_cri_code: None,
            exp_cri_class: None,
            exp_cri_amt: None,
            measmt_unit: "人年".to_owned(),
            qty: 80,
            price: yuan(price),
            dep_bgt_eco_code: Some("30101".parse().unwrap()),
            gov_bgt_eco_code: Some("50501".parse().unwrap()),
        }],
    }
}

#[actix_web::test]
async fn a_special_project_goes_through_its_chain_into_the_library() {
    let world = World::start().await;
    let submitted = world.submitted(&draft("31", "999999.99")).await;
    let (stored, passed) = world.approve_until(submitted, "").await;

    assert_eq!(passed, ["unit-review", "department", "sector", "performance", "library"]);
    assert_eq!(stored.workflow.status, Status::Final);
    assert_eq!(stored.head.status, ProjectStatus::Stored);
    assert_eq!((stored.head.library_amt, stored.head.remaining_amt), (yuan("999999.99"), yuan("999999.99")));
    assert_eq!(stored.head.pro_code.as_str(), "36012126205P007000001");
    let found = world.machine().by_code(&stored.head.mof_div_code, &stored.head.pro_code).await.unwrap();
    assert_eq!(found.unwrap().head, stored.head);
    assert_eq!(world.clerk().history(stored.head.pro_id).await.unwrap().len(), 7);
}

#[actix_web::test]
async fn a_project_at_the_threshold_passes_the_review_centre_and_keeps_its_amount() {
    let world = World::start().await;
    let submitted = world.submitted(&draft("22", "1000000.00")).await;
    let (project, _) = world.approve_until(submitted, "review-centre").await;
    let (id, version) = (project.head.pro_id, project.workflow.version);
    let centre = world.at("review-centre");
    let amount = |text: &str| ReviewAmount { review_amt: yuan(text), review_opinion: "核减".to_owned() };

    assert_eq!(code(centre.act(id, &action(Action::Approve), &key()).await), "PM-003");
    assert_eq!(code(centre.review(id, &amount("1000000.01"), version).await), "PM-003");
    assert_eq!(code(world.at("sector").review(id, &amount("1.00"), version).await), "AUTH-004");
    assert_eq!(code(centre.review(id, &amount("1.00"), version - 1).await), "WF-412");
    centre.review(id, &amount("800000.00"), version).await.unwrap();
    centre.act(id, &action(Action::Approve), &key()).await.unwrap();
    let project = world.at("performance").act(id, &action(Action::Approve), &key()).await.unwrap();
    let (stored, _) = world.approve_until(project, "").await;

    assert_eq!(stored.head.library_amt, yuan("800000.00"));
    assert_eq!(code(world.machine().reserve(&reservation(&stored, "800000.01")).await), "PM-010");
}

#[actix_web::test]
async fn a_generated_project_needs_no_goal_and_is_recalculated_until_it_is_submitted() {
    let world = World::start().await;
    let sector = world.person("payroll", Role::M1, None);
    let first = sector.generate(&generation("基本工资", "60000.00"), &key()).await.unwrap();
    let again = sector.generate(&generation("基本工资", "62000.00"), &key()).await.unwrap();
    let id = first.items[0].pro_id;

    assert_eq!(again.items[0].pro_code, first.items[0].pro_code);
    assert_eq!(again.items[0].pro_total_amt, yuan("4960000.00"));
    let submitted = sector.act(id, &action(Action::Submit), &key()).await.unwrap();
    let (stored, passed) = world.approve_until(submitted, "").await;
    assert_eq!(passed, ["unit-review", "department", "sector", "library"]);
    assert!(stored.head.is_generated && stored.head.status == ProjectStatus::Stored);
    assert_eq!(code(sector.generate(&generation("基本工资", "1.00"), &key()).await), "PL-104");
    assert_eq!(code(world.clerk().generate(&generation("津贴补贴", "1.00"), &key()).await), "AUTH-004");
}

#[actix_web::test]
async fn a_returned_project_is_changed_and_submitted_again() {
    let world = World::start().await;
    let submitted = world.submitted(&draft("31", "2000000.00")).await;
    let id = submitted.head.pro_id;
    let returned = world.at("unit-review").act(id, &action(Action::Return), &key()).await.unwrap();
    assert_eq!(returned.workflow.status, Status::Returned);

    let mut smaller = draft("31", "300.00");
    smaller.perf_goals[0].kpi_target = "缩小范围".to_owned();
    let stale = world.clerk().update(id, &smaller, returned.workflow.version - 1).await;
    assert_eq!(code(stale), "WF-412");
    let changed = world.clerk().update(id, &smaller, returned.workflow.version).await.unwrap();
    assert_eq!(changed.head.pro_total_amt, yuan("300.00"));
    assert_eq!((changed.details.len(), changed.perf_goals[0].kpi_target.as_str()), (1, "缩小范围"));
    let submitted = world.clerk().act(id, &action(Action::Submit), &key()).await.unwrap();
    let (_, passed) = world.approve_until(submitted, "").await;
    assert!(!passed.contains(&"review-centre".to_owned()));
}

#[actix_web::test]
async fn a_maker_never_approves_the_own_project() {
    let world = World::start().await;
    let token = world.server.identity.token("both", &[Role::U1, Role::U2], DIVISION, Some(UNIT));
    let both = ProjectLibrary(world.server.client(&token));
    let project = both.create(&draft("31", "100.00"), &key()).await.unwrap();
    both.act(project.head.pro_id, &action(Action::Submit), &key()).await.unwrap();
    assert_eq!(code(both.act(project.head.pro_id, &action(Action::Approve), &key()).await), "WF-002");
    assert_eq!(code(world.at("sector").act(project.head.pro_id, &action(Action::Approve), &key()).await), "WF-003");
}

#[actix_web::test]
async fn a_stale_version_changes_nothing() {
    let world = World::start().await;
    let project = world.submitted(&draft("31", "100.00")).await;
    let mut stale = action(Action::Approve);
    stale.version = Some(project.workflow.version - 1);
    assert_eq!(code(world.at("unit-review").act(project.head.pro_id, &stale, &key()).await), "WF-409");
    let now = world.clerk().project(project.head.pro_id).await.unwrap();
    assert_eq!(now.workflow, project.workflow);
}

#[actix_web::test]
async fn a_repeated_declaration_is_one_project_and_other_content_is_refused() {
    let world = World::start().await;
    let (body, same) = (draft("31", "100.00"), key());
    let first = world.clerk().create(&body, &same).await.unwrap();
    let again = world.clerk().create(&body, &same).await.unwrap();
    assert_eq!(again.head.pro_id, first.head.pro_id);
    assert_eq!(code(world.clerk().create(&draft("31", "200.00"), &same).await), "IDEM-002");
    let all = world.clerk().projects(&ProjectFilter::default(), 10, None).await.unwrap();
    assert_eq!(all.items.len(), 1);
}

#[actix_web::test]
async fn codes_are_unique_when_many_declare_at_once() {
    let world = World::start().await;
    let clerk = world.clerk();
    let bodies: Vec<_> = (0..12).map(|_| (draft("31", "100.00"), key())).collect();
    let projects = futures::future::join_all(bodies.iter().map(|(body, key)| clerk.create(body, key))).await;
    let codes: std::collections::BTreeSet<_> =
        projects.into_iter().map(|project| project.unwrap().head.pro_code).collect();
    assert_eq!(codes.len(), 12);
    assert_eq!(codes.last().unwrap().as_str(), "36012126205P007000012");
}

#[actix_web::test]
async fn a_batch_tells_of_each_project() {
    let world = World::start().await;
    let (good, bad) = (world.submitted(&draft("31", "100.00")).await, world.submitted(&draft("31", "200.00")).await);
    world.approve_until(Project { ..bad.clone() }, "department").await;
    let items = [&good, &bad].map(|project| Row { id: project.head.pro_id, version: None }).to_vec();
    let batch = BatchRequest { action: Action::Approve, opinion: String::new(), items };
    let result = world.at("unit-review").act_on_many(&batch, &key()).await.unwrap();
    let statuses: Vec<u16> = result.items.iter().map(|row| row.status).collect();
    assert_eq!(statuses, [200, 403]);
}

#[actix_web::test]
async fn lists_show_what_is_within_reach_and_asked_for() {
    let world = World::start().await;
    let stored = world.stored(&draft("22", "100.00")).await;
    let other = world.clerk().create(&draft("31", "200.00"), &key()).await.unwrap();
    let ids = async |library: ProjectLibrary, filter: ProjectFilter| -> Vec<_> {
        let page = library.projects(&filter, 10, None).await.unwrap();
        page.items.into_iter().map(|project| project.pro_id).collect()
    };
    let (first, second) = (stored.head.pro_id, other.head.pro_id);
    let all = ProjectFilter::default;

    assert_eq!(ids(world.clerk(), all()).await, [first, second]);
    assert_eq!(ids(world.clerk(), ProjectFilter { status: Some(ProjectStatus::Stored), ..all() }).await, [first]);
    assert_eq!(ids(world.clerk(), ProjectFilter { pro_cat_code: Some("3".parse().unwrap()), ..all() }).await, [second]);
    let next_year = ProjectFilter { fiscal_year: Some(2027_u16.try_into().unwrap()), ..all() };
    assert!(ids(world.clerk(), next_year).await.is_empty());
    assert!(ids(world.person("other", Role::U1, Some("205008")), all()).await.is_empty());
    let city = world.server.identity.token("city", &[Role::M2], "360100000", None);
    assert_eq!(ids(ProjectLibrary(world.server.client(&city)), all()).await, [first, second]);
    let elsewhere = world.server.identity.token("elsewhere", &[Role::M2], "360200000", None);
    assert!(ids(ProjectLibrary(world.server.client(&elsewhere)), all()).await.is_empty());
    let page = world.clerk().projects(&all(), 1, None).await.unwrap();
    let rest = world.clerk().projects(&all(), 1, page.next_page_token.as_deref()).await.unwrap();
    assert_eq!((page.items[0].pro_id, rest.items[0].pro_id, rest.next_page_token), (first, second, None));
    assert_eq!(refused(world.person("other", Role::U1, Some("205008")).project(first).await).status().as_u16(), 404);
}

#[actix_web::test]
async fn a_terminated_project_releases_its_unused_reserve_and_takes_no_more() {
    let world = World::start().await;
    let stored = world.stored(&draft("31", "1000.00")).await;
    let id = stored.head.pro_id;
    world.machine().reserve(&reservation(&stored, "400.00")).await.unwrap();
    let reason = TerminateProject { reason: "政策到期".to_owned() };

    assert_eq!(code(world.at("library").act(id, &action(Action::Discard), &key()).await), "PM-009");
    assert_eq!(code(world.clerk().terminate(id, &reason, &key()).await), "AUTH-004");
    let ended = world.at("library").terminate(id, &reason, &key()).await.unwrap();
    assert!(ended.head.is_end);
    assert_eq!((ended.head.library_amt, ended.head.remaining_amt), (yuan("400.00"), yuan("0.00")));
    assert_eq!(code(world.machine().reserve(&reservation(&stored, "1.00")).await), "PL-108");
    world.machine().reserve(&reservation(&stored, "-400.00")).await.unwrap();
    assert_eq!(code(world.at("library").terminate(id, &reason, &key()).await), "PL-108");
}

#[actix_web::test]
async fn subscribers_hear_of_entry_and_end() {
    let mut world = World::start().await;
    let stored = world.stored(&draft("31", "1000.00")).await;
    world.machine().reserve(&reservation(&stored, "400.00")).await.unwrap();
    let entered = world.events.recv().await.unwrap();
    assert_eq!((entered.r#type.as_str(), &entered.data["pro_code"]), (PROJECT_STORED, &json!(stored.head.pro_code)));
    let reason = TerminateProject { reason: "政策到期".to_owned() };
    world.at("library").terminate(stored.head.pro_id, &reason, &key()).await.unwrap();
    let ended = world.events.recv().await.unwrap();
    assert_eq!((ended.r#type.as_str(), &ended.data["released_amt"]), (PROJECT_TERMINATED, &json!("600.00")));
}

#[actix_web::test]
async fn a_discarded_draft_is_no_longer_shown() {
    let world = World::start().await;
    let project = world.clerk().create(&draft("31", "100.00"), &key()).await.unwrap();
    world.clerk().act(project.head.pro_id, &action(Action::Discard), &key()).await.unwrap();
    assert_eq!(refused(world.clerk().project(project.head.pro_id).await).status().as_u16(), 404);
    assert!(world.machine().by_code(&project.head.mof_div_code, &project.head.pro_code).await.unwrap().is_none());
}

#[actix_web::test]
async fn no_route_answers_without_a_token() {
    let world = World::start().await;
    let anonymous = service_kit::Peer::anonymous(world.server.base.clone());
    let id = uuid::Uuid::now_v7();
    let routes = [
        (Method::POST, "projects".to_owned()),
        (Method::POST, "projects/generations".to_owned()),
        (Method::POST, "projects/actions".to_owned()),
        (Method::GET, "projects".to_owned()),
        (Method::GET, format!("projects/{id}")),
        (Method::GET, format!("projects/by-code/{DIVISION}/36012126205P007000001")),
        (Method::PUT, format!("projects/{id}")),
        (Method::PUT, format!("projects/{id}/review")),
        (Method::POST, format!("projects/{id}/actions")),
        (Method::POST, format!("projects/{id}/terminations")),
        (Method::GET, format!("projects/{id}/history")),
        (Method::POST, "reservations".to_owned()),
    ];
    for (method, path) in routes {
        let request = anonymous.request(method, &format!("/api/project-library/v1/{path}")).unwrap();
        assert_eq!(anonymous.send(request).await.unwrap().status().as_u16(), 401, "{path}");
    }
}
