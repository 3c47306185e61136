//! The ends of a reservation other than payment: returned, recalled, voided, refused by the supervisors or the bank.

use chrono::{DateTime, Utc};
use common_types::{AffirmResult, Role};
use monitoring_contract::WarningAffirmed;
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;
use workflow::{Act, Action, ActionRequest};

use super::{
    DOCUMENT, claim,
    entity::{Standing, application},
    model::Warnings,
    move_on, posting,
    store::{self, Reservation},
    view,
};
use crate::ledger;

/// Ends the reservation of an application (E17) and moves it on, once.
pub async fn end(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    before: &application::Model,
    to: Standing,
) -> Result<(), Problem> {
    move_on(tx, now, before, to, Reservation::Ended).await?;
    let Some(reservation_id) = before.reservation_id else { return Ok(()) };
    claim::give_back(tx, before).await?;
    let today = service_kit::clock::china_date(now);
    let posting = posting::release(tx, before, reservation_id, before.pay_app_amt, today).await?;
    ledger::post(tx, now, &[posting]).await?;
    Ok(())
}

/// The bank did not pay: the application ends, its money is free, a new application is needed (支付失败).
pub async fn bank_returned(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_app_id: Uuid,
    reason: &str,
) -> Result<(), Problem> {
    let before = store::locked(tx, pay_app_id).await?.ok_or_else(super::not_found)?;
    let opinion =
        if reason.is_empty() { "银行支付失败".to_owned() } else { format!("银行支付失败：{reason}") };
    let bank = platform_actor("agent-bank", "代理银行", &before, &[Role::U2, Role::M3]);
    act_as(tx, now, &bank, pay_app_id, (Action::Discard, opinion)).await?;
    end(tx, now, &before, Standing::BankReturned).await
}

/// Goes on with a held application when its last warning is found normal, returns it at the first violation.
pub async fn affirmed(tx: &DatabaseTransaction, now: DateTime<Utc>, affirmed: &WarningAffirmed) -> Result<(), Problem> {
    if affirmed.document_type != DOCUMENT {
        return Ok(());
    }
    let Some(before) = store::locked(tx, affirmed.document_id).await? else { return Ok(()) };
    let mut warnings: Warnings = view::read(before.warn_ids.clone())?;
    if before.pay_status != Standing::Held || !warnings.pending.contains(&affirmed.warn_id) {
        return Ok(());
    }
    if affirmed.affirm_result != AffirmResult::Normal {
        let supervisor = platform_actor("monitoring", "动态监控", &before, &[Role::U2, Role::M3]);
        let opinion = "监控认定违规，退回支付".to_owned();
        act_as(tx, now, &supervisor, before.pay_app_id, (Action::Return, opinion)).await?;
        return end(tx, now, &before, Standing::Returned).await;
    }
    warnings.pending.retain(|pending| *pending != affirmed.warn_id);
    store::note_warnings(tx, before.pay_app_id, view::write(&warnings)?).await?;
    if warnings.pending.is_empty() {
        let document = workflow::document(tx, DOCUMENT, before.pay_app_id).await?.ok_or_else(super::not_found)?;
        let to = if document.status == workflow::Status::Final { Standing::Approved } else { Standing::InReview };
        move_on(tx, now, &before, to, Reservation::Kept).await?;
    }
    Ok(())
}

async fn act_as(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    actor: &Caller,
    pay_app_id: Uuid,
    (action, opinion): (Action, String),
) -> Result<(), Problem> {
    let request = ActionRequest { action, opinion, version: None };
    let step = Act { document_type: DOCUMENT, document_id: pay_app_id, request: &request };
    workflow::act(tx, now, actor, step).await?;
    Ok(())
}

/// Somebody outside whose word moves a document: the log names them, the division bounds them.
fn platform_actor(subject: &str, name: &str, row: &application::Model, roles: &[Role]) -> Caller {
    Caller {
        subject: subject.to_owned(),
        person: subject.to_owned(),
        name: name.to_owned(),
        roles: roles.iter().copied().collect(),
        mof_div_code: row.mof_div_code.clone(),
        agency_code: None,
        mof_dep_code: None,
    }
}
