//! A warning as a case, from the unit's explanation to the archive.

use std::time::Duration;

use common_types::{AffirmResult, Role, VerifyResult, WarnStatus};
use futures::future::join_all;
use monitoring_contract::{PaymentFacts, Warning, WarningCount};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use serde_json::{Value, json};
use service_kit::{Page, store::outbox};
use testkit::key;

use crate::world::{
    BASE, COUNTY, OTHER_COUNTY, OTHER_UNIT, TODAY, UNIT, World, affirmation, but, code, get, refused, step,
};

/// Meets M016, which warns.
fn vague() -> PaymentFacts {
    but(|f| f.use_des = "职工借款".into())
}

/// Meets M004, which intercepts.
fn own_account() -> PaymentFacts {
    but(|f| f.payee_acct_name = "第一中学".into())
}

fn explanation() -> Value {
    json!({
        "text": "确属业务需要", "contact": "李某", "phone": "0791-85710000",
        "attachments": [{"kind": "proof", "name": "说明.pdf", "hash": "0".repeat(64)}],
    })
}

fn rectification() -> Value {
    json!({"opinion": "已退回", "back_amt": "1000.00", "adjust_amt": "0.00", "rectify_date": TODAY})
}

#[actix_web::test]
async fn a_violation_goes_to_its_end() {
    let world = World::start().await;
    let (clerk, supervisor) = (world.clerk(), world.supervisor());
    let warning = world.warning(own_account()).await;
    assert_eq!((warning.status, warning.affirm_result), (WarnStatus::Pending, AffirmResult::Undetermined));

    let explained = step(&clerk, &warning, "explanations", &explanation()).await.unwrap();
    assert_eq!(explained.case.explained_by.as_deref(), Some("clerk"));
    step(&supervisor, &warning, "verification-orders", &json!({"opinion": "请核实"})).await.unwrap();
    let verified = json!({"verify_result": "2", "text": "核实无误"});
    let verified = step(&world.reviewer(), &warning, "verifications", &verified).await.unwrap();
    assert_eq!(verified.verify_result, Some(VerifyResult::VerifiedCorrect));
    let affirmed = step(&supervisor, &warning, "affirmations", &affirmation(AffirmResult::Violation)).await.unwrap();
    assert_eq!((affirmed.status, affirmed.affirm_result), (WarnStatus::Returned, AffirmResult::Violation));
    let letter = json!({"letter_no": "问询〔2026〕1号", "content": "请说明"});
    step(&supervisor, &warning, "inquiries", &letter).await.unwrap();
    assert_eq!(code(step(&supervisor, &warning, "archivings", &json!({})).await), "MON-102");
    step(&clerk, &warning, "rectifications", &rectification()).await.unwrap();
    step(&supervisor, &warning, "archivings", &json!({})).await.unwrap();

    let end: Warning = get(&supervisor, &format!("/warnings/{}", warning.warn_id)).await.unwrap();
    assert!(end.is_archived && end.status == WarnStatus::Handled);
    assert_eq!(end.case.rectification.unwrap().back_amt.to_string(), "1000.00");
    assert_eq!(
        (end.case.affirmed_by.as_deref(), end.case.rectified_by.as_deref()),
        (Some("supervisor"), Some("clerk"))
    );
    for (peer, path, body) in [
        (&clerk, "explanations", explanation()),
        (&supervisor, "affirmations", affirmation(AffirmResult::Normal)),
        (&supervisor, "archivings", json!({})),
    ] {
        assert_eq!(code(step(peer, &warning, path, &body).await), "MON-102", "{path}");
    }
}

#[actix_web::test]
async fn what_was_found_normal_is_archived_without_rectification() {
    let world = World::start().await;
    let warning = world.warning(vague()).await;
    let supervisor = world.supervisor();
    let affirmed = step(&supervisor, &warning, "affirmations", &affirmation(AffirmResult::Normal)).await.unwrap();
    assert_eq!(affirmed.status, WarnStatus::Handled);
    assert!(step(&supervisor, &warning, "archivings", &json!({})).await.unwrap().is_archived);
}

