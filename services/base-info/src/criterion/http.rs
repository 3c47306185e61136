//! Expenditure standards over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use base_info_contract::{Criterion, CriterionFilter, NewCriterion};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::BaseInfo;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(list);
}

/// Sets a standard from a day on.
#[utoipa::path(tag = "exp-criteria", request_body = NewCriterion,
    responses((status = 201, body = Criterion), (status = 422, body = ProblemDocument)))]
#[post("/exp-criteria")]
async fn create(command: Command<NewCriterion>, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    let effect = async |tx: &_, caller: &Caller, new| Ok((StatusCode::CREATED, super::create(tx, caller, new).await?));
    command.once(&base_info.database, effect).await
}

/// Standards of a division.
#[utoipa::path(tag = "exp-criteria", params(CriterionFilter), responses((status = 200, body = Page<Criterion>)))]
#[get("/exp-criteria")]
async fn list(
    caller: Caller,
    filter: web::Query<CriterionFilter>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&base_info, &caller, &filter).await?))
}
