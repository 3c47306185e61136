//! Periods and year ends over HTTP.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use final_accounts_contract::{Books, PeriodClosing, YearEndClosed, YearEndClosing};
use service_kit::{Command, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Accounts;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(close).service(close_year);
}

/// Closes a period of a unit's books and all before it (结账).
#[utoipa::path(tag = "periods", request_body = PeriodClosing, responses(
    (status = 200, body = Books), (status = 404, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/periods/closings")]
async fn close(accounts: web::Data<Accounts>, command: Command<PeriodClosing>) -> Result<HttpResponse, Problem> {
    let effect = async |tx: &_, caller: &_, closing| Ok((StatusCode::OK, super::close(tx, caller, closing).await?));
    command.once(&accounts.database, effect).await
}

/// Carries a unit's income and expenses to its balances and locks its books (年终结转, RP-002).
#[utoipa::path(tag = "periods", request_body = YearEndClosing, responses(
    (status = 200, body = YearEndClosed), (status = 404, body = ProblemDocument)))]
#[post("/year-end-closings")]
async fn close_year(accounts: web::Data<Accounts>, command: Command<YearEndClosing>) -> Result<HttpResponse, Problem> {
    let now = accounts.database.clock().now();
    let effect =
        async |tx: &_, caller: &_, closing| Ok((StatusCode::OK, super::close_year(tx, now, caller, closing).await?));
    command.once(&accounts.database, effect).await
}