#[actix_web::test]
async fn an_explanation_is_as_complete_as_the_handling_asks() {
    let world = World::start().await;
    let clerk = world.clerk();
    let without = |fields: &[&str]| {
        let mut body = explanation();
        fields.iter().for_each(|field| body[*field] = if *field == "attachments" { json!([]) } else { json!(" ") });
        body
    };
    let pointer = async |warning: &Warning, fields: &[&str]| {
        let refusal = refused(step(&clerk, warning, "explanations", &without(fields)).await);
        assert_eq!(refusal.code(), "MON-104");
        refusal.document().errors[0].pointer.clone()
    };
    let intercepted = world.warning(own_account()).await;
    for (field, expected) in
        [("text", "/text"), ("attachments", "/attachments"), ("contact", "/contact"), ("phone", "/contact")]
    {
        assert_eq!(pointer(&intercepted, &[field]).await, expected);
    }
    let sensitive = world.warning(but(|f| f.use_des = "节日福利".into())).await;
    assert_eq!(pointer(&sensitive, &["attachments"]).await, "/attachments");
    step(&clerk, &sensitive, "explanations", &without(&["contact", "phone"])).await.unwrap();
    let hinted = world.warning(vague()).await;
    assert_eq!(pointer(&hinted, &["text"]).await, "/text");
    step(&clerk, &hinted, "explanations", &without(&["contact", "phone", "attachments"])).await.unwrap();
}

#[actix_web::test]
async fn a_step_out_of_its_turn_is_refused() {
    let world = World::start().await;
    let (clerk, supervisor) = (world.clerk(), world.supervisor());
    let warning = world.warning(vague()).await;
    let letter = json!({"letter_no": "1", "content": "请说明"});
    let verified = json!({"verify_result": "1", "text": "已整改"});
    for (peer, path, body) in [
        (&supervisor, "archivings", json!({})),
        (&supervisor, "inquiries", letter.clone()),
        (&clerk, "rectifications", rectification()),
        (&world.reviewer(), "verifications", verified.clone()),
        (&supervisor, "affirmations", affirmation(AffirmResult::Undetermined)),
    ] {
        assert_eq!(code(step(peer, &warning, path, &body).await), "MON-102", "{path}");
    }
    step(&supervisor, &warning, "verification-orders", &json!({"opinion": "请核实"})).await.unwrap();
    step(&world.reviewer(), &warning, "verifications", &verified).await.unwrap();
    assert_eq!(code(step(&world.reviewer(), &warning, "verifications", &verified).await), "MON-102");
    step(&supervisor, &warning, "affirmations", &affirmation(AffirmResult::Violation)).await.unwrap();
    for (peer, path, body) in [
        (&clerk, "explanations", explanation()),
        (&supervisor, "affirmations", affirmation(AffirmResult::Normal)),
        (&supervisor, "verification-orders", json!({"opinion": "再核实"})),
    ] {
        assert_eq!(code(step(peer, &warning, path, &body).await), "MON-102", "{path}");
    }
    let mut negative = rectification();
    negative["back_amt"] = json!("-0.01");
    assert_eq!(code(step(&clerk, &warning, "rectifications", &negative).await), "HTTP-422");
    let unchanged: Warning = get(&supervisor, &format!("/warnings/{}", warning.warn_id)).await.unwrap();
    assert_eq!((unchanged.affirm_result, unchanged.case.rectification), (AffirmResult::Violation, None));
}

#[actix_web::test]
async fn each_step_belongs_to_its_role() {
    let world = World::start().await;
    let warning = world.warning(vague()).await;
    let (clerk, supervisor, reviewer) = (world.clerk(), world.supervisor(), world.reviewer());
    for (peer, path, body) in [
        (&supervisor, "explanations", explanation()),
        (&reviewer, "explanations", explanation()),
        (&clerk, "affirmations", affirmation(AffirmResult::Normal)),
        (&clerk, "verification-orders", json!({"opinion": "请核实"})),
        (&clerk, "verifications", json!({"verify_result": "1", "text": "已整改"})),
        (&reviewer, "inquiries", json!({"letter_no": "1", "content": "请说明"})),
        (&supervisor, "rectifications", rectification()),
        (&world.person("sector", &[Role::M1], COUNTY, None), "archivings", json!({})),
    ] {
        assert_eq!(code(step(peer, &warning, path, &body).await), "AUTH-004", "{path}");
    }
}

#[actix_web::test]
async fn a_case_is_absent_for_other_units_and_divisions() {
    let world = World::start().await;
    let warning = world.warning(vague()).await;
    let path = format!("/warnings/{}", warning.warn_id);
    let neighbour = world.person("neighbour", &[Role::U1], COUNTY, Some(OTHER_UNIT));
    let elsewhere = world.person("elsewhere", &[Role::M5], OTHER_COUNTY, None);
    for peer in [&neighbour, &elsewhere] {
        assert_eq!(code(get::<Warning>(peer, &path).await), "HTTP-404");
        assert_eq!(code(step(peer, &warning, "explanations", &explanation()).await), "HTTP-404");
        assert_eq!(get::<Page<Warning>>(peer, "/warnings").await.unwrap().items, []);
        assert_eq!(get::<Page<WarningCount>>(peer, "/warnings/statistics").await.unwrap().items, []);
    }
    assert_eq!(code(step(&elsewhere, &warning, "affirmations", &affirmation(AffirmResult::Normal)).await), "HTTP-404");
    assert_eq!(code(get::<Page<Warning>>(&elsewhere, &format!("/warnings?mof_div_code={COUNTY}")).await), "HTTP-404");

    let above = world.person("above", &[Role::M5], "360000000", None);
    assert_eq!(get::<Warning>(&above, &path).await.unwrap().warn_id, warning.warn_id);
    assert_eq!(code(step(&above, &warning, "affirmations", &affirmation(AffirmResult::Normal)).await), "HTTP-404");
    assert_eq!(get::<Page<Warning>>(&world.clerk(), "/warnings").await.unwrap().items.len(), 1);
}

