//! Rules (监控规则): brought by the platform as data, maintained as documents. A new version takes effect from its day.

pub mod book;
pub mod engine;
pub mod http;
mod reads;
pub mod store;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common_types::{Role, TriggerClass};
use monitoring_contract::{
    NewRule, NewWhitelistEntry, Rule, RuleFilter, RuleSubject, WhitelistEntry, Window, WindowField, WindowMeasure,
};
use sea_orm::DatabaseTransaction;
use serde::Deserialize;
use service_kit::{Caller, Problem, http::IfMatch, store::audit};
use uuid::Uuid;
use workflow::{Act, ActionRequest, NewDocument};

use crate::{CHAINS, Monitoring, RULES};

const DOCUMENT: &str = "rule";
const LONGEST_WINDOW_DAYS: u32 = 3660;
const PROVINCE: &str = "360000000";
const SEEDS: &str = include_str!("../../rules.csv");
const CATALOGUE: &str = common_types::standard::MONITOR_RULES;

#[derive(Deserialize)]
struct Seed {
    rule_code: String,
    trigger_class: TriggerClass,
    subject: RuleSubject,
    warn_level: common_types::WarnLevel,
    ctrl_type: common_types::CtrlType,
    condition: String,
    params: String,
    windows: String,
    message_zh: String,
    message_en: String,
}

#[derive(Deserialize)]
struct CatalogueRow {
    rule_code: String,
    rule_name: String,
}

