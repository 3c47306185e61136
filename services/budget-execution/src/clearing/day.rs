//! The end of a day of clearing (日终): closed when the bank has answered, everything paid until then is cleared and every
//! difference of the day is settled (CLR-001). A closed day is not cleared any more (CLR-105); what becomes known of it
//! later is cleared on the next open day.

use budget_execution_contract::{ClearingDay, ClearingRequest};
use chrono::{DateTime, Days, Utc};
use common_types::Role;
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem, clock::china_date};
use uuid::Uuid;

use super::{
    entity::closed_day,
    store::{self, Day},
};
use crate::{RULES, receipt};

/// The day that is asked for: it has begun, and its year had too. Banks pay what was sent in a year after it, so it may lie
/// beyond.
pub fn begun(now: DateTime<Utc>, asked: &ClearingRequest) -> Result<Day, Problem> {
    if asked.day < asked.fiscal_year.first_day() {
        return Err(Problem::field("/day", "不得早于该年度", "lies before the year"));
    }
    if asked.day > china_date(now) {
        return Err(Problem::field("/day", "不得晚于今日", "lies after today"));
    }
    Ok(Day { mof_div_code: asked.mof_div_code.clone(), fiscal_year: asked.fiscal_year, day: asked.day })
}

/// The day for this transaction alone until it ends; CLR-105 when it is closed.
pub async fn hold_open(tx: &DatabaseTransaction, day: &Day) -> Result<(), Problem> {
    if store::hold_day(tx, day).await? {
        return Err(RULES.refuse("CLR-105", format!("{} 已日终", day.day), format!("{} is closed", day.day)));
    }
    Ok(())
}

/// Closes a day, once.
pub async fn close(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    asked: &ClearingRequest,
) -> Result<ClearingDay, Problem> {
    caller.require_in(&[Role::M3], &asked.mof_div_code, None)?;
    let day = begun(now, asked)?;
    if day.day > day.fiscal_year.last_day() {
        return Err(Problem::field("/day", "不得晚于该年度", "lies after the year"));
    }
    hold_open(tx, &day).await?;
    require_settled(tx, &day).await?;
    let row = closed_day::Model {
        mof_div_code: day.mof_div_code,
        fiscal_year: day.fiscal_year,
        day: day.day,
        closed_by: caller.subject.clone(),
        close_id: Uuid::now_v7(),
        close_time: now,
    };
    store::close_day(tx, &row).await?;
    Ok(ClearingDay {
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        day: row.day,
        closed_by: row.closed_by,
        close_time: row.close_time,
    })
}

/// CLR-001: nothing older than a day waits for the bank, nothing paid until then is left out, no difference is open.
async fn require_settled(tx: &DatabaseTransaction, day: &Day) -> Result<(), Problem> {
    let before = day.day.checked_sub_days(Days::new(1)).unwrap_or(day.day);
    let unanswered = store::unanswered(tx, day, before).await?;
    let (vouchers, refunds) = (store::open_vouchers(tx, day).await?, store::open_refunds(tx, day).await?);
    let requests = store::open_requests(tx, day).await?;
    let unsettled = receipt::store::unsettled(tx, &day.mof_div_code, day.day).await?;
    if unsettled == 0 && [unanswered, vouchers, refunds, requests].iter().all(|open| open.count == 0) {
        return Ok(());
    }
    let zh = format!(
        "未答复凭证 {}，未清算凭证 {}，未清算退款 {}，银行未确认的清算 {} 笔，未核销差异 {unsettled} 笔",
        unanswered.zh(),
        vouchers.zh(),
        refunds.zh(),
        requests.count
    );
    let en = format!(
        "vouchers unanswered: {}, not cleared: {}; refunds not cleared: {}; clearings not confirmed: {}; differences not \
         settled: {unsettled}",
        unanswered.en(),
        vouchers.en(),
        refunds.en(),
        requests.count
    );
    Err(RULES
        .refuse("CLR-001", zh, en)
        .with("unanswered", unanswered.count)
        .with("unanswered_amt", unanswered.amount)
        .with("uncleared", vouchers.count)
        .with("uncleared_amt", vouchers.amount)
        .with("uncleared_refunds", refunds.count)
        .with("uncleared_ref_amt", refunds.amount)
        .with("unconfirmed", requests.count)
        .with("unsettled", unsettled))
}
