//! Adjustments of every kind: who decides, what they need beside their lines, and what the library keeps of them.

use budget_execution_contract::{Adjustment, DirectFund, Indicator, TransferDocumentLine};
use common_types::{BgtExeFlag, Money, Role, SourceTypeCode};
use serde_json::{Value, json};
use service_kit::Page;
use testkit::key;
use uuid::Uuid;
use workflow::Status;

use crate::{
    adjustment::{Library, body, draft, indicator, left, person, step, swap, waiting, world, world_at},
    bureau::yuan,
    world::{BASE, DIVISION, PROJECT, World, refusal},
};

const AGENCY: &str = "101001";
const OTHER_PROJECT: &str = "360100261000000000002";
const COUNTY: &str = "360102000";

fn without(mut body: Value, fields: &[&str]) -> Value {
    for field in fields {
        body.as_object_mut().unwrap().remove(*field);
    }
    body
}

async fn approve(world: &World, adj_id: Uuid) -> Adjustment {
    step(&person(&world.server, "m2", Role::M2, None), adj_id, "approve").await.unwrap();
    world.person("m2", &[Role::M2]).get(&format!("{BASE}/adjustments/{adj_id}")).await.unwrap()
}

async fn found(world: &World, bgt_id: Uuid) -> Indicator {
    world.indicators("page_size=1000").await.into_iter().find(|one| one.bgt_id == bgt_id).unwrap()
}

fn target(project: &str) -> Value {
    json!({
        "agency_code": AGENCY, "pro_code": project, "pro_name": "实验室", "pro_kind_code": "31",
        "exp_func_code": "2050202", "gov_bgt_eco_code": "50201", "dep_bgt_eco_code": "30201",
    })
}

#[tokio::test]
async fn a_unit_moves_money_within_one_economic_item_with_its_department() {
    let world = world().await;
    let own = Some(AGENCY);
    let office = indicator(&world, own, "100.00", &[]).await;
    let paper = indicator(&world, own, "100.00", &[("dep_bgt_eco_code", "30202")]).await;
    let works = indicator(&world, own, "100.00", &[("gov_bgt_eco_code", "50502")]).await;
    let clerk = person(&world.server, "clerk", Role::U1, own);
    let department = person(&world.server, "d1", Role::D1, Some("101"));
    let within = draft(&clerk, &body("A3", own, swap(office, paper, "10.00"))).await.unwrap();
    step(&clerk, within.adj_id, "submit").await.unwrap();
    let done = step(&department, within.adj_id, "approve").await.unwrap();
    assert_eq!(done["state"]["status"], "FINAL");
    let across = draft(&clerk, &body("A3", own, swap(office, works, "10.00"))).await.unwrap();
    step(&clerk, across.adj_id, "submit").await.unwrap();
    let done = step(&department, across.adj_id, "approve").await.unwrap();
    assert_eq!((done["state"]["status"].as_str(), done["state"]["node"].as_str()), (Some("IN_REVIEW"), Some("M1")));
    assert_eq!((left(&world, office).await, left(&world, paper).await), (yuan("90.00"), yuan("110.00")));
}

#[tokio::test]
async fn an_addition_waits_for_its_money_and_takes_it_once() {
    let world = world().await;
    let pool = indicator(&world, None, "1000.00", &[]).await;
    let school = indicator(&world, Some(AGENCY), "100.00", &[]).await;
    let maker = person(&world.server, "m1", Role::M1, None);
    let asked = body("A1", None, json!({"bgt_id": school, "add_amount": "10.00"}));
    let made = draft(&maker, &asked).await.unwrap();
    assert!(!made.is_arranged);
    assert_eq!(refusal(step(&maker, made.adj_id, "submit").await).code(), "BE-117");
    let arranged = body("A1", None, json!({"ori_bgt_id": pool, "bgt_id": school, "add_amount": "10.00"}));
    let path = format!("{BASE}/adjustments/{}", made.adj_id);
    let made: Adjustment = maker.put(&path, &arranged, Some(1)).await.unwrap();
    assert!(made.is_arranged);
    step(&maker, made.adj_id, "submit").await.unwrap();
    let done = approve(&world, made.adj_id).await;
    assert_eq!((left(&world, pool).await, left(&world, school).await), (yuan("990.00"), yuan("110.00")));
    let pair = &done.lines[0];
    assert_eq!((pair.ori_bgt_id, pair.bgt_id), (Some(pool), Some(school)));
    assert_eq!((pair.source_type_code, pair.adj_date.is_some()), (Some(SourceTypeCode::Adjustment), true));
    assert_eq!(done.adj_batch_no, "202603");
    let odd = json!({"adj_batch_no": "3月"});
    let mut wrong = body("A1", None, json!({"ori_bgt_id": pool, "bgt_id": school, "add_amount": "10.00"}));
    wrong["adj_batch_no"] = odd["adj_batch_no"].clone();
    assert_eq!(refusal(draft(&maker, &wrong).await).code(), "HTTP-422");
    world.verified().await;
}

