//! Lineage: every slice adds up, both ways, over adjustments, levels and years; nothing leaks across divisions (I4).

use budget_execution_contract::{Allocation, FlowKind, IncomingTransfer, Lineage, SourceKind, UseKind, YearEnd};
use common_types::{Money, Role};
use serde_json::{Value, json};
use service_kit::{Clock, Page, Peer, PeerError, host::Start};
use testkit::{Server, key};
use uuid::Uuid;

use crate::{
    bureau::{AGENCY, Bureau, DAY, yuan},
    world::{BASE, DIVISION, Monitor, World, act, annual_line, approval, base_info, refusal},
};

const COUNTY: &str = "360121000";
const NEIGHBOUR: &str = "360124000";

async fn trace(who: &Peer, query: &str) -> Result<Lineage, PeerError> {
    who.get(&format!("{BASE}/lineage?{query}")).await
}

fn sources(lineage: &Lineage) -> Vec<(SourceKind, String)> {
    lineage.sources.iter().map(|slice| (slice.kind, slice.amount.to_string())).collect()
}

fn totals(lineage: &Lineage) -> Vec<(UseKind, String)> {
    lineage.totals.iter().map(|total| (total.kind, total.amount.to_string())).collect()
}

fn sum(amounts: impl IntoIterator<Item = Money>) -> Money {
    Money::try_sum(amounts).unwrap()
}

async fn swap(bureau: &Bureau, from: Uuid, to: Uuid, amount: &str) {
    let body = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "adj_kind": "A3", "agency_code": AGENCY,
        "cor_bgt_doc_no": "洪财调〔2026〕1号", "adj_reason": "年中调整",
        "lines": [{"ori_bgt_id": from, "bgt_id": to, "add_amount": amount}],
    });
    let drafted: Value = bureau.clerk().post(&format!("{BASE}/adjustments"), &body, &key()).await.unwrap();
    let path = format!("adjustments/{}", drafted["adj_id"].as_str().unwrap());
    act(&bureau.clerk(), &path, "submit").await.unwrap();
    act(&bureau.person("d1", &[Role::D1], DIVISION, Some("101")), &path, "approve").await.unwrap();
}

#[tokio::test]
async fn the_slices_of_a_payment_are_its_amount_and_forward_slices_are_their_source() {
    let bureau = Bureau::start().await;
    let (a, b) = (bureau.indicator("100.00").await, bureau.indicator("50.00").await);
    swap(&bureau, a, b, "40.00").await;
    let payment = bureau.submitted(b, "70.00").await.pay_app_id;
    let back = trace(&bureau.clerk(), &format!("pay_app_id={payment}")).await.unwrap();
    let approval = SourceKind::Approval;
    assert_eq!(sources(&back), [(approval, "50.00".to_owned()), (approval, "20.00".to_owned())]);
    assert_eq!(sum(back.sources.iter().map(|slice| slice.amount)), yuan("70.00"));
    let step = back.sources[1].steps.last().unwrap();
    assert_eq!((step.bgt_id, step.by), (a, Some(FlowKind::Adjustment)));
    assert!(step.documents[0].starts_with("adjustments/"));
    let lines: Vec<_> = back.sources.iter().map(|slice| slice.bgt_pman_id.clone().unwrap()).collect();
    assert_ne!(lines[0], lines[1]);

    let forward = trace(&bureau.clerk(), &format!("bgt_id={a}")).await.unwrap();
    assert_eq!(totals(&forward), [(UseKind::UnderWay, "20.00".to_owned()), (UseKind::Remaining, "80.00".to_owned())]);
    let paid = forward.uses.iter().find(|slice| slice.kind == UseKind::UnderWay).unwrap();
    assert_eq!((paid.pay_app_id, paid.payee_acct_name.as_deref()), (Some(payment), Some("南昌纸业有限公司")));
    let of_line = trace(&bureau.treasury(), &format!("bgt_pman_id={}", lines[1])).await.unwrap();
    assert_eq!(totals(&of_line), totals(&forward));

    let short = trace(&bureau.clerk(), &format!("bgt_id={a}&limit=1")).await.unwrap();
    assert!(!short.is_complete && short.uses.len() == 1);
    assert_eq!(sum(short.totals.iter().map(|total| total.amount)), yuan("100.00"));
    for refused in [
        trace(&bureau.stranger(), &format!("pay_app_id={payment}")).await,
        trace(&bureau.stranger(), &format!("bgt_id={a}")).await,
    ] {
        assert_eq!(refusal(refused).status().as_u16(), 404);
    }
    assert_eq!(refusal(trace(&bureau.clerk(), "limit=5").await).status().as_u16(), 400);
}

