//! What happened, as far as rules need it: payments and refunds, indicators issued. Fed by events.

pub mod http;
pub mod store;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use monitoring_contract::{EvaluationRequest, Window};
use sea_orm::{ConnectionTrait, DbErr};

/// What the windows of a rule give for a payment, by name.
pub async fn windows<C: ConnectionTrait>(
    db: &C,
    request: &EvaluationRequest,
    windows: &[Window],
    today: NaiveDate,
) -> Result<BTreeMap<String, i64>, DbErr> {
    let mut measured = BTreeMap::new();
    for window in windows {
        let since = today.checked_sub_days(Days::new(u64::from(window.days))).unwrap_or(NaiveDate::MIN);
        measured.insert(window.name.clone(), store::measure(db, request, window, since).await?);
    }
    Ok(measured)
}
