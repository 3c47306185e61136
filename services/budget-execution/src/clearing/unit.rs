//! Reconciliation with units (单位与财政对账): what a unit's books say of a month against what was paid for it.

use budget_execution_contract::{DifferenceKind, Reconciliation, UnitReconciliationRequest};
use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};
use common_types::{Money, ReconResult, Role};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::{entity::reconciliation, reconciliation as daily, store};
use crate::receipt;

const KEEPERS: [Role; 2] = [Role::U2, Role::U3];

/// Compares a month and records the result; a difference becomes a ticket of the treasury division.
pub async fn compare(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    asked: &UnitReconciliationRequest,
) -> Result<Reconciliation, Problem> {
    caller.require_in(&KEEPERS, &asked.mof_div_code, Some(&asked.agency_code))?;
    let until = end_of_month(asked.day)
        .ok_or_else(|| Problem::field("/day", "须为某月第一日", "must be the first day of a month"))?;
    let (division, agency, days) = (&asked.mof_div_code, &asked.agency_code, (asked.day, until));
    let vouchers = store::paid_of_unit(tx, division, agency, days).await?;
    let refunds = store::refunds_of_unit(tx, division, agency, days).await?;
    let sum = |amounts: Vec<Money>| Money::try_sum(amounts).ok_or_else(super::too_large);
    let paid = sum(vouchers.iter().map(|row| row.xpay_amt).collect())?;
    let refunded = sum(refunds.iter().map(|row| row.ref_amt).collect())?;
    let count = u32::try_from(vouchers.len()).map_err(|_| super::too_large())?;
    let is_same = (count, paid, refunded) == (asked.voucher_count, asked.paid_amt, asked.ref_amt);
    let row = reconciliation::Model {
        mof_div_code: division.clone(),
        recon_id: Uuid::now_v7(),
        day: asked.day,
        until: Some(until),
        agency_code: Some(agency.clone()),
        our_count: i32::try_from(count).map_err(|_| super::too_large())?,
        our_amt: paid.checked_sub(refunded).ok_or_else(super::too_large)?,
        bank_count: i32::try_from(asked.voucher_count).map_err(|_| super::too_large())?,
        bank_amt: asked.paid_amt.checked_sub(asked.ref_amt).ok_or_else(super::too_large)?,
        result: if is_same { ReconResult::Matched } else { ReconResult::Mismatched },
        create_time: now,
    };
    let mut tickets = Vec::new();
    if !is_same {
        let ours = format!("{count} {paid} {refunded}");
        let theirs = format!("{} {} {}", asked.voucher_count, asked.paid_amt, asked.ref_amt);
        let subject = (division.clone(), until, format!("{agency} {}", asked.day.format("%Y-%m")));
        tickets.push(receipt::open_difference(subject, DifferenceKind::Amount.into(), (ours, theirs), now));
    }
    daily::keep(tx, row, tickets).await
}

fn end_of_month(day: NaiveDate) -> Option<NaiveDate> {
    let next = day.checked_add_months(Months::new(1))?;
    (day.day() == 1).then_some(next)?.checked_sub_days(Days::new(1))
}
