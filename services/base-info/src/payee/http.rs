//! Payees over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use base_info_contract::{BlacklistChange, NewPayee, Payee, PayeeFilter};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::BaseInfo;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(change_blacklist).service(list);
}

/// Records a payee.
#[utoipa::path(tag = "payees", request_body = NewPayee,
    responses((status = 201, body = Payee), (status = 422, body = ProblemDocument)))]
#[post("/payees")]
async fn create(command: Command<NewPayee>, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    let effect = async |tx: &_, caller: &Caller, new| Ok((StatusCode::CREATED, super::create(tx, caller, new).await?));
    command.once(&base_info.database, effect).await
}

/// Puts a payee on the blacklist or takes it off; the very next payment is told.
#[utoipa::path(tag = "payees", params(("payee_id" = Uuid, Path)), request_body = BlacklistChange,
    responses((status = 200, body = Payee), (status = 404, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/payees/{payee_id}/blacklist-changes")]
async fn change_blacklist(
    command: Command<BlacklistChange>,
    payee_id: web::Path<Uuid>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    command
        .once(&base_info.database, async |tx, caller, change| {
            Ok((StatusCode::OK, super::change_blacklist(tx, caller, *payee_id, change).await?))
        })
        .await
}

/// Payees of a division.
#[utoipa::path(tag = "payees", params(PayeeFilter), responses((status = 200, body = Page<Payee>)))]
#[get("/payees")]
async fn list(
    caller: Caller,
    filter: web::Query<PayeeFilter>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&base_info, &caller, &filter).await?))
}
