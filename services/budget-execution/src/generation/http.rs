//! Generations over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::Generation;
use serde::{Deserialize, Serialize};
use service_kit::{Caller, Command, Page, PageQuery, Problem, http::ProblemDocument};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::GenerationFilter;
use crate::Execution;

const TAG: &str = "generations";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(retry).service(explain);
}

/// Body of a retry: nothing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryRequest {}

/// 指标生成查询: what became of approvals.
#[utoipa::path(tag = TAG, params(GenerationFilter, PageQuery), responses((status = 200, body = Page<Generation>), (status = 403, body = ProblemDocument)))]
#[get("/generations")]
async fn list(
    caller: Caller,
    filter: web::Query<GenerationFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let page = super::list(execution.database.read(), &caller, filter.into_inner(), &page).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// 指标生成明细: what became of one approval, with what blocks it.
#[utoipa::path(tag = TAG, params(("generation_id" = Uuid, Path)), responses((status = 200, body = Generation), (status = 404, body = ProblemDocument)))]
#[get("/generations/{generation_id}")]
async fn explain(
    caller: Caller,
    generation_id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::get(execution.database.read(), &caller, *generation_id).await?))
}

/// 重新生成: tries a blocked approval again.
#[utoipa::path(tag = TAG, params(("generation_id" = Uuid, Path)), request_body = RetryRequest, responses((status = 200, body = Generation), (status = 409, body = ProblemDocument)))]
#[post("/generations/{generation_id}/retries")]
async fn retry(
    command: Command<RetryRequest>,
    generation_id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    let answer = command
        .once(&execution.database, async |tx, caller, _| {
            Ok((StatusCode::OK, super::retry(tx, now, caller, *generation_id).await?))
        })
        .await?;
    execution.wake.notify_one();
    Ok(answer)
}
