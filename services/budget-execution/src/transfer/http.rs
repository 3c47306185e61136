//! Transfers between levels over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{Acceptance, IncomingTransfer, NewTransfer, Transfer};
use common_types::FiscalYear;
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

const TAG: &str = "transfers";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(list).service(read).service(act).service(history).service(incoming).service(accept);
}

/// Filters of `GET /incoming-transfers`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IncomingFilter {
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
}

/// 转移支付下达: a new draft.
#[utoipa::path(tag = TAG, request_body = NewTransfer, responses((status = 201, body = Transfer), (status = 422, body = ProblemDocument)))]
#[post("/transfers")]
async fn create(command: Command<NewTransfer>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, new| {
            Ok((StatusCode::CREATED, super::draft(tx, now, caller, new).await?))
        })
        .await
}

/// 转移支付查询: a page of documents.
#[utoipa::path(tag = TAG, params(PageQuery), responses((status = 200, body = Page<Transfer>)))]
#[get("/transfers")]
async fn list(
    caller: Caller,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(execution.database.read(), &caller, &page).await?))
}

/// 转移支付查询: one document.
#[utoipa::path(tag = TAG, params(("transfer_id" = Uuid, Path)), responses((status = 200, body = Transfer), (status = 404, body = ProblemDocument)))]
#[get("/transfers/{transfer_id}")]
async fn read(
    caller: Caller,
    transfer_id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let transfer = super::get(execution.database.read(), &caller, *transfer_id).await?;
    Ok(with_etag(HttpResponse::Ok(), transfer.state.version).json(transfer))
}

/// 转移支付: submits, approves, returns … a document; the last approval issues it.
#[utoipa::path(tag = TAG, params(("transfer_id" = Uuid, Path)), request_body = ActionRequest, responses((status = 200, body = Transfer), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/transfers/{transfer_id}/actions")]
async fn act(
    command: Command<ActionRequest>,
    transfer_id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    let response = command
        .once(&execution.database, async |tx, caller, request| {
            Ok((StatusCode::OK, super::act(tx, now, caller, *transfer_id, &request).await?))
        })
        .await?;
    execution.wake.notify_one();
    Ok(response)
}

/// 转移支付: who did what.
#[utoipa::path(tag = TAG, params(("transfer_id" = Uuid, Path)), responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/transfers/{transfer_id}/history")]
async fn history(
    caller: Caller,
    transfer_id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    super::get(execution.database.read(), &caller, *transfer_id).await?;
    Ok(HttpResponse::Ok().json(workflow::history(execution.database.read(), *transfer_id).await?))
}

/// 上级转移支付: what is, or was, in transit to the caller's division.
#[utoipa::path(tag = TAG, params(IncomingFilter, PageQuery), responses((status = 200, body = Page<IncomingTransfer>)))]
#[get("/incoming-transfers")]
async fn incoming(
    caller: Caller,
    filter: web::Query<IncomingFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let page = super::incoming(execution.database.read(), &caller, filter.fiscal_year, &page).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// 接收上级转移支付: into the receiver's own books, once.
#[utoipa::path(tag = TAG, params(("line_id" = Uuid, Path)), request_body = Acceptance, responses((status = 201, body = IncomingTransfer), (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument)))]
#[post("/incoming-transfers/{line_id}/acceptances")]
async fn accept(
    command: Command<Acceptance>,
    line_id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, acceptance| {
            Ok((StatusCode::CREATED, super::accept(tx, now, caller, *line_id, acceptance).await?))
        })
        .await
}
