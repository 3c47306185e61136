//! A running library in one county with the people who work on its projects.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use common_types::{ExistStatueCode, KpiLv1, KpiLv2, KpiSign, Money, Role};
use project_library_contract::{
    AnnualPlan, Detail, PerfGoal, PerfIndicator, Project, ProjectDraft, ProjectLibrary, ReserveAmount, YearFlag,
};
use serde_json::json;
use service_kit::{
    Module, PeerError, Problem,
    host::Start,
    store::{
        inbox::{EventBatch, Taken},
        outbox::CloudEvent,
    },
};
use testkit::{Server, key};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{Action, ActionRequest};

pub const DIVISION: &str = "360121000";
pub const UNIT: &str = "205007";

pub struct World {
    pub server: Server,
    /// What `monitoring` is told.
    pub events: UnboundedReceiver<CloudEvent>,
}

impl World {
    pub async fn start() -> Self {
        let (tell, events) = unbounded_channel();
        let server = Server::start(|surroundings, database| async move {
            let start = Start { surroundings, database, config: project_library::Config::default() };
            Ok(vec![project_library::start(start).await?, units(), subscribers(tell)])
        })
        .await;
        Self { server, events }
    }

    pub fn person(&self, subject: &str, role: Role, agency: Option<&str>) -> ProjectLibrary {
        let token = self.server.identity.token(subject, &[role], DIVISION, agency);
        ProjectLibrary(self.server.client(&token))
    }

    /// The unit's clerk, who declares.
    pub fn clerk(&self) -> ProjectLibrary {
        self.person("clerk", Role::U1, Some(UNIT))
    }

    /// The person who acts at a node.
    pub fn at(&self, node: &str) -> ProjectLibrary {
        match node {
            "unit-review" => self.person("head", Role::U2, Some(UNIT)),
            "department" => self.person("department", Role::D1, Some("205")),
            "sector" => self.person("sector", Role::M1, None),
            "review-centre" => self.person("centre", Role::M6, None),
            "performance" => self.person("performance", Role::M4, None),
            "library" => self.person("budget", Role::M2, None),
            other => panic!("no such node: {other}"),
        }
    }

    pub fn machine(&self) -> ProjectLibrary {
        ProjectLibrary(self.server.client(&self.server.identity.service_token()))
    }

    /// Declares and submits.
    pub async fn submitted(&self, draft: &ProjectDraft) -> Project {
        let project = self.clerk().create(draft, &key()).await.unwrap();
        self.clerk().act(project.head.pro_id, &action(Action::Submit), &key()).await.unwrap()
    }

    /// Approves node by node until the project stands at the named node, or to its end; gives the nodes passed.
    pub async fn approve_until(&self, mut project: Project, stop: &str) -> (Project, Vec<String>) {
        let mut passed = Vec::new();
        while let Some(node) = project.workflow.node.clone() {
            if node == stop {
                break;
            }
            let library = self.at(&node);
            if node == "review-centre" {
                let total = project.head.pro_total_amt;
                let amount =
                    project_library_contract::ReviewAmount { review_amt: total, review_opinion: String::new() };
                library.review(project.head.pro_id, &amount, project.workflow.version).await.unwrap();
            }
            project = library.act(project.head.pro_id, &action(Action::Approve), &key()).await.unwrap();
            passed.push(node);
        }
        (project, passed)
    }

    /// A project in the library.
    pub async fn stored(&self, draft: &ProjectDraft) -> Project {
        self.approve_until(self.submitted(draft).await, "").await.0
    }
}

fn units() -> Module {
    let routes = |config: &mut ServiceConfig<'_>| {
        config.route("/api/base-info/v1/agencies/{mof_div_code}/{fiscal_year}/{agency_code}", web::get().to(agency));
    };
    Module { name: "units", routes: Arc::new(routes), workers: Vec::new(), database: None }
}

fn subscribers(tell: UnboundedSender<CloudEvent>) -> Module {
    let routes = move |config: &mut ServiceConfig<'_>| {
        let tell = tell.clone();
        let hear = move |batch: web::Json<EventBatch>| {
            for event in batch.into_inner().items {
                let _gone = tell.send(event).is_err();
            }
            async move { HttpResponse::Ok().json(Taken::default()) }
        };
        let silent = || async { HttpResponse::Ok().json(Taken::default()) };
        config.route("/api/monitoring/v1/event-batches", web::post().to(hear));
        config.route("/api/budget-compilation/v1/event-batches", web::post().to(silent));
    };
    Module { name: "subscribers", routes: Arc::new(routes), workers: Vec::new(), database: None }
}

