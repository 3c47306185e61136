//! The end of a day of clearing (日终): closed when the bank has answered, everything paid is cleared and every difference
//! of the day is settled (CLR-001).

use budget_execution_contract::{ClearingDay, ClearingRequest};
use chrono::{DateTime, Days, Utc};
use common_types::Role;
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::{
    entity::closed_day,
    store::{self, Day},
};
use crate::{RULES, receipt};

/// Closes a day, once.
pub async fn close(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    asked: &ClearingRequest,
) -> Result<ClearingDay, Problem> {
    caller.require_in(&[Role::M3], &asked.mof_div_code, None)?;
    let day = Day { mof_div_code: asked.mof_div_code.clone(), fiscal_year: asked.fiscal_year, day: asked.day };
    if asked.day > service_kit::clock::china_date(now) {
        return Err(Problem::field("/day", "不得晚于今日", "lies after today"));
    }
    require_settled(tx, &day).await?;
    let row = closed_day::Model {
        mof_div_code: day.mof_div_code,
        fiscal_year: day.fiscal_year,
        day: day.day,
        closed_by: caller.subject.clone(),
        close_id: Uuid::now_v7(),
        close_time: now,
    };
    if !store::close_day(tx, &row).await? {
        return Err(Problem::conflict("当日已日终", "the day was closed before"));
    }
    Ok(ClearingDay {
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        day: row.day,
        closed_by: row.closed_by,
        close_time: row.close_time,
    })
}

/// CLR-001: nothing older than a day waits for the bank, nothing paid is left out, no difference is open.
async fn require_settled(tx: &DatabaseTransaction, day: &Day) -> Result<(), Problem> {
    let before = day.day.checked_sub_days(Days::new(1)).unwrap_or(day.day);
    let unanswered = store::unanswered(tx, day, before).await?;
    let uncleared =
        store::uncleared(tx, day).await?.len().saturating_add(store::uncleared_refunds(tx, day).await?.len());
    let is_requested = store::open_certificate(tx, day).await?.is_some();
    let unsettled = receipt::store::unsettled(tx, &day.mof_div_code, day.day).await?;
    if unanswered == 0 && uncleared == 0 && !is_requested && unsettled == 0 {
        return Ok(());
    }
    Err(RULES
        .refuse(
            "CLR-001",
            format!("未答复凭证 {unanswered} 张，未清算 {uncleared} 笔，未核销差异 {unsettled} 笔"),
            format!("{unanswered} vouchers unanswered, {uncleared} not cleared, {unsettled} differences not settled"),
        )
        .with("unanswered", unanswered)
        .with("uncleared", uncleared)
        .with("unsettled", unsettled))
}
