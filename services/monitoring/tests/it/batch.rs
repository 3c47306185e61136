//! Many documents in one evaluation: each is judged as if it were alone, each version of one once.

use monitoring_contract::{EvaluationBatch, Outcome, PaymentFacts, Verdict, Verdicts, VersionedEvaluation};
use serde_json::{Value, json};
use service_kit::PeerError;
use testkit::key;
use uuid::Uuid;

use crate::world::{BASE, COUNTY, NEIGHBOUR, SCHOOL, World, codes, facts, own_account, refusal, request, rule, with};

fn item(document_id: Uuid, version: i64, facts: PaymentFacts) -> VersionedEvaluation {
    VersionedEvaluation { version, evaluation: request(document_id, facts) }
}

async fn ask(world: &World, query: &str, items: Vec<VersionedEvaluation>) -> Result<Vec<Verdict>, PeerError> {
    let path = format!("{BASE}/evaluation-batches{query}");
    let answer: Verdicts = world.machine().post(&path, &EvaluationBatch { items }, &key()).await?;
    Ok(answer.items)
}

async fn batch(world: &World, items: Vec<VersionedEvaluation>) -> Vec<Verdict> {
    ask(world, "", items).await.unwrap()
}

fn outcomes(verdicts: &[Verdict]) -> Vec<Outcome> {
    verdicts.iter().map(|verdict| verdict.outcome).collect()
}

#[tokio::test]
async fn each_document_of_a_batch_is_judged_as_if_it_were_alone() {
    let world = World::start().await;
    let all = [
        facts(),
        with(|facts| facts.pay_app_amt = "200000.00".parse().unwrap()),
        with(|facts| facts.use_des = "采购礼品".to_owned()),
        own_account(),
        with(|facts| facts.pro_kind_code = Some("11".parse().unwrap())),
    ];
    let together = batch(&world, all.iter().map(|facts| item(Uuid::now_v7(), 1, facts.clone())).collect()).await;
    for (facts, verdict) in all.into_iter().zip(&together) {
        let alone = world.evaluate(facts).await;
        assert_eq!((codes(verdict), verdict.outcome), (codes(&alone), alone.outcome));
    }
}

#[tokio::test]
async fn a_version_is_judged_once_and_the_next_version_anew() {
    let world = World::start().await;
    let document = Uuid::now_v7();
    let first = batch(&world, vec![item(document, 1, own_account())]).await;
    let repeated = batch(&world, vec![item(document, 1, facts()), item(Uuid::now_v7(), 1, facts())]).await;
    assert_eq!(repeated[0], first[0]);
    assert_eq!(repeated[1].outcome, Outcome::Pass);
    assert_eq!(outcomes(&batch(&world, vec![item(document, 2, facts())]).await), [Outcome::Pass]);
    assert_eq!(world.warnings(&format!("document_id={document}")).await.len(), 1);
}

#[tokio::test]
async fn the_same_version_in_many_batches_at_once_is_judged_once() {
    let world = World::start().await;
    let documents: Vec<Uuid> = (0..6).map(|_| Uuid::now_v7()).collect();
    let racing = (0..8).map(|racer| {
        let mut items: Vec<_> = documents.iter().map(|document| item(*document, 1, own_account())).collect();
        if racer % 2 == 0 {
            items.reverse();
        }
        batch(&world, items)
    });
    let mut verdicts = futures::future::join_all(racing).await;
    verdicts.iter_mut().step_by(2).for_each(|reversed| reversed.reverse());
    assert!(verdicts.iter().all(|one| *one == verdicts[0]), "{verdicts:#?}");
    for document in documents {
        assert_eq!(world.warnings(&format!("document_id={document}")).await.len(), 1);
    }
}

/// Each has some of what two others have, so that one may find a row in its way time and again.
#[tokio::test]
async fn batches_that_overlap_at_once_are_all_answered_alike() {
    let world = World::start().await;
    for _round in 0..6 {
        let documents: Vec<Uuid> = (0..24).map(|_| Uuid::now_v7()).collect();
        let racing = (0..24).map(|first| {
            let own = documents.iter().cycle().skip(first).take(12);
            batch(&world, own.map(|document| item(*document, 1, own_account())).collect())
        });
        let verdicts = futures::future::join_all(racing).await;
        for (first, told) in verdicts.iter().enumerate() {
            let next = verdicts.get(first + 1).unwrap_or(&verdicts[0]);
            assert_eq!(told[1..], next[..11]);
        }
    }
}

