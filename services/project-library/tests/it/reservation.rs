//! Budgets take library money and never more than there is (PM-010).

use futures::future::join_all;
use project_library_contract::ProjectStatus;
use testkit::key;

use crate::world::{World, code, draft, refused, reservation, yuan};

#[actix_web::test]
async fn racing_reservations_never_exceed_the_library_amount() {
    let world = World::start().await;
    let stored = world.stored(&draft("31", "1000.00")).await;
    let machine = world.machine();
    let requests: Vec<_> = (0..20).map(|_| reservation(&stored, "150.00")).collect();
    let answers = join_all(requests.iter().map(|request| machine.reserve(request))).await;

    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    let refusals: Vec<String> = answers.into_iter().filter(Result::is_err).map(code).collect();
    assert_eq!((accepted, refusals.len()), (6, 14));
    assert!(refusals.iter().all(|code| code == "PM-010"));
    let head = machine.project(stored.head.pro_id).await.unwrap().head;
    assert_eq!((head.reserved_amt, head.remaining_amt), (yuan("900.00"), yuan("100.00")));
    assert_eq!(head.status, ProjectStatus::Arranged);
}

#[actix_web::test]
async fn a_repeated_reservation_reserves_once() {
    let world = World::start().await;
    let stored = world.stored(&draft("31", "1000.00")).await;
    let machine = world.machine();
    let request = reservation(&stored, "300.00");
    let path = "/api/project-library/v1/reservations";
    let keys: Vec<String> = (0..10).map(|_| key()).collect();
    let answers = join_all(
        keys.iter().map(|key| machine.0.post::<_, project_library_contract::Reservation>(path, &request, key)),
    )
    .await;
    for answer in answers {
        assert_eq!(answer.unwrap().remaining_amt, yuan("700.00"));
    }
    let mut other = request.clone();
    other.amt = yuan("301.00");
    let refusal = machine.0.post::<_, project_library_contract::Reservation>(path, &other, &key()).await;
    assert_eq!(code(refusal), "PL-106");
    assert_eq!(machine.project(stored.head.pro_id).await.unwrap().head.reserved_amt, yuan("300.00"));
}

#[actix_web::test]
async fn a_release_never_goes_below_zero_and_frees_what_was_taken() {
    let world = World::start().await;
    let stored = world.stored(&draft("31", "1000.00")).await;
    let machine = world.machine();
    machine.reserve(&reservation(&stored, "1000.00")).await.unwrap();
    let over = refused(machine.reserve(&reservation(&stored, "0.01")).await);
    let figures = serde_json::to_value(over.document()).unwrap();
    assert_eq!((figures["available"].as_str(), figures["exceeded"].as_str()), (Some("0.00"), Some("0.01")));

    assert_eq!(code(machine.reserve(&reservation(&stored, "-1000.01")).await), "PL-103");
    let released = machine.reserve(&reservation(&stored, "-1000.00")).await.unwrap();
    assert_eq!(released.remaining_amt, yuan("1000.00"));
    assert_eq!(machine.project(stored.head.pro_id).await.unwrap().head.status, ProjectStatus::Stored);
}

#[actix_web::test]
async fn only_stored_projects_within_their_term_are_reserved_by_machines() {
    let world = World::start().await;
    let draft_project = world.submitted(&draft("31", "1000.00")).await;
    let machine = world.machine();
    assert_eq!(code(machine.reserve(&reservation(&draft_project, "1.00")).await), "BG-001");
    let mut unknown = reservation(&draft_project, "1.00");
    unknown.pro_code = "36012126205P007999999".parse().unwrap();
    assert_eq!(code(machine.reserve(&unknown).await), "BG-001");

    let (stored, _) = world.approve_until(draft_project, "").await;
    let mut late = reservation(&stored, "1.00");
    late.fiscal_year = 2027_u16.try_into().unwrap();
    assert_eq!(code(machine.reserve(&late).await), "PL-105");
    assert_eq!(code(machine.reserve(&reservation(&stored, "0.00")).await), "HTTP-422");
    assert_eq!(code(world.at("library").reserve(&reservation(&stored, "1.00")).await), "AUTH-004");
    assert_eq!(machine.project(stored.head.pro_id).await.unwrap().head.reserved_amt, yuan("0.00"));
}
