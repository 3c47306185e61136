//! What `base-info` and the monitor say around a bureau.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use service_kit::Module;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::bureau::{AGENCY, PAYER};

/// What the stubs say, and where they note what they were asked.
pub type Told = (Arc<AtomicBool>, Arc<Mutex<Vec<String>>>, Arc<Mutex<Vec<usize>>>);

/// `base-info` and the monitor. The monitor judges by a word in the purpose.
pub fn stubs((payer_is_stopped, stopped_units, questions): Told) -> Module {
    let (payer_is_stopped, stopped_units) = (web::Data::from(payer_is_stopped), web::Data::from(stopped_units));
    let questions = web::Data::from(questions);
    let routes = move |config: &mut ServiceConfig<'_>| {
        config.app_data(payer_is_stopped.clone());
        config.app_data(stopped_units.clone());
        config.app_data(questions.clone());
        config.route("/api/base-info/v1/agencies", web::get().to(stopped));
        config.route("/api/base-info/v1/agencies/{division}/{year}/{agency}", web::get().to(agency));
        config.route("/api/base-info/v1/accounts", web::get().to(accounts));
        config.route("/api/base-info/v1/payment-parties", web::post().to(parties));
        config.route("/api/base-info/v1/persons", web::get().to(persons));
        config.route("/api/monitoring/v1/evaluation-batches", web::post().to(evaluate));
    };
    Module { name: "stubs", routes: Arc::new(routes), workers: Vec::new(), database: None }
}

async fn agency(path: web::Path<(String, i32, String)>) -> HttpResponse {
    let (mof_div_code, fiscal_year, agency_code) = path.into_inner();
    HttpResponse::Ok().json(told_agency(&mof_div_code, fiscal_year, &agency_code, true))
}

async fn stopped(query: Query, stopped_units: web::Data<Mutex<Vec<String>>>) -> HttpResponse {
    assert_eq!(query["is_enabled"], "false");
    let (division, year) = (&query["mof_div_code"], query["fiscal_year"].parse().unwrap());
    let stopped = stopped_units.lock().unwrap();
    let items: Vec<Value> = stopped.iter().map(|code| told_agency(division, year, code, false)).collect();
    HttpResponse::Ok().json(json!({"items": items}))
}

fn told_agency(mof_div_code: &str, fiscal_year: i32, agency_code: &str, is_enabled: bool) -> Value {
    json!({
        "mof_div_code": mof_div_code, "fiscal_year": fiscal_year, "agency_code": agency_code,
        "agency_name": "市教育局", "agency_type_code": "13", "unifsoc_cred_code": "11360100MB0000001X",
        "dept_code": "101", "manage_mof_dep_code": "JK01", "exp_func_code": "2050202", "fund_sup_code": "1",
        "admin_staf_num": 30, "is_enabled": is_enabled, "version": 1,
    })
}

type Query = web::Query<std::collections::HashMap<String, String>>;

fn account(division: &Value, number: &str, is_stopped: bool) -> Option<Value> {
    let (kind, is_enabled) = match number {
        PAYER => ("21", !is_stopped),
        "2200" => ("22", true),
        "1100" => ("11", true),
        "4100" => ("41", true),
        "2100" => ("21", false),
        _ => return None,
    };
    let owner = if matches!(kind, "11" | "22") { None } else { Some(AGENCY) };
    Some(json!({
        "account_id": Uuid::nil(), "mof_div_code": division, "agency_code": owner, "account_no": number,
        "account_name": "市教育局", "bank_code": "104421000001", "bank_name": "中国银行", "acc_type_code": kind,
        "approve_no": "x", "is_enabled": is_enabled,
    }))
}

async fn accounts(query: Query) -> HttpResponse {
    let found = account(&json!(query["mof_div_code"]), &query["account_no"], false);
    HttpResponse::Ok().json(json!({"items": found.as_slice()}))
}

