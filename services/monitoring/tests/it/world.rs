//! A running service on a clock of its own, with the service that asks it and hears from it.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use budget_execution_contract::{
    ChargedTo, INDICATOR_ISSUED, IndicatorIssued, IssuedIndicator, PAYMENT_PAID, PAYMENT_REFUNDED, PaymentPaid,
    PaymentRefunded,
};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AffirmResult, AgencyType, Money, PayTypeCode, RefundType, Role};
use monitoring_contract::{
    EvaluationRequest, Monitoring, NewRule, PaymentFacts, Rule, ScanRequest, ScanResult, Verdict, Warning,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use service_kit::{Clock, Database, Module, Page, Peer, PeerError, Problem, host::Start, store::outbox::CloudEvent};
use testkit::{Server, key};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub const BASE: &str = "/api/monitoring/v1";
pub const COUNTY: &str = "360121000";
pub const OTHER_COUNTY: &str = "360481000";
pub const UNIT: &str = "205007";
pub const OTHER_UNIT: &str = "206001";
/// A Wednesday, the 161st day of its year.
pub const TODAY: &str = "2026-06-10";

pub struct World {
    pub server: Server,
    /// What `budget-execution` is told.
    pub events: UnboundedReceiver<CloudEvent>,
}

impl World {
    pub async fn start() -> Self {
        let (tell, events) = unbounded_channel();
        let server = Server::start_with(Clock::manual(noon(TODAY)), |surroundings, database| async move {
            let start = Start { surroundings, database, config: monitoring::Config::default() };
            Ok(vec![monitoring::start(start).await?, subscriber(tell)])
        })
        .await;
        Self { server, events }
    }

    pub fn go_to(&self, day: &str) {
        assert!(self.server.clock.set(noon(day)));
    }

    pub fn person(&self, subject: &str, roles: &[Role], division: &str, agency: Option<&str>) -> Peer {
        self.server.client(&self.server.identity.token(subject, roles, division, agency))
    }

    pub fn clerk(&self) -> Peer {
        self.person("clerk", &[Role::U1], COUNTY, Some(UNIT))
    }

    pub fn reviewer(&self) -> Peer {
        self.person("reviewer", &[Role::U2], COUNTY, Some(UNIT))
    }

    pub fn supervisor(&self) -> Peer {
        self.person("supervisor", &[Role::M5], COUNTY, None)
    }

    pub fn machine(&self) -> Peer {
        self.server.client(&self.server.identity.service_token())
    }

    pub async fn evaluate(&self, request: &EvaluationRequest) -> Verdict {
        Monitoring(self.machine()).evaluate(request, &key()).await.unwrap()
    }

    /// Evaluates a payment of its own.
    pub async fn verdict(&self, facts: PaymentFacts) -> Verdict {
        self.evaluate(&request(facts)).await
    }

    /// The one warning that these facts open.
    pub async fn warning(&self, facts: PaymentFacts) -> Warning {
        let verdict = self.verdict(facts).await;
        assert_eq!(verdict.warnings.len(), 1, "{verdict:?}");
        get(&self.supervisor(), &format!("/warnings/{}", verdict.warnings[0].warn_id)).await.unwrap()
    }

    pub async fn warnings(&self) -> Vec<Warning> {
        get::<Page<Warning>>(&self.supervisor(), "/warnings?page_size=1000").await.unwrap().items
    }

    /// Puts a rule in force: one supervisor drafts and submits, another approves.
    pub async fn rule(&self, new: &NewRule) -> Rule {
        let division = new.mof_div_code.as_str();
        let drafter = self.person("drafter", &[Role::M5], division, None);
        let approver = self.person("approver", &[Role::M5], division, None);
        let rule: Rule = post(&drafter, "/rules", new).await.unwrap();
        act(&drafter, &rule, "submit").await.unwrap();
        act(&approver, &rule, "approve").await.unwrap()
    }

    pub async fn hear(&self, event: &CloudEvent) {
        let _taken: Value = post(&self.machine(), "/events", event).await.unwrap();
    }

    pub async fn paid(&self, paid: PaymentPaid) {
        self.hear(&event(PAYMENT_PAID, &paid)).await;
    }

    pub async fn refunded(&self, agency: &str, amount: &str) {
        let refund = PaymentRefunded {
            ref_id: Uuid::now_v7(),
            refund_type: RefundType::ByPayee,
            pay_cert_id: Uuid::now_v7(),
            pay_cert_no: "P1".to_owned(),
            mof_div_code: COUNTY.parse().unwrap(),
            fiscal_year: 2026_u16.try_into().unwrap(),
            agency_code: agency.parse().unwrap(),
            agency_name: "第一中学".to_owned(),
            agency_type_code: AgencyType::ALL[0],
            charged_to: charged_to(Uuid::now_v7()),
            ref_amt: yuan(amount),
            ref_date: day(TODAY),
            ref_reason: "多付".to_owned(),
            use_des: "办公用品采购".to_owned(),
            payee_acct_name: "南昌某商贸公司".to_owned(),
            payee_acct_no: "6001".parse().unwrap(),
        };
        self.hear(&event(PAYMENT_REFUNDED, &refund)).await;
    }

    pub async fn issued(&self, bgt_id: Uuid, amount: &str, on: &str) {
        let elements = json!({
            "fiscal_year": 2026, "mof_div_code": COUNTY, "agency_code": UNIT, "fund_type_code": "111",
            "bgt_type_code": "21", "bgt_source_code": common_types::BgtSource::ALL[0], "is_advance": false,
            "budget_level_code": common_types::BudgetLevelCode::ALL[0], "is_gov_pur": false, "pay_type_code": "1",
            "is_uni_sala": false, "direct_flag": common_types::DirectFlag::ALL[0], "is_scientific": false,
            "is_debt": false, "is_capital": false,
        });
        let issue = IndicatorIssued {
            issue_id: Uuid::now_v7(),
            mof_div_code: COUNTY.parse().unwrap(),
            fiscal_year: 2026_u16.try_into().unwrap(),
            cor_bgt_doc_no: None,
            doc_date: None,
            items: vec![IssuedIndicator {
                bgt_id,
                amt: yuan(amount),
                is_three_ensure: false,
                elements: serde_json::from_value(elements).unwrap(),
            }],
        };
        self.hear(&CloudEvent { time: noon(on), ..event(INDICATOR_ISSUED, &issue) }).await;
    }

    pub async fn scan(&self, as_of: &str) -> ScanResult {
        let request = ScanRequest {
            mof_div_code: COUNTY.parse().unwrap(),
            fiscal_year: 2026_u16.try_into().unwrap(),
            as_of: day(as_of),
        };
        post(&self.supervisor(), "/scans", &request).await.unwrap()
    }

    pub async fn database(&self) -> Database {
        Database::open(&self.server.database, monitoring::NAME, self.server.clock.clone()).await.unwrap()
    }
}

fn subscriber(tell: UnboundedSender<CloudEvent>) -> Module {
    let routes = move |config: &mut ServiceConfig<'_>| {
        let tell = tell.clone();
        let hear = move |event: web::Json<CloudEvent>| {
            let told = tell.send(event.into_inner()).is_ok();
            async move { HttpResponse::Ok().json(told) }
        };
        config.route("/api/budget-execution/v1/events", web::post().to(hear));
    };
    Module { name: "subscriber", routes: Arc::new(routes), workers: Vec::new(), database: None }
}

