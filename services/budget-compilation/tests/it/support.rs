//! A served instance with stand-ins for base-info and project-library, and the people who work with it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{HttpResponse, web};
use budget_compilation::Config;
use budget_compilation_contract::{
    Approval, ApprovalRequest, BudgetCompilation, ControlNumberRequest, ControlNumbers, Package, PackageRequest,
    TransferPackage, TransferPackageRequest,
};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{
    Module, PeerError,
    host::Start,
    store::{
        inbox::{EventBatch, Taken},
        outbox::CloudEvent,
    },
};
use testkit::{Server, key};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{Action, ActionRequest};

pub const PROVINCE: &str = "360000000";
pub const UNIT: &str = "219007";
pub const SCHOOL: &str = "219008";
pub const PERSONNEL: &str = "360000260000000000011";
pub const PUBLIC_USE: &str = "360000260000000000021";
pub const SPECIAL: &str = "360000260000000000031";
pub const TRANSFER: &str = "360000260000000000032";
pub const SCHOOLS_OWN: &str = "360000260000000000041";
pub const ON_THE_WAY: &str = "360000260000000000099";
/// The library refuses more than this for one reservation (PM-010).
pub const LIBRARY_FEN: i64 = 100_000_000;

/// What the stand-ins saw and how they behave.
#[derive(Default)]
pub struct Peers {
    pub reservations: Mutex<BTreeMap<String, i64>>,
    pub events: Mutex<BTreeMap<String, CloudEvent>>,
    pub library_is_down: AtomicBool,
}

impl Peers {
    pub fn reserved_fen(&self) -> i64 {
        self.reservations.lock().unwrap().values().sum()
    }

    pub fn events(&self) -> Vec<CloudEvent> {
        self.events.lock().unwrap().values().cloned().collect()
    }
}

pub struct World {
    pub server: Server,
    pub peers: Arc<Peers>,
}

impl World {
    pub async fn start() -> Self {
        let peers = Arc::new(Peers::default());
        let inside = peers.clone();
        let server = Server::start(async move |surroundings, database| {
            let start = Start { surroundings, database, config: Config::default() };
            Ok(vec![budget_compilation::start(start).await?, stand_ins(inside)])
        })
        .await;
        Self { server, peers }
    }

    pub fn as_user(&self, name: &str, role: Role, division: &str, agency: Option<&str>) -> BudgetCompilation {
        BudgetCompilation(self.server.client(&self.server.identity.token(name, &[role], division, agency)))
    }

    pub fn clerk(&self, agency: &str) -> BudgetCompilation {
        self.as_user(&format!("u1-{agency}"), Role::U1, PROVINCE, Some(agency))
    }

    pub fn finance(&self, name: &str, role: Role) -> BudgetCompilation {
        self.as_user(name, role, PROVINCE, None)
    }

    /// The reviewers of a unit's package in order.
    pub fn reviewers(&self, agency: &str) -> Vec<BudgetCompilation> {
        vec![
            self.as_user("u2", Role::U2, PROVINCE, Some(agency)),
            self.as_user("d1", Role::D1, PROVINCE, Some("219")),
            self.finance("m1", Role::M1),
            self.finance("m2", Role::M2),
        ]
    }

    /// Drafts and submits a package.
    pub async fn submitted(&self, request: Value) -> Package {
        let clerk = self.clerk(request["agency_code"].as_str().unwrap());
        let package = clerk.create_package(&package_request(request), &key()).await.unwrap();
        clerk.act_on_package(package.summary.package_id, &action(Action::Submit), &key()).await.unwrap()
    }

    /// Takes a package through all of its review.
    pub async fn finished(&self, request: Value) -> Package {
        let agency = request["agency_code"].as_str().unwrap().to_owned();
        let mut package = self.submitted(request).await;
        for reviewer in self.reviewers(&agency) {
            let id = package.summary.package_id;
            package = reviewer.act_on_package(id, &action(Action::Approve), &key()).await.unwrap();
        }
        package
    }

    /// Control numbers of 1000 yuan for each kind of the department, general funds.
    pub async fn controlled(&self) -> ControlNumbers {
        let item = |kind: &str| json!({"dept_code": "219", "pro_kind_code": kind, "fund_type_code": "111", "control_amt": "1000.00"});
        let request = json!({"mof_div_code": PROVINCE, "fiscal_year": 2026,
            "items": [item("1"), item("21"), item("22"), item("3")],
            "three_public": [{"agency_code": UNIT, "last_year_amt": "100.00"}]});
        self.control(request).await.unwrap()
    }

