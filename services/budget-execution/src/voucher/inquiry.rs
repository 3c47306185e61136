//! Asks the bank, by itself and with growing pauses, what became of vouchers that it has not answered (S20). Several
//! instances share the work: who moves the next inquiry on first asks. Nothing is assumed: what stays unknown stays
//! reserved.

use std::{convert::Infallible, time::Duration};

use budget_execution_contract::{InquiryReport, InquiryRun, VoucherStatus};
use chrono::{DateTime, TimeDelta, Utc};
use common_types::{DivisionCode, Role};
use service_kit::{Caller, Problem};

use super::{entity::Model, handover, store};
use crate::{
    Execution,
    peers::bank::{AgentBank as _, HttpBank},
    receipt,
};

const ROUND: u64 = 200;
const BETWEEN_ROUNDS: Duration = Duration::from_secs(5);
const FIRST_PAUSE_SECONDS: i64 = 30;
const LONGEST_PAUSE_SECONDS: i64 = 3600;
const MOST_DOUBLINGS: u32 = 7;

/// When a voucher is asked about next, after so many inquiries.
pub fn next_time(now: DateTime<Utc>, inquiry_count: i32) -> DateTime<Utc> {
    let doublings = u32::try_from(inquiry_count).unwrap_or_default().min(MOST_DOUBLINGS);
    let pause = FIRST_PAUSE_SECONDS.saturating_mul(1_i64 << doublings).min(LONGEST_PAUSE_SECONDS);
    now + TimeDelta::seconds(pause)
}

/// Asks about what is due, for as long as the process lives.
pub async fn run(execution: Execution) -> Result<(), Infallible> {
    loop {
        if let Err(problem) = round(&execution, None).await {
            tracing::warn!(error = %problem, "a round of inquiries was given up");
        }
        tokio::time::sleep(BETWEEN_ROUNDS).await;
    }
}

/// One round now, by whom it concerns.
pub async fn run_once(execution: &Execution, caller: &Caller, asked: &InquiryRun) -> Result<InquiryReport, Problem> {
    match &asked.mof_div_code {
        Some(division) => caller.require_in(&[Role::M3, Role::M7], division, None)?,
        None => caller.require(&[Role::S1])?,
    }
    round(execution, asked.mof_div_code.as_ref()).await
}

/// Asks about every voucher that is due.
async fn round(execution: &Execution, division: Option<&DivisionCode>) -> Result<InquiryReport, Problem> {
    let now = execution.database.clock().now();
    let due = store::due_for_inquiry(execution.database.read(), division, now, ROUND).await?;
    let mut report = InquiryReport::default();
    for row in due {
        if !claim(execution, now, &row).await? {
            continue;
        }
        report.asked = report.asked.saturating_add(1);
        let count = match ask(execution, &row).await {
            Ok(VoucherStatus::Paid) => &mut report.settled,
            Ok(VoucherStatus::Failed | VoucherStatus::BankRejected) => &mut report.released,
            Ok(_) => &mut report.open,
            Err(problem) => {
                tracing::warn!(pay_cert_no = %row.pay_cert_no, error = %problem, "inquiry did not settle a voucher");
                &mut report.open
            }
        };
        *count = count.saturating_add(1);
    }
    execution.wake.notify_one();
    Ok(report)
}

async fn claim(execution: &Execution, now: DateTime<Utc>, row: &Model) -> Result<bool, Problem> {
    let tx = execution.database.begin_write().await?;
    let claimed = store::claim_inquiry(&tx, row, next_time(now, row.inquiry_count.saturating_add(1))).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Asks about one voucher and records the answer. What contradicts an earlier result is kept as a ticket.
async fn ask(execution: &Execution, row: &Model) -> Result<VoucherStatus, Problem> {
    let bank = HttpBank(execution.peers.bank.clone());
    let state = bank.inquire(&row.mof_div_code, &row.pay_cert_no).await?;
    let now = execution.database.clock().now();
    let tx = execution.database.begin_write().await?;
    let learnt = handover::learn(&tx, now, row.pay_cert_id, state.as_ref()).await;
    match (learnt, state) {
        (Ok(voucher), _) => {
            tx.commit().await?;
            Ok(voucher.voucher_status)
        }
        (Err(problem), Some(state)) if problem.code() == receipt::CONTRADICTION => {
            tx.rollback().await?;
            receipt::keep_contradicting_state(execution, &state, &problem).await?;
            Err(problem)
        }
        (Err(problem), _) => Err(problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let seconds = [0, 1, 2, 6, 7, 1000].map(|count| (next_time(now, count) - now).num_seconds());
        assert_eq!(seconds, [30, 60, 120, 1920, 3600, 3600]);
    }
}
