//! Additions, reductions and swaps: what moves, what is refused, and that it moves once.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{HttpResponse, web};
use budget_execution_contract::{Adjustment, Freeze, Indicator};
use common_types::{Money, Role};
use serde_json::{Value, json};
use service_kit::{Clock, Module, Page, Peer, PeerError, host::Start};
use testkit::{Server, key};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::Status;

use crate::{
    bureau::{Bureau, yuan},
    world::{BASE, DIVISION, Monitor, PROJECT, World, act, annual_line, approval, base_info, refusal},
};

const AGENCY: &str = "101001";
const SPRING: &str = "2026-03-10T02:00:00Z";
const OTHER_PROJECT: &str = "360100261000000000002";

/// The project library of a test: whether it answers, and how many reservations it was asked for.
#[derive(Clone, Default)]
pub struct Library {
    pub is_down: Arc<AtomicBool>,
    /// What each reservation takes, or gives back.
    taken: Arc<Mutex<BTreeMap<String, Money>>>,
}

impl Library {
    pub fn taken(&self) -> Money {
        Money::try_sum(self.taken.lock().unwrap().values().copied()).unwrap()
    }
}

impl Library {
    fn module(&self) -> Module {
        let library = self.clone();
        let routes = move |config: &mut ServiceConfig<'_>| {
            let library = library.clone();
            let reserve = move |body: web::Json<Value>| {
                let library = library.clone();
                async move {
                    if library.is_down.load(Ordering::SeqCst) {
                        let problem = json!({
                            "type": "x", "title": "x", "status": 503, "code": "HTTP-503", "detail": "x", "trace_id": "0",
                        });
                        return HttpResponse::ServiceUnavailable()
                            .content_type("application/problem+json")
                            .json(problem);
                    }
                    let (id, amt) = (body["reservation_id"].to_string(), body["amt"].as_str().unwrap());
                    library.taken.lock().unwrap().entry(id).or_insert(yuan(amt));
                    HttpResponse::Ok().json(body.into_inner())
                }
            };
            config.route("/api/project-library/v1/reservations", web::post().to(reserve));
        };
        Module { name: "project-library-stub", routes: Arc::new(routes), workers: Vec::new(), database: None }
    }
}

pub async fn world_at(now: &str, library: &Library) -> World {
    world_with(now, library, &Monitor::default()).await
}

async fn world_with(now: &str, library: &Library, monitor: &Monitor) -> World {
    let (clock, library, monitor) = (Clock::manual(now.parse().unwrap()), library.module(), monitor.module());
    let server = Server::start_with(clock, |surroundings, database| async move {
        let start = Start { surroundings, database, config: budget_execution::Config::default() };
        Ok(vec![budget_execution::start(start).await?, base_info(), library, monitor])
    })
    .await;
    World { server }
}

pub async fn world() -> World {
    world_at(SPRING, &Library::default()).await
}

pub fn person(server: &Server, name: &str, role: Role, agency: Option<&str>) -> Peer {
    server.client(&server.identity.token(name, &[role], DIVISION, agency))
}

pub fn clerk(world: &World) -> Peer {
    person(&world.server, "clerk", Role::U1, Some(AGENCY))
}

/// A new indicator that differs from the usual one in these fields.
pub async fn indicator(world: &World, agency: Option<&str>, amount: &str, changes: &[(&str, &str)]) -> Uuid {
    let pman = Uuid::now_v7().to_string();
    let mut line = annual_line(&pman, agency, amount);
    for (field, value) in changes {
        line[*field] = json!(value);
    }
    world.approve(&key(), &approval(1, &format!("洪财预〔2026〕{}号", key()), vec![line], vec![])).await.unwrap();
    let all = world.indicators("page_size=1000").await;
    all.into_iter().find(|one| one.bgt_pman_id.as_deref() == Some(pman.as_str())).unwrap().bgt_id
}

async fn available(reader: &Peer, bgt_id: Uuid) -> Money {
    let page: Page<Indicator> = reader.get(&format!("{BASE}/indicators?page_size=1000")).await.unwrap();
    page.items.into_iter().find(|one| one.bgt_id == bgt_id).unwrap().amounts.available
}

pub async fn left(world: &World, bgt_id: Uuid) -> Money {
    available(&world.person("m3", &[Role::M3]), bgt_id).await
}

