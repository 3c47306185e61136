//! What is done to indicators themselves: entry, element change, conversion, recovery, write-off.

use budget_execution_contract::{Indicator, Operation};
use common_types::{Elements, Money, Role};
use serde_json::{Value, json};
use service_kit::{Page, Peer, PeerError};
use testkit::key;
use uuid::Uuid;
use workflow::Status;

use crate::{
    bureau::{Bureau, yuan},
    world::{BASE, DIVISION, PROJECT, World, act, annual_line, approval, refusal},
};

const AGENCY: &str = "101001";

pub fn maker(world: &World) -> Peer {
    world.person("m1", &[Role::M1])
}

pub fn checker(world: &World) -> Peer {
    world.person("m2", &[Role::M2])
}

async fn approved(world: &World, agency: Option<&str>, amount: &str) -> Uuid {
    let pman = Uuid::now_v7().to_string();
    let lines = vec![annual_line(&pman, agency, amount)];
    world.approve(&key(), &approval(1, &format!("洪财预〔2026〕{}号", key()), lines, vec![])).await.unwrap();
    let all = world.indicators("page_size=1000").await;
    all.into_iter().find(|one| one.bgt_pman_id.as_deref() == Some(pman.as_str())).unwrap().bgt_id
}

pub async fn indicator(world: &World, bgt_id: Uuid) -> Indicator {
    world.indicators("page_size=1000").await.into_iter().find(|one| one.bgt_id == bgt_id).unwrap()
}

async fn left(world: &World, bgt_id: Uuid) -> Money {
    indicator(world, bgt_id).await.amounts.available
}

/// All 26 elements of an executable indicator, with these changes.
pub fn elements(changes: &[(&str, Value)]) -> Value {
    let mut elements = json!({
        "fiscal_year": 2026, "mof_div_code": DIVISION, "cor_bgt_doc_no": null, "pro_code": PROJECT,
        "agency_code": AGENCY, "fund_type_code": "11", "manage_mof_dep_code": "JK01", "bgt_mof_dep_code": "YS01",
        "income_sort_code": null, "tp_func_code": null, "exp_func_code": "2050202", "gov_bgt_eco_code": "50201",
        "dep_bgt_eco_code": "30201", "bgt_type_code": "21", "bgt_source_code": "1", "is_advance": false,
        "rec_div_code": null, "budget_level_code": "3", "sup_bgt_doc_no": null, "is_gov_pur": false,
        "pay_type_code": "1", "is_uni_sala": true, "direct_flag": "01", "is_scientific": true, "is_debt": true,
        "is_capital": true,
    });
    for (name, value) in changes {
        elements[*name] = value.clone();
    }
    elements
}

pub fn entry(source: &str, elements: Value, amt: &str) -> Value {
    let flag = if elements["agency_code"].is_null() { "2" } else { "1" };
    json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "entry_source": source,
        "cor_bgt_doc_no": format!("洪财指〔2026〕{}号", key()), "bgt_doc_title": "关于下达资金的通知",
        "doc_date": "2026-02-01", "reason": "据文录入",
        "lines": [{"elements": elements, "bgt_exe_flag": flag, "amt": amt, "pro_name": "校舍维修", "pro_kind_code": "31"}],
    })
}

pub async fn draft(who: &Peer, collection: &str, body: &Value) -> Result<Operation, PeerError> {
    who.post(&format!("{BASE}/{collection}"), body, &key()).await
}

pub async fn approve(world: &World, collection: &str, operation_id: Uuid) -> Result<Operation, PeerError> {
    let path = format!("{collection}/{operation_id}");
    act(&maker(world), &path, "submit").await.unwrap();
    let body = json!({"action": "approve", "opinion": "同意"});
    checker(world).post(&format!("{BASE}/{path}/actions"), &body, &key()).await
}

pub async fn done(world: &World, collection: &str, body: &Value) -> Operation {
    let made = draft(&maker(world), collection, body).await.unwrap();
    approve(world, collection, made.operation_id).await.unwrap()
}