    pub async fn control(&self, request: Value) -> Result<ControlNumbers, PeerError> {
        let request: ControlNumberRequest = serde_json::from_value(request).unwrap();
        self.finance("m2", Role::M2).issue_control_numbers(&request, &key()).await
    }

    pub async fn drafted_approval(&self, doc_no: &str) -> Result<Approval, PeerError> {
        self.finance("m2", Role::M2).create_approval(&approval_request(doc_no), &key()).await
    }

    /// A granted approval.
    pub async fn granted(&self, doc_no: &str) -> Approval {
        let approval = self.drafted_approval(doc_no).await.unwrap();
        self.act_on_approval("m2", approval.approval_id, Action::Submit).await.unwrap();
        self.act_on_approval("m2-chief", approval.approval_id, Action::Approve).await.unwrap()
    }

    pub async fn act_on_approval(&self, name: &str, id: Uuid, what: Action) -> Result<Approval, PeerError> {
        self.finance(name, Role::M2).act_on_approval(id, &action(what), &key()).await
    }

    /// A final transfer package.
    pub async fn finished_transfer(&self, request: Value) -> TransferPackage {
        let request: TransferPackageRequest = serde_json::from_value(request).unwrap();
        let maker = self.finance("m1", Role::M1);
        let id = maker.create_transfer_package(&request, &key()).await.unwrap().summary.package_id;
        maker.act_on_transfer_package(id, &action(Action::Submit), &key()).await.unwrap();
        self.finance("m2", Role::M2).act_on_transfer_package(id, &action(Action::Approve), &key()).await.unwrap()
    }

    /// Waits until the condition holds, up to ten seconds.
    pub async fn eventually(&self, condition: impl Fn(&Peers) -> bool) {
        for _ in 0..200 {
            if condition(&self.peers) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("what was waited for did not happen");
    }
}

pub fn action(action: Action) -> ActionRequest {
    let opinion = match action {
        Action::Return | Action::Discard | Action::Hang => "理由".to_owned(),
        _ => String::new(),
    };
    ActionRequest { action, opinion, version: None }
}

pub fn line(pro_code: &str, apply_up: &str) -> Value {
    json!({"pro_code": pro_code, "exp_func_code": "2010601", "dep_bgt_eco_code": "30201", "fund_type_code": "111", "apply_up": apply_up})
}

pub fn package(stage: &str, agency: &str, lines: &[Value]) -> Value {
    json!({"mof_div_code": PROVINCE, "fiscal_year": 2026, "agency_code": agency, "stage": stage, "lines": lines})
}

pub fn transfer(receiver: &str, apply_up: &str) -> Value {
    json!({"mof_div_code": PROVINCE, "fiscal_year": 2026, "lines": [{"pro_code": TRANSFER, "sub_mof_div_code": receiver,
        "tp_func_code": "23003", "exp_func_code": "2050202", "fund_type_code": "111", "tra_type": "2", "apply_up": apply_up}]})
}

pub fn package_request(request: Value) -> PackageRequest {
    serde_json::from_value(request).unwrap()
}

pub fn approval_request(doc_no: &str) -> ApprovalRequest {
    let text = json!({"mof_div_code": PROVINCE, "fiscal_year": 2026, "cor_bgt_doc_no": doc_no,
        "bgt_doc_title": "2026年部门预算批复", "doc_date": "2026-01-20"});
    serde_json::from_value(text).unwrap()
}

/// The code of a refusal.
pub fn refused<T: std::fmt::Debug>(answer: Result<T, PeerError>) -> service_kit::http::ProblemDocument {
    match answer.unwrap_err() {
        PeerError::Refused(problem) => problem.document(),
        other => panic!("not a refusal: {other}"),
    }
}

fn stand_ins(peers: Arc<Peers>) -> Module {
    let data = web::Data::from(peers);
    let routes = move |config: &mut ServiceConfig<'_>| {
        config
            .app_data(data.clone())
            .route("/api/base-info/v1/agencies/{division}/{year}/{agency}", web::get().to(agency))
            .route("/api/project-library/v1/projects/by-code/{division}/{code}", web::get().to(project))
            .route("/api/project-library/v1/reservations", web::post().to(reserve))
            .route("/api/budget-execution/v1/event-batches", web::post().to(receive))
            .route("/api/monitoring/v1/event-batches", web::post().to(receive));
    };
    Module { name: "stand-ins", routes: Arc::new(routes), workers: Vec::new(), database: None }
}

