//! 采购占用 over HTTP.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use budget_execution_contract::{Commitment, CommitmentClosing};
use service_kit::{Command, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{Work, http::Documents};

use super::Commitments;
use crate::Execution;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(Documents::<Commitments>::routes()).service(close);
}

/// 关闭占用: gives what is left back to the indicator, once; 409 when it is closed already.
#[utoipa::path(tag = "commitments", params(("commitment_id" = Uuid, Path)), request_body = CommitmentClosing, responses((status = 200, body = Commitment), (status = 409, body = ProblemDocument)))]
#[post("/commitments/{commitment_id}/closings")]
async fn close(
    command: Command<CommitmentClosing>,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let (now, is_dry_run) = (execution.database.clock().now(), command.dry_run);
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::close(Work { tx, now, caller, is_dry_run }, *id, &body).await?))
        })
        .await
}