#[tokio::test]
async fn what_was_paid_is_followed_to_the_payee() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let paid = bureau.paid(bgt_id, "300.00").await;
    bureau.submitted(bgt_id, "100.00").await;
    let lineage = trace(&bureau.clerk(), &format!("bgt_id={bgt_id}")).await.unwrap();
    let expected = [(UseKind::Paid, "300.00"), (UseKind::UnderWay, "100.00"), (UseKind::Remaining, "600.00")];
    assert_eq!(totals(&lineage), expected.map(|(kind, amount)| (kind, amount.to_owned())));
    assert!(lineage.is_complete);
    let back = trace(&bureau.clerk(), &format!("pay_cert_id={}", paid.pay_cert_id)).await.unwrap();
    assert_eq!(sources(&back), [(SourceKind::Approval, "300.00".to_owned())]);
}

#[tokio::test]
async fn a_direct_allocation_is_followed_both_ways_between_the_payments() {
    let bureau = Bureau::start().await;
    let (a, b) = (bureau.indicator("100.00").await, bureau.indicator("50.00").await);
    swap(&bureau, a, b, "40.00").await;
    let first = bureau.submitted(b, "30.00").await.pay_app_id;
    let draft = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": b, "pay_alloc_type": "2", "pay_amt": "40.00",
        "pay_acct_no": "1100", "payee_acct_name": "南昌市社会保险基金", "payee_acct_no": "3601", "use_des": "拨付社保补助",
        "payee_acct_bank_name": "中国农业银行",
    });
    let made: Allocation = bureau.treasury().post(&format!("{BASE}/allocations"), &draft, &key()).await.unwrap();
    let (id, path) = (made.pay_alloc_cert_id, format!("allocations/{}", made.pay_alloc_cert_id));
    let unsent = trace(&bureau.clerk(), &format!("pay_alloc_cert_id={id}")).await.unwrap();
    assert_eq!((unsent.amount, unsent.sources.len()), (Money::ZERO, 0));
    act(&bureau.treasury(), &path, "submit").await.unwrap();
    bureau.submitted(b, "15.00").await;

    let back = trace(&bureau.clerk(), &format!("pay_alloc_cert_id={id}")).await.unwrap();
    assert_eq!(sources(&back), ["20.00", "20.00"].map(|amount| (SourceKind::Approval, amount.to_owned())));
    assert_eq!(back.sources[0].steps[0].documents, std::slice::from_ref(&path));
    assert_eq!(back.sources[1].steps.last().unwrap().bgt_id, a);
    let earlier = trace(&bureau.clerk(), &format!("pay_app_id={first}")).await.unwrap();
    assert_eq!(sources(&earlier), [(SourceKind::Approval, "30.00".to_owned())]);

    let under_way = trace(&bureau.clerk(), &format!("bgt_id={b}")).await.unwrap();
    let expected = [(UseKind::UnderWay, "85.00"), (UseKind::Remaining, "5.00")];
    assert_eq!(totals(&under_way), expected.map(|(kind, amount)| (kind, amount.to_owned())));
    act(&bureau.other_treasury(), &path, "approve").await.unwrap();
    let central_bank = bureau.person("pbc", &[Role::B2], "360000000", None);
    let paid = json!({"is_paid": true, "acc_date": DAY});
    let _: Allocation = central_bank.post(&format!("{BASE}/{path}/receipts"), &paid, &key()).await.unwrap();
    let forward = trace(&bureau.clerk(), &format!("bgt_id={a}")).await.unwrap();
    let slice = forward.uses.iter().find(|slice| slice.kind == UseKind::Paid).unwrap();
    assert_eq!((slice.pay_alloc_cert_id, slice.amount, slice.pay_app_id), (Some(id), yuan("20.00"), None));
    assert_eq!(slice.payee_acct_name.as_deref(), Some("南昌市社会保险基金"));
    assert_eq!(slice.pay_alloc_cert_no.as_ref(), Some(&made.pay_alloc_cert_no));
    let strange = trace(&bureau.stranger(), &format!("pay_alloc_cert_id={id}")).await;
    assert_eq!(refusal(strange).status().as_u16(), 404);
}

async fn transfer(world: &World) -> (Uuid, Uuid) {
    let line = json!({
        "bgt_pman_id": Uuid::now_v7(), "pro_code": "36010026105Z000000001", "pro_name": "义务教育补助",
        "sub_mof_div_code": COUNTY, "tp_func_code": "2300202", "exp_func_code": "2050202", "gov_bgt_eco_code": "51301",
        "fund_type_code": "111", "manage_mof_dep_code": "06", "tra_type": "12", "reply_amt": "1000.00",
        "is_track": true, "direct_flag": "09",
    });
    world.approve(&key(), &approval(1, "洪财预〔2026〕1号", vec![], vec![line])).await.unwrap();
    let upper = world.indicators("fiscal_year=2026").await.remove(0).bgt_id;
    let body = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "cor_bgt_doc_no": "洪财指〔2026〕1号", "bgt_doc_title": "下达补助",
        "doc_date": "2026-05-12", "lines": [{"bgt_id": upper, "amount": "600.00"}],
    });
    let drafted: Value =
        world.person("m1", &[Role::M1]).post(&format!("{BASE}/transfers"), &body, &key()).await.unwrap();
    let transfer_id: Uuid = drafted["transfer_id"].as_str().unwrap().parse().unwrap();
    let path = format!("transfers/{transfer_id}");
    act(&world.person("m1", &[Role::M1]), &path, "submit").await.unwrap();
    act(&world.person("m2", &[Role::M2]), &path, "approve").await.unwrap();
    (transfer_id, upper)
}

