//! Sign-in, and what becomes of tokens that this platform did not give.

use common_types::Role;
use serde_json::{Value, json};
use service_kit::{Peer, auth::Verifier};
use testkit::Identity;

use crate::world::{Answer, BASE, COUNTY, PASSWORD, PROVINCE, UNIT, World, get, post, user};

fn password(username: &str, password: &str) -> Value {
    json!({"grant_type": "password", "username": username, "password": password})
}

async fn sign_in(world: &World, grant: &Value) -> Answer {
    post(&world.anonymous(), "/tokens", grant).await
}

async fn claims(world: &World, answer: &Answer) -> Value {
    let verifier = Verifier::of_url(world.server.base.join(&format!("{BASE}/jwks")).unwrap());
    let claims = verifier.verify(answer.body["access_token"].as_str().unwrap()).await.unwrap();
    serde_json::to_value(claims).unwrap()
}

#[actix_web::test]
async fn the_first_administrator_signs_in_and_the_token_says_who() {
    let world = World::with_identities().await;
    let answer = sign_in(&world, &password("admin", PASSWORD)).await;

    assert_eq!(
        (answer.status, &answer.body["token_type"], &answer.body["expires_in"]),
        (200, &json!("Bearer"), &json!(900))
    );
    let claims = claims(&world, &answer).await;
    assert_eq!((&claims["sub"], &claims["person"]), (&json!("admin"), &json!("person:admin")));
    assert_eq!((&claims["roles"], &claims["mof_div_code"]), (&json!(["M7"]), &json!(PROVINCE)));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    assert!((chrono::Utc::now().timestamp() - claims["iat"].as_i64().unwrap()).abs() < 60);
}

#[actix_web::test]
async fn nobody_can_sign_in_where_no_first_password_was_set() {
    let world = World::start().await;
    for (username, word) in [("admin", ""), ("", ""), ("admin", PASSWORD)] {
        assert_eq!(sign_in(&world, &password(username, word)).await.refusal(), (401, "BI-101"));
    }
}

#[actix_web::test]
async fn a_user_carries_unit_and_person_in_the_token() {
    let world = World::start().await;
    assert_eq!(post(&world.admin(), "/users", &user("zhang", "person:1", &[Role::U1])).await.status, 201);
    let answer = sign_in(&world, &password("zhang", PASSWORD)).await;
    let claims = claims(&world, &answer).await;
    assert_eq!((&claims["agency_code"], &claims["mof_div_code"]), (&json!(UNIT), &json!(COUNTY)));
    assert_eq!(
        (&claims["roles"], &claims["person"], &claims["name"]),
        (&json!(["U1"]), &json!("person:1"), &json!("张三"))
    );
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let world = World::with_identities().await;
    let mut answers = Vec::new();
    for username in ["admin", "nobody"] {
        let answer = sign_in(&world, &password(username, "not the password")).await;
        assert_eq!(answer.refusal(), (401, "BI-101"));
        let mut body = answer.body;
        body.as_object_mut().unwrap().remove("trace_id");
        answers.push(body);
    }
    assert_eq!(answers[0], answers[1]);
}

#[actix_web::test]
async fn five_wrong_passwords_lock_the_account_and_no_other() {
    let world = World::with_identities().await;
    assert_eq!(post(&world.admin(), "/users", &user("zhang", "person:1", &[Role::U1])).await.status, 201);
    for _ in 0..5 {
        assert_eq!(sign_in(&world, &password("zhang", "wrong")).await.refusal(), (401, "BI-101"));
    }
    assert_eq!(sign_in(&world, &password("zhang", PASSWORD)).await.refusal(), (429, "BI-102"));
    assert_eq!(sign_in(&world, &password("admin", PASSWORD)).await.status, 200);
}

#[actix_web::test]
async fn a_right_password_forgets_the_wrong_ones() {
    let world = World::with_identities().await;
    for _ in 0..2 {
        for _ in 0..4 {
            assert_eq!(sign_in(&world, &password("admin", "wrong")).await.status, 401);
        }
        assert_eq!(sign_in(&world, &password("admin", PASSWORD)).await.status, 200);
    }
}

#[actix_web::test]
async fn a_machine_signs_in_with_its_own_secret_only() {
    let world = World::with_identities().await;
    let grant =
        |id: &str, secret: &str| json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret});
    let answer = sign_in(&world, &grant("execution", "a secret of the machine")).await;
    let claims = claims(&world, &answer).await;
    assert_eq!((&claims["sub"], &claims["roles"]), (&json!("execution"), &json!(["S1"])));
    assert_eq!(claims.get("person"), None);

    for (id, secret) in
        [("execution", "another"), ("execution", ""), ("unknown", "a secret of the machine"), ("unset", "")]
    {
        assert_eq!(sign_in(&world, &grant(id, secret)).await.refusal(), (401, "BI-101"), "{id} {secret}");
    }
}

#[actix_web::test]
async fn a_grant_that_is_not_one_of_the_two_is_refused() {
    let world = World::with_identities().await;
    let mut surplus = password("admin", PASSWORD);
    surplus["scope"] = json!("all");
    for grant in [surplus, json!({"grant_type": "implicit"}), json!({"username": "admin", "password": PASSWORD})] {
        assert_eq!(sign_in(&world, &grant).await.refusal(), (422, "HTTP-422"), "{grant}");
    }
}

#[actix_web::test]
async fn a_token_that_is_absent_expired_or_forged_is_refused() {
    let world = World::start().await;
    let identity = &world.server.identity;
    let own = identity.token("admin", &[Role::M7], PROVINCE, None);
    let (header, rest) = own.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let clerk = identity.token("clerk", &[Role::U1], COUNTY, Some(UNIT));
    let clerks_payload = clerk.split('.').nth(1).unwrap();

    let cases = [
        (identity.expired_token("admin", &[Role::M7], PROVINCE), "AUTH-002"),
        (Identity::default().token("admin", &[Role::M7], PROVINCE, None), "AUTH-003"),
        (format!("{header}.{clerks_payload}.{signature}"), "AUTH-003"),
        (format!("eyJhbGciOiJub25lIn0.{clerks_payload}."), "AUTH-003"),
        ("nonsense".to_owned(), "AUTH-003"),
    ];
    for (token, code) in cases {
        let answer = get(&world.server.client(&token), "/divisions").await;
        assert_eq!(answer.refusal(), (401, code), "{token}");
        assert_eq!(answer.authenticate.as_deref(), Some("Bearer"));
    }
    assert_eq!(get(&Peer::anonymous(world.server.base.clone()), "/divisions").await.refusal(), (401, "AUTH-001"));
    assert_eq!(get(&world.server.client(&own), "/divisions").await.status, 200);
}

#[actix_web::test]
async fn the_published_keys_hold_nothing_secret() {
    let world = World::start().await;
    let keys = get(&world.anonymous(), "/jwks").await.body;
    let key = keys["keys"][0].as_object().unwrap();
    assert!(key.contains_key("x") && !key.contains_key("d"), "{keys}");
}
