//! What happened, as far as rules need it: payments and refunds, indicators issued. Fed by events.

pub mod http;
pub mod store;

use chrono::{Days, NaiveDate};
use monitoring_contract::EvaluationRequest;
use sea_orm::ConnectionTrait;
use service_kit::Problem;

use crate::rule::engine::WindowVariables;

/// What was paid in the days before, as conditions see it.
pub async fn window<C: ConnectionTrait>(
    db: &C,
    request: &EvaluationRequest,
    days: u32,
    today: NaiveDate,
) -> Result<WindowVariables, Problem> {
    let since = today.checked_sub_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MIN);
    let facts = &request.facts;
    let before = store::to_payee(db, facts, since).await?;
    let mut window = WindowVariables::default();
    for paid in before.iter().filter(|paid| paid.document_id != request.document_id) {
        window.payee_known_count = window.payee_known_count.saturating_add(1);
        if paid.payee_acct_name != facts.payee_acct_name {
            window.other_name_count = window.other_name_count.saturating_add(1);
        }
        if paid.bgt_id == facts.bgt_id {
            window.same_payee_indicator_count = window.same_payee_indicator_count.saturating_add(1);
            window.same_payee_indicator_sum = window.same_payee_indicator_sum.saturating_add(paid.amount.fen());
        }
        if paid.amount == facts.pay_app_amt && paid.use_des == facts.use_des {
            window.same_payment_count = window.same_payment_count.saturating_add(1);
        }
    }
    Ok(window)
}