/// Brings the platform's own rules as version 1, once.
pub async fn seed(monitoring: &Monitoring) -> Result<(), Problem> {
    let names: BTreeMap<String, String> = csv::Reader::from_reader(CATALOGUE.as_bytes())
        .deserialize::<CatalogueRow>()
        .map(|row| row.map(|row| (row.rule_code, row.rule_name)).map_err(|error| Problem::internal(&error)))
        .collect::<Result<_, _>>()?;
    let tx = monitoring.database.begin_write().await?;
    for row in csv::Reader::from_reader(SEEDS.as_bytes()).deserialize::<Seed>() {
        let seed = row.map_err(|error| Problem::internal(&error))?;
        let rule_name = names.get(&seed.rule_code).cloned().unwrap_or_else(|| seed.message_zh.clone());
        let content = content_of(seed, rule_name)?;
        check(&content)?;
        store::insert(&tx, Uuid::now_v7(), 1, &content, true).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn content_of(seed: Seed, rule_name: String) -> Result<NewRule, Problem> {
    let pairs = seed.params.split(';').filter_map(|pair| pair.split_once('='));
    let params = pairs
        .map(|(name, value)| value.parse().map(|value| (name.to_owned(), value)))
        .collect::<Result<_, _>>()
        .map_err(|error: std::num::ParseIntError| Problem::internal(&error))?;
    let windows = seed.windows.split_terminator(';').map(window_of).collect::<Option<Vec<_>>>();
    let windows = windows.ok_or_else(|| Problem::internal(&format!("windows of {} are malformed", seed.rule_code)))?;
    Ok(NewRule {
        rule_code: seed.rule_code,
        rule_name,
        mof_div_code: PROVINCE.parse().map_err(|error| Problem::internal(&error))?,
        trigger_class: seed.trigger_class,
        subject: seed.subject,
        warn_level: seed.warn_level,
        ctrl_type: seed.ctrl_type,
        condition: seed.condition,
        params,
        windows,
        message_zh: seed.message_zh,
        message_en: seed.message_en,
        start_date: NaiveDate::MIN.max(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap_or(NaiveDate::MIN)),
        end_date: None,
    })
}

/// Reads `name=measure:days:field+field+!field`, where `!` marks what must differ.
fn window_of(text: &str) -> Option<Window> {
    let (name, rest) = text.split_once('=')?;
    let mut parts = rest.split(':');
    let measure = match parts.next()? {
        "count" => WindowMeasure::Count,
        "sum" => WindowMeasure::Sum,
        _ => return None,
    };
    let days = parts.next()?.parse().ok()?;
    let (mut same, mut other) = (Vec::new(), Vec::new());
    for field in parts.next()?.split('+') {
        match field.strip_prefix('!') {
            Some(field) => other.push(field_of(field)?),
            None => same.push(field_of(field)?),
        }
    }
    Some(Window { name: name.to_owned(), measure, days, same, other })
}

fn field_of(name: &str) -> Option<WindowField> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

fn check(rule: &NewRule) -> Result<(), Problem> {
    if rule.end_date.is_some_and(|end| end < rule.start_date) {
        let (zh, en) = ("失效日期早于生效日期", "the end lies before the start");
        return Err(RULES.refuse("MON-105", zh, en).at("/end_date", zh, en));
    }
    check_windows(rule)?;
    engine::check(rule).map_err(|error| {
        RULES.refuse("MON-101", format!("条件无法使用：{error}"), format!("the condition cannot be used: {error}")).at(
            "/condition",
            error.clone(),
            error,
        )
    })
}

/// A window compares by something, reaches back a sensible while, and belongs to a rule that is asked in real time.
fn check_windows(rule: &NewRule) -> Result<(), Problem> {
    for (index, window) in rule.windows.iter().enumerate() {
        let is_usable = rule.trigger_class == TriggerClass::RealTime && rule.subject == RuleSubject::Payment;
        if !is_usable || window.same.is_empty() || !(1..=LONGEST_WINDOW_DAYS).contains(&window.days) {
            let zh = format!(
                "聚合窗口 {} 须用于实时支付规则，有分组字段，天数在 1 至 {LONGEST_WINDOW_DAYS} 之间",
                window.name
            );
            let en =
                format!("window {} needs a real-time rule, a field and 1 to {LONGEST_WINDOW_DAYS} days", window.name);
            return Err(RULES.refuse("MON-101", &zh, &en).at(format!("/windows/{index}"), zh, en));
        }
    }
    Ok(())
}

/// Drafts a rule, or the next version of one.
pub async fn create(
    tx: &DatabaseTransaction,
    monitoring: &Monitoring,
    caller: &Caller,
    new: NewRule,
) -> Result<Rule, Problem> {
    caller.require_in(&[Role::M5], &new.mof_div_code, None)?;
    check(&new)?;
    let now = monitoring.database.clock().now();
    let rule_id = Uuid::now_v7();
    let version = store::latest_version(tx, &new.mof_div_code, &new.rule_code).await?.saturating_add(1);
    if !store::insert(tx, rule_id, version, &new, false).await? {
        return Err(Problem::conflict("同一规则的新版本正在登记", "a version of this rule is being recorded"));
    }
    let chain = CHAINS.resolve(DOCUMENT, &new.mof_div_code, common_types::Money::ZERO);
    let fiscal_year = year_of(monitoring)?;
    let document = NewDocument {
        document_id: rule_id,
        document_type: DOCUMENT,
        mof_div_code: new.mof_div_code.clone(),
        fiscal_year,
        agency_code: None,
        chain,
    };
    let document = workflow::open(tx, now, caller, document).await?;
    Ok(Rule { rule_id, rule_version: version, content: new, state: Some(document.state()) })
}

/// Replaces the content of a draft; its code and division stay.
pub async fn revise(
    monitoring: &Monitoring,
    caller: &Caller,
    rule_id: Uuid,
    version: IfMatch,
    new: NewRule,
) -> Result<Rule, Problem> {
    let clock = monitoring.database.clock();
    let tx = monitoring.database.begin_write().await?;
    let before = workflow::document(&tx, DOCUMENT, rule_id).await?.ok_or_else(not_found)?;
    caller.require_in(&[Role::M5], &before.mof_div_code, None)?;
    version.check(before.version)?;
    let rule = store::find(&tx, rule_id).await?.ok_or_else(not_found)?;
    if (&new.rule_code, &new.mof_div_code) != (&rule.content.rule_code, &rule.content.mof_div_code) {
        let (zh, en) = ("规则代码和区划不能修改", "code and division of a rule stay");
        return Err(Problem::field("/rule_code", zh, en));
    }
    check(&new)?;
    let after = workflow::revise(&tx, clock.now(), caller, &before, before.chain.clone()).await?;
    store::replace(&tx, rule_id, &new).await?;
    let rule = Rule { content: new, state: Some(after.state()), ..rule };
    let text = serde_json::to_string(&rule).map_err(|error| Problem::internal(&error))?;
    audit::append(&tx, clock, caller, &format!("PUT rules/{rule_id}"), "", &text).await?;
    tx.commit().await?;
    Ok(rule)
}

/// A version of a rule that applies to the caller's division or lies below it.
pub async fn get(monitoring: &Monitoring, caller: &Caller, rule_id: Uuid) -> Result<Rule, Problem> {
    let db = monitoring.database.read();
    let rule = store::find(db, rule_id).await?.filter(|rule| is_readable(caller, rule)).ok_or_else(not_found)?;
    let state = workflow::document(db, DOCUMENT, rule_id).await?.map(|document| document.state());
    Ok(Rule { state, ..rule })
}

fn is_readable(caller: &Caller, rule: &Rule) -> bool {
    let division = &rule.content.mof_div_code;
    division.contains(&caller.mof_div_code) || caller.reads_in(division, None)
}

fn not_found() -> Problem {
    Problem::not_found("规则", "the rule")
}

fn year_of(monitoring: &Monitoring) -> Result<common_types::FiscalYear, Problem> {
    use chrono::Datelike as _;
    let year = monitoring.database.clock().today().year();
    common_types::FiscalYear::try_from(year).map_err(|error| Problem::internal(&error))
}

/// Submits, approves, returns … a rule; the last approval puts it in force.
pub async fn act(
    tx: &DatabaseTransaction,
    monitoring: &Monitoring,
    caller: &Caller,
    rule_id: Uuid,
    request: &ActionRequest,
) -> Result<Rule, Problem> {
    let now = monitoring.database.clock().now();
    let act = Act { document_type: DOCUMENT, document_id: rule_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    if transition.became_final() || transition.became_void() {
        store::set_effective(tx, rule_id, transition.became_final()).await?;
    }
    let mut rule = store::find(tx, rule_id).await?.ok_or_else(not_found)?;
    rule.state = Some(transition.after.state());
    Ok(rule)
}

/// Lets something pass a rule until a day.
pub async fn whitelist(
    tx: &DatabaseTransaction,
    caller: &Caller,
    new: NewWhitelistEntry,
) -> Result<WhitelistEntry, Problem> {
    caller.require_in(&[Role::M5], &new.mof_div_code, None)?;
    if new.reason.trim().is_empty() || new.basis.trim().is_empty() {
        return Err(Problem::field("/basis", "白名单须有理由和依据", "an entry needs its reason and basis"));
    }
    let entry = WhitelistEntry { white_id: Uuid::now_v7(), content: new };
    store::insert_white(tx, &entry, &caller.subject).await?;
    Ok(entry)
}

/// All versions of the rules that apply to the caller's division, or to one that the caller looks down on.
pub async fn list(monitoring: &Monitoring, caller: &Caller, filter: &RuleFilter) -> Result<Vec<Rule>, Problem> {
    let mut rules = store::all(monitoring.database.read(), filter.rule_code.as_deref()).await?;
    rules.retain(|rule| is_readable(caller, rule));
    let ids = rules.iter().map(|rule| rule.rule_id).collect();
    let documents = workflow::documents(monitoring.database.read(), ids).await?;
    for rule in &mut rules {
        rule.state = documents.get(&rule.rule_id).map(workflow::Document::state);
    }
    Ok(rules)
}
