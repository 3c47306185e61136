//! A running monitor in one county: the payment service that asks, the unit that explains, the supervisors.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use common_types::{AffirmResult, Role};
use monitoring_contract::{EvaluationRequest, FactAttachment, PaymentFacts, Verdict};
use serde_json::{Value, json};
use service_kit::{
    Clock, Module, Peer, PeerError, Problem,
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

pub const COUNTY: &str = "360121000";
pub const NEIGHBOUR: &str = "360123000";
pub const PROVINCE: &str = "360000000";
pub const SCHOOL: &str = "205009";
pub const BASE: &str = "/api/monitoring/v1";
const PATIENCE: Duration = Duration::from_secs(10);

pub struct World {
    pub server: Server,
    /// What `budget-execution` is told.
    pub told: UnboundedReceiver<CloudEvent>,
}

impl World {
    /// The monitor on a Wednesday in July.
    pub async fn start() -> Self {
        let (tell, told) = unbounded_channel();
        let clock = Clock::manual("2026-07-08T02:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let server = Server::start_with(clock, |surroundings, database| async move {
            let start = Start { surroundings, database, config: monitoring::Config { look_for_new_day_seconds: 1 } };
            Ok(vec![monitoring::start(start).await?, listener(tell)])
        })
        .await;
        Self { server, told }
    }

    pub fn person(&self, subject: &str, role: Role, division: &str, agency: Option<&str>) -> Peer {
        self.server.client(&self.server.identity.token(subject, &[role], division, agency))
    }

    pub fn machine(&self) -> Peer {
        self.server.client(&self.server.identity.service_token())
    }

    /// The clerk of the school.
    pub fn clerk(&self) -> Peer {
        self.person("clerk", Role::U1, COUNTY, Some(SCHOOL))
    }

    /// The reviewer of the school.
    pub fn head(&self) -> Peer {
        self.person("head", Role::U2, COUNTY, Some(SCHOOL))
    }

    /// A supervisor of the county.
    pub fn supervisor(&self) -> Peer {
        self.person("supervisor", Role::M5, COUNTY, None)
    }

    /// Another supervisor of the county.
    pub fn second(&self) -> Peer {
        self.person("second", Role::M5, COUNTY, None)
    }

    pub async fn evaluate(&self, facts: PaymentFacts) -> Verdict {
        self.evaluate_document(Uuid::now_v7(), facts).await
    }

    pub async fn evaluate_document(&self, document_id: Uuid, facts: PaymentFacts) -> Verdict {
        self.machine().post(&format!("{BASE}/evaluations"), &request(document_id, facts), &key()).await.unwrap()
    }

    /// The warnings of the county that a supervisor sees, with this filter.
    pub async fn warnings(&self, filter: &str) -> Vec<Value> {
        let path = format!("{BASE}/warnings?mof_div_code={COUNTY}&page_size=500&{filter}");
        items(self.supervisor().get(&path).await.unwrap())
    }

    pub async fn warning(&self, warn_id: Uuid) -> Value {
        self.supervisor().get(&format!("{BASE}/warnings/{warn_id}")).await.unwrap()
    }

    /// A supervisor releases a new rule, or a new version, in two hands.
    pub async fn release(&self, rule: &Value) -> Value {
        let draft: Value = self.supervisor().post(&format!("{BASE}/rules"), rule, &key()).await.unwrap();
        let actions = format!("{BASE}/rules/{}/actions", draft["rule_id"].as_str().unwrap());
        let submit = json!({"action": "submit"});
        let _submitted: Value = self.supervisor().post(&actions, &submit, &key()).await.unwrap();
        self.second().post(&actions, &json!({"action": "approve"}), &key()).await.unwrap()
    }

    /// Tells the monitor that something happened.
    pub async fn tell(&self, kind: &str, data: Value) {
        self.tell_as(&key(), kind, data).await;
    }

    pub async fn tell_as(&self, id: &str, kind: &str, data: Value) {
        let event = json!({
            "specversion": "1.0", "id": id, "source": "budget-execution", "type": format!("budget-execution.{kind}"),
            "subject": id, "time": self.server.clock.now(), "data": data,
        });
        let _taken: Value = self.machine().post(&format!("{BASE}/events"), &event, id).await.unwrap();
    }

    /// Tells of a payment like these facts, paid on a day.
    pub async fn paid(&self, facts: &PaymentFacts, day: &str) -> Uuid {
        let data = self.paid_event(facts, day);
        let pay_cert_id = id(&data, "pay_cert_id");
        self.tell("payment.paid", data).await;
        pay_cert_id
    }

    pub fn paid_event(&self, facts: &PaymentFacts, day: &str) -> Value {
        let mut data = charged(facts);
        merge(
            &mut data,
            json!({
                "pay_cert_id": Uuid::now_v7(), "pay_cert_no": "V1", "pay_app_id": Uuid::now_v7(), "pay_app_no": "A1",
                "pay_type_code": common_types::PayTypeCode::ALL[0], "pay_bus_type_code": facts.pay_bus_type_code,
                "set_mode_code": facts.set_mode_code, "xpay_amt": facts.pay_app_amt, "xpay_date": day,
                "agent_business_no": "B1", "payee_acct_bank_name": facts.payee_acct_bank_name,
            }),
        );
        data
    }

    /// Tells that a voucher of these facts came back.
    pub async fn refunded(&self, pay_cert_id: Uuid, facts: &PaymentFacts, day: &str) {
        let mut data = charged(facts);
        merge(
            &mut data,
            json!({
                "ref_id": Uuid::now_v7(), "refund_type": common_types::RefundType::ALL[0], "pay_cert_id": pay_cert_id,
                "pay_cert_no": "V1", "ref_amt": facts.pay_app_amt, "ref_date": day, "ref_reason": "账号有误",
            }),
        );
        self.tell("payment.refunded", data).await;
    }

    /// Tells that an indicator of these facts was issued with an amount.
    pub async fn issued(&self, facts: &PaymentFacts, amount: &str) {
        let item = json!({
            "bgt_id": facts.bgt_id, "amt": amount, "is_three_ensure": false, "fiscal_year": facts.fiscal_year,
            "mof_div_code": facts.mof_div_code, "cor_bgt_doc_no": "南财预〔2026〕1号", "pro_code": facts.pro_code,
            "agency_code": facts.agency_code, "fund_type_code": facts.fund_type_code, "manage_mof_dep_code": "005",
            "bgt_mof_dep_code": "001", "income_sort_code": null, "tp_func_code": null,
            "exp_func_code": facts.exp_func_code, "gov_bgt_eco_code": facts.gov_bgt_eco_code,
            "dep_bgt_eco_code": facts.dep_bgt_eco_code, "bgt_type_code": facts.bgt_type_code,
            "bgt_source_code": common_types::BgtSource::ALL[0], "is_advance": false, "rec_div_code": null,
            "budget_level_code": common_types::BudgetLevelCode::ALL[0], "sup_bgt_doc_no": null,
            "is_gov_pur": false, "pay_type_code": common_types::PayTypeCode::ALL[0], "is_uni_sala": false,
            "direct_flag": "09", "is_scientific": false, "is_debt": false, "is_capital": false,
        });
        let data = json!({
            "issue_id": Uuid::now_v7(), "mof_div_code": facts.mof_div_code, "fiscal_year": facts.fiscal_year,
            "cor_bgt_doc_no": null, "doc_date": null, "items": [item],
        });
        self.tell("indicator.issued", data).await;
    }

    /// The next affirmation that `budget-execution` hears of.
    pub async fn affirmed(&mut self) -> (Uuid, AffirmResult) {
        let event = tokio::time::timeout(PATIENCE, self.told.recv()).await.unwrap().unwrap();
        assert_eq!(event.r#type, monitoring_contract::WARNING_AFFIRMED);
        let affirmed: monitoring_contract::WarningAffirmed = serde_json::from_value(event.data).unwrap();
        (affirmed.warn_id, affirmed.affirm_result)
    }
}

fn charged(facts: &PaymentFacts) -> Value {
    json!({
        "mof_div_code": facts.mof_div_code, "fiscal_year": facts.fiscal_year, "agency_code": facts.agency_code,
        "agency_name": facts.agency_name, "agency_type_code": common_types::AgencyType::ALL[0],
        "bgt_id": facts.bgt_id, "bgt_type_code": facts.bgt_type_code, "pro_code": facts.pro_code,
        "pro_name": "公用经费", "pro_kind_code": facts.pro_kind_code, "exp_func_code": facts.exp_func_code,
        "gov_bgt_eco_code": facts.gov_bgt_eco_code, "dep_bgt_eco_code": facts.dep_bgt_eco_code,
        "fund_type_code": facts.fund_type_code, "manage_mof_dep_code": null, "use_des": facts.use_des,
        "payee_acct_name": facts.payee_acct_name, "payee_acct_no": facts.payee_acct_no,
    })
}

fn merge(into: &mut Value, more: Value) {
    into.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
}

fn listener(tell: UnboundedSender<CloudEvent>) -> Module {
    let routes = move |config: &mut ServiceConfig<'_>| {
        let tell = tell.clone();
        let hear = move |batch: web::Json<EventBatch>| {
            for event in batch.into_inner().items {
                let _gone = tell.send(event).is_err();
            }
            async move { HttpResponse::Ok().json(Taken::default()) }
        };
        config.route("/api/budget-execution/v1/event-batches", web::post().to(hear));
    };
    Module { name: "listener", routes: Arc::new(routes), workers: Vec::new(), database: None }
}

