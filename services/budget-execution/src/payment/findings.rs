//! What is looked up for the rules of a submission, outside any transaction.

use std::collections::BTreeMap;

use budget_execution_contract::{PayVariant, PaymentDraft};
use common_types::{PayBusTypeCode, PerSta};
use sea_orm::ConnectionTrait;
use service_kit::Problem;
use uuid::Uuid;

use super::{
    claim,
    entity::application,
    rules::{self, Collection, Contract, Findings, Person},
    sight::Sight,
    store::{claim as claims, likeness},
};
use crate::{
    Execution, booking, collection, commitment,
    peers::base_info::{self, Parties},
    setting::Settings,
    unit_fund,
};

/// Who is paid a salary, and who a pension.
const SERVING: [PerSta; 4] = [PerSta::Serving, PerSta::LongTermEmployed, PerSta::VeteranRetired, PerSta::Retired];

/// What bears on a draft when it is entered.
pub async fn of_draft(execution: &Execution, content: &PaymentDraft, settings: &Settings) -> Result<Findings, Problem> {
    let unit = (&content.mof_div_code, &content.agency_code);
    let today = execution.database.clock().today();
    let unbooked_since =
        booking::unbooked_since(execution.database.read(), unit, today, settings.unbooked_days).await?;
    Ok(Findings { unbooked_since, ..Findings::default() })
}

/// What this service and `base-info` know that bears on the application.
pub async fn of(execution: &Execution, sight: &Sight, content: &PaymentDraft) -> Result<Findings, Problem> {
    let Sight { row, duplicate, advance, parties, .. } = sight;
    let Parties { payer, blacklisted, owners } = parties.clone()?;
    let is_to_own =
        rules::is_to_own(content, &row.agency_name) || owners.values().any(|owner| *owner == row.agency_code);
    let db = execution.database.read();
    let (advance, duplicate) = (*advance, duplicate.clone());
    let mut findings = Findings { payer, blacklisted, is_to_own, advance, duplicate, ..Findings::default() };
    if content.pay_bus_type_code == PayBusTypeCode::Salary {
        findings.persons = persons(execution, row).await?;
        let listed: Vec<&str> = content.details.iter().filter_map(|detail| detail.receiver_code.as_deref()).collect();
        let keys: Vec<String> = listed.iter().map(|person| rules::month_key(content, person)).collect();
        let claimed = claims::claimed(db, row, claim::SALARY, &keys).await?;
        let is_claimed = |person: &&&str| claimed.contains(&rules::month_key(content, person));
        findings.paid_persons = listed.iter().filter(is_claimed).map(|person| (*person).to_owned()).collect();
    }
    if let Some(commitment_id) = content.commitment_id {
        findings.contract = contract(db, row, commitment_id).await?;
    }
    if let Some(number) = &content.entpay_app_no {
        findings.notice = notice(db, row, number).await?;
    }
    if content.pay_variant == PayVariant::UnitFunds {
        findings.balance_amt = unit_fund::available(db, &row.mof_div_code, &row.pay_acct_no).await?;
    }
    Ok(findings)
}

/// The contract in force that the application draws on, with what was paid on it.
async fn contract<C: ConnectionTrait>(
    db: &C,
    row: &application::Model,
    commitment_id: Uuid,
) -> Result<Option<Contract>, Problem> {
    let Some(standing) = commitment::drawing::standing(db, commitment_id).await? else { return Ok(None) };
    let Some(contract_no) = standing.contract_no.filter(|_| standing.is_in_force && standing.bgt_id == row.bgt_id)
    else {
        return Ok(None);
    };
    Ok(Some(Contract {
        contract_no,
        contract_amt: standing.contract_amt,
        supplier_name: standing.payee_acct_name,
        supplier_acct_no: standing.payee_acct_no,
        paid_amt: standing.drawn_amt,
        prepaid_amt: likeness::prepaid(db, row, commitment_id).await?,
        prepay_percent: standing.prepay_percent,
    }))
}

async fn notice<C: ConnectionTrait>(
    db: &C,
    row: &application::Model,
    number: &str,
) -> Result<Option<Collection>, Problem> {
    let found = collection::numbered(db, &row.mof_div_code, &row.agency_code, number).await?;
    let Some(notice) = found.filter(|notice| notice.fiscal_year == row.fiscal_year) else { return Ok(None) };
    let is_answered = !claims::claimed(db, row, claim::COLLECTION, &[number.to_owned()]).await?.is_empty();
    Ok(Some(Collection {
        payee_acct_name: notice.payee_acct_name,
        payee_acct_no: notice.payee_acct_no,
        pay_amt: notice.pay_amt,
        is_open: !notice.is_withdrawn && !is_answered,
    }))
}

async fn persons(execution: &Execution, row: &application::Model) -> Result<BTreeMap<String, Person>, Problem> {
    let found = base_info::persons(&execution.peers.base_info, &row.mof_div_code, &row.agency_code).await?;
    let of_year = found.into_iter().filter(|person| person.fiscal_year == row.fiscal_year);
    Ok(of_year
        .map(|person| {
            let is_serving = SERVING.contains(&person.per_sta_code);
            (person.per_id.to_string(), Person { per_name: person.per_name, is_serving })
        })
        .collect())
}