#[tokio::test]
async fn a_cut_may_take_all_that_is_left() {
    let world = world().await;
    let school = indicator(&world, Some(AGENCY), "100.00", &[]).await;
    let all = waiting(&world.server, &body("A2", None, json!({"ori_bgt_id": school}))).await;
    let some = waiting(&world.server, &body("A2", None, json!({"ori_bgt_id": school, "add_amount": "30.00"}))).await;
    approve(&world, some).await;
    let done = approve(&world, all).await;
    assert_eq!((done.lines[0].add_amount, done.lines[0].is_all), (yuan("70.00"), true));
    assert_eq!(done.total_amt, yuan("70.00"), "not what was left when it was drafted");
    assert_eq!(left(&world, school).await, Money::ZERO);
    world.verified().await;
}

#[tokio::test]
async fn key_spending_is_cut_only_with_an_approval_and_a_project_changes_much_only_with_a_goal() {
    let world = world().await;
    let maker = person(&world.server, "m1", Role::M1, None);
    let school = indicator(&world, Some(AGENCY), "1000.00", &[]).await;
    let cut = |amount: &str| body("A2", None, json!({"ori_bgt_id": school, "add_amount": amount}));
    let unapproved = without(cut("10.00"), &["approval_doc_no"]);
    assert_eq!(refusal(draft(&maker, &unapproved).await).code(), "AD-008");
    let goalless = |amount: &str| without(cut(amount), &["perf_goals"]);
    assert_eq!(refusal(draft(&maker, &goalless("200.00")).await).code(), "AD-006");
    draft(&maker, &goalless("199.99")).await.unwrap();
    let with_goal = draft(&maker, &cut("200.00")).await.unwrap();
    assert_eq!(with_goal.perf_goals[0].pro_code.as_str(), PROJECT);
}

#[tokio::test]
async fn the_reserve_goes_where_the_government_says_and_nowhere_else() {
    let world = world().await;
    let reserve = indicator(&world, None, "1000.00", &[("exp_func_code", "227")]).await;
    let pool = indicator(&world, None, "10.00", &[]).await;
    let school = indicator(&world, Some(AGENCY), "10.00", &[]).await;
    let maker = person(&world.server, "m1", Role::M1, None);
    let use_of = |from: Uuid, to: Uuid| body("A6", None, swap(from, to, "300.00"));
    assert_eq!(refusal(draft(&maker, &use_of(pool, school)).await).code(), "AD-010");
    assert_eq!(refusal(draft(&maker, &use_of(school, pool)).await).code(), "AD-010");
    let unapproved = without(use_of(reserve, school), &["approval_doc_no"]);
    assert_eq!(refusal(draft(&maker, &unapproved).await).code(), "AD-008");
    let adj_id = waiting(&world.server, &use_of(reserve, school)).await;
    let half = approve(&world, adj_id).await;
    assert_eq!(half.state.node.as_deref(), Some("government"));
    let done = approve(&world, adj_id).await;
    assert_eq!((done.state.status, done.lines[0].source_type_code), (Status::Final, Some(SourceTypeCode::ReserveUse)));
    assert_eq!((left(&world, reserve).await, left(&world, school).await), (yuan("700.00"), yuan("310.00")));
    world.verified().await;
}

