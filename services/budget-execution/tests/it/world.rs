//! The service on an empty database, with a stub of `base-info`, and the people of one division.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{HttpResponse, web};
use budget_execution_contract::{Indicator, Verification};
use common_types::{Role, WarnLevel};
use monitoring_contract::{OpenWarning, OpenWarnings, OpenWarningsQuestion};
use serde_json::{Value, json};
use service_kit::{Module, Peer, PeerError, Problem, host::Start, http::BatchResult};
use testkit::{Server, key};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub const DIVISION: &str = "360100000";
pub const BASE: &str = "/api/budget-execution/v1";
pub const PROJECT: &str = "360100261000000000001";

pub struct World {
    pub server: Server,
}

/// A monitor that says which indicators and payments have open warnings, or nothing at all.
#[derive(Clone, Default)]
pub struct Monitor {
    /// Documents, and the indicators that they are about.
    pub warned: Arc<Mutex<BTreeMap<Uuid, Uuid>>>,
    pub is_down: Arc<AtomicBool>,
}

impl Monitor {
    pub fn warn(&self, bgt_id: Uuid) {
        self.warn_document(bgt_id, bgt_id);
    }

    pub fn warn_document(&self, document_id: Uuid, bgt_id: Uuid) {
        self.warned.lock().unwrap().insert(document_id, bgt_id);
    }

    pub fn settle_all(&self) {
        self.warned.lock().unwrap().clear();
    }

    pub fn module(&self) -> Module {
        let monitor = self.clone();
        let routes = move |config: &mut ServiceConfig<'_>| {
            let monitor = monitor.clone();
            let tell = move |question: web::Json<OpenWarningsQuestion>| {
                let answer = monitor.open_warnings(&question);
                async move { answer }
            };
            config.route("/api/monitoring/v1/open-warnings", web::post().to(tell));
        };
        Module { name: "monitor-stub", routes: Arc::new(routes), workers: Vec::new(), database: None }
    }

    fn open_warnings(&self, question: &OpenWarningsQuestion) -> HttpResponse {
        if self.is_down.load(Ordering::SeqCst) {
            return HttpResponse::InternalServerError().finish();
        }
        let warned = self.warned.lock().unwrap();
        let is_asked = |(document_id, bgt_id): &(&Uuid, &Uuid)| {
            question.document_ids.contains(document_id) || question.document_ids.contains(bgt_id)
        };
        let open = warned.iter().filter(is_asked).map(|(document_id, bgt_id)| OpenWarning {
            warn_id: Uuid::now_v7(),
            document_type: if document_id == bgt_id { "indicator" } else { "payment" }.to_owned(),
            document_id: *document_id,
            bgt_id: Some(*bgt_id),
            rule_code: "M032".to_owned(),
            rule_name: "资金滞留闲置".to_owned(),
            warn_level: WarnLevel::ALL[0],
        });
        HttpResponse::Ok().json(OpenWarnings { items: open.collect() })
    }
}

impl World {
    pub async fn start() -> Self {
        let server = Server::start(|surroundings, database| async move {
            let start = Start { surroundings, database, config: budget_execution::Config::default() };
            Ok(vec![budget_execution::start(start).await?, base_info(), Monitor::default().module()])
        })
        .await;
        Self { server }
    }

    pub fn person(&self, name: &str, roles: &[Role]) -> Peer {
        self.server.client(&self.server.identity.token(name, roles, DIVISION, None))
    }

    pub fn unit(&self, name: &str, roles: &[Role], agency: &str) -> Peer {
        self.server.client(&self.server.identity.token(name, roles, DIVISION, Some(agency)))
    }

    pub fn platform(&self) -> Peer {
        self.server.client(&self.server.identity.service_token())
    }

    /// Delivers a granted approval with these lines.
    pub async fn approve(&self, event_id: &str, approval: &Value) -> Result<Value, PeerError> {
        let event = json!({
            "specversion": "1.0", "id": event_id, "source": "budget-compilation",
            "type": "budget-compilation.approval.granted", "subject": "x",
            "time": "2026-01-05T00:00:00Z", "data": approval,
        });
        self.platform().post(&format!("{BASE}/events"), &event, event_id).await
    }

    pub async fn indicators(&self, query: &str) -> Vec<Indicator> {
        let reader = self.person("m3", &[Role::M3]);
        let page: service_kit::Page<Indicator> = reader.get(&format!("{BASE}/indicators?{query}")).await.unwrap();
        page.items
    }

    pub async fn verified(&self) -> Verification {
        let report: Verification =
            self.person("m5", &[Role::M5]).post(&format!("{BASE}/verifications"), &json!({}), &key()).await.unwrap();
        assert!(report.ok, "{report:?}");
        assert_eq!(report.dr_amt, report.cr_amt);
        report
    }
}

