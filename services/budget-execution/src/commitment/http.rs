//! 采购占用 over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use budget_execution_contract::{Commitment, CommitmentClosing, CommitmentDraft, CommitmentFilter};
use service_kit::{
    Caller, Command, Page, PageQuery, Problem,
    http::{BatchResult, IfMatch, ProblemDocument, with_etag},
    store::audit,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, BatchRequest, LogEntry};

use crate::Execution;

const TAG: &str = "commitments";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(create)
        .service(act_batch)
        .service(act)
        .service(history)
        .service(revise)
        .service(read)
        .service(close);
}

/// 采购占用: a new draft.
#[utoipa::path(tag = TAG, request_body = CommitmentDraft, responses((status = 201, body = Commitment), (status = 422, body = ProblemDocument)))]
#[post("/commitments")]
async fn create(command: Command<CommitmentDraft>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::CREATED, super::draft(tx, now, caller, body).await?))
        })
        .await
}

/// 采购占用: the maker changes a draft.
#[utoipa::path(tag = TAG, params(("commitment_id" = Uuid, Path)), request_body = CommitmentDraft, responses((status = 200, body = Commitment), (status = 412, body = ProblemDocument)))]
#[put("/commitments/{commitment_id}")]
async fn revise(
    caller: Caller,
    version: IfMatch,
    id: web::Path<Uuid>,
    draft: web::Json<CommitmentDraft>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    let tx = execution.database.begin_write().await?;
    let view = super::revise(&tx, now, &caller, (*id, version), draft.into_inner()).await?;
    let operation = format!("PUT /commitments/{id}");
    audit::append(&tx, execution.database.clock(), &caller, &operation, "", &view.state.version.to_string()).await?;
    tx.commit().await?;
    Ok(with_etag(HttpResponse::Ok(), view.state.version).json(view))
}

/// 采购占用查询: a page of documents.
#[utoipa::path(tag = TAG, params(CommitmentFilter, PageQuery), responses((status = 200, body = Page<Commitment>)))]
#[get("/commitments")]
async fn list(
    caller: Caller,
    filter: web::Query<CommitmentFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let page = super::list(execution.database.read(), &caller, &filter, &page).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// 采购占用: one document.
#[utoipa::path(tag = TAG, params(("commitment_id" = Uuid, Path)), responses((status = 200, body = Commitment), (status = 404, body = ProblemDocument)))]
#[get("/commitments/{commitment_id}")]
async fn read(caller: Caller, id: web::Path<Uuid>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let view = super::get(execution.database.read(), &caller, *id).await?;
    Ok(with_etag(HttpResponse::Ok(), view.state.version).json(view))
}

/// 采购占用: submit, approve, return, recall, discard, hang or resume.
#[utoipa::path(tag = TAG, params(("commitment_id" = Uuid, Path)), request_body = ActionRequest, responses((status = 200, body = Commitment), (status = 409, body = ProblemDocument)))]
#[post("/commitments/{commitment_id}/actions")]
async fn act(
    command: Command<ActionRequest>,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    let answer = command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::act(tx, now, caller, *id, &body).await?))
        })
        .await?;
    execution.wake.notify_one();
    Ok(answer)
}

/// 采购占用: one action on many documents, each on its own (W4).
#[utoipa::path(tag = TAG, request_body = BatchRequest, responses((status = 200, body = BatchResult), (status = 422, body = ProblemDocument)))]
#[post("/commitments/actions")]
async fn act_batch(command: Command<BatchRequest>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    let BatchRequest { action, opinion, items } = command.body.clone();
    let answer = command
        .each(&execution.database, items, async |tx, caller, row: workflow::Row| {
            let request = ActionRequest { action, opinion: opinion.clone(), version: row.version };
            Ok((StatusCode::OK, super::act(tx, now, caller, row.id, &request).await?))
        })
        .await?;
    execution.wake.notify_one();
    Ok(answer)
}

/// 采购占用: who did what and when.
#[utoipa::path(tag = TAG, params(("commitment_id" = Uuid, Path)), responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/commitments/{commitment_id}/history")]
async fn history(
    caller: Caller,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    super::get(execution.database.read(), &caller, *id).await?;
    Ok(HttpResponse::Ok().json(workflow::history(execution.database.read(), *id).await?))
}

/// 关闭占用: gives what is left back to the indicator, once; 409 when it is closed already.
#[utoipa::path(tag = TAG, params(("commitment_id" = Uuid, Path)), request_body = CommitmentClosing, responses((status = 200, body = Commitment), (status = 409, body = ProblemDocument)))]
#[post("/commitments/{commitment_id}/closings")]
async fn close(
    command: Command<CommitmentClosing>,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::close(tx, now, caller, *id, &body).await?))
        })
        .await
}
