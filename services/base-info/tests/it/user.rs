//! Accounts, and roles that exclude each other (BI-110).

use common_types::Role;
use serde_json::json;

use crate::world::{COUNTY, OTHER_COUNTY, PASSWORD, UNIT, World, but, get, post, user};

const TOXIC_ROLES: &str = include_str!("../../toxic_roles.csv");

#[actix_web::test]
async fn only_an_administrator_grants_accounts() {
    let world = World::start().await;
    let new = user("zhang", "person:1", &[Role::U1]);
    for role in [Role::U1, Role::M2, Role::M5, Role::S1] {
        let caller = world.person("somebody", role, COUNTY, None);
        assert_eq!(post(&caller, "/users", &new).await.refusal(), (403, "AUTH-004"), "{role}");
    }
    let elsewhere = world.person("elsewhere", Role::M7, OTHER_COUNTY, None);
    assert_eq!(post(&elsewhere, "/users", &new).await.refusal(), (404, "HTTP-404"));
    let here = world.person("here", Role::M7, COUNTY, None);
    assert_eq!(get(&here, "/users").await.items().len(), 0);
    assert_eq!(post(&here, "/users", &new).await.status, 201);
    assert_eq!(get(&here, "/users").await.column("username"), ["zhang"]);
    assert_eq!(get(&world.clerk(), "/users").await.refusal(), (403, "AUTH-004"));
    assert_eq!(get(&elsewhere, &format!("/users?mof_div_code={COUNTY}")).await.refusal(), (404, "HTTP-404"));
}

#[actix_web::test]
async fn a_password_is_never_shown() {
    let world = World::start().await;
    let created = post(&world.admin(), "/users", &user("zhang", "person:1", &[Role::U1])).await;
    let listed = get(&world.admin(), &format!("/users?mof_div_code={COUNTY}")).await;
    assert_eq!((created.status, listed.items().len()), (201, 1));
    for text in [created.body.to_string(), listed.body.to_string()] {
        assert!(!text.contains("password") && !text.contains(PASSWORD) && !text.contains("argon2"), "{text}");
    }
}

#[actix_web::test]
async fn what_is_no_account_is_refused() {
    let world = World::start().await;
    let admin = world.admin();
    let new = user("zhang", "person:1", &[Role::U1]);
    let refused = [
        (but(new.clone(), "password", "九个字符的密码短了"), (422, "BI-103")),
        (but(new.clone(), "roles", json!([])), (422, "HTTP-422")),
        (but(new.clone(), "roles", json!(["S1"])), (422, "HTTP-422")),
        (but(new.clone(), "roles", json!(["U1", "B1"])), (422, "HTTP-422")),
        (but(new.clone(), "person", " "), (422, "HTTP-422")),
        (but(new.clone(), "username", ""), (422, "HTTP-422")),
    ];
    for (body, refusal) in refused {
        assert_eq!(post(&admin, "/users", &body).await.refusal(), refusal, "{body}");
    }
    assert_eq!(post(&admin, "/users", &but(new, "password", "十个字符的密码就够了")).await.status, 201);
}

#[actix_web::test]
async fn a_user_name_is_given_once() {
    let world = World::start().await;
    assert_eq!(post(&world.admin(), "/users", &user("zhang", "person:1", &[Role::U1])).await.status, 201);
    let again = post(&world.admin(), "/users", &user("zhang", "person:2", &[Role::U2])).await;
    assert_eq!((again.refusal(), again.pointer()), ((422, "BI-104"), "/username"));
}

#[actix_web::test]
async fn roles_that_exclude_each_other_are_refused_in_one_account() {
    let world = World::start().await;
    for line in TOXIC_ROLES.lines().skip(1) {
        let (one, other) = line.split_once(',').unwrap();
        let both = but(user("both", "person:1", &[]), "roles", json!([other, "M6", one]));
        let answer = post(&world.admin(), "/users", &both).await;
        assert_eq!((answer.refusal(), answer.pointer()), ((422, "BI-110"), "/roles"), "{line}");
    }
    assert_eq!(get(&world.admin(), &format!("/users?mof_div_code={COUNTY}")).await.items().len(), 0);
}

#[actix_web::test]
async fn roles_that_exclude_each_other_are_refused_over_all_accounts_of_a_person() {
    let world = World::start().await;
    let admin = world.admin();
    assert_eq!(post(&admin, "/users", &user("first", "person:1", &[Role::U1])).await.status, 201);
    for role in [Role::U2, Role::M3, Role::D1, Role::M1, Role::M2] {
        let mut second = user("second", "person:1", &[role]);
        second["mof_div_code"] = json!(OTHER_COUNTY);
        assert_eq!(post(&admin, "/users", &second).await.refusal(), (422, "BI-110"), "{role}");
    }
    assert_eq!(post(&admin, "/users", &user("second", "person:1", &[Role::U3])).await.status, 201);
    assert_eq!(post(&admin, "/users", &user("third", "person:2", &[Role::U2])).await.status, 201);
    assert_eq!(UNIT, get(&admin, &format!("/users?mof_div_code={COUNTY}")).await.column("agency_code")[0]);
}