pub fn body(kind: &str, agency: Option<&str>, line: Value) -> Value {
    let goal = |project: &str| json!({"pro_code": project, "kpi_target": "完成校舍维修"});
    json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "adj_kind": kind, "agency_code": agency,
        "cor_bgt_doc_no": "洪财调〔2026〕1号", "adj_reason": "年中调整", "lines": [line],
        "approval_doc_no": "洪府〔2026〕1号", "approval_doc_date": "2026-03-01",
        "perf_goals": [goal(PROJECT), goal(OTHER_PROJECT)],
    })
}

pub fn swap(from: Uuid, to: Uuid, amount: &str) -> Value {
    json!({"ori_bgt_id": from, "bgt_id": to, "add_amount": amount})
}

pub async fn draft(maker: &Peer, body: &Value) -> Result<Adjustment, PeerError> {
    maker.post(&format!("{BASE}/adjustments"), body, &key()).await
}

pub async fn step(who: &Peer, adj_id: Uuid, action: &str) -> Result<Value, PeerError> {
    act(who, &format!("adjustments/{adj_id}"), action).await
}

/// A document of the finance bureau that waits for its last approval.
pub async fn waiting(server: &Server, body: &Value) -> Uuid {
    let maker = person(server, "m1", Role::M1, None);
    let adj_id = draft(&maker, body).await.unwrap().adj_id;
    step(&maker, adj_id, "submit").await.unwrap();
    adj_id
}

#[tokio::test]
async fn of_two_swaps_from_one_source_one_is_final_and_the_sum_stays() {
    let world = world().await;
    let source = indicator(&world, Some(AGENCY), "100.00", &[]).await;
    let targets = [
        indicator(&world, Some(AGENCY), "10.00", &[("gov_bgt_eco_code", "50502")]).await,
        indicator(&world, Some(AGENCY), "10.00", &[("gov_bgt_eco_code", "50502")]).await,
    ];
    let mut ids = Vec::new();
    for target in targets {
        let made = draft(&clerk(&world), &body("A3", Some(AGENCY), swap(source, target, "80.00"))).await.unwrap();
        step(&clerk(&world), made.adj_id, "submit").await.unwrap();
        step(&person(&world.server, "d1", Role::D1, Some("101")), made.adj_id, "approve").await.unwrap();
        step(&person(&world.server, "m1", Role::M1, None), made.adj_id, "approve").await.unwrap();
        ids.push(made.adj_id);
    }
    let budget = person(&world.server, "m2", Role::M2, None);
    let (one, other) = tokio::join!(step(&budget, ids[0], "approve"), step(&budget, ids[1], "approve"));
    let (done, refused): (Vec<_>, Vec<_>) = [one, other].into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, 1));
    assert_eq!(refusal(refused.into_iter().next().unwrap()).code(), "BA-001");
    let (a, b) = (left(&world, targets[0]).await, left(&world, targets[1]).await);
    assert_eq!(left(&world, source).await, yuan("20.00"));
    assert_eq!(a.checked_add(b), Some(yuan("100.00")));
    world.verified().await;
}

#[tokio::test]
async fn an_addition_waits_for_the_library_and_a_reduction_goes_back_to_where_it_came_from() {
    let library = Library::default();
    let world = world_at(SPRING, &library).await;
    let pool = indicator(&world, None, "1000.00", &[]).await;
    let target = json!({
        "agency_code": AGENCY, "pro_code": OTHER_PROJECT, "pro_name": "实验室", "pro_kind_code": "31",
        "exp_func_code": "2050202", "gov_bgt_eco_code": "50201", "dep_bgt_eco_code": "30201",
    });
    let line = json!({"ori_bgt_id": pool, "target": target, "add_amount": "300.00"});
    let adj_id = waiting(&world.server, &body("A1", None, line)).await;
    let budget = person(&world.server, "m2", Role::M2, None);
    library.is_down.store(true, Ordering::SeqCst);
    let unavailable = refusal(step(&budget, adj_id, "approve").await);
    assert_eq!(unavailable.status().as_u16(), 503);
    let read: Adjustment = budget.get(&format!("{BASE}/adjustments/{adj_id}")).await.unwrap();
    assert_eq!((read.state.status, read.lines[0].bgt_id), (Status::InReview, None));
    assert_eq!(left(&world, pool).await, yuan("1000.00"));
    library.is_down.store(false, Ordering::SeqCst);
    step(&budget, adj_id, "approve").await.unwrap();
    assert_eq!(library.taken(), yuan("300.00"));
    let read: Adjustment = budget.get(&format!("{BASE}/adjustments/{adj_id}")).await.unwrap();
    let made = read.lines[0].bgt_id.unwrap();
    assert_eq!((left(&world, pool).await, left(&world, made).await), (yuan("700.00"), yuan("300.00")));
    let cut = json!({"ori_bgt_id": made, "add_amount": "120.00"});
    let cut = waiting(&world.server, &body("A2", None, cut)).await;
    step(&budget, cut, "approve").await.unwrap();
    assert_eq!((left(&world, pool).await, left(&world, made).await), (yuan("820.00"), yuan("180.00")));
    let void = step(&budget, adj_id, "discard").await;
    assert_eq!(refusal(void).code(), "BA-009");
    step(&budget, cut, "discard").await.unwrap();
    step(&budget, adj_id, "discard").await.unwrap();
    assert_eq!((left(&world, pool).await, left(&world, made).await), (yuan("1000.00"), Money::ZERO));
    assert_eq!(library.taken(), Money::ZERO);
    world.verified().await;
}

