//! Payees over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use base_info_contract::{NewPayee, Payee, PayeeFilter};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::BaseInfo;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(list);
}

/// Records a payee.
#[utoipa::path(tag = "payees", request_body = NewPayee,
    responses((status = 201, body = Payee), (status = 422, body = ProblemDocument)))]
#[post("/payees")]
async fn create(command: Command<NewPayee>, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    let effect = async |tx: &_, caller: &Caller, new| Ok((StatusCode::CREATED, super::create(tx, caller, new).await?));
    command.once(&base_info.database, effect).await
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
