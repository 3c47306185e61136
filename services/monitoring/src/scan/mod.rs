//! Scheduled rules (定时触发): what a single payment cannot show, looked for over a year's facts. A finding opens one
//! warning per rule, subject and month.

pub mod daily;
pub mod http;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, Timelike as _, Utc};
use common_types::{AffirmResult, AgencyCode, Money, Role, TriggerClass, WarnStatus};
use monitoring_contract::{Rule, RuleSubject, ScanRequest, ScanResult, Warning};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use crate::{
    Monitoring,
    fact::store::{self, Model as Fact, PAID, REFUNDED},
    rule::engine::{self, AgencyVariables, IndicatorVariables, PaidVariables, Variables},
    warning,
};

/// Names agencies as subjects of warnings; fixed for ever.
const AGENCY_NAMESPACE: Uuid = Uuid::from_u128(0x5d0a_6a0e_4c53_4f0b_8f57_1a2b_3c4d_5e6f);

const CHINA_OFFSET_SECONDS: i32 = 8 * 3600;

/// Something that a scheduled rule is run over.
struct Subject {
    kind: RuleSubject,
    document_type: &'static str,
    document_id: Uuid,
    bgt_id: Option<Uuid>,
    agency_code: AgencyCode,
    amount: Money,
    payee_acct_name: String,
    use_des: String,
    variables: Variables,
}

/// Evaluates the scheduled rules over a division's year.
pub async fn scan(
    tx: &DatabaseTransaction,
    monitoring: &Monitoring,
    caller: &Caller,
    request: ScanRequest,
) -> Result<ScanResult, Problem> {
    caller.require_in(&[Role::M5], &request.mof_div_code, None)?;
    run(tx, monitoring, &request).await
}

/// The scheduled rules over one division and year. A rule that fails is reported and stops no other.
pub(crate) async fn run(
    tx: &DatabaseTransaction,
    monitoring: &Monitoring,
    request: &ScanRequest,
) -> Result<ScanResult, Problem> {
    let division = BTreeSet::from([request.mof_div_code.clone()]);
    let in_force = monitoring.book.in_force(tx, division, request.as_of, TriggerClass::Scheduled).await?;
    let rules: Vec<_> = in_force.into_values().flatten().collect();
    let subjects = subjects(tx, request).await?;
    let period = request.as_of.format("%Y-%m").to_string();
    let (mut opened, mut failed) = (0_usize, Vec::new());
    for rule in &rules {
        match found(monitoring, rule, &subjects) {
            Ok(found) => {
                for subject in found {
                    let warning = warning_of(monitoring, request, rule, subject);
                    opened = opened.saturating_add(usize::from(warning::store::open(tx, &warning, &period).await?.1));
                }
            }
            Err(error) => {
                tracing::error!(rule = rule.content.rule_code, %error, "rule cannot be evaluated");
                failed.push(rule.content.rule_code.clone());
            }
        }
    }
    Ok(ScanResult { rules: rules.len(), subjects: subjects.len(), opened, failed })
}

fn found<'s>(monitoring: &Monitoring, rule: &Rule, subjects: &'s [Subject]) -> Result<Vec<&'s Subject>, String> {
    let content = &rule.content;
    let program = monitoring.programs.get(rule.rule_id, &content.condition)?;
    let mut found = Vec::new();
    for subject in subjects.iter().filter(|subject| subject.kind == content.subject) {
        if engine::holds(&program, &subject.variables, &content.params)? {
            found.push(subject);
        }
    }
    Ok(found)
}

async fn subjects(tx: &DatabaseTransaction, request: &ScanRequest) -> Result<Vec<Subject>, Problem> {
    let facts = store::of_year(tx, &request.mof_div_code, request.fiscal_year, request.as_of).await?;
    let indicators = store::indicators_of_year(tx, &request.mof_div_code, request.fiscal_year).await?;
    let mut subjects: Vec<Subject> = facts.iter().filter(|fact| fact.kind == PAID).map(payment).collect();
    for issued in indicators {
        let of_kind = |kind| facts.iter().filter(move |fact| fact.bgt_id == issued.bgt_id && fact.kind == kind);
        let paid = total(of_kind(PAID)).saturating_sub(total(of_kind(REFUNDED)));
        subjects.push(indicator(&issued, paid, request.as_of));
    }
    let mut by_agency = BTreeMap::<AgencyCode, Vec<&Fact>>::new();
    for fact in &facts {
        by_agency.entry(fact.agency_code.clone()).or_default().push(fact);
    }
    subjects.extend(by_agency.into_iter().map(|(agency_code, facts)| agency(agency_code, &facts)));
    Ok(subjects)
}