#[actix_web::test]
async fn warnings_are_counted_and_filtered() {
    let world = World::start().await;
    let first = world.warning(vague()).await;
    world.warning(vague()).await;
    world.warning(own_account()).await;
    let supervisor = world.supervisor();
    step(&supervisor, &first, "affirmations", &affirmation(AffirmResult::Normal)).await.unwrap();

    let counts: Page<WarningCount> = get(&supervisor, "/warnings/statistics").await.unwrap();
    let counts: Vec<_> = counts.items.iter().map(|one| (one.rule_code.as_str(), one.status, one.count)).collect();
    assert_eq!(
        counts,
        [("M004", WarnStatus::Pending, 1), ("M016", WarnStatus::Pending, 1), ("M016", WarnStatus::Handled, 1)]
    );
    let of_document = format!("/warnings?document_id={}", first.document_id);
    for (path, expected) in [("/warnings?rule_code=M016", 2), (of_document.as_str(), 1), ("/warnings?page_size=2", 2)] {
        assert_eq!(get::<Page<Warning>>(&supervisor, path).await.unwrap().items.len(), expected, "{path}");
    }
}

#[actix_web::test]
async fn the_explainer_does_not_affirm() {
    let world = World::start().await;
    let warning = world.warning(vague()).await;
    let both = world.person("both", &[Role::U1, Role::M5], COUNTY, None);
    step(&both, &warning, "explanations", &explanation()).await.unwrap();
    assert_eq!(code(step(&both, &warning, "affirmations", &affirmation(AffirmResult::Normal)).await), "MON-103");
    step(&world.supervisor(), &warning, "affirmations", &affirmation(AffirmResult::Normal)).await.unwrap();
}

#[actix_web::test]
async fn an_affirmation_is_told_once() {
    let mut world = World::start().await;
    let warning = world.warning(vague()).await;
    let (supervisor, key) = (world.supervisor(), key());
    step(&world.clerk(), &warning, "explanations", &explanation()).await.unwrap();
    let (path, body) =
        (format!("{BASE}/warnings/{}/affirmations", warning.warn_id), affirmation(AffirmResult::Violation));
    let first: Warning = supervisor.post(&path, &body, &key).await.unwrap();
    let again: Warning = supervisor.post(&path, &body, &key).await.unwrap();
    assert_eq!(first, again);

    let told = tokio::time::timeout(Duration::from_secs(20), world.events.recv()).await.unwrap().unwrap();
    assert_eq!((told.r#type.as_str(), told.source.as_str()), ("monitoring.warning.affirmed", "monitoring"));
    assert_eq!(told.subject, warning.warn_id.to_string());
    let expected = json!({
        "warn_id": warning.warn_id, "document_type": "payment", "document_id": warning.document_id,
        "affirm_result": "2", "opinion": "经核查",
    });
    assert_eq!(told.data, expected);
    assert_eq!(outbox::Entity::find().count(world.database().await.read()).await.unwrap(), 1);
}

#[actix_web::test]
async fn racing_affirmations_affirm_once_and_tell_once() {
    let world = World::start().await;
    let warning = world.warning(vague()).await;
    let peers: Vec<_> = (0..8).map(|n| world.person(&format!("supervisor-{n}"), &[Role::M5], COUNTY, None)).collect();
    let body = affirmation(AffirmResult::Normal);
    let answers = join_all(peers.iter().map(|peer| step(peer, &warning, "affirmations", &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let refusals: Vec<String> = answers.into_iter().filter(Result::is_err).map(code).collect();
    assert!(refusals.iter().all(|code| ["MON-102", "HTTP-409"].contains(&code.as_str())), "{refusals:?}");
    assert_eq!(outbox::Entity::find().count(world.database().await.read()).await.unwrap(), 1);
    assert_eq!(UNIT, world.warnings().await[0].agency_code.as_str());
}