#[tokio::test]
async fn an_entry_carries_every_element_and_posts_by_its_source() {
    let world = World::start().await;
    let cases = [
        ("income", "E01", json!([])),
        ("higher_level", "E02", json!([["sup_bgt_doc_no", "赣财预〔2026〕3号"]])),
        ("debt", "E03", json!([])),
        ("transfer_in", "E03", json!([])),
    ];
    for (source, template, changes) in cases {
        let mut elements = elements(&[]);
        for change in changes.as_array().unwrap() {
            elements[change[0].as_str().unwrap()] = change[1].clone();
        }
        let entered = done(&world, "entries", &entry(source, elements.clone(), "100.00")).await;
        let made = indicator(&world, entered.lines[0].bgt_id.unwrap()).await;
        assert_eq!((made.amounts.available, entered.state.status), (yuan("100.00"), Status::Final));
        elements["cor_bgt_doc_no"] = json!(entered.cor_bgt_doc_no);
        assert_eq!(serde_json::to_value(&made.elements).unwrap(), elements);
        let books = format!("mof_div_code={DIVISION}&fiscal_year=2026&page_size=1000");
        let entries: Page<Value> = checker(&world).get(&format!("{BASE}/ledger/entries?{books}")).await.unwrap();
        assert!(entries.items.iter().any(|one| one["template"] == template), "{template}");
    }
    let waiting = done(&world, "entries", &entry("income", elements(&[("agency_code", Value::Null)]), "50.00")).await;
    assert_eq!(left(&world, waiting.lines[0].bgt_id.unwrap()).await, yuan("50.00"));
    world.verified().await;
}

#[tokio::test]
async fn an_entry_that_lacks_something_is_refused_with_its_pointer() {
    let world = World::start().await;
    let cases = [
        ("income", vec![("exp_func_code", Value::Null)], "IG-004"),
        ("higher_level", vec![], "IG-004"),
        ("income", vec![("fiscal_year", json!(2027))], "BE-108"),
        ("income", vec![("bgt_type_code", json!("11"))], "IG-005"),
        ("advance", vec![], "IG-005"),
        ("income", vec![("agency_code", json!("202001"))], "BA-008"),
    ];
    for (source, changes, code) in cases {
        let refused = draft(&maker(&world), "entries", &entry(source, elements(&changes), "1.00")).await;
        assert_eq!(refusal(refused).code(), code, "{source} {changes:?}");
    }
    let mut without_document = entry("income", elements(&[]), "1.00");
    without_document.as_object_mut().unwrap().remove("cor_bgt_doc_no");
    assert!(refusal(draft(&maker(&world), "entries", &without_document).await).status().is_client_error());
    let clerk = world.unit("u1", &[Role::U1], AGENCY);
    assert_eq!(refusal(draft(&clerk, "entries", &entry("income", elements(&[]), "1.00")).await).code(), "AUTH-004");
    assert!(world.indicators("").await.is_empty());
}

#[tokio::test]
async fn an_entry_is_voided_only_while_nothing_of_it_was_used() {
    let world = World::start().await;
    let entered = done(&world, "entries", &entry("income", elements(&[]), "100.00")).await;
    let bgt_id = entered.lines[0].bgt_id.unwrap();
    let taken = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "cor_bgt_doc_no": "洪财收〔2026〕1号",
        "reason": "收回", "lines": [{"bgt_id": bgt_id, "amt": "30.00"}]});
    let recovered = done(&world, "recoveries", &taken).await;
    let path = format!("entries/{}", entered.operation_id);
    assert_eq!(refusal(act(&checker(&world), &path, "discard").await).code(), "BA-009");
    act(&checker(&world), &format!("recoveries/{}", recovered.operation_id), "discard").await.unwrap();
    act(&checker(&world), &path, "discard").await.unwrap();
    assert_eq!(left(&world, bgt_id).await, Money::ZERO);
    world.verified().await;
}

