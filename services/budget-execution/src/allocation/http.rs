//! 实拨 over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use budget_execution_contract::{Allocation, AllocationDraft, AllocationFilter, AllocationReceipt};
use service_kit::{
    Caller, Command, Page, Problem,
    http::{IfMatch, ProblemDocument, with_etag},
    store::audit,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, LogEntry};

use crate::Execution;

const TAG: &str = "allocations";

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(act).service(receive).service(history).service(revise).service(read);
}

/// 实拨: a new draft (M3).
#[utoipa::path(tag = TAG, request_body = AllocationDraft, responses((status = 201, body = Allocation), (status = 422, body = ProblemDocument)))]
#[post("/allocations")]
async fn create(command: Command<AllocationDraft>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    let payer = super::payer(&execution, &command.caller, &command.body).await?;
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::CREATED, super::draft(tx, now, caller, body, payer.clone()).await?))
        })
        .await
}

/// 实拨: the maker changes a draft.
#[utoipa::path(tag = TAG, params(("pay_alloc_cert_id" = Uuid, Path)), request_body = AllocationDraft, responses((status = 200, body = Allocation), (status = 412, body = ProblemDocument)))]
#[put("/allocations/{pay_alloc_cert_id}")]
async fn revise(
    execution: web::Data<Execution>,
    caller: Caller,
    version: IfMatch,
    id: web::Path<Uuid>,
    draft: web::Json<AllocationDraft>,
) -> Result<HttpResponse, Problem> {
    let payer = super::payer(&execution, &caller, &draft).await?;
    let clock = execution.database.clock();
    let tx = execution.database.begin_write().await?;
    let content = (draft.into_inner(), payer);
    let allocation = super::revise(&tx, clock.now(), &caller, (*id, version), content).await?;
    let text = serde_json::to_string(&allocation).map_err(|error| Problem::internal(&error))?;
    audit::append(&tx, clock, &caller, &format!("PUT /allocations/{id}"), "", &text).await?;
    tx.commit().await?;
    Ok(with_etag(HttpResponse::Ok(), allocation.state.version).json(allocation))
}

/// 实拨: a page of allocations within reach.
#[utoipa::path(tag = TAG, params(AllocationFilter), responses((status = 200, body = Page<Allocation>)))]
#[get("/allocations")]
async fn list(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<AllocationFilter>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(execution.database.read(), &caller, filter.into_inner()).await?))
}

/// 实拨: one allocation.
#[utoipa::path(tag = TAG, params(("pay_alloc_cert_id" = Uuid, Path)), responses((status = 200, body = Allocation), (status = 404, body = ProblemDocument)))]
#[get("/allocations/{pay_alloc_cert_id}")]
async fn read(execution: web::Data<Execution>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let allocation = super::get(execution.database.read(), &caller, *id).await?;
    Ok(with_etag(HttpResponse::Ok(), allocation.state.version).json(allocation))
}

/// 实拨: submit, approve, return, recall, discard, hang or resume.
#[utoipa::path(tag = TAG, params(("pay_alloc_cert_id" = Uuid, Path)), request_body = ActionRequest, responses((status = 200, body = Allocation), (status = 409, body = ProblemDocument)))]
#[post("/allocations/{pay_alloc_cert_id}/actions")]
async fn act(
    command: Command<ActionRequest>,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::act(tx, now, caller, *id, &body).await?))
        })
        .await
}

/// 实拨: the central bank paid it or did not (B2); the same again changes nothing.
#[utoipa::path(tag = TAG, params(("pay_alloc_cert_id" = Uuid, Path)), request_body = AllocationReceipt, responses((status = 200, body = Allocation), (status = 409, body = ProblemDocument)))]
#[post("/allocations/{pay_alloc_cert_id}/receipts")]
async fn receive(
    command: Command<AllocationReceipt>,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::receive(tx, now, caller, *id, &body).await?))
        })
        .await
}

/// 实拨: who did what and when.
#[utoipa::path(tag = TAG, params(("pay_alloc_cert_id" = Uuid, Path)), responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/allocations/{pay_alloc_cert_id}/history")]
async fn history(
    execution: web::Data<Execution>,
    caller: Caller,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::history(execution.database.read(), &caller, *id).await?))
}
