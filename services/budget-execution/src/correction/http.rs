//! Corrections over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{Correction, CorrectionDraft};
use serde::Deserialize;
use service_kit::{
    Caller, Command, Page, PageQuery, Problem,
    http::{ProblemDocument, with_etag},
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, LogEntry};

use crate::Execution;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(list).service(read).service(act).service(history);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    pay_cert_id: Option<Uuid>,
    /// Rows per page, 1 to 1000; 50 when absent.
    page_size: Option<u64>,
    /// `next_page_token` of the page before.
    page_token: Option<String>,
}

/// Records a draft.
#[utoipa::path(tag = "corrections", request_body = CorrectionDraft, responses(
    (status = 201, body = Correction), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/corrections")]
async fn create(execution: web::Data<Execution>, command: Command<CorrectionDraft>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, draft| {
            Ok((StatusCode::CREATED, super::draft(tx, now, caller, &draft).await?))
        })
        .await
}

/// Those in the caller's scope.
#[utoipa::path(tag = "corrections", params(Filter), responses((status = 200, body = Page<Correction>)))]
#[get("/corrections")]
async fn list(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let query = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() };
    Ok(HttpResponse::Ok().json(super::list(&execution, &caller, filter.pay_cert_id, &query).await?))
}

/// One of them.
#[utoipa::path(tag = "corrections", responses((status = 200, body = Correction), (status = 404, body = ProblemDocument)))]
#[get("/corrections/{correct_id}")]
async fn read(execution: web::Data<Execution>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let found = super::get(&execution, &caller, *id).await?;
    Ok(with_etag(HttpResponse::Ok(), found.workflow.version).json(found))
}

/// Submits, approves, returns, recalls or discards it.
#[utoipa::path(tag = "corrections", request_body = ActionRequest, responses(
    (status = 200, body = Correction), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/corrections/{correct_id}/actions")]
async fn act(
    execution: web::Data<Execution>,
    id: web::Path<Uuid>,
    command: Command<ActionRequest>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    let answer = command
        .once(&execution.database, async |tx, caller, request| {
            Ok((StatusCode::OK, super::act(tx, now, caller, *id, &request).await?))
        })
        .await;
    execution.wake.notify_one();
    answer
}

/// Who did what to it.
#[utoipa::path(tag = "corrections", responses((status = 200, body = Vec<LogEntry>)))]
#[get("/corrections/{correct_id}/history")]
async fn history(
    execution: web::Data<Execution>,
    caller: Caller,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::history(&execution, &caller, *id).await?))
}
