//! 指标冻结 over HTTP.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use budget_execution_contract::{Freeze, ThawRequest};
use service_kit::{Command, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{Work, http::Documents};

use super::Freezes;
use crate::Execution;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(Documents::<Freezes>::routes()).service(thaw);
}

/// 解冻: gives a frozen amount back, by the same or a higher authority (BA-004); 409 when it is not frozen any more.
#[utoipa::path(tag = "freezes", params(("freeze_id" = Uuid, Path)), request_body = ThawRequest, responses((status = 200, body = Freeze), (status = 409, body = ProblemDocument)))]
#[post("/freezes/{freeze_id}/thaws")]
async fn thaw(
    command: Command<ThawRequest>,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let (now, is_dry_run) = (execution.database.clock().now(), command.dry_run);
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::thaw(Work { tx, now, caller, is_dry_run }, *id, body).await?))
        })
        .await
}
