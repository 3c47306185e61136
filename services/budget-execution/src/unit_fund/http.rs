//! Unit accounts over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{AccountBalance, AccountBalanceFilter, NewAccountBalance};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Execution;

const TAG: &str = "unit-funds";

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(report).service(list);
}

/// 单位资金账户: the bank tells a balance (B1).
#[utoipa::path(tag = TAG, request_body = NewAccountBalance, responses((status = 200, body = AccountBalance), (status = 409, body = ProblemDocument)))]
#[post("/account-balances")]
async fn report(command: Command<NewAccountBalance>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::report(tx, now, caller, &body).await?))
        })
        .await
}

/// 单位资金账户: balances of a division, for its finance bureau.
#[utoipa::path(tag = TAG, params(AccountBalanceFilter), responses((status = 200, body = Page<AccountBalance>)))]
#[get("/account-balances")]
async fn list(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<AccountBalanceFilter>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(execution.database.read(), &caller, filter.into_inner()).await?))
}