async fn agency(path: web::Path<(String, String, String)>) -> Result<HttpResponse, Problem> {
    if path.2.ends_with("999") {
        return Err(Problem::not_found("单位", "the unit"));
    }
    let (division, year, agency) = path.into_inner();
    Ok(HttpResponse::Ok().json(json!({
        "mof_div_code": division, "fiscal_year": year.parse::<u16>().unwrap(), "agency_code": agency,
        "agency_name": "第一中学", "agency_type_code": common_types::AgencyType::ALL[0], "unifsoc_cred_code": "12360121MB0000001X",
        "dept_code": "205", "manage_mof_dep_code": "005", "exp_func_code": "2050204",
        "fund_sup_code": common_types::FundSup::ALL[0], "admin_staf_num": 80, "is_enabled": true, "version": 1,
    })))
}

pub fn action(action: Action) -> ActionRequest {
    ActionRequest { action, opinion: "见附件".to_owned(), version: None }
}

pub fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

/// A complete project of this category and total, in one year and one line.
pub fn draft(category: &str, total: &str) -> ProjectDraft {
    let (year, total) = (2026_u16.try_into().unwrap(), yuan(total));
    ProjectDraft {
        mof_div_code: DIVISION.parse().unwrap(),
        fiscal_year: year,
        agency_code: UNIT.parse().unwrap(),
        pro_name: format!("第一中学实验室设备更新 {}", Uuid::now_v7()),
        pro_cat_code: category.parse().unwrap(),
        exist_statue_code: ExistStatueCode::OneOff,
        distri_type_code: None,
        exp_func_code: "2050204".parse().unwrap(),
        fund_type_code: "111".parse().unwrap(),
        manage_mof_dep_code: None,
        pro_start_year: year,
        pro_term: 1,
        pro_total_amt: total,
        support_amount: total,
        pro_desc: "更新物理、化学实验室设备".to_owned(),
        degisn_consideration: "设备已到报废年限".to_owned(),
        leader_name: "李某".to_owned(),
        is_track: false,
        is_captial_cons_pro: false,
        is_scientific: false,
        is_gov_info_server: false,
        is_secret_pro: false,
        is_govpur: false,
        is_wait_divide: false,
        is_three_ensure: false,
        is_early_release: false,
        direct_funds: false,
        is_major_policy: false,
        ex_ante_evaluation: None,
        approval_file_no: None,
        annual_plans: vec![AnnualPlan { fiscal_year: year, plan_amt: total, support_amount: total }],
        details: vec![Detail {
            fiscal_year: year,
            task_name: "设备购置".to_owned(),
            exp_cri_code: None,
            exp_cri_class: None,
            exp_cri_amt: None,
            measmt_unit: "套".to_owned(),
            qty: 1,
            price: total,
            est_amt: total,
            check_amt: total,
            dep_bgt_eco_code: None,
            gov_bgt_eco_code: None,
        }],
        purchases: Vec::new(),
        assets: Vec::new(),
        perf_goals: vec![PerfGoal { yearflag: YearFlag::Annual, kpi_target: "满足全部实验课程".to_owned() }],
        perf_indicators: vec![
            indicator(KpiLv1::Output, KpiLv2::Quantity, 50),
            indicator(KpiLv1::Benefit, KpiLv2::SocialBenefit, 30),
            indicator(KpiLv1::Satisfaction, KpiLv2::ServedSatisfaction, 20),
        ],
    }
}

pub fn indicator(kpi_lv1: KpiLv1, kpi_lv2: KpiLv2, weight: u16) -> PerfIndicator {
    PerfIndicator {
        yearflag: YearFlag::Annual,
        kpi_lv1,
        kpi_lv2,
        kpi_lv3: kpi_lv2.name().to_owned(),
        computesign: KpiSign::AtLeast,
        kpi_val: "95".to_owned(),
        meterunit: "%".to_owned(),
        weight,
        kpi_evalstd: String::new(),
    }
}

pub fn reservation(project: &Project, amt: &str) -> ReserveAmount {
    ReserveAmount {
        reservation_id: Uuid::now_v7(),
        mof_div_code: project.head.mof_div_code.clone(),
        pro_code: project.head.pro_code.clone(),
        fiscal_year: project.head.fiscal_year,
        amt: yuan(amt),
        reason: "年初预算".to_owned(),
    }
}

/// The refusal of an answer.
pub fn refused<T: std::fmt::Debug>(answer: Result<T, PeerError>) -> Problem {
    match answer {
        Err(PeerError::Refused(problem)) => problem,
        other => panic!("a refusal was expected: {other:?}"),
    }
}

pub fn code<T: std::fmt::Debug>(answer: Result<T, PeerError>) -> String {
    refused(answer).code().to_owned()
}