/// The refusal of a request that must be refused.
pub fn refusal<T: std::fmt::Debug>(answer: Result<T, PeerError>) -> Problem {
    match answer {
        Err(PeerError::Refused(problem)) => problem,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

pub async fn act(peer: &Peer, path: &str, action: &str) -> Result<Value, PeerError> {
    peer.post(&format!("{BASE}/{path}/actions"), &json!({"action": action, "opinion": "同意"}), &key()).await
}

/// The statuses of an import, row by row, and the ids of what was recorded.
pub async fn import(peer: &Peer, collection: &str, id: &str, drafts: &[Value]) -> (Vec<u16>, Vec<Value>) {
    let done: BatchResult =
        peer.post(&format!("{BASE}/{collection}/imports"), &json!({"items": drafts}), &key()).await.unwrap();
    let ids = done.items.iter().filter_map(|row| Some(row.body.as_ref()?[id].clone())).collect();
    (done.items.iter().map(|row| row.status).collect(), ids)
}

/// One action on many documents: its statuses, with the codes of those refused.
pub async fn act_on_all(peer: &Peer, collection: &str, action: &str, ids: &[Value]) -> Vec<(u16, String)> {
    let rows: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
    let body = json!({"action": action, "opinion": "同意", "items": rows});
    let done: BatchResult = peer.post(&format!("{BASE}/{collection}/actions"), &body, &key()).await.unwrap();
    done.items.into_iter().map(|row| (row.status, row.problem.map(|told| told.code).unwrap_or_default())).collect()
}

/// An action that every document but the last took, with the code of that one's refusal.
pub fn all_but_the_last(answers: &[(u16, String)]) -> Option<&str> {
    let (last, others) = answers.split_last()?;
    let others_took_it = others.iter().all(|(status, _)| *status == 200);
    (others_took_it && last.0 >= 400).then_some(last.1.as_str())
}

pub fn base_info() -> Module {
    let agency = |path: web::Path<(String, String, String)>| async move {
        let (mof_div_code, fiscal_year, agency_code) = path.into_inner();
        if !agency_code.starts_with("101") {
            return HttpResponse::NotFound().content_type("application/problem+json").json(json!({
                "type": "x", "title": "x", "status": 404, "code": "HTTP-404", "detail": "x", "trace_id": "0",
            }));
        }
        HttpResponse::Ok().json(json!({
            "mof_div_code": mof_div_code, "fiscal_year": fiscal_year.parse::<i32>().unwrap(), "agency_code": agency_code, "dept_code": "101",
            "unifsoc_cred_code": "12360100MB0000001X", "manage_mof_dep_code": "JK01", "exp_func_code": "2050202",
            "fund_sup_code": "1", "admin_staf_num": 20, "version": 1,
            "agency_name": "第一小学", "agency_type_code": "22", "unifsoc_cred_code": "12360100MB0000001X",
            "dept_code": "101", "manage_mof_dep_code": "JK01", "exp_func_code": "2050202", "fund_sup_code": "1",
            "admin_staf_num": 30, "is_enabled": true, "version": 1,
        }))
    };
    let routes = move |config: &mut ServiceConfig<'_>| {
        config.route("/api/base-info/v1/agencies/{division}/{year}/{agency}", web::get().to(agency));
    };
    Module { name: "base-info-stub", routes: Arc::new(routes), workers: Vec::new(), database: None }
}

/// A line for a unit; none leaves it with the finance division.
pub fn annual_line(bgt_pman_id: &str, agency: Option<&str>, amount: &str) -> Value {
    json!({
        "bgt_pman_id": bgt_pman_id, "agency_code": agency, "dept_code": "101", "pro_code": PROJECT,
        "pro_name": "校舍维修", "pro_kind_code": "31", "exp_func_code": "2050202", "gov_bgt_eco_code": "50201",
        "dep_bgt_eco_code": "30201", "fund_type_code": "11", "manage_mof_dep_code": "JK01", "reply_amt": amount,
        "is_gov_pur": false, "is_scientific": false, "is_capital": false, "is_debt": false, "is_three_ensure": true,
        "budget_level_code": "3", "found_type_code": "11", "is_assigned": agency.is_none(),
    })
}

pub fn approval(version: i64, doc_no: &str, annual: Vec<Value>, transfers: Vec<Value>) -> Value {
    json!({
        "approval_id": uuid::Uuid::now_v7(), "version": version, "mof_div_code": DIVISION, "fiscal_year": 2026,
        "cor_bgt_doc_no": doc_no, "bgt_doc_title": "关于批复2026年部门预算的通知", "doc_date": "2026-01-05",
        "annual_lines": annual, "transfer_lines": transfers,
    })
}
