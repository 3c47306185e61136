//! What every kind of document has in common: its routes and what they say, versions, batches.

use std::collections::BTreeSet;

use budget_execution_contract::Freeze;
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{Peer, http::BatchResult};
use testkit::key;
use uuid::Uuid;

use crate::world::{BASE, DIVISION, World, annual_line, approval, refusal};

const COLLECTIONS: [&str; 11] = [
    "freezes",
    "issues",
    "distributions",
    "adjustments",
    "transfers",
    "refunds",
    "corrections",
    "setting-changes",
    "allocations",
    "cash-plans",
    "commitments",
];

async fn indicator(world: &World) -> Uuid {
    let lines = vec![annual_line(&Uuid::now_v7().to_string(), Some("101001"), "1000.00")];
    world.approve(&key(), &approval(1, &format!("洪财预〔2026〕{}号", key()), lines, vec![])).await.unwrap();
    world.indicators("agency_code=101001").await.last().unwrap().bgt_id
}

fn draft(bgt_id: Uuid, amt: &str) -> Value {
    json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "freeze_amt": amt, "reason": "审计冻结"})
}

/// The status and the ETag of an answer.
async fn put(peer: &Peer, id: Uuid, body: &Value, header: Option<(&str, &str)>) -> (u16, String) {
    let mut request = peer.request("PUT".parse().unwrap(), &format!("{BASE}/freezes/{id}")).unwrap().json(body);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let answer = peer.send(request).await.unwrap();
    let etag = answer.headers().get("etag").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), etag.unwrap_or_default())
}

#[tokio::test]
async fn every_kind_of_document_has_the_same_routes_and_says_so() {
    let world = World::start().await;
    let reader = world.person("m2", &[Role::M2]);
    let document: Value = reader.get(&format!("{BASE}/openapi.json")).await.unwrap();
    let operations = |path: &str| -> BTreeSet<String> {
        let item = document["paths"][format!("{BASE}{path}")].as_object();
        item.unwrap_or_else(|| panic!("{path} is not documented")).keys().cloned().collect()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    for collection in COLLECTIONS {
        let paths = document["paths"].as_object().unwrap();
        let head = format!("{BASE}/{collection}/{{");
        let one = paths.keys().find(|path| path.starts_with(&head) && path.ends_with('}')).unwrap();
        let one = one.strip_prefix(BASE).unwrap();
        assert_eq!(operations(&format!("/{collection}")), set(&["get", "post"]), "{collection}");
        assert_eq!(operations(&format!("/{collection}/imports")), set(&["post"]), "{collection}");
        assert_eq!(operations(&format!("/{collection}/actions")), set(&["post"]), "{collection}");
        assert_eq!(operations(one), set(&["get", "put"]), "{collection}");
        assert_eq!(operations(&format!("{one}/actions")), set(&["post"]), "{collection}");
        assert_eq!(operations(&format!("{one}/history")), set(&["get"]), "{collection}");
        let list = &document["paths"][format!("{BASE}/{collection}")]["get"];
        let names: Vec<_> = list["parameters"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert!(names.contains(&json!("page_token")), "{names:?}");
    }
    let text = document.to_string();
    let dangling: Vec<&str> = text
        .split("\"#/components/schemas/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|name| document["components"]["schemas"][*name].is_null())
        .collect();
    assert!(dangling.is_empty(), "{dangling:?}");
}

#[tokio::test]
async fn of_two_editors_one_wins_and_the_other_learns_the_present_version() {
    let world = World::start().await;
    let bgt_id = indicator(&world).await;
    let maker = world.person("m1", &[Role::M1]);
    for _ in 0..20 {
        let made: Freeze = maker.post(&format!("{BASE}/freezes"), &draft(bgt_id, "1.00"), &key()).await.unwrap();
        let (ten, twenty) = (draft(bgt_id, "10.00"), draft(bgt_id, "20.00"));
        let first = Some(("If-Match", "\"1\""));
        let (one, other) =
            tokio::join!(put(&maker, made.freeze_id, &ten, first), put(&maker, made.freeze_id, &twenty, first));
        let mut answers = [one, other];
        answers.sort();
        assert_eq!(answers, [(200, "\"2\"".to_owned()), (412, "\"2\"".to_owned())]);
        assert_eq!(put(&maker, made.freeze_id, &ten, None).await.0, 428);
        let read: Freeze = maker.get(&format!("{BASE}/freezes/{}", made.freeze_id)).await.unwrap();
        assert_eq!(read.state.version, 2);
    }
    let (id, absent) = (Uuid::now_v7(), Some(("If-None-Match", "*")));
    assert_eq!(put(&maker, id, &draft(bgt_id, "1.00"), absent).await, (201, "\"1\"".to_owned()));
    assert_eq!(put(&maker, id, &draft(bgt_id, "1.00"), absent).await.0, 412);
    let stranger = world.person("someone", &[Role::M1]);
    assert_eq!(put(&stranger, id, &draft(bgt_id, "1.00"), Some(("If-Match", "\"1\""))).await.0, 403);
}

#[tokio::test]
async fn a_batch_answers_row_by_row_and_a_repeat_repeats_nothing() {
    let world = World::start().await;
    let bgt_id = indicator(&world).await;
    let (maker, checker) = (world.person("m1", &[Role::M1]), world.person("m2", &[Role::M2]));
    let rows = [draft(bgt_id, "600.00"), draft(Uuid::now_v7(), "1.00"), draft(bgt_id, "600.00")];
    let (path, same) = (format!("{BASE}/freezes/imports"), key());
    let mut ids = Vec::new();
    for _ in 0..2 {
        let done: BatchResult = maker.post(&path, &json!({"items": rows}), &same).await.unwrap();
        assert_eq!(done.items.iter().map(|row| row.status).collect::<Vec<_>>(), [201, 404, 201]);
        ids.push([0, 2].map(|index: usize| done.items[index].body.as_ref().unwrap()["freeze_id"].clone()));
    }
    assert_eq!(ids[0], ids[1]);
    let actions = format!("{BASE}/freezes/actions");
    let rows: Vec<Value> = ids[0].iter().map(|id| json!({"id": id})).collect();
    let all = |action: &str| json!({"action": action, "opinion": "同意", "items": rows});
    let submitted: BatchResult = maker.post(&actions, &all("submit"), &key()).await.unwrap();
    assert_eq!(submitted.items.iter().map(|row| row.status).collect::<Vec<_>>(), [200, 200]);
    let approved: BatchResult = checker.post(&actions, &all("approve"), &key()).await.unwrap();
    assert_eq!(approved.items.iter().map(|row| row.status).collect::<Vec<_>>(), [200, 422]);
    assert_eq!(approved.items[1].problem.as_ref().unwrap().code, "BA-002");
    let too_many: Vec<Value> = (0..5001).map(|_| json!({"id": Uuid::nil()})).collect();
    let refused =
        checker.post::<_, BatchResult>(&actions, &json!({"action": "approve", "items": too_many}), &key()).await;
    assert_eq!(refusal(refused).code(), "HTTP-422");
    assert_eq!(world.indicators("").await[0].amounts.frozen.to_string(), "600.00");
}
