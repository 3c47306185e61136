//! Handing a voucher to the bank and asking the bank about it. The bank is asked outside any transaction: first it is on
//! record that the voucher was sent, then the bank is asked, then its answer is recorded.

use budget_execution_contract::{BankAcceptance, BankVoucherState, BankVoucherStatus, Voucher, VoucherAnswer};
use chrono::{DateTime, Utc};
use common_types::Role;
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, PeerError, Problem};
use uuid::Uuid;

use super::{
    SIGNERS,
    entity::{Model, Stage},
    model, not_found, present, settlement,
    signature::{self, Signed},
    store,
    store::PaidFacts,
};
use crate::{
    Execution, payment,
    peers::bank::{AgentBank, HttpBank},
    refund,
};

/// What the bank said to a voucher.
#[derive(Debug, Clone)]
pub enum Answer {
    Accepted,
    Rejected(String),
    /// No usable answer: whether the bank acts is not known.
    Unknown(String),
}

/// Marks the voucher as sent and asks the bank to pay it. A voucher that was sent before is offered again: the bank
/// gives its first answer (PAY-020).
pub async fn send(execution: &Execution, caller: &Caller, pay_cert_id: Uuid) -> Result<Answer, Problem> {
    let (row, signed) = mark(execution, caller, pay_cert_id).await?;
    let voucher = model::bank_voucher(&row, signed);
    let bank = HttpBank(execution.peers.bank.clone());
    Ok(answer_of(bank.send(&voucher).await, &row))
}

async fn mark(execution: &Execution, caller: &Caller, pay_cert_id: Uuid) -> Result<(Model, Signed), Problem> {
    let clock = execution.database.clock();
    let tx = execution.database.begin_write().await?;
    let (row, signed) = require_sendable(&tx, clock.now(), caller, pay_cert_id).await?;
    if row.voucher_status == Stage::Sealed && !store::mark_sent(&tx, clock.now(), pay_cert_id, clock.today()).await? {
        return Err(model::not_possible(&row));
    }
    tx.commit().await?;
    Ok((row, signed))
}

/// The voucher, when it may be sent now: sealed and unchanged, or sent and not answered (PAY-016, PAY-103, PAY-105).
pub async fn require_sendable(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    pay_cert_id: Uuid,
) -> Result<(Model, Signed), Problem> {
    let row = store::locked(tx, pay_cert_id).await?.ok_or_else(not_found)?;
    caller.require_in(&SIGNERS, &row.mof_div_code, Some(&row.agency_code))?;
    if !matches!(row.voucher_status, Stage::Sealed | Stage::Sent | Stage::Unknown) {
        return Err(model::not_possible(&row));
    }
    if row.voucher_status == Stage::Sealed {
        payment::model::require_open_year(row.fiscal_year, service_kit::clock::china_date(now))?;
    }
    let signed = signature::require_unchanged(tx, &row).await?;
    Ok((row, signed))
}

fn answer_of(answered: Result<VoucherAnswer, PeerError>, row: &Model) -> Answer {
    match answered {
        Ok(VoucherAnswer { answer: BankAcceptance::Accepted, .. }) => Answer::Accepted,
        Ok(VoucherAnswer { answer: BankAcceptance::Rejected, reason, .. }) => Answer::Rejected(reason),
        Err(error) => {
            tracing::warn!(pay_cert_no = %row.pay_cert_no, %error, "the bank gave no usable answer to a voucher");
            Answer::Unknown("银行未应答".to_owned())
        }
    }
}

/// Records what the bank said. A receipt that was faster keeps its word.
pub async fn record(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    answer: &Answer,
) -> Result<Voucher, Problem> {
    let row = store::locked(tx, pay_cert_id).await?.ok_or_else(not_found)?;
    let waiting = [Stage::Sent, Stage::Unknown];
    if waiting.contains(&row.voucher_status) {
        match answer {
            Answer::Accepted => {
                store::advance(tx, now, pay_cert_id, (&waiting, Stage::BankAccepted), "").await?;
            }
            Answer::Rejected(reason) => settlement::fail(tx, now, &row, Stage::BankRejected, reason).await?,
            Answer::Unknown(reason) => {
                store::advance(tx, now, pay_cert_id, (&waiting, Stage::Unknown), reason).await?;
            }
        }
    }
    present(tx, pay_cert_id).await
}

/// Asks the bank what became of a voucher (查询).
pub async fn inquire(
    execution: &Execution,
    caller: &Caller,
    pay_cert_id: Uuid,
) -> Result<Option<BankVoucherState>, Problem> {
    let row = store::voucher(execution.database.read(), pay_cert_id).await?.ok_or_else(not_found)?;
    caller.require_in(&[Role::M3], &row.mof_div_code, Some(&row.agency_code))?;
    if row.send_date.is_none() {
        return Err(model::not_possible(&row));
    }
    let bank = HttpBank(execution.peers.bank.clone());
    Ok(bank.inquire(&row.mof_div_code, &row.pay_cert_no).await?)
}

/// Settles a voucher by what the bank said to an inquiry. A bank that knows nothing may still receive it: the money
/// stays reserved, and the voucher can be sent again.
pub async fn learn(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    state: Option<&BankVoucherState>,
) -> Result<Voucher, Problem> {
    let row = store::locked(tx, pay_cert_id).await?.ok_or_else(not_found)?;
    let Some(state) = state else { return present(tx, pay_cert_id).await };
    if !model::WITH_THE_BANK.contains(&row.voucher_status) {
        let is_spent_there = matches!(state.status, BankVoucherStatus::Paid | BankVoucherStatus::Returned);
        if is_spent_there != model::SPENT.contains(&row.voucher_status) {
            return Err(crate::receipt::contradiction(&row, &format!("{:?}", state.status), state.xpay_amt));
        }
        return present(tx, pay_cert_id).await;
    }
    match state.status {
        BankVoucherStatus::Accepted => {
            let step = (&[Stage::Sent, Stage::Unknown][..], Stage::BankAccepted);
            store::advance(tx, now, pay_cert_id, step, "").await?;
        }
        BankVoucherStatus::Rejected => settlement::fail(tx, now, &row, Stage::BankRejected, &state.reason).await?,
        BankVoucherStatus::Failed => settlement::fail(tx, now, &row, Stage::Failed, &state.reason).await?,
        BankVoucherStatus::Paid => settle(tx, now, &row, state).await?,
        BankVoucherStatus::Returned => {
            settle(tx, now, &row, state).await?;
            let paid = store::locked(tx, pay_cert_id).await?.ok_or_else(not_found)?;
            refund::return_by_bank(tx, now, &paid, state.xpay_amt, &state.reason).await?;
        }
    }
    present(tx, pay_cert_id).await
}

async fn settle(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &Model,
    state: &BankVoucherState,
) -> Result<(), Problem> {
    let (Some(xpay_date), Some(agent_business_no)) = (state.xpay_date, state.agent_business_no.clone()) else {
        return Err(Problem::internal(&"the bank says paid without date or number"));
    };
    let facts = PaidFacts {
        xpay_amt: state.xpay_amt,
        xpay_date,
        agent_business_no,
        receipt_add_word: String::new(),
        details: state.details.clone(),
    };
    if !settlement::is_payable(tx, row, &facts).await? {
        return Err(crate::receipt::contradiction(row, "PAID", state.xpay_amt));
    }
    settlement::pay(tx, now, row, &facts).await
}