pub fn request(document_id: Uuid, facts: PaymentFacts) -> EvaluationRequest {
    EvaluationRequest { document_type: "payment".to_owned(), document_id, stage: "submit".to_owned(), facts }
}

/// Office supplies bought from a company: nothing to see for any rule.
pub fn facts() -> PaymentFacts {
    PaymentFacts {
        mof_div_code: COUNTY.parse().unwrap(),
        fiscal_year: 2026_u16.try_into().unwrap(),
        agency_code: SCHOOL.parse().unwrap(),
        agency_name: "南昌县第二中学".to_owned(),
        pay_app_no: "PA20260001".to_owned(),
        pay_app_amt: "1234.50".parse().unwrap(),
        bgt_id: Uuid::now_v7(),
        bgt_type_code: "21".parse().unwrap(),
        pro_code: "360121260000000000001".parse().unwrap(),
        pro_kind_code: Some("21".parse().unwrap()),
        exp_func_code: "2050204".parse().unwrap(),
        gov_bgt_eco_code: "50502".parse().unwrap(),
        dep_bgt_eco_code: "30201".parse().unwrap(),
        fund_type_code: "111".parse().unwrap(),
        pay_bus_type_code: "1".parse().unwrap(),
        set_mode_code: "1".parse().unwrap(),
        fund_traobj_type_code: "31".parse().unwrap(),
        use_des: "购买打印纸".to_owned(),
        payee_acct_name: "南昌文具有限公司".to_owned(),
        payee_acct_no: "6222000000000001".parse().unwrap(),
        payee_acct_bank_name: "工商银行南昌支行".to_owned(),
        pay_acct_no: "3601000000000001".parse().unwrap(),
        pay_acct_name: "南昌县第二中学零余额账户".to_owned(),
        is_to_own: false,
        is_gov_pur: false,
        contract_no: None,
        attachments: Vec::new(),
        explanation: String::new(),
        create_date: "2026-07-08".parse().unwrap(),
    }
}