#[tokio::test]
async fn a_dry_run_of_a_batch_answers_and_keeps_nothing() {
    let world = World::start().await;
    let document = Uuid::now_v7();
    let rehearsed = ask(&world, "?dry_run=true", vec![item(document, 1, own_account())]).await.unwrap();
    assert_eq!(outcomes(&rehearsed), [Outcome::Intercept]);
    assert_eq!(world.warnings(&format!("document_id={document}")).await, Vec::<Value>::new());
    // nor does it stand for the version that is evaluated in earnest
    assert_eq!(outcomes(&batch(&world, vec![item(document, 1, facts())]).await), [Outcome::Pass]);
}

#[tokio::test]
async fn windows_look_at_each_payment_of_a_batch_for_itself() {
    let world = World::start().await;
    let repeated = facts();
    world.paid(&repeated, "2026-07-01").await;
    let other_name = with(|facts| facts.payee_acct_name = "另一家公司".to_owned());
    let other_payee = with(|facts| facts.payee_acct_no = "6222000000007777".parse().unwrap());
    let in_a_neighbour = with(|facts| facts.mof_div_code = NEIGHBOUR.parse().unwrap());
    let all = [repeated, other_name, other_payee, in_a_neighbour];
    let verdicts = batch(&world, all.map(|facts| item(Uuid::now_v7(), 1, facts)).into()).await;
    let met: Vec<_> = verdicts.iter().map(codes).collect();
    assert_eq!(met, [vec!["M019"], vec!["M019", "M028"], vec![], vec![]]);
}

#[tokio::test]
async fn a_rule_binds_the_batch_after_its_release_and_only_its_division() {
    let world = World::start().await;
    let here = || item(Uuid::now_v7(), 1, facts());
    let there = || item(Uuid::now_v7(), 1, with(|facts| facts.mof_div_code = NEIGHBOUR.parse().unwrap()));
    assert_eq!(outcomes(&batch(&world, vec![here(), there()]).await), [Outcome::Pass; 2]);
    world.release(&rule("L001", "3", "pay.pay_app_amt > 0")).await;
    assert_eq!(outcomes(&batch(&world, vec![here(), there()]).await), [Outcome::Intercept, Outcome::Pass]);
}

#[tokio::test]
async fn an_exception_lets_its_unit_pass_and_no_other_in_the_batch() {
    let world = World::start().await;
    let entry = json!({
        "mof_div_code": COUNTY, "rule_code": "M004", "dimension": "agency_code", "value": SCHOOL,
        "reason": "食堂专户", "basis": "南财库〔2026〕3号", "end_date": "2026-12-31",
    });
    let _kept: Value = world.supervisor().post(&format!("{BASE}/whitelist-entries"), &entry, &key()).await.unwrap();
    let mut elsewhere = own_account();
    elsewhere.agency_code = "205010".parse().unwrap();
    let items = vec![item(Uuid::now_v7(), 1, own_account()), item(Uuid::now_v7(), 1, elsewhere)];
    let verdicts = batch(&world, items).await;
    assert_eq!(outcomes(&verdicts), [Outcome::Pass, Outcome::Intercept]);
    assert_eq!(verdicts[0].whitelisted, ["M004"]);
}

#[tokio::test]
async fn a_decided_warning_cannot_hold_the_next_version() {
    let world = World::start().await;
    let document = Uuid::now_v7();
    let first = batch(&world, vec![item(document, 1, own_account())]).await[0].warnings[0].warn_id;
    let affirm = json!({"affirm_result": "2", "opinion": "违规"});
    let path = format!("{BASE}/warnings/{first}/affirmations");
    let _affirmed: Value = world.supervisor().post(&path, &affirm, &key()).await.unwrap();
    let second = batch(&world, vec![item(document, 2, own_account())]).await[0].warnings[0].warn_id;
    assert_ne!(first, second);
}

#[tokio::test]
async fn too_many_documents_and_other_callers_are_refused() {
    let world = World::start().await;
    let many = (0..501).map(|_| item(Uuid::now_v7(), 1, facts())).collect();
    assert_eq!(refusal(ask(&world, "", many).await).code(), "HTTP-422");
    let body = EvaluationBatch { items: vec![item(Uuid::now_v7(), 1, facts())] };
    let clerk = world.clerk().post::<_, Verdicts>(&format!("{BASE}/evaluation-batches"), &body, &key()).await;
    assert_eq!(refusal(clerk).code(), "AUTH-004");
}
