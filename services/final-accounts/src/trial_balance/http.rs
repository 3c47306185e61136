//! Trial balances over HTTP.

use actix_web::{HttpResponse, get, web};
use final_accounts_contract::{UnitTrialBalance, UnitTrialBalanceQuery};
use service_kit::{Caller, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Accounts;

/// Adds the route.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(read);
}

/// The trial balance of a unit with those below it (科目余额表).
#[utoipa::path(tag = "trial-balances", params(UnitTrialBalanceQuery), responses(
    (status = 200, body = UnitTrialBalance), (status = 404, body = ProblemDocument)))]
#[get("/trial-balances")]
async fn read(
    accounts: web::Data<Accounts>,
    caller: Caller,
    query: web::Query<UnitTrialBalanceQuery>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::get(&accounts, &caller, query.into_inner()).await?))
}