#[tokio::test]
async fn a_plan_changes_the_total_when_the_congress_has_approved() {
    let world = world().await;
    let school = indicator(&world, Some(AGENCY), "100.00", &[]).await;
    let pool = indicator(&world, None, "100.00", &[]).await;
    let elements = serde_json::to_value(found(&world, school).await.elements).unwrap();
    let entry = json!({"elements": elements, "bgt_exe_flag": "1", "amt": "40.00", "pro_name": "校舍维修", "pro_kind_code": "31"});
    let mut plan = body("A7", None, json!({"bgt_id": school, "add_amount": "50.00"}));
    plan["lines"] = json!([
        {"bgt_id": school, "add_amount": "50.00"},
        {"entry": entry, "add_amount": "40.00"},
        {"ori_bgt_id": pool, "add_amount": "60.00"},
    ]);
    let maker = person(&world.server, "m1", Role::M1, None);
    assert_eq!(refusal(draft(&maker, &without(plan.clone(), &["approval_doc_date"])).await).code(), "AD-008");
    let mut both = plan.clone();
    both["lines"][0]["ori_bgt_id"] = json!(pool);
    assert_eq!(refusal(draft(&maker, &both).await).code(), "BE-108");
    let adj_id = waiting(&world.server, &plan).await;
    for _ in 0..2 {
        approve(&world, adj_id).await;
    }
    let congress = person(&world.server, "congress", Role::X2, None);
    step(&congress, adj_id, "approve").await.unwrap();
    let done: Adjustment = maker.get(&format!("{BASE}/adjustments/{adj_id}")).await.unwrap();
    let made = found(&world, done.lines[1].bgt_id.unwrap()).await;
    assert_eq!((made.amounts.available, made.bgt_exe_flag), (yuan("40.00"), BgtExeFlag::Executable));
    assert_eq!((left(&world, school).await, left(&world, pool).await), (yuan("150.00"), yuan("40.00")));
    world.verified().await;
    step(&congress, adj_id, "discard").await.unwrap();
    assert_eq!((left(&world, school).await, left(&world, pool).await), (yuan("100.00"), yuan("100.00")));
    assert_eq!(left(&world, made.bgt_id).await, Money::ZERO);
    world.verified().await;
}

#[tokio::test]
async fn money_for_a_division_below_is_added_and_cut() {
    let world = world().await;
    let pool = indicator(&world, None, "1000.00", &[]).await;
    let mut receiver = without(target(PROJECT), &["agency_code", "dep_bgt_eco_code"]);
    receiver["rec_div_code"] = json!(COUNTY);
    let maker = person(&world.server, "m1", Role::M1, None);
    let no_division = json!({"ori_bgt_id": pool, "target": target(PROJECT), "add_amount": "300.00"});
    assert_eq!(refusal(draft(&maker, &body("A5", None, no_division)).await).code(), "BE-108");
    let line = json!({"ori_bgt_id": pool, "target": receiver, "add_amount": "300.00"});
    let added = waiting(&world.server, &body("A5", None, line)).await;
    let made = approve(&world, added).await.lines[0].bgt_id.unwrap();
    assert_eq!((left(&world, pool).await, left(&world, made).await), (yuan("700.00"), yuan("300.00")));
    let transfer = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "cor_bgt_doc_no": "洪财转〔2026〕1号", "bgt_doc_title": "下达",
        "doc_date": "2026-03-02", "lines": [{"bgt_id": made, "amount": "100.00"}],
    });
    let issued: Value = maker.post(&format!("{BASE}/transfers"), &transfer, &key()).await.unwrap();
    let line: TransferDocumentLine = serde_json::from_value(issued["lines"][0].clone()).unwrap();
    assert_eq!(line.rec_div_code.as_str(), COUNTY);
    let cut = waiting(&world.server, &body("A5", None, json!({"ori_bgt_id": made, "add_amount": "120.00"}))).await;
    approve(&world, cut).await;
    assert_eq!((left(&world, pool).await, left(&world, made).await), (yuan("820.00"), yuan("180.00")));
    world.verified().await;
}

