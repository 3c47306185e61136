//! A running service with one county, its units and a ledger that says what the test wants.

use std::sync::{Arc, Mutex};

use actix_web::{HttpResponse, web};
use budget_execution_contract::{
    ChargedTo, PAYMENT_CORRECTED, PAYMENT_PAID, PAYMENT_REFUNDED, PaymentCorrected, PaymentPaid, PaymentRefunded,
};
use common_types::{
    AgencyType, BgtTypeCode, FiscalYear, Money, PayBusTypeCode, PayTypeCode, ProCatCode, RefundType, Role, SetModeCode,
};
use final_accounts_contract::{FinalAccounts, TrialBalance, YearEndClosing};
use serde::Serialize;
use serde_json::json;
use service_kit::{Module, PeerError, Problem, host::Start, store::outbox::CloudEvent};
use testkit::Server;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{Action, ActionRequest};

pub const DIVISION: &str = "360121000";
pub const UNIT: &str = "205007";
const EVENTS: &str = "/api/final-accounts/v1/events";

pub struct World {
    pub server: Server,
    /// What the indicator ledger says was paid, in yuan.
    pub paid: Arc<Mutex<String>>,
}

impl World {
    pub async fn start() -> Self {
        let paid = Arc::new(Mutex::new("0.00".to_owned()));
        let told = paid.clone();
        let server = Server::start(|surroundings, database| async move {
            let start = Start { surroundings, database, config: final_accounts::Config::default() };
            Ok(vec![final_accounts::start(start).await?, ledger(told)])
        })
        .await;
        Self { server, paid }
    }

    pub fn ledger_says(&self, yuan: &str) {
        *self.paid.lock().unwrap() = yuan.to_owned();
    }

    pub fn person(&self, subject: &str, roles: &[Role], agency: Option<&str>) -> FinalAccounts {
        let token = self.server.identity.token(subject, roles, DIVISION, agency);
        FinalAccounts(self.server.client(&token))
    }

    pub fn accountant(&self) -> FinalAccounts {
        self.person("accountant", &[Role::U3], Some(UNIT))
    }

    pub fn reviewer(&self) -> FinalAccounts {
        self.person("reviewer", &[Role::U2], Some(UNIT))
    }

    /// Delivers an event as the platform does.
    pub async fn deliver(&self, event: &CloudEvent) -> Result<serde_json::Value, PeerError> {
        self.server.client(&self.server.identity.service_token()).post(EVENTS, event, "unused").await
    }

    pub async fn balance(&self) -> TrialBalance {
        let (division, agency) = (DIVISION.parse().unwrap(), UNIT.parse().unwrap());
        self.accountant().trial_balance(&division, year(), &agency).await.unwrap()
    }
}

fn ledger(paid: Arc<Mutex<String>>) -> Module {
    let routes = move |config: &mut ServiceConfig<'_>| {
        let paid = paid.clone();
        let answer = move || {
            let paid = paid.lock().unwrap().clone();
            async move {
                HttpResponse::Ok().json(json!({"items": [{
                    "agency_code": UNIT, "exp_func_code": "2050204", "pro_code": "36012126205P007000001",
                    "fund_type_code": "111", "paid": paid,
                }]}))
            }
        };
        config.route("/api/budget-execution/v1/ledger/paid-totals", web::get().to(answer));
    };
    Module { name: "ledger", routes: Arc::new(routes), workers: Vec::new(), database: None }
}

pub fn year() -> FiscalYear {
    2026_u16.try_into().unwrap()
}

pub fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

pub fn charged(category: ProCatCode, exp_func: &str, dep_eco: &str) -> ChargedTo {
    ChargedTo {
        bgt_id: Uuid::now_v7(),
        bgt_type_code: BgtTypeCode::CurrentYear,
        pro_code: "36012126205P007000001".parse().unwrap(),
        pro_name: "第一中学实验室设备更新".to_owned(),
        pro_kind_code: Some(category),
        exp_func_code: exp_func.parse().unwrap(),
        gov_bgt_eco_code: "50502".parse().unwrap(),
        dep_bgt_eco_code: dep_eco.parse().unwrap(),
        fund_type_code: "111".parse().unwrap(),
        manage_mof_dep_code: None,
    }
}