#[tokio::test]
async fn swaps_that_break_a_rule_are_refused() {
    let world = world().await;
    let own = Some(AGENCY);
    let project = indicator(&world, own, "100.00", &[]).await;
    let salary = indicator(&world, own, "100.00", &[("pro_kind_code", "11")]).await;
    let office = indicator(&world, own, "100.00", &[("pro_kind_code", "21")]).await;
    let cars = indicator(&world, own, "100.00", &[("dep_bgt_eco_code", "30231")]).await;
    let more_cars = indicator(&world, own, "100.00", &[("dep_bgt_eco_code", "30231")]).await;
    let fund = indicator(&world, own, "100.00", &[("fund_type_code", "12")]).await;
    let health = indicator(&world, own, "100.00", &[("exp_func_code", "2100101")]).await;
    let foreign = indicator(&world, Some("101002"), "100.00", &[]).await;
    let pool = indicator(&world, None, "100.00", &[]).await;
    let cases = [
        (salary, office, "AD-002"),
        (project, office, "AD-002"),
        (project, salary, "AD-002"),
        (project, cars, "AD-002"),
        (project, fund, "AD-001"),
        (project, health, "AD-003"),
        (project, pool, "BA-007"),
        (project, foreign, "HTTP-404"),
        (project, Uuid::now_v7(), "HTTP-404"),
        (project, project, "BE-108"),
    ];
    for (from, to, code) in cases {
        let refused = draft(&clerk(&world), &body("A3", own, swap(from, to, "1.00"))).await;
        assert_eq!(refusal(refused).code(), code, "{from} {to}");
    }
    let maker = person(&world.server, "m1", Role::M1, None);
    assert_eq!(
        refusal(draft(&clerk(&world), &body("A2", own, json!({"ori_bgt_id": project, "add_amount": "1"}))).await)
            .code(),
        "BE-109"
    );
    assert_eq!(refusal(draft(&clerk(&world), &body("A3", None, swap(project, cars, "1"))).await).code(), "AUTH-004");
    assert_eq!(refusal(draft(&maker, &body("A1", None, swap(project, office, "1"))).await).code(), "BE-104");
    assert_eq!(refusal(draft(&maker, &body("A2", None, swap(project, office, "1"))).await).code(), "BE-108");
    draft(&clerk(&world), &body("A3", own, swap(cars, more_cars, "1.00"))).await.unwrap();
    draft(&maker, &body("A3", None, swap(project, health, "1.00"))).await.unwrap();
    let too_much = draft(&maker, &body("A3", None, swap(project, health, "100.01"))).await.unwrap();
    assert_eq!(refusal(step(&maker, too_much.adj_id, "submit").await).code(), "BA-001");
    assert_eq!(left(&world, project).await, yuan("100.00"));
}

