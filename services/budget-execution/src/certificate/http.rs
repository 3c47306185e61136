//! Certificates over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{Certificate, CertificateDraft, CertificateFilter, RevocationRequest};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Execution;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(issue).service(list).service(revoke);
}

/// Issues a certificate to a signer or a bank (发放签章证书).
#[utoipa::path(tag = "certificates", request_body = CertificateDraft, responses(
    (status = 201, body = Certificate), (status = 403, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/certificates")]
async fn issue(execution: web::Data<Execution>, command: Command<CertificateDraft>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, draft| {
            Ok((StatusCode::CREATED, super::issue(tx, now, caller, &draft, &execution.keeper).await?))
        })
        .await
}

/// Certificates of a division.
#[utoipa::path(tag = "certificates", params(CertificateFilter), responses((status = 200, body = Page<Certificate>)))]
#[get("/certificates")]
async fn list(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<CertificateFilter>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&execution, &caller, &filter).await?))
}

/// Ends a certificate (吊销).
#[utoipa::path(tag = "certificates", request_body = RevocationRequest, responses(
    (status = 200, body = Certificate), (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument)))]
#[post("/certificates/{cert_id}/revocations")]
async fn revoke(
    execution: web::Data<Execution>,
    id: web::Path<Uuid>,
    command: Command<RevocationRequest>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, _| {
            Ok((StatusCode::OK, super::revoke(tx, now, caller, *id).await?))
        })
        .await
}