#[tokio::test]
async fn money_of_special_accounts_and_of_units_runs_the_same_chain() {
    let world = World::start().await;
    for fund in ["21", "31"] {
        let entered =
            done(&world, "entries", &entry("income", elements(&[("fund_type_code", json!(fund))]), "80.00")).await;
        let bgt_id = entered.lines[0].bgt_id.unwrap();
        let freeze = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "freeze_amt": "80.01", "reason": "核查"});
        let frozen: Value = maker(&world).post(&format!("{BASE}/freezes"), &freeze, &key()).await.unwrap();
        let path = format!("freezes/{}", frozen["freeze_id"].as_str().unwrap());
        act(&maker(&world), &path, "submit").await.unwrap();
        assert_eq!(refusal(act(&checker(&world), &path, "approve").await).code(), "BA-002");
        assert_eq!(left(&world, bgt_id).await, yuan("80.00"));
    }
    world.verified().await;
}

#[tokio::test]
async fn an_element_change_moves_the_money_to_the_new_elements_and_keeps_the_rest() {
    let world = World::start().await;
    let entered = done(&world, "entries", &entry("income", elements(&[]), "100.00")).await;
    let bgt_id = entered.lines[0].bgt_id.unwrap();
    let body = |change: Value, amt: Value| {
        json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "reason": "调整采购标识",
            "lines": [{"bgt_id": bgt_id, "amt": amt, "change": change}]})
    };
    for (change, amt, code) in [
        (json!({"exp_func_code": "2050203"}), json!("1.00"), "BE-110"),
        (json!({"direct_flag": "09"}), json!("1.00"), "BE-110"),
        (json!({"pay_type_code": "77"}), json!("1.00"), "BE-110"),
        (json!({"is_gov_pur": false}), json!("1.00"), "BE-110"),
        (json!({"is_gov_pur": true}), json!("100.01"), "BA-002"),
    ] {
        let refused = draft(&maker(&world), "element-changes", &body(change, amt)).await;
        assert_eq!(refusal(refused).code(), code);
    }
    let part = done(&world, "element-changes", &body(json!({"is_gov_pur": true}), json!("40.00"))).await;
    let made = indicator(&world, part.lines[0].bgt_id.unwrap()).await;
    let unmarked = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "reason": "取消采购标识",
        "lines": [{"bgt_id": made.bgt_id, "change": {"is_gov_pur": false}}]});
    assert_eq!(refusal(draft(&maker(&world), "element-changes", &unmarked).await).code(), "BE-110");
    let before = indicator(&world, bgt_id).await;
    assert_eq!((before.amounts.available, made.amounts.available), (yuan("60.00"), yuan("40.00")));
    assert_eq!(Elements { is_gov_pur: false, ..made.elements }, before.elements);
    assert_eq!(made.ori_bgt_id, Some(bgt_id));
    let rest = done(&world, "element-changes", &body(json!({"manage_mof_dep_code": "JK02"}), Value::Null)).await;
    assert_eq!((rest.total_amt, left(&world, bgt_id).await), (yuan("60.00"), Money::ZERO));
    act(&checker(&world), &format!("element-changes/{}", part.operation_id), "discard").await.unwrap();
    assert_eq!(left(&world, bgt_id).await, yuan("40.00"));
    world.verified().await;
}