pub fn paid(charged_to: ChargedTo, amount: &str) -> CloudEvent {
    let data = PaymentPaid {
        pay_cert_id: Uuid::now_v7(),
        pay_cert_no: "360121000001".to_owned(),
        pay_app_id: Uuid::now_v7(),
        pay_app_no: "A1".to_owned(),
        mof_div_code: DIVISION.parse().unwrap(),
        fiscal_year: year(),
        agency_code: UNIT.parse().unwrap(),
        agency_name: "第一中学".to_owned(),
        agency_type_code: AgencyType::PublicWelfareOne,
        charged_to,
        pay_type_code: PayTypeCode::ALL[0],
        pay_bus_type_code: PayBusTypeCode::ALL[0],
        set_mode_code: SetModeCode::ALL[0],
        xpay_amt: yuan(amount),
        xpay_date: "2026-03-05".parse().unwrap(),
        agent_business_no: "B1".to_owned(),
        use_des: "购买办公用品".to_owned(),
        payee_acct_name: "某某公司".to_owned(),
        payee_acct_no: "6222000000".parse().unwrap(),
        payee_acct_bank_name: "某银行".to_owned(),
    };
    event(PAYMENT_PAID, &data)
}

pub fn refunded(charged_to: ChargedTo, amount: &str) -> CloudEvent {
    let data = PaymentRefunded {
        ref_id: Uuid::now_v7(),
        refund_type: RefundType::ALL[0],
        pay_cert_id: Uuid::now_v7(),
        pay_cert_no: "360121000001".to_owned(),
        mof_div_code: DIVISION.parse().unwrap(),
        fiscal_year: year(),
        agency_code: UNIT.parse().unwrap(),
        agency_name: "第一中学".to_owned(),
        agency_type_code: AgencyType::PublicWelfareOne,
        charged_to,
        ref_amt: yuan(amount),
        ref_date: "2026-04-05".parse().unwrap(),
        ref_reason: "户名有误".to_owned(),
        use_des: "购买办公用品".to_owned(),
        payee_acct_name: "某某公司".to_owned(),
        payee_acct_no: "6222000000".parse().unwrap(),
    };
    event(PAYMENT_REFUNDED, &data)
}

pub fn corrected(from: ChargedTo, to: ChargedTo, amount: &str) -> CloudEvent {
    let data = PaymentCorrected {
        correct_id: Uuid::now_v7(),
        pay_cert_id: Uuid::now_v7(),
        pay_cert_no: "360121000001".to_owned(),
        mof_div_code: DIVISION.parse().unwrap(),
        fiscal_year: year(),
        agency_code: UNIT.parse().unwrap(),
        agency_name: "第一中学".to_owned(),
        agency_type_code: AgencyType::PublicWelfareOne,
        from,
        to,
        amount: yuan(amount),
        correct_date: "2026-05-05".parse().unwrap(),
        use_des: "调整科目".to_owned(),
    };
    event(PAYMENT_CORRECTED, &data)
}

fn event(kind: &str, data: &impl Serialize) -> CloudEvent {
    CloudEvent {
        specversion: "1.0".to_owned(),
        id: Uuid::now_v7().to_string(),
        source: "budget-execution".to_owned(),
        r#type: kind.to_owned(),
        subject: String::new(),
        time: chrono::Utc::now(),
        data: serde_json::to_value(data).unwrap(),
    }
}

pub fn closing() -> YearEndClosing {
    YearEndClosing { mof_div_code: DIVISION.parse().unwrap(), fiscal_year: year(), agency_code: UNIT.parse().unwrap() }
}

pub fn action(action: Action) -> ActionRequest {
    ActionRequest { action, opinion: "见附件".to_owned(), version: None }
}

/// Debits less credits of an account.
pub fn on(balance: &TrialBalance, account: &str) -> Money {
    let line = balance.lines.iter().find(|line| line.gov_acct_cls_code == account);
    line.map(|line| line.bal_amt).unwrap_or_default()
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