pub async fn get<T: DeserializeOwned>(peer: &Peer, path: &str) -> Result<T, PeerError> {
    peer.get(&format!("{BASE}{path}")).await
}

/// POST under a fresh key.
pub async fn post<B: Serialize + ?Sized, T: DeserializeOwned>(
    peer: &Peer,
    path: &str,
    body: &B,
) -> Result<T, PeerError> {
    peer.post(&format!("{BASE}{path}"), body, &key()).await
}

pub async fn act(peer: &Peer, rule: &Rule, action: &str) -> Result<Rule, PeerError> {
    post(peer, &format!("/rules/{}/actions", rule.rule_id), &json!({"action": action, "opinion": "见附件"})).await
}

/// One step of a case.
pub async fn step(peer: &Peer, warning: &Warning, step: &str, body: &Value) -> Result<Warning, PeerError> {
    post(peer, &format!("/warnings/{}/{step}", warning.warn_id), body).await
}

pub fn affirmation(result: AffirmResult) -> Value {
    json!({"affirm_result": result, "opinion": "经核查"})
}

pub fn noon(day: &str) -> DateTime<Utc> {
    format!("{day}T04:00:00Z").parse().unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

/// A payment that meets no rule.
pub fn facts() -> PaymentFacts {
    PaymentFacts {
        mof_div_code: COUNTY.parse().unwrap(),
        fiscal_year: 2026_u16.try_into().unwrap(),
        agency_code: UNIT.parse().unwrap(),
        agency_name: "第一中学".to_owned(),
        pay_app_no: "A1".to_owned(),
        pay_app_amt: yuan("1000.00"),
        bgt_id: Uuid::from_u128(1),
        bgt_type_code: "21".parse().unwrap(),
        pro_code: "36012126205P007000001".parse().unwrap(),
        pro_kind_code: Some("22".parse().unwrap()),
        exp_func_code: "2050204".parse().unwrap(),
        gov_bgt_eco_code: "50201".parse().unwrap(),
        dep_bgt_eco_code: "30201".parse().unwrap(),
        fund_type_code: "111".parse().unwrap(),
        pay_bus_type_code: "1".parse().unwrap(),
        set_mode_code: "1".parse().unwrap(),
        fund_traobj_type_code: "31".parse().unwrap(),
        use_des: "办公用品采购".to_owned(),
        payee_acct_name: "南昌某商贸公司".to_owned(),
        payee_acct_no: "6001".parse().unwrap(),
        payee_acct_bank_name: "建设银行".to_owned(),
        pay_acct_no: "1001".parse().unwrap(),
        pay_acct_name: "第一中学零余额账户".to_owned(),
        is_gov_pur: false,
        contract_no: None,
        attachments: Vec::new(),
        explanation: String::new(),
        create_date: day(TODAY),
    }
}

/// The same payment, changed.
pub fn but(change: impl FnOnce(&mut PaymentFacts)) -> PaymentFacts {
    let mut facts = facts();
    change(&mut facts);
    facts
}

pub fn request(facts: PaymentFacts) -> EvaluationRequest {
    EvaluationRequest { document_type: "payment".into(), document_id: Uuid::now_v7(), stage: "submit".into(), facts }
}

fn charged_to(bgt_id: Uuid) -> ChargedTo {
    let facts = facts();
    ChargedTo {
        bgt_id,
        bgt_type_code: facts.bgt_type_code,
        pro_code: facts.pro_code,
        pro_name: "公用经费".to_owned(),
        pro_kind_code: facts.pro_kind_code,
        exp_func_code: facts.exp_func_code,
        gov_bgt_eco_code: facts.gov_bgt_eco_code,
        dep_bgt_eco_code: facts.dep_bgt_eco_code,
        fund_type_code: facts.fund_type_code,
        manage_mof_dep_code: None,
    }
}

/// What was paid on a day for the payment of these facts.
pub fn payment(facts: &PaymentFacts, on: &str) -> PaymentPaid {
    PaymentPaid {
        pay_cert_id: Uuid::now_v7(),
        pay_cert_no: "P1".to_owned(),
        pay_app_id: Uuid::now_v7(),
        pay_app_no: facts.pay_app_no.clone(),
        mof_div_code: facts.mof_div_code.clone(),
        fiscal_year: facts.fiscal_year,
        agency_code: facts.agency_code.clone(),
        agency_name: facts.agency_name.clone(),
        agency_type_code: AgencyType::ALL[0],
        charged_to: charged_to(facts.bgt_id),
        pay_type_code: PayTypeCode::Treasury,
        pay_bus_type_code: facts.pay_bus_type_code,
        set_mode_code: facts.set_mode_code,
        xpay_amt: facts.pay_app_amt,
        xpay_date: day(on),
        agent_business_no: "B1".to_owned(),
        use_des: facts.use_des.clone(),
        payee_acct_name: facts.payee_acct_name.clone(),
        payee_acct_no: facts.payee_acct_no.clone(),
        payee_acct_bank_name: facts.payee_acct_bank_name.clone(),
    }
}

pub fn event<T: Serialize>(kind: &str, data: &T) -> CloudEvent {
    CloudEvent {
        specversion: "1.0".to_owned(),
        id: key(),
        source: "budget-execution".to_owned(),
        r#type: kind.to_owned(),
        subject: "test".to_owned(),
        time: noon(TODAY),
        data: serde_json::to_value(data).unwrap(),
    }
}

/// A rule of the county that warns of these payments.
pub fn new_rule(code: &str, condition: &str) -> NewRule {
    serde_json::from_value(json!({
        "rule_code": code, "rule_name": "县级规则", "mof_div_code": COUNTY, "trigger_class": "1", "subject": "payment",
        "warn_level": "1", "ctrl_type": "1", "condition": condition, "message_zh": "提示 {amount}", "message_en": "a hint",
        "start_date": "2026-01-01",
    }))
    .unwrap()
}

pub fn codes(verdict: &Verdict) -> Vec<&str> {
    verdict.warnings.iter().map(|hit| hit.rule_code.as_str()).collect()
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