pub fn with(change: impl FnOnce(&mut PaymentFacts)) -> PaymentFacts {
    let mut facts = facts();
    change(&mut facts);
    facts
}

pub fn attachment(kind: &str) -> FactAttachment {
    FactAttachment { kind: kind.to_owned() }
}

/// A payment to the unit's own deposit account, which M004 intercepts.
pub fn own_account() -> PaymentFacts {
    with(|facts| {
        facts.payee_acct_name = facts.agency_name.clone();
        facts.payee_acct_no = "6222000000009999".parse().unwrap();
    })
}

/// A rule of the county with this code, handling and condition.
pub fn rule(code: &str, ctrl_type: &str, condition: &str) -> Value {
    json!({
        "rule_code": code, "rule_name": "本县规则", "mof_div_code": COUNTY, "trigger_class": "1", "subject": "payment",
        "warn_level": "2", "ctrl_type": ctrl_type, "condition": condition, "params": {"amount": 100_000},
        "message_zh": "支付 {amount} 元", "message_en": "{amount} is paid", "start_date": "2026-01-01",
    })
}

pub fn codes(verdict: &Verdict) -> Vec<&str> {
    verdict.warnings.iter().map(|hit| hit.rule_code.as_str()).collect()
}

pub fn items(page: Value) -> Vec<Value> {
    page["items"].as_array().unwrap().clone()
}

pub fn id(value: &Value, field: &str) -> Uuid {
    value[field].as_str().unwrap().parse().unwrap()
}

pub fn refusal<T: std::fmt::Debug>(answer: Result<T, PeerError>) -> Problem {
    match answer {
        Err(PeerError::Refused(problem)) => problem,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Asks again until the answer is as wanted.
pub async fn until<T, F: Future<Output = T>>(ask: impl Fn() -> F, wanted: impl Fn(&T) -> bool) -> T {
    let started = Instant::now();
    loop {
        let answer = ask().await;
        if wanted(&answer) || started.elapsed() > PATIENCE {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