#[tokio::test]
async fn a_conversion_replaces_a_code_wherever_something_is_left() {
    let world = World::start().await;
    let mine = approved(&world, Some(AGENCY), "100.00").await;
    let other = approved(&world, Some("101002"), "50.00").await;
    let waiting = approved(&world, None, "30.00").await;
    let (maker, checker) = (checker(&world), world.person("m2-b", &[Role::M2]));
    let body = |element: &str, from: &str, to: &str| {
        json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "reason": "科目调整",
            "element": element, "from_code": from, "to_code": to})
    };
    for (element, from, to, code) in [
        ("fund_type_code", "11", "12", "BE-110"),
        ("exp_func_code", "2050202", "x", "BE-110"),
        ("exp_func_code", "2080501", "2050203", "BE-108"),
    ] {
        assert_eq!(refusal(draft(&maker, "conversions", &body(element, from, to)).await).code(), code);
    }
    let made = draft(&maker, "conversions", &body("exp_func_code", "2050202", "2050203")).await.unwrap();
    assert_eq!((made.lines.len(), made.total_amt), (3, yuan("180.00")));
    let path = format!("conversions/{}", made.operation_id);
    act(&maker, &path, "submit").await.unwrap();
    act(&checker, &path, "approve").await.unwrap();
    for (line, old) in made.lines.iter().zip([mine, other, waiting]) {
        let new = indicator(&world, line.bgt_id.unwrap()).await;
        assert_eq!((line.ori_bgt_id, left(&world, old).await), (Some(old), Money::ZERO));
        assert_eq!((new.amounts.available, new.elements.exp_func_code.unwrap().as_str()), (line.amt, "2050203"));
    }
    world.verified().await;
}

#[tokio::test]
async fn a_recovery_waits_to_be_distributed_again_and_a_frozen_indicator_keeps_its_money() {
    let world = World::start().await;
    let bgt_id = approved(&world, Some(AGENCY), "100.00").await;
    let body = |amt: Value| {
        json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "cor_bgt_doc_no": "洪财收〔2026〕2号", "reason": "沉淀资金收回",
            "lines": [{"bgt_id": bgt_id, "amt": amt}]})
    };
    assert_eq!(refusal(draft(&maker(&world), "recoveries", &body(json!("100.01"))).await).code(), "BA-002");
    let freeze = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "freeze_amt": "10.00", "reason": "审计"});
    let frozen: Value =
        world.person("m5", &[Role::M5]).post(&format!("{BASE}/freezes"), &freeze, &key()).await.unwrap();
    let path = format!("freezes/{}", frozen["freeze_id"].as_str().unwrap());
    act(&world.person("m5", &[Role::M5]), &path, "submit").await.unwrap();
    let early = draft(&maker(&world), "recoveries", &body(Value::Null)).await.unwrap();
    act(&checker(&world), &path, "approve").await.unwrap();
    assert_eq!(refusal(draft(&maker(&world), "recoveries", &body(json!("1.00"))).await).code(), "AD-005");
    assert_eq!(refusal(approve(&world, "recoveries", early.operation_id).await).code(), "AD-005");
    let thaw = json!({"thaw_amt": "10.00", "opinion": "解除"});
    let _: Value = world.person("m5", &[Role::M5]).post(&format!("{BASE}/{path}/thaws"), &thaw, &key()).await.unwrap();
    let body = json!({"action": "approve", "opinion": "同意"});
    let path = format!("{BASE}/recoveries/{}/actions", early.operation_id);
    let all: Operation = checker(&world).post(&path, &body, &key()).await.unwrap();
    let waiting = indicator(&world, all.lines[0].bgt_id.unwrap()).await;
    assert_eq!((all.total_amt, waiting.amounts.available), (yuan("100.00"), yuan("100.00")));
    assert_eq!((waiting.elements.agency_code, waiting.ori_bgt_id), (None, Some(bgt_id)));
    world.verified().await;
}

#[tokio::test]
async fn a_recovery_and_a_payment_never_take_the_same_money() {
    let bureau = Bureau::start().await;
    let person = |name: &str, role| bureau.server.client(&bureau.server.identity.token(name, &[role], DIVISION, None));
    let (maker, checker) = (person("m1", Role::M1), person("m2", Role::M2));
    for round in 0..20 {
        let bgt_id = bureau.indicator("100.00").await;
        let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "reason": "收回", 
            "cor_bgt_doc_no": format!("洪财收〔2026〕{round}号"), "lines": [{"bgt_id": bgt_id, "amt": "80.00"}]});
        let recovery = draft(&maker, "recoveries", &body).await.unwrap();
        let path = format!("recoveries/{}", recovery.operation_id);
        act(&maker, &path, "submit").await.unwrap();
        let payment = bureau.drafted(bgt_id, "80.00").await.pay_app_id;
        let clerk = bureau.clerk();
        let (taken, paid) = tokio::join!(act(&checker, &path, "approve"), bureau.act(&clerk, payment, "submit"));
        assert_ne!(taken.is_ok(), paid.is_ok());
        assert_eq!(bureau.amounts(bgt_id).await.available, yuan("20.00"));
    }
    bureau.verified().await;
}

