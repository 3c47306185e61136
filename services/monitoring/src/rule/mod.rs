//! Rules (监控规则): brought by the platform as data, maintained as documents. A new version takes effect from its day.

pub mod engine;
pub mod http;
pub mod store;

mod reads;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common_types::{DivisionCode, Role, TriggerClass};
use monitoring_contract::{NewRule, NewWhitelistEntry, Rule, RuleFilter, WhitelistEntry};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Deserialize;
use service_kit::{Caller, Problem};
use uuid::Uuid;
use workflow::{Act, ActionRequest, NewDocument};

use crate::{CHAINS, Monitoring, RULES};

const DOCUMENT: &str = "rule";
const PROVINCE: &str = "360000000";
const SEEDS: &str = include_str!("../../rules.csv");
const CATALOGUE: &str = common_types::standard::MONITOR_RULES;

#[derive(Deserialize)]
struct Seed {
    rule_code: String,
    trigger_class: TriggerClass,
    subject: monitoring_contract::RuleSubject,
    warn_level: common_types::WarnLevel,
    ctrl_type: common_types::CtrlType,
    condition: String,
    params: String,
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
        message_zh: seed.message_zh,
        message_en: seed.message_en,
        start_date: NaiveDate::MIN.max(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap_or(NaiveDate::MIN)),
        end_date: None,
    })
}

fn check(rule: &NewRule) -> Result<(), Problem> {
    if rule.end_date.is_some_and(|end| end < rule.start_date) {
        let (zh, en) = ("失效日期早于生效日期", "the end lies before the start");
        return Err(RULES.refuse("MON-105", zh, en).at("/end_date", zh, en));
    }
    let is_real_time = rule.trigger_class == TriggerClass::RealTime;
    engine::check(&rule.condition, rule.subject, is_real_time, &rule.params).map_err(|error| {
        RULES
            .refuse("MON-101", format!("条件无法使用：{error}"), format!("the condition cannot be used: {error}"))
            .at("/condition", error.clone(), error)
    })
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
    let mut rule = store::find(tx, rule_id).await?.ok_or_else(|| Problem::not_found("规则", "the rule"))?;
    rule.state = Some(transition.after.state());
    Ok(rule)
}

/// The rules in force for a division on a day: of each code the nearest division's latest version.
pub async fn effective<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    day: NaiveDate,
    trigger_class: TriggerClass,
) -> Result<Vec<Rule>, Problem> {
    let mut chosen = BTreeMap::<String, Rule>::new();
    for rule in store::in_force(db, day, trigger_class).await? {
        if !rule.content.mof_div_code.contains(division) {
            continue;
        }
        let rank = |rule: &Rule| (rule.content.mof_div_code.level(), rule.rule_version);
        let is_nearer = chosen.get(&rule.content.rule_code).is_none_or(|present| rank(present) < rank(&rule));
        if is_nearer {
            chosen.insert(rule.content.rule_code.clone(), rule);
        }
    }
    Ok(chosen.into_values().collect())
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

/// All versions of all rules.
pub async fn list(monitoring: &Monitoring, filter: &RuleFilter) -> Result<Vec<Rule>, Problem> {
    let mut rules = store::all(monitoring.database.read(), filter.rule_code.as_deref()).await?;
    let ids = rules.iter().map(|rule| rule.rule_id).collect();
    let documents = workflow::documents(monitoring.database.read(), ids).await?;
    for rule in &mut rules {
        rule.state = documents.get(&rule.rule_id).map(workflow::Document::state);
    }
    Ok(rules)
}
