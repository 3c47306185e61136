//! 实拨 over HTTP.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use budget_execution_contract::{Allocation, AllocationReceipt};
use service_kit::{Command, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{Work, http::Documents};

use super::Allocations;
use crate::Execution;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(Documents::<Allocations>::routes()).service(receive);
}

/// 实拨: the central bank paid it or did not (B2); the same again changes nothing.
#[utoipa::path(tag = "allocations", params(("pay_alloc_cert_id" = Uuid, Path)), request_body = AllocationReceipt, responses((status = 200, body = Allocation), (status = 409, body = ProblemDocument)))]
#[post("/allocations/{pay_alloc_cert_id}/receipts")]
async fn receive(
    command: Command<AllocationReceipt>,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let (now, is_dry_run) = (execution.database.clock().now(), command.dry_run);
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::receive(Work { tx, now, caller, is_dry_run }, *id, &body).await?))
        })
        .await
}
