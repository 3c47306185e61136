//! Divisions over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use base_info_contract::{Division, DivisionImport, ImportResult};
use common_types::DivisionCode;
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::BaseInfo;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(import).service(list).service(get_one);
}

/// Imports divisions.
#[utoipa::path(tag = "divisions", request_body = DivisionImport,
    responses((status = 200, body = ImportResult), (status = 422, body = ProblemDocument)))]
#[post("/divisions/imports")]
async fn import(command: Command<DivisionImport>, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    let effect = async |tx: &_, caller: &Caller, body| Ok((StatusCode::OK, super::import(tx, caller, body).await?));
    command.once(&base_info.database, effect).await
}

/// Divisions within the caller's division.
#[utoipa::path(tag = "divisions", responses((status = 200, body = Page<Division>)))]
#[get("/divisions")]
async fn list(caller: Caller, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    let items = super::list(&base_info, &caller).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_page_token: None }))
}

/// One division.
#[utoipa::path(tag = "divisions", params(("mof_div_code" = String, Path)),
    responses((status = 200, body = Division), (status = 404, body = ProblemDocument)))]
#[get("/divisions/{mof_div_code}")]
async fn get_one(
    _caller: Caller,
    path: web::Path<DivisionCode>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::get(&base_info, &path).await?))
}