#[tokio::test]
async fn a_frozen_indicator_is_not_adjusted() {
    let world = world().await;
    let (from, to) =
        (indicator(&world, Some(AGENCY), "100.00", &[]).await, indicator(&world, Some(AGENCY), "100.00", &[]).await);
    let earlier = waiting(&world.server, &body("A3", None, swap(from, to, "10.00"))).await;
    let maker = person(&world.server, "m1", Role::M1, None);
    let budget = person(&world.server, "m2", Role::M2, None);
    let freeze =
        json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": from, "freeze_amt": "5.00", "reason": "审计"});
    let frozen: Freeze = maker.post(&format!("{BASE}/freezes"), &freeze, &key()).await.unwrap();
    act(&maker, &format!("freezes/{}", frozen.freeze_id), "submit").await.unwrap();
    act(&budget, &format!("freezes/{}", frozen.freeze_id), "approve").await.unwrap();
    for (one, other) in [(from, to), (to, from)] {
        let refused = draft(&maker, &body("A3", None, swap(one, other, "1.00"))).await;
        assert_eq!(refusal(refused).code(), "AD-005");
    }
    assert_eq!(refusal(step(&budget, earlier, "approve").await).code(), "AD-005");
    assert_eq!(left(&world, from).await, yuan("95.00"));
}

#[tokio::test]
async fn a_cut_and_a_payment_never_take_the_same_money() {
    let bureau = Bureau::start().await;
    for _ in 0..5 {
        let bgt_id = bureau.indicator("100.00").await;
        let cut = json!({"ori_bgt_id": bgt_id, "add_amount": "80.00"});
        let adj_id = waiting(&bureau.server, &body("A2", None, cut)).await;
        let payment = bureau.drafted(bgt_id, "80.00").await.pay_app_id;
        let (budget, clerk) = (person(&bureau.server, "m2", Role::M2, None), bureau.clerk());
        let (cut, paid) = tokio::join!(step(&budget, adj_id, "approve"), bureau.act(&clerk, payment, "submit"));
        assert_ne!(cut.is_ok(), paid.is_ok());
        assert_eq!(bureau.amounts(bgt_id).await.available, yuan("20.00"));
    }
    bureau.verified().await;
}

#[tokio::test]
async fn it_moves_once_and_back_once_and_never_by_its_maker() {
    let world = world().await;
    let (from, to) =
        (indicator(&world, Some(AGENCY), "100.00", &[]).await, indicator(&world, Some(AGENCY), "10.00", &[]).await);
    let maker = person(&world.server, "m2", Role::M2, None);
    let checker = person(&world.server, "m2-b", Role::M2, None);
    let adj_id = draft(&maker, &body("A3", None, swap(from, to, "60.00"))).await.unwrap().adj_id;
    step(&maker, adj_id, "submit").await.unwrap();
    assert_eq!(refusal(step(&maker, adj_id, "approve").await).code(), "WF-002");
    let (path, same) = (format!("{BASE}/adjustments/{adj_id}/actions"), key());
    for _ in 0..3 {
        let done: Adjustment = checker.post(&path, &json!({"action": "approve"}), &same).await.unwrap();
        assert_eq!(done.state.status, Status::Final);
    }
    assert_eq!(refusal(step(&checker, adj_id, "approve").await).code(), "WF-001");
    assert_eq!((left(&world, from).await, left(&world, to).await), (yuan("40.00"), yuan("70.00")));
    let (same, void) = (key(), json!({"action": "discard", "opinion": "撤销"}));
    for _ in 0..2 {
        let done: Adjustment = checker.post(&path, &void, &same).await.unwrap();
        assert_eq!(done.state.status, Status::Void);
    }
    assert_eq!(refusal(step(&checker, adj_id, "discard").await).code(), "WF-001");
    assert_eq!((left(&world, from).await, left(&world, to).await), (yuan("100.00"), yuan("10.00")));
    let history: Vec<Value> = maker.get(&format!("{BASE}/adjustments/{adj_id}/history")).await.unwrap();
    assert_eq!(history.len(), 4);
    let listed: Page<Adjustment> = checker.get(&format!("{BASE}/adjustments")).await.unwrap();
    assert_eq!((listed.items.len(), listed.items[0].lines.len()), (1, 1));
    let outside = clerk(&world).get::<Value>(&format!("{BASE}/adjustments/{adj_id}")).await;
    assert_eq!(refusal(outside).code(), "HTTP-404");
    world.verified().await;
}

