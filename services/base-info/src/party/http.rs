//! The sides of payments over HTTP, for the services of the platform.

use actix_web::{HttpResponse, post, web};
use base_info_contract::{PartiesAnswer, PartiesRequest};
use service_kit::{Caller, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::BaseInfo;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(tell);
}

/// The payer's account and the standing of the payee, for many payments in their order. Changes nothing.
#[utoipa::path(tag = "payment-parties", extensions(("x-repeatable" = json!(true))), request_body = PartiesRequest,
    responses((status = 200, body = PartiesAnswer), (status = 403, body = ProblemDocument)))]
#[post("/payment-parties")]
async fn tell(
    caller: Caller,
    asked: web::Json<PartiesRequest>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::tell(&base_info, &caller, &asked.items).await?))
}
