//! Accounts over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use base_info_contract::{Account, AccountFilter, AccountStop, NewAccount};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::BaseInfo;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(stop).service(list);
}

/// Opens an account.
#[utoipa::path(tag = "accounts", request_body = NewAccount,
    responses((status = 201, body = Account), (status = 422, body = ProblemDocument)))]
#[post("/accounts")]
async fn create(command: Command<NewAccount>, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    let effect = async |tx: &_, caller: &Caller, new| Ok((StatusCode::CREATED, super::create(tx, caller, new).await?));
    command.once(&base_info.database, effect).await
}

/// Stops an account; the very next payment is refused.
#[utoipa::path(tag = "accounts", params(("account_id" = Uuid, Path)), request_body = AccountStop,
    responses((status = 200, body = Account), (status = 404, body = ProblemDocument)))]
#[post("/accounts/{account_id}/stops")]
async fn stop(
    command: Command<AccountStop>,
    account_id: web::Path<Uuid>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    command
        .once(&base_info.database, async |tx, caller, AccountStop {}| {
            Ok((StatusCode::OK, super::stop(tx, caller, *account_id).await?))
        })
        .await
}

/// Accounts within the caller's reach.
#[utoipa::path(tag = "accounts", params(AccountFilter), responses((status = 200, body = Page<Account>)))]
#[get("/accounts")]
async fn list(
    caller: Caller,
    filter: web::Query<AccountFilter>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&base_info, &caller, &filter).await?))
}
