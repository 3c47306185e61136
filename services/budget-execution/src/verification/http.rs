//! The verifier over HTTP. It reads only, so that it needs no idempotency key.

use actix_web::{HttpResponse, post, web};
use budget_execution_contract::{Verification, VerificationRequest};
use service_kit::{Caller, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Execution;

const TAG: &str = "verifications";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(verify);
}

/// 账簿校验: recomputes all balances from the entries and checks the invariants.
#[utoipa::path(tag = TAG, request_body = VerificationRequest, responses((status = 200, body = Verification), (status = 403, body = ProblemDocument)))]
#[post("/verifications")]
async fn verify(
    caller: Caller,
    request: web::Json<VerificationRequest>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::verify(&execution.database, &caller, &request).await?))
}
