//! Warnings as cases: explained by the unit, affirmed by the supervisors, verified, rectified, archived. What is said
//! is never unsaid: each step fills its own place once.

pub mod http;
pub mod model;
pub mod store;

use common_types::Role;
use monitoring_contract::{
    Affirmation, Explanation, Inquiry, OpenWarning, OpenWarnings, OpenWarningsQuestion, Rectification, Verification,
    VerificationOrder, WARNING_AFFIRMED, Warning, WarningAffirmed, WarningCount, WarningFilter,
};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, Problem, store::outbox};
use uuid::Uuid;

use crate::{Monitoring, scope};

const MOST_DOCUMENTS: usize = 1000;
const MOST_OPEN: u64 = 1000;

/// One step of a case.
pub enum Step {
    Explain(Explanation),
    Affirm(Affirmation),
    OrderVerification(VerificationOrder),
    Verify(Verification),
    Inquire(Inquiry),
    Rectify(Rectification),
    Archive,
}

impl Step {
    fn roles(&self) -> &'static [Role] {
        match self {
            Self::Explain(_) | Self::Rectify(_) => &[Role::U1],
            Self::Affirm(_) | Self::OrderVerification(_) => &[Role::M5, Role::M1],
            Self::Verify(_) => &[Role::U2],
            Self::Inquire(_) | Self::Archive => &[Role::M5],
        }
    }
}

/// Takes a case one step on; tells the asking service what was found.
pub async fn take(
    tx: &DatabaseTransaction,
    monitoring: &Monitoring,
    caller: &Caller,
    warn_id: Uuid,
    step: Step,
) -> Result<Warning, Problem> {
    let (before, version) = store::find(tx, warn_id).await?.ok_or_else(not_found)?;
    let scope = (&before.mof_div_code, Some(&before.agency_code));
    if !caller.acts_in(scope.0, scope.1) {
        return Err(not_found());
    }
    caller.require(step.roles())?;
    let is_affirmed_now = matches!(step, Step::Affirm(_));
    let after = model::after(before, step, caller)?;
    if !store::advance(tx, &after, version).await? {
        return Err(Problem::conflict("预警单已被他人处理", "the case was changed meanwhile"));
    }
    if is_affirmed_now {
        tell(tx, monitoring, &after).await?;
    }
    Ok(after)
}

async fn tell(tx: &DatabaseTransaction, monitoring: &Monitoring, warning: &Warning) -> Result<(), Problem> {
    let opinion = warning.case.affirmation.as_ref().map(|affirmation| affirmation.opinion.clone());
    let event = WarningAffirmed {
        warn_id: warning.warn_id,
        document_type: warning.document_type.clone(),
        document_id: warning.document_id,
        affirm_result: warning.affirm_result,
        opinion: opinion.unwrap_or_default(),
    };
    outbox::append(tx, monitoring.database.clock().now(), WARNING_AFFIRMED, warning.warn_id, &event).await?;
    monitoring.wake.notify_one();
    Ok(())
}

/// One warning; 404 out of scope.
pub async fn get(monitoring: &Monitoring, caller: &Caller, warn_id: Uuid) -> Result<Warning, Problem> {
    let (warning, _) = store::find(monitoring.database.read(), warn_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&warning.mof_div_code, Some(&warning.agency_code), "预警单", "the warning")?;
    Ok(warning)
}

/// Warnings that the caller reaches.
pub async fn list(monitoring: &Monitoring, caller: &Caller, filter: &WarningFilter) -> Result<Page<Warning>, Problem> {
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    store::list(monitoring.database.read(), &division, caller.agency_code.as_ref(), filter).await
}

/// What is open of these documents: what only records holds nothing, a violation is open until its case is archived.
pub async fn open(
    monitoring: &Monitoring,
    caller: &Caller,
    question: &OpenWarningsQuestion,
) -> Result<OpenWarnings, Problem> {
    caller.require(&[Role::S1])?;
    if question.document_ids.len() > MOST_DOCUMENTS {
        let en = format!("at most {MOST_DOCUMENTS} documents are asked about at once");
        return Err(Problem::field("/document_ids", format!("每次最多查询 {MOST_DOCUMENTS} 笔"), en));
    }
    let (db, asked) = (monitoring.database.read(), &question.document_ids);
    let rows = store::open_of(db, &question.mof_div_code, asked, MOST_OPEN).await?;
    let item = |row: store::Model| OpenWarning {
        warn_id: row.warn_id,
        document_type: row.document_type,
        document_id: row.document_id,
        bgt_id: row.bgt_id,
        rule_code: row.rule_code,
        rule_name: row.rule_name,
        warn_level: row.warn_level,
    };
    Ok(OpenWarnings { items: rows.into_iter().map(item).collect() })
}

/// How many warnings by rule, level and status.
pub async fn statistics(
    monitoring: &Monitoring,
    caller: &Caller,
    filter: &WarningFilter,
) -> Result<Vec<WarningCount>, Problem> {
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    store::statistics(monitoring.database.read(), &division, caller.agency_code.as_ref()).await
}

fn not_found() -> Problem {
    Problem::not_found("预警单", "the warning")
}