fn absent() -> HttpResponse {
    use actix_web::ResponseError as _;
    service_kit::Problem::not_found("数据", "the record").error_response()
}

async fn agency(path: web::Path<(String, i32, String)>) -> HttpResponse {
    let (division, year, code) = path.into_inner();
    let kind = match code.as_str() {
        UNIT => "13",
        SCHOOL => "22",
        _ => return absent(),
    };
    if year != 2026 {
        return absent();
    }
    HttpResponse::Ok().json(
        json!({"mof_div_code": division, "fiscal_year": year, "agency_code": code, "agency_name": "单位",
        "agency_type_code": kind, "unifsoc_cred_code": "", "dept_code": "219", "manage_mof_dep_code": "jk",
        "exp_func_code": "2010601", "fund_sup_code": "1", "admin_staf_num": 10, "is_enabled": true, "version": 1}),
    )
}

async fn project(path: web::Path<(String, String)>) -> HttpResponse {
    let (division, code) = path.into_inner();
    let (kind, owner) = match code.as_str() {
        PERSONNEL => ("11", "219"),
        PUBLIC_USE => ("21", "219"),
        SPECIAL | ON_THE_WAY => ("31", "219"),
        TRANSFER => ("32", "219"),
        SCHOOLS_OWN => ("31", SCHOOL),
        _ => return absent(),
    };
    let status = if code == ON_THE_WAY { "0" } else { "1" };
    HttpResponse::Ok().json(json!({
        "pro_id": Uuid::now_v7(), "mof_div_code": division, "fiscal_year": 2026, "pro_code": code, "pro_name": "项目",
        "pro_cat_code": kind, "exist_statue_code": "002", "agency_code": owner, "dept_code": "219",
        "manage_mof_dep_code": "jk", "exp_func_code": "2010601", "fund_type_code": "111", "pro_start_year": 2026,
        "pro_term": 3, "pro_total_amt": "9000.00", "support_amount": "9000.00", "scoi_invest_fund": "0.00",
        "is_track": false, "is_captial_cons_pro": false, "is_scientific": false, "is_gov_info_server": false,
        "is_secret_pro": false, "is_govpur": false, "is_wait_divide": false, "is_three_ensure": false,
        "is_early_release": false, "direct_funds": false, "is_major_policy": false, "is_end": false,
        "is_generated": false, "status": status, "library_amt": "9000.00", "reserved_amt": "0.00",
        "remaining_amt": "9000.00", "pro_desc": "", "degisn_consideration": "", "leader_name": "",
        "review_opinion": "", "end_reason": "", "annual_plans": [], "details": [], "purchases": [], "assets": [],
        "perf_goals": [], "perf_indicators": [], "warnings": [],
        "workflow": {"status": "FINAL", "version": 5, "maker": "u1"}}))
}

async fn reserve(peers: web::Data<Peers>, body: web::Json<Value>) -> HttpResponse {
    use actix_web::ResponseError as _;
    if peers.library_is_down.load(Ordering::SeqCst) {
        return service_kit::Problem::internal(&"down for the test").error_response();
    }
    let id = body["reservation_id"].as_str().unwrap().to_owned();
    let amount: common_types::Money = body["amt"].as_str().unwrap().parse().unwrap();
    if amount.fen() > LIBRARY_FEN {
        return service_kit::Problem::field("/amt", "PM-010", "PM-010").error_response();
    }
    let mut all = peers.reservations.lock().unwrap();
    let known = all.entry(id.clone()).or_insert(amount.fen());
    assert_eq!(*known, amount.fen(), "one reservation id with two amounts");
    let division = body["mof_div_code"].clone();
    HttpResponse::Created().json(json!({"reservation_id": id, "mof_div_code": division, "pro_code": body["pro_code"],
        "fiscal_year": body["fiscal_year"], "amt": body["amt"], "library_amt": "0.00", "reserved_amt": "0.00", "remaining_amt": "0.00"}))
}

async fn receive(peers: web::Data<Peers>, batch: web::Json<EventBatch>) -> HttpResponse {
    let events = batch.into_inner().items.into_iter().map(|event| (event.id.clone(), event));
    peers.events.lock().unwrap().extend(events);
    HttpResponse::Ok().json(Taken::default())
}
