//! Transfers between levels: issued once, accepted once, only by the receiver, never more than there is.

use budget_execution_contract::{IncomingTransfer, IndicatorDetail};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{Page, Peer, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::world::{BASE, DIVISION, World, act, approval, refusal};

const COUNTY: &str = "360121000";
const NEIGHBOUR: &str = "360124000";

fn bureau(world: &World, division: &str) -> Peer {
    let token = world.server.identity.token("receiver", &[Role::M1], division, None);
    world.server.client(&token)
}

/// An approved transfer of 1000 to the county; gives the indicator that waits.
async fn waiting(world: &World) -> Uuid {
    let line = json!({
        "bgt_pman_id": Uuid::now_v7(), "pro_code": "36010026105Z000000001", "pro_name": "义务教育补助",
        "sub_mof_div_code": COUNTY, "tp_func_code": "2300202", "exp_func_code": "2050202", "gov_bgt_eco_code": "51301",
        "fund_type_code": "111", "manage_mof_dep_code": "06", "tra_type": "12", "reply_amt": "1000.00",
        "is_track": true, "direct_flag": "09",
    });
    world.approve(&key(), &approval(1, "洪财预〔2026〕1号", vec![], vec![line])).await.unwrap();
    world.indicators("fiscal_year=2026").await.remove(0).bgt_id
}

async fn draft(world: &World, bgt_id: Uuid, doc_no: &str, amount: &str) -> Result<String, PeerError> {
    let body = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "cor_bgt_doc_no": doc_no, "bgt_doc_title": "下达补助",
        "doc_date": "2026-05-12", "lines": [{"bgt_id": bgt_id, "amount": amount}],
    });
    let drafted: Value = world.person("m1", &[Role::M1]).post(&format!("{BASE}/transfers"), &body, &key()).await?;
    Ok(format!("transfers/{}", drafted["transfer_id"].as_str().unwrap()))
}

async fn issue(world: &World, document: &str) -> Result<Value, PeerError> {
    act(&world.person("m1", &[Role::M1]), document, "submit").await?;
    act(&world.person("m2", &[Role::M2]), document, "approve").await
}

async fn incoming(receiver: &Peer) -> Vec<IncomingTransfer> {
    let page: Page<IncomingTransfer> = receiver.get(&format!("{BASE}/incoming-transfers")).await.unwrap();
    page.items
}

async fn accept(receiver: &Peer, line_id: Uuid, key: &str) -> Result<IncomingTransfer, PeerError> {
    let body = json!({
        "pro_code": "36012126205Z000000001", "manage_mof_dep_code": "06", "exp_func_code": "2050202",
        "gov_bgt_eco_code": "50502",
    });
    receiver.post(&format!("{BASE}/incoming-transfers/{line_id}/acceptances"), &body, key).await
}

#[tokio::test]
async fn a_transfer_is_accepted_once_however_many_try_and_only_by_its_receiver() {
    let world = World::start().await;
    let bgt_id = waiting(&world).await;
    let (county, neighbour) = (bureau(&world, COUNTY), bureau(&world, NEIGHBOUR));
    let document = draft(&world, bgt_id, "洪财指〔2026〕1号", "600.00").await.unwrap();
    assert!(incoming(&county).await.is_empty(), "a draft is nobody's yet");
    issue(&world, &document).await.unwrap();
    let line_id = incoming(&county).await[0].line_id;
    assert!(incoming(&neighbour).await.is_empty());
    assert_eq!(refusal(accept(&neighbour, line_id, &key()).await).status().as_u16(), 404);

    let keys: Vec<String> = (0..8).map(|_| key()).collect();
    let race = futures::future::join_all(keys.iter().map(|key| accept(&county, line_id, key))).await;
    let (won, lost): (Vec<_>, Vec<_>) = keys.iter().zip(race).partition(|(_, answer)| answer.is_ok());
    assert_eq!((won.len(), lost.len()), (1, 7));
    assert!(lost.into_iter().all(|(_, answer)| refusal(answer).code() == "V-002"));
    let (winner, first) = won.into_iter().next().unwrap();
    assert_eq!(accept(&county, line_id, winner).await.unwrap(), first.unwrap());
    let made: Page<Value> = county.get(&format!("{BASE}/indicators")).await.unwrap();
    let amounts: Vec<_> = made.items.iter().map(|one| one["amounts"]["available"].as_str().unwrap()).collect();
    assert_eq!(amounts, ["600.00"]);
    let upper = world.person("m2", &[Role::M2]);
    for (reader, id) in [(&county, made.items[0]["bgt_id"].clone()), (&upper, json!(bgt_id))] {
        let path = format!("{BASE}/indicators/{}", id.as_str().unwrap());
        let detail: IndicatorDetail = reader.get(&path).await.unwrap();
        let documents: Vec<_> = detail.waterfall.into_iter().flat_map(|term| term.documents).collect();
        assert!(!documents.is_empty());
        for document in documents {
            let read: Result<Value, _> = reader.get(&document.href).await;
            assert!(read.is_ok(), "{} {read:?}", document.href);
        }
    }
    world.verified().await;
}

#[tokio::test]
async fn two_documents_never_issue_more_than_there_is() {
    let world = World::start().await;
    let bgt_id = waiting(&world).await;
    let one = draft(&world, bgt_id, "洪财指〔2026〕1号", "600.00").await.unwrap();
    let other = draft(&world, bgt_id, "洪财指〔2026〕2号", "600.00").await.unwrap();
    let (one, other) = tokio::join!(issue(&world, &one), issue(&world, &other));
    assert_ne!(one.is_ok(), other.is_ok());
    let refused = if one.is_ok() { other } else { one };
    assert_eq!(refusal(refused).code(), "BA-001");
    assert_eq!(incoming(&bureau(&world, COUNTY)).await.len(), 1);
    assert_eq!(refusal(draft(&world, bgt_id, "洪财指〔2026〕3号", "400.01").await).code(), "BA-001");
    world.verified().await;
}
