//! Trial balances over HTTP.

use actix_web::{HttpResponse, get, web};
use final_accounts_contract::{TrialBalance, TrialBalanceQuery};
use service_kit::{Caller, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(trial_balance);
}

/// The trial balance (科目余额表) of a unit's year.
#[utoipa::path(tag = "trial-balances", params(TrialBalanceQuery),
    responses((status = 200, body = TrialBalance), (status = 404, body = ProblemDocument)))]
#[get("/trial-balances")]
async fn trial_balance(
    caller: Caller,
    query: web::Query<TrialBalanceQuery>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::trial_balance(context.database.read(), &caller, &query).await?))
}