#[tokio::test]
async fn where_units_confirm_nothing_can_be_used_before_they_did() {
    let world = World::start().await;
    let county = "360123000";
    let person = |name: &str, role, agency: Option<&str>| {
        world.server.client(&world.server.identity.token(name, &[role], county, agency))
    };
    let (maker, checker, unit) =
        (person("m1", Role::M1, None), person("m2", Role::M2, None), person("u2", Role::U2, Some(AGENCY)));
    let through = async |path: &str| {
        act(&maker, path, "submit").await.unwrap();
        act(&checker, path, "approve").await.unwrap()
    };
    let mut body =
        entry("income", elements(&[("agency_code", Value::Null), ("mof_div_code", json!(county))]), "100.00");
    body["mof_div_code"] = json!(county);
    let waiting = draft(&maker, "entries", &body).await.unwrap();
    through(&format!("entries/{}", waiting.operation_id)).await;
    let split = json!({"mof_div_code": county, "fiscal_year": 2026, "bgt_id": waiting.lines[0].bgt_id,
        "lines": [{"agency_code": AGENCY, "amt": "60.00"}, {"agency_code": "101002", "amt": "40.00"}]});
    let made: Value = maker.post(&format!("{BASE}/distributions"), &split, &key()).await.unwrap();
    through(&format!("distributions/{}", made["distribution_id"].as_str().unwrap())).await;
    let issue = |lines: Value| {
        json!({"mof_div_code": county, "fiscal_year": 2026, "cor_bgt_doc_no": "安财指〔2026〕1号",
            "bgt_doc_title": "下达", "doc_date": "2026-02-01", "lines": lines})
    };
    let line = |index: usize, amt: &str| json!({"bgt_id": made["lines"][index]["bgt_id"], "amt": amt});
    let both = issue(json!([line(0, "60.00"), line(1, "40.00")]));
    let both = maker.post::<_, Value>(&format!("{BASE}/issues"), &both, &key()).await;
    assert_eq!(refusal(both).code(), "BE-108");
    let own: Value = maker.post(&format!("{BASE}/issues"), &issue(json!([line(0, "60.00")])), &key()).await.unwrap();
    let path = format!("issues/{}", own["issue_id"].as_str().unwrap());
    assert_eq!(through(&path).await["state"]["node"], "confirm");
    let usable = async || {
        let page: Page<Indicator> = unit.get(&format!("{BASE}/indicators")).await.unwrap();
        page.items[0].amounts.available
    };
    assert_eq!(usable().await, Money::ZERO);
    let stranger = person("u9", Role::U2, Some("101002"));
    assert_eq!(refusal(act(&stranger, &path, "approve").await).code(), "HTTP-404");
    act(&unit, &path, "approve").await.unwrap();
    assert_eq!(usable().await, yuan("60.00"));
    let listed: Value = unit.get(&format!("{BASE}/issues")).await.unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

/// The elements in which two indicators differ.
fn differences(one: &Indicator, other: &Indicator) -> Vec<String> {
    let fields = |found: &Indicator| serde_json::to_value(&found.elements).unwrap();
    let (one, other) = (fields(one), fields(other));
    let names = one.as_object().unwrap().keys();
    let mut different: Vec<String> = names.filter(|name| one[name.as_str()] != other[name.as_str()]).cloned().collect();
    different.sort();
    different
}

#[tokio::test]
async fn every_path_carries_all_elements_but_those_it_refines() {
    let world = World::start().await;
    let unusual = elements(&[
        ("agency_code", Value::Null),
        ("dep_bgt_eco_code", Value::Null),
        ("sup_bgt_doc_no", json!("赣财预〔2026〕7号")),
        ("income_sort_code", json!("10301")),
        ("pay_type_code", json!("2")),
        ("is_gov_pur", json!(true)),
    ]);
    let root = done(&world, "entries", &entry("higher_level", unusual, "1000.00")).await.lines[0].bgt_id.unwrap();
    let root = indicator(&world, root).await;
    let split = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": root.bgt_id,
        "lines": [{"agency_code": AGENCY, "dep_bgt_eco_code": "30201", "amt": "600.00"}]});
    let made: Value = maker(&world).post(&format!("{BASE}/distributions"), &split, &key()).await.unwrap();
    let path = format!("distributions/{}", made["distribution_id"].as_str().unwrap());
    act(&maker(&world), &path, "submit").await.unwrap();
    act(&checker(&world), &path, "approve").await.unwrap();
    let child = indicator(&world, made["lines"][0]["bgt_id"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!(differences(&root, &child), ["agency_code", "dep_bgt_eco_code"]);
    let issue = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "cor_bgt_doc_no": "洪财指〔2026〕77号",
        "bgt_doc_title": "下达", "doc_date": "2026-02-01", "lines": [{"bgt_id": child.bgt_id, "amt": "600.00"}]});
    let issued: Value = maker(&world).post(&format!("{BASE}/issues"), &issue, &key()).await.unwrap();
    let path = format!("issues/{}", issued["issue_id"].as_str().unwrap());
    act(&maker(&world), &path, "submit").await.unwrap();
    act(&checker(&world), &path, "approve").await.unwrap();
    let child = indicator(&world, child.bgt_id).await;
    assert_eq!(differences(&root, &child), ["agency_code", "cor_bgt_doc_no", "dep_bgt_eco_code"]);
    let target = json!({"agency_code": AGENCY, "pro_code": PROJECT, "pro_name": "校舍维修", "pro_kind_code": "31",
        "exp_func_code": "2050203", "gov_bgt_eco_code": "50201", "dep_bgt_eco_code": "30201"});
    let swap = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "adj_kind": "A3", "adj_reason": "调剂",
        "cor_bgt_doc_no": "洪财调〔2026〕77号", "lines": [{"ori_bgt_id": child.bgt_id, "target": target, "add_amount": "200.00"}]});
    let budget = world.person("m2-b", &[Role::M2]);
    let swapped: Value = budget.post(&format!("{BASE}/adjustments"), &swap, &key()).await.unwrap();
    let path = format!("adjustments/{}", swapped["adj_id"].as_str().unwrap());
    act(&budget, &path, "submit").await.unwrap();
    let swapped = act(&checker(&world), &path, "approve").await.unwrap();
    let receiver = indicator(&world, swapped["lines"][0]["bgt_id"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!(differences(&child, &receiver), ["bgt_source_code", "cor_bgt_doc_no", "exp_func_code"]);
    let change = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "reason": "调整",
        "lines": [{"bgt_id": receiver.bgt_id, "change": {"is_capital": false}}]});
    let changed = done(&world, "element-changes", &change).await.lines[0].bgt_id.unwrap();
    assert_eq!(differences(&receiver, &indicator(&world, changed).await), ["is_capital"]);
    let conversion = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "reason": "处室调整",
        "element": "bgt_mof_dep_code", "from_code": "YS01", "to_code": "YS02"});
    let converter = checker(&world);
    let converted = draft(&converter, "conversions", &conversion).await.unwrap();
    let path = format!("conversions/{}", converted.operation_id);
    act(&converter, &path, "submit").await.unwrap();
    act(&world.person("m2-b", &[Role::M2]), &path, "approve").await.unwrap();
    for line in converted.lines {
        let (from, to) = (line.ori_bgt_id.unwrap(), line.bgt_id.unwrap());
        let (from, to) = (indicator(&world, from).await, indicator(&world, to).await);
        assert_eq!(differences(&from, &to), ["bgt_mof_dep_code"]);
    }
    world.verified().await;
}