#[tokio::test]
async fn money_that_waits_is_swapped_and_the_cut_off_is_kept() {
    let world = world_at("2026-11-21T02:00:00Z", &Library::default()).await;
    let (from, to) = (indicator(&world, None, "100.00", &[]).await, indicator(&world, None, "10.00", &[]).await);
    let line = body("A4", None, swap(from, to, "60.00"));
    let refused = draft(&person(&world.server, "m1", Role::M1, None), &line).await;
    assert_eq!(refusal(refused).code(), "AD-007");
    let maker = person(&world.server, "m2", Role::M2, None);
    let adj_id = draft(&maker, &line).await.unwrap().adj_id;
    step(&maker, adj_id, "submit").await.unwrap();
    step(&person(&world.server, "m2-b", Role::M2, None), adj_id, "approve").await.unwrap();
    assert_eq!((left(&world, from).await, left(&world, to).await), (yuan("40.00"), yuan("70.00")));
    world.verified().await;
}

#[tokio::test]
async fn an_indicator_with_an_open_warning_is_not_adjusted_until_it_is_settled() {
    let (library, monitor) = (Library::default(), Monitor::default());
    let world = world_with(SPRING, &library, &monitor).await;
    let (pool, school) =
        (indicator(&world, None, "100.00", &[]).await, indicator(&world, Some(AGENCY), "10.00", &[]).await);
    let (maker, checker) = (world.person("m1", &[Role::M1]), world.person("m2", &[Role::M2]));
    let body = body("A1", None, swap(pool, school, "60.00"));
    let adj_id = draft(&maker, &body).await.unwrap().adj_id;
    monitor.warn(pool);
    let refused = refusal(step(&maker, adj_id, "submit").await);
    let problem = refused.document();
    assert_eq!((refused.code(), refused.status().as_u16()), ("AD-005", 409));
    assert_eq!((problem.errors[0].pointer.as_str(), &problem.extensions["indicator"]), ("/lines/0", &json!(pool)));
    let path = format!("{BASE}/adjustments/{adj_id}/actions?dry_run=true");
    let rehearsed: Result<Value, _> = maker.post(&path, &json!({"action": "submit"}), &key()).await;
    assert_eq!(refusal(rehearsed).code(), "AD-005");
    monitor.settle_all();
    step(&maker, adj_id, "submit").await.unwrap();

    monitor.warn(school);
    assert_eq!(refusal(step(&checker, adj_id, "approve").await).code(), "AD-005", "the one that receives");
    monitor.settle_all();
    monitor.is_down.store(true, Ordering::SeqCst);
    assert_eq!(refusal(step(&checker, adj_id, "approve").await).status().as_u16(), 503);
    let read: Adjustment = checker.get(&format!("{BASE}/adjustments/{adj_id}")).await.unwrap();
    assert_eq!((read.state.status, library.taken()), (Status::InReview, Money::ZERO));
    assert_eq!((left(&world, pool).await, left(&world, school).await), (yuan("100.00"), yuan("10.00")));

    monitor.is_down.store(false, Ordering::SeqCst);
    step(&checker, adj_id, "approve").await.unwrap();
    assert_eq!((left(&world, pool).await, left(&world, school).await), (yuan("40.00"), yuan("70.00")));
    world.verified().await;
}

#[tokio::test]
async fn a_warned_payment_holds_adjustments_of_its_indicator_until_it_is_settled() {
    let (library, monitor) = (Library::default(), Monitor::default());
    let world = world_with(SPRING, &library, &monitor).await;
    let (pool, school) =
        (indicator(&world, None, "100.00", &[]).await, indicator(&world, Some(AGENCY), "10.00", &[]).await);
    let (maker, checker) = (world.person("m1", &[Role::M1]), world.person("m2", &[Role::M2]));
    let adj_id = draft(&maker, &body("A1", None, swap(pool, school, "60.00"))).await.unwrap().adj_id;
    let (payment, other) = (Uuid::now_v7(), Uuid::now_v7());
    monitor.warn_document(other, Uuid::now_v7());
    step(&maker, adj_id, "submit").await.unwrap();

    monitor.warn_document(payment, school);
    let refused = refusal(step(&checker, adj_id, "approve").await);
    let problem = refused.document();
    assert_eq!((refused.code(), problem.errors[0].pointer.as_str()), ("AD-005", "/lines/0"));
    assert_eq!(
        [&problem.extensions["indicator"], &problem.extensions["document_id"]],
        [&json!(school), &json!(payment)]
    );
    assert_eq!((left(&world, pool).await, left(&world, school).await), (yuan("100.00"), yuan("10.00")));
    monitor.settle_all();
    step(&checker, adj_id, "approve").await.unwrap();
    assert_eq!((left(&world, pool).await, left(&world, school).await), (yuan("40.00"), yuan("70.00")));
    world.verified().await;
}
