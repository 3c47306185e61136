//! Sign-in over HTTP: a POST without an idempotency key, since it changes nothing that counts.

use actix_web::{HttpResponse, get, post, web};
use base_info_contract::{Grant, Token};
use service_kit::{Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::BaseInfo;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(sign_in).service(jwks);
}

/// Signs a person or machine in.
#[utoipa::path(tag = "tokens", extensions(("x-repeatable" = json!(true))), request_body = Grant,
    responses((status = 200, body = Token), (status = 401, body = ProblemDocument), (status = 429, body = ProblemDocument)))]
#[post("/tokens")]
async fn sign_in(grant: web::Json<Grant>, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::sign_in(&base_info, grant.into_inner()).await?))
}

/// The public key set (JWKS).
#[utoipa::path(tag = "tokens", responses((status = 200, description = "JSON Web Key Set")))]
#[get("/jwks")]
async fn jwks(base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::key_set(&base_info)?))
}