/// Persons of the unit: two serve, one is retired, the last is a survivor.
pub const PERSONS: [(&str, &str, &str); 4] = [
    ("019b0000-0000-7000-8000-000000000001", "张三", "1"),
    ("019b0000-0000-7000-8000-000000000002", "李四", "5"),
    ("019b0000-0000-7000-8000-000000000003", "王五", "3"),
    ("019b0000-0000-7000-8000-000000000004", "赵六", "4"),
];

async fn persons(query: Query) -> HttpResponse {
    let items = PERSONS.map(|(per_id, per_name, per_sta_code)| {
        json!({
            "per_id": per_id, "mof_div_code": query["mof_div_code"], "fiscal_year": 2026, "agency_code": AGENCY,
            "per_name": per_name, "iden_type_code": "1", "iden_no": "**************002X",
            "per_sta_code": per_sta_code, "is_uni_sala": true, "is_over_staffed": false,
        })
    });
    HttpResponse::Ok().json(json!({"items": items}))
}

async fn parties(
    body: web::Json<Value>,
    payer_is_stopped: web::Data<AtomicBool>,
    questions: web::Data<Mutex<Vec<usize>>>,
) -> HttpResponse {
    questions.lock().unwrap().push(body["items"].as_array().unwrap().len());
    let is_stopped = payer_is_stopped.load(Ordering::SeqCst);
    let items = body["items"].as_array().unwrap().iter().map(|asked| {
        let payer = account(&asked["mof_div_code"], asked["pay_acct_no"].as_str().unwrap(), is_stopped);
        let payees = || asked["payee_acct_nos"].as_array().unwrap().iter();
        let blacklisted: Vec<_> = payees().filter(|number| number.as_str().unwrap().starts_with("999")).collect();
        let owner = |number: &Value| {
            account(&asked["mof_div_code"], number.as_str()?, false)?["agency_code"].as_str().map(str::to_owned)
        };
        let owners: BTreeMap<_, _> = payees().filter_map(|number| Some((number.as_str()?, owner(number)?))).collect();
        json!({"payer": payer, "blacklisted": blacklisted, "owners": owners})
    });
    HttpResponse::Ok().json(json!({"items": items.collect::<Vec<_>>()}))
}

async fn evaluate(body: web::Json<Value>, questions: web::Data<Mutex<Vec<usize>>>) -> HttpResponse {
    questions.lock().unwrap().push(body["items"].as_array().unwrap().len());
    let facts = body["items"].as_array().unwrap().iter().map(|item| &item["evaluation"]["facts"]);
    let verdicts = facts.map(verdict).collect::<Option<Vec<_>>>();
    match verdicts {
        Some(items) => HttpResponse::Ok().json(json!({"items": items})),
        None => HttpResponse::InternalServerError().finish(),
    }
}

/// None where the monitor breaks down.
fn verdict(facts: &Value) -> Option<Value> {
    let purpose = facts["use_des"].as_str().unwrap();
    let (outcome, ctrl_type) = match purpose {
        _ if facts["is_to_own"] == json!(true) => ("intercept", "3"),
        _ if purpose.contains("停机") => return None,
        _ if purpose.contains("附件") => ("warn_with_attachment", "2"),
        _ if purpose.contains("预警") => ("warn", "1"),
        _ if purpose.contains("拦截") => ("intercept", "3"),
        _ if purpose.contains("禁止") => ("forbid", "4"),
        _ => ("pass", "5"),
    };
    let hit = json!({
        "warn_id": Uuid::now_v7(), "rule_code": "M004", "rule_version": 1, "rule_name": "同名单位划转",
        "warn_level": "3", "ctrl_type": ctrl_type, "message_zh": "命中规则", "message_en": "rule was met",
    });
    let warnings = if outcome == "pass" { vec![] } else { vec![hit] };
    Some(json!({"evaluation_id": Uuid::now_v7(), "outcome": outcome, "warnings": warnings, "rules": 12}))
}
