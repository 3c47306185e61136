//! The verifier over HTTP. It reads only, so that it needs no idempotency key.

use actix_web::{HttpResponse, get, post, web};
use budget_execution_contract::{KeptVerification, Verification, VerificationFilter, VerificationRequest};
use service_kit::{Caller, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Execution;

const TAG: &str = "verifications";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(verify).service(list).service(read);
}

/// 账簿校验: recomputes all balances from the entries and checks the invariants.
#[utoipa::path(tag = TAG, extensions(("x-repeatable" = json!(true))), request_body = VerificationRequest, responses((status = 200, body = Verification), (status = 403, body = ProblemDocument)))]
#[post("/verifications")]
async fn verify(
    caller: Caller,
    request: web::Json<VerificationRequest>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::verify(&execution, &caller, &request).await?))
}

/// 夜间校验报告: what the nightly verification found, failing reports first, then the latest.
#[utoipa::path(tag = TAG, params(VerificationFilter), responses((status = 200, body = Page<KeptVerification>), (status = 403, body = ProblemDocument)))]
#[get("/verifications")]
async fn list(
    caller: Caller,
    filter: web::Query<VerificationFilter>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::report::list(execution.database.read(), &caller, &filter).await?))
}

/// One report of a night.
#[utoipa::path(tag = TAG, params(("verification_id" = Uuid, Path)), responses((status = 200, body = KeptVerification), (status = 404, body = ProblemDocument)))]
#[get("/verifications/{verification_id}")]
async fn read(
    caller: Caller,
    verification_id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::report::get(execution.database.read(), &caller, *verification_id).await?))
}
