//! The two ends of a voucher at the bank: paid (E18, event), or not paid (E17, the application ends). Whoever brings the
//! news, a receipt, an answer or an inquiry, each end happens once.

use std::collections::{BTreeMap, BTreeSet};

use budget_execution_contract::{PAYMENT_PAID, PaymentPaid};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Problem, store::outbox};
use uuid::Uuid;

use super::{
    entity::{Model, Stage},
    model::{self, WITH_THE_BANK},
    store::{self, PaidFacts},
};
use crate::{
    ledger,
    payment::{
        self,
        entity::application,
        posting::{self, Movement},
    },
};

/// Settles the reservation: the bank has paid.
pub async fn pay(tx: &DatabaseTransaction, now: DateTime<Utc>, row: &Model, facts: &PaidFacts) -> Result<(), Problem> {
    if !store::mark_paid(tx, now, row.pay_cert_id, facts).await? {
        return Err(model::not_possible(row));
    }
    let application = payment::store::locked(tx, row.pay_app_id).await?.ok_or_else(super::not_found)?;
    if !payment::store::note_paid(tx, now, row.pay_app_id, facts.xpay_amt).await? {
        return Err(model::not_possible(row));
    }
    payment::claim::spend(tx, &application, facts.xpay_amt).await?;
    let today = service_kit::clock::china_date(now);
    let settled = (Movement::Settle, facts.xpay_amt);
    let mut postings = vec![posting::posting(&application, row.reservation_id, settled, today)?];
    let unpaid = row.pay_amt.checked_sub(facts.xpay_amt).unwrap_or_default();
    if unpaid.is_positive() {
        postings.push(posting::release(tx, &application, row.reservation_id, unpaid, today).await?);
    }
    ledger::post(tx, now, &postings).await?;
    note_details(tx, row, facts).await?;
    payment::claim::give_back_unpaid(tx, &application, &unpaid_details(facts)).await?;
    let paid = paid_event(row, application, facts)?;
    Ok(outbox::append(tx, now, PAYMENT_PAID, row.pay_cert_id, &paid).await?)
}

/// Releases the reservation: the bank did not take the voucher, or could not pay it.
pub async fn fail(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &Model,
    to: Stage,
    reason: &str,
) -> Result<(), Problem> {
    if !store::advance(tx, now, row.pay_cert_id, (&WITH_THE_BANK, to), reason).await? {
        return Err(model::not_possible(row));
    }
    payment::store::note_all_unpaid(tx, row.pay_app_id, reason).await?;
    payment::release::bank_returned(tx, now, row.pay_app_id, reason).await
}

/// Whether the bank may say this of the voucher: all of it, or some of its details in full and the others not at all.
pub async fn is_payable<C: ConnectionTrait>(db: &C, row: &Model, facts: &PaidFacts) -> Result<bool, Problem> {
    if facts.details.is_empty() {
        return Ok(facts.xpay_amt == row.pay_amt);
    }
    let ours = payment::store::detail_rows(db, row.pay_app_id).await?;
    Ok(model::agrees_with_details(&ours, facts))
}

/// What became of the payees of a batch.
async fn note_details(tx: &DatabaseTransaction, row: &Model, facts: &PaidFacts) -> Result<(), Problem> {
    let unpaid = facts.details.iter().filter(|detail| detail.xpay_amt.is_zero());
    let mut by_reason = BTreeMap::<&str, Vec<Uuid>>::new();
    for detail in unpaid {
        by_reason.entry(detail.receipt_add_word.as_str()).or_default().push(detail.pay_detail_id);
    }
    payment::store::note_details_paid(tx, row.pay_app_id).await?;
    for (reason, ids) in by_reason {
        payment::store::note_details_unpaid(tx, row.pay_app_id, ids, reason).await?;
    }
    Ok(())
}

fn unpaid_details(facts: &PaidFacts) -> BTreeSet<Uuid> {
    facts.details.iter().filter(|detail| detail.xpay_amt.is_zero()).map(|detail| detail.pay_detail_id).collect()
}

/// What others are told of a paid voucher.
pub fn paid_event(row: &Model, application: application::Model, facts: &PaidFacts) -> Result<PaymentPaid, Problem> {
    Ok(PaymentPaid {
        pay_cert_id: row.pay_cert_id,
        pay_cert_no: row.pay_cert_no.clone(),
        pay_app_id: row.pay_app_id,
        pay_app_no: row.pay_app_no.clone(),
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code.clone(),
        agency_name: application.agency_name,
        agency_type_code: application.agency_type_code,
        charged_to: model::charged_to(row)?,
        pay_type_code: application.pay_type_code,
        pay_bus_type_code: application.pay_bus_type_code,
        set_mode_code: application.set_mode_code,
        xpay_amt: facts.xpay_amt,
        xpay_date: facts.xpay_date,
        agent_business_no: facts.agent_business_no.clone(),
        use_des: row.use_des.clone(),
        payee_acct_name: row.payee_acct_name.clone(),
        payee_acct_no: row.payee_acct_no.clone(),
        payee_acct_bank_name: row.payee_acct_bank_name.clone(),
    })
}