fn total<'a>(facts: impl Iterator<Item = &'a Fact>) -> i64 {
    facts.fold(0, |sum, fact| sum.saturating_add(fact.amount.fen()))
}

fn china_time(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    let china = FixedOffset::east_opt(CHINA_OFFSET_SECONDS).unwrap_or_else(|| chrono::Offset::fix(&Utc));
    instant.with_timezone(&china)
}

fn payment(fact: &Fact) -> Subject {
    let weekday = i64::from(fact.occurred_on.weekday().number_from_monday());
    let hour = i64::from(china_time(fact.recorded_at).hour());
    Subject {
        kind: RuleSubject::Payment,
        document_type: "voucher",
        document_id: fact.fact_id,
        bgt_id: Some(fact.bgt_id),
        agency_code: fact.agency_code.clone(),
        amount: fact.amount,
        payee_acct_name: fact.payee_acct_name.clone(),
        use_des: fact.use_des.clone(),
        variables: Variables::Paid(PaidVariables { amount: fact.amount.fen(), weekday, hour }),
    }
}

fn indicator(issued: &store::indicator::Model, paid: i64, as_of: NaiveDate) -> Subject {
    let variables = IndicatorVariables {
        amount: issued.amount.fen(),
        paid,
        idle_days: as_of.signed_duration_since(issued.issued_on).num_days(),
        day_of_year: i64::from(as_of.ordinal()),
    };
    Subject {
        kind: RuleSubject::Indicator,
        document_type: "indicator",
        document_id: issued.bgt_id,
        bgt_id: Some(issued.bgt_id),
        agency_code: issued.agency_code.clone(),
        amount: Money::from_fen(paid),
        payee_acct_name: String::new(),
        use_des: String::new(),
        variables: Variables::Indicator(variables),
    }
}

fn agency(agency_code: AgencyCode, facts: &[&Fact]) -> Subject {
    let of_kind = |kind: &'static str| facts.iter().filter(move |fact| fact.kind == kind).copied();
    let paid = total(of_kind(PAID));
    let variables = AgencyVariables {
        paid,
        december_paid: total(of_kind(PAID).filter(|fact| fact.occurred_on.month() == 12)),
        refunded: total(of_kind(REFUNDED)),
    };
    Subject {
        kind: RuleSubject::Agency,
        document_type: "agency",
        document_id: Uuid::new_v5(&AGENCY_NAMESPACE, agency_code.as_str().as_bytes()),
        bgt_id: None,
        agency_code,
        amount: Money::from_fen(paid),
        payee_acct_name: String::new(),
        use_des: String::new(),
        variables: Variables::Agency(variables),
    }
}

fn warning_of(monitoring: &Monitoring, request: &ScanRequest, rule: &Rule, subject: &Subject) -> Warning {
    let content = &rule.content;
    let filled = |message: &str| message.replace("{amount}", &subject.amount.to_string());
    Warning {
        warn_id: Uuid::now_v7(),
        mof_div_code: request.mof_div_code.clone(),
        fiscal_year: request.fiscal_year,
        rule_code: content.rule_code.clone(),
        rule_version: rule.rule_version,
        rule_name: content.rule_name.clone(),
        warn_level: content.warn_level,
        ctrl_type: content.ctrl_type,
        document_type: subject.document_type.to_owned(),
        document_id: subject.document_id,
        bgt_id: subject.bgt_id,
        agency_code: subject.agency_code.clone(),
        amount: subject.amount,
        payee_acct_name: subject.payee_acct_name.clone(),
        use_des: subject.use_des.clone(),
        message_zh: filled(&content.message_zh),
        message_en: filled(&content.message_en),
        status: WarnStatus::Pending,
        affirm_result: AffirmResult::Undetermined,
        verify_result: None,
        is_archived: false,
        case: Default::default(),
        create_time: monitoring.database.clock().now(),
    }
}