#[tokio::test]
async fn a_transfer_is_followed_both_ways_and_a_county_sees_nothing_above_it() {
    let world = World::start().await;
    let (transfer_id, upper) = transfer(&world).await;
    let city = world.person("m3", &[Role::M3]);
    let waiting = trace(&city, &format!("transfer_id={transfer_id}")).await.unwrap();
    assert_eq!(totals(&waiting), [(UseKind::InTransit, "600.00".to_owned())]);
    let at = |division: &str| world.server.client(&world.server.identity.token("r", &[Role::M1], division, None));
    let county = at(COUNTY);
    let page: Page<IncomingTransfer> = county.get(&format!("{BASE}/incoming-transfers")).await.unwrap();
    let body = json!({
        "pro_code": "36012126205Z000000001", "manage_mof_dep_code": "06", "exp_func_code": "2050202",
        "gov_bgt_eco_code": "50502",
    });
    let path = format!("{BASE}/incoming-transfers/{}/acceptances", page.items[0].line_id);
    let accepted: IncomingTransfer = county.post(&path, &body, &key()).await.unwrap();
    let own = accepted.accept_bgt_id.unwrap();

    let both = trace(&city, &format!("transfer_id={transfer_id}")).await.unwrap();
    assert_eq!(sources(&both), [(SourceKind::Approval, "600.00".to_owned())]);
    assert_eq!(totals(&both), [(UseKind::Remaining, "600.00".to_owned())]);
    assert_eq!(both.uses[0].bgt_id, Some(own));
    let above = trace(&city, &format!("bgt_id={upper}")).await.unwrap();
    assert_eq!(totals(&above), [(UseKind::Remaining, "1000.00".to_owned())]);
    assert!(above.nodes.iter().any(|node| node.bgt_id == own));

    let below = trace(&county, &format!("bgt_id={own}")).await.unwrap();
    assert_eq!(sources(&below), [(SourceKind::OutOfScope, "600.00".to_owned())]);
    assert_eq!(below.sources[0].sup_bgt_doc_no.as_ref().unwrap().as_str(), "洪财指〔2026〕1号");
    assert!(below.nodes.iter().all(|node| node.bgt_id == own));
    assert!(!serde_json::to_string(&below).unwrap().contains(&upper.to_string()));
    assert_eq!(refusal(trace(&at(NEIGHBOUR), &format!("transfer_id={transfer_id}")).await).status().as_u16(), 404);
    assert_eq!(refusal(trace(&county, &format!("bgt_id={upper}")).await).status().as_u16(), 404);
}

#[tokio::test]
async fn carried_money_is_followed_to_the_year_that_approved_it() {
    let clock = Clock::manual("2026-12-31T04:00:00Z".parse().unwrap());
    let server = Server::start_with(clock, |surroundings, database| async move {
        let start = Start { surroundings, database, config: budget_execution::Config::default() };
        Ok(vec![budget_execution::start(start).await?, base_info(), Monitor::default().module()])
    })
    .await;
    let world = World { server };
    let mut research = annual_line(&Uuid::now_v7().to_string(), Some("101002"), "300.00");
    research["is_scientific"] = json!(true);
    world.approve(&key(), &approval(1, "洪财预〔2026〕1号", vec![research], vec![])).await.unwrap();
    let old = world.indicators("agency_code=101002").await.remove(0);
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026});
    let _: YearEnd = world.person("m2", &[Role::M2]).post(&format!("{BASE}/year-ends"), &body, &key()).await.unwrap();
    let next = world.indicators("fiscal_year=2027").await.remove(0).bgt_id;
    let reader = world.person("m3", &[Role::M3]);
    let back = trace(&reader, &format!("bgt_id={next}")).await.unwrap();
    assert_eq!(sources(&back), [(SourceKind::Approval, "300.00".to_owned())]);
    assert_eq!(back.sources[0].bgt_pman_id, old.bgt_pman_id);
    assert_eq!(back.sources[0].steps.last().unwrap().by, Some(FlowKind::CarryOver));
    let forward = trace(&reader, &format!("bgt_id={}", old.bgt_id)).await.unwrap();
    assert_eq!(totals(&forward), [(UseKind::Remaining, "300.00".to_owned())]);
    assert_eq!(forward.uses[0].bgt_id, Some(next));
}