#[tokio::test]
async fn library_money_is_given_back_when_the_approval_fails() {
    let library = Library::default();
    let world = world_at("2026-03-10T02:00:00Z", &library).await;
    let pool = indicator(&world, None, "100.00", &[]).await;
    let line = json!({"ori_bgt_id": pool, "target": target(OTHER_PROJECT), "add_amount": "80.00"});
    let (one, other) = (
        waiting(&world.server, &body("A1", None, line.clone())).await,
        waiting(&world.server, &body("A1", None, line)).await,
    );
    let budget = person(&world.server, "m2", Role::M2, None);
    let (a, b) = tokio::join!(step(&budget, one, "approve"), step(&budget, other, "approve"));
    assert_ne!(a.is_ok(), b.is_ok());
    assert_eq!(library.taken(), yuan("80.00"));
    let failed = if a.is_err() { one } else { other };
    assert_eq!(refusal(step(&budget, failed, "approve").await).code(), "BA-001");
    assert_eq!(library.taken(), yuan("80.00"));
    let dry = json!({"action": "discard", "opinion": "撤销"});
    let kept = if failed == one { other } else { one };
    let path = format!("{BASE}/adjustments/{kept}/actions");
    let _: Value = budget.post(&format!("{path}?dry_run=true"), &dry, &key()).await.unwrap();
    assert_eq!(library.taken(), yuan("80.00"));
    step(&budget, kept, "discard").await.unwrap();
    assert_eq!(library.taken(), Money::ZERO);
    step(&budget, failed, "approve").await.unwrap();
    assert_eq!((library.taken(), left(&world, pool).await), (yuan("80.00"), yuan("20.00")));
    world.verified().await;
}

#[tokio::test]
async fn direct_funds_show_the_days_that_are_left() {
    let world = World::start().await;
    let mut elements = json!({
        "fiscal_year": 2026, "mof_div_code": DIVISION, "pro_code": PROJECT, "fund_type_code": "11",
        "manage_mof_dep_code": "JK01", "exp_func_code": "2050202", "gov_bgt_eco_code": "50201", "bgt_type_code": "21",
        "bgt_source_code": "1", "is_advance": false, "budget_level_code": "1", "sup_bgt_doc_no": "赣财预〔2026〕9号",
        "is_gov_pur": false, "pay_type_code": "1", "is_uni_sala": false, "direct_flag": "01", "is_scientific": false,
        "is_debt": false, "is_capital": false,
    });
    let (maker, checker) = (world.person("m1", &[Role::M1]), world.person("m2", &[Role::M2]));
    for flag in ["01", "09"] {
        elements["direct_flag"] = json!(flag);
        let entry = json!({
            "mof_div_code": DIVISION, "fiscal_year": 2026, "entry_source": "higher_level",
            "cor_bgt_doc_no": format!("洪财指〔2026〕{flag}号"), "bgt_doc_title": "接收", "doc_date": "2026-03-01", "reason": "接收上级",
            "lines": [{"elements": elements, "bgt_exe_flag": "2", "amt": "500.00", "pro_name": "校舍维修", "pro_kind_code": "31"}],
        });
        let made: Value = maker.post(&format!("{BASE}/entries"), &entry, &key()).await.unwrap();
        let path = format!("entries/{}", made["operation_id"].as_str().unwrap());
        crate::world::act(&maker, &path, "submit").await.unwrap();
        crate::world::act(&checker, &path, "approve").await.unwrap();
    }
    let page: Page<DirectFund> = checker.get(&format!("{BASE}/direct-funds?fiscal_year=2026")).await.unwrap();
    assert_eq!(page.items.len(), 1);
    let fund = &page.items[0];
    assert_eq!((fund.waiting_amt, fund.days_left), (yuan("500.00"), 30));
    let distribution = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": fund.bgt_id,
        "lines": [{"agency_code": AGENCY, "direct_flag": "09", "amt": "200.00"}]});
    let path = format!("{BASE}/distributions");
    assert_eq!(refusal(maker.post::<_, Value>(&path, &distribution, &key()).await).code(), "BA-006");
    let outside = world.unit("u1", &[Role::U1], AGENCY);
    let nothing: Page<DirectFund> = outside.get(&format!("{BASE}/direct-funds")).await.unwrap();
    assert!(nothing.items.is_empty());
}
