//! 指标冻结 over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use budget_execution_contract::{Freeze, FreezeDraft, ThawRequest};
use common_types::{DivisionCode, FiscalYear};
use serde::Deserialize;
use service_kit::{
    Caller, Command, Page, PageQuery, Problem,
    http::{BatchResult, IfMatch, ProblemDocument, with_etag},
    store::audit,
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, BatchRequest, LogEntry};

use crate::Execution;

const TAG: &str = "freezes";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(create)
        .service(act_batch)
        .service(act)
        .service(history)
        .service(revise)
        .service(read)
        .service(thaw);
}

/// Filters of `GET /freezes`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FreezeFilter {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
}

/// 指标冻结: a new draft.
#[utoipa::path(tag = TAG, request_body = FreezeDraft, responses((status = 201, body = Freeze), (status = 422, body = ProblemDocument)))]
#[post("/freezes")]
async fn create(command: Command<FreezeDraft>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::CREATED, super::draft(tx, now, caller, body).await?))
        })
        .await
}

/// 指标冻结: the maker changes a draft.
#[utoipa::path(tag = TAG, params(("freeze_id" = Uuid, Path)), request_body = FreezeDraft, responses((status = 200, body = Freeze), (status = 412, body = ProblemDocument)))]
#[put("/freezes/{freeze_id}")]
async fn revise(
    caller: Caller,
    version: IfMatch,
    id: web::Path<Uuid>,
    draft: web::Json<FreezeDraft>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    let tx = execution.database.begin_write().await?;
    let view = super::revise(&tx, now, &caller, (*id, version), draft.into_inner()).await?;
    let operation = format!("PUT /freezes/{id}");
    audit::append(&tx, execution.database.clock(), &caller, &operation, "", &view.state.version.to_string()).await?;
    tx.commit().await?;
    Ok(with_etag(HttpResponse::Ok(), view.state.version).json(view))
}

/// 指标冻结查询: a page of documents.
#[utoipa::path(tag = TAG, params(FreezeFilter, PageQuery), responses((status = 200, body = Page<Freeze>)))]
#[get("/freezes")]
async fn list(
    caller: Caller,
    filter: web::Query<FreezeFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let FreezeFilter { mof_div_code, fiscal_year } = filter.into_inner();
    let page = super::list(execution.database.read(), &caller, mof_div_code, fiscal_year, &page).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// 指标冻结: one document.
#[utoipa::path(tag = TAG, params(("freeze_id" = Uuid, Path)), responses((status = 200, body = Freeze), (status = 404, body = ProblemDocument)))]
#[get("/freezes/{freeze_id}")]
async fn read(caller: Caller, id: web::Path<Uuid>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let view = super::get(execution.database.read(), &caller, *id).await?;
    Ok(with_etag(HttpResponse::Ok(), view.state.version).json(view))
}

/// 指标冻结: submit, approve, return, recall, discard, hang or resume.
#[utoipa::path(tag = TAG, params(("freeze_id" = Uuid, Path)), request_body = ActionRequest, responses((status = 200, body = Freeze), (status = 409, body = ProblemDocument)))]
#[post("/freezes/{freeze_id}/actions")]
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

/// 指标冻结: one action on many documents, each on its own (W4).
#[utoipa::path(tag = TAG, request_body = BatchRequest, responses((status = 200, body = BatchResult), (status = 422, body = ProblemDocument)))]
#[post("/freezes/actions")]
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

/// 指标冻结: who did what and when.
#[utoipa::path(tag = TAG, params(("freeze_id" = Uuid, Path)), responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/freezes/{freeze_id}/history")]
async fn history(
    caller: Caller,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    super::get(execution.database.read(), &caller, *id).await?;
    Ok(HttpResponse::Ok().json(workflow::history(execution.database.read(), *id).await?))
}

/// 解冻: gives a frozen amount back, by the same or a higher authority (BA-004); 409 when it is not frozen any more.
#[utoipa::path(tag = TAG, params(("freeze_id" = Uuid, Path)), request_body = ThawRequest, responses((status = 200, body = Freeze), (status = 409, body = ProblemDocument)))]
#[post("/freezes/{freeze_id}/thaws")]
async fn thaw(
    command: Command<ThawRequest>,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::thaw(tx, now, caller, *id, body).await?))
        })
        .await
}
