//! What happened, as far as rules need it: payments and refunds, indicators issued. Fed by events.

pub mod http;
pub mod store;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use monitoring_contract::{EvaluationRequest, Window};
use sea_orm::{ConnectionTrait, DbErr};

/// What windows give for payments. Two rules that look through the same window look once.
pub struct Measured {
    windows: Vec<Window>,
    /// By window and payment; absent where nothing was paid.
    values: BTreeMap<(usize, usize), i64>,
}

impl Measured {
    /// What the windows of a rule give for the payment at this place, by name.
    pub fn of(&self, payment: usize, windows: &[Window]) -> BTreeMap<String, i64> {
        let value = |window: &Window| {
            let position = self.windows.iter().position(|one| is_same_view(one, window))?;
            self.values.get(&(position, payment)).copied()
        };
        windows.iter().map(|window| (window.name.clone(), value(window).unwrap_or(0))).collect()
    }
}

fn is_same_view(one: &Window, other: &Window) -> bool {
    (one.measure, one.days, &one.same, &one.other) == (other.measure, other.days, &other.same, &other.other)
}

/// Looks through all windows for all payments, in one query.
pub async fn measured<C: ConnectionTrait>(
    db: &C,
    requests: &[&EvaluationRequest],
    windows: &[&Window],
    today: NaiveDate,
) -> Result<Measured, DbErr> {
    let mut distinct = Vec::<Window>::new();
    for window in windows {
        if !distinct.iter().any(|one| is_same_view(one, window)) {
            distinct.push((*window).clone());
        }
    }
    let since = |window: &Window| today.checked_sub_days(Days::new(u64::from(window.days))).unwrap_or(NaiveDate::MIN);
    let views: Vec<_> = distinct.iter().map(|window| (window, since(window))).collect();
    let values = store::measure(db, requests, &views).await?;
    Ok(Measured { windows: distinct, values })
}
