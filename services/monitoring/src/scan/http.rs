//! Scans over HTTP.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use monitoring_contract::{ScanRequest, ScanResult};
use service_kit::{Command, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Monitoring;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(scan);
}

/// Evaluates the scheduled rules over a division's year.
#[utoipa::path(tag = "scans", request_body = ScanRequest,
    responses((status = 200, body = ScanResult), (status = 404, body = ProblemDocument)))]
#[post("/scans")]
async fn scan(command: Command<ScanRequest>, monitoring: web::Data<Monitoring>) -> Result<HttpResponse, Problem> {
    command
        .once(&monitoring.database, async |tx, caller, request| {
            Ok((StatusCode::OK, super::scan(tx, &monitoring, caller, request).await?))
        })
        .await
}
