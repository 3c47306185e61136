//! 待分指标分解 over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use budget_execution_contract::{Distribution, DistributionDraft};
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

const TAG: &str = "distributions";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(act_batch).service(act).service(history).service(revise).service(read);
}

/// Filters of `GET /distributions`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DistributionFilter {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
}

/// 待分指标分解: a new draft.
#[utoipa::path(tag = TAG, request_body = DistributionDraft, responses((status = 201, body = Distribution), (status = 422, body = ProblemDocument)))]
#[post("/distributions")]
async fn create(command: Command<DistributionDraft>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    command.caller.require_in(super::MAKERS, &command.body.mof_div_code, None)?;
    let units = super::units(&execution, &command.body).await?;
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::CREATED, super::draft(tx, now, caller, body, &units).await?))
        })
        .await
}

/// 待分指标分解: the maker changes a draft.
#[utoipa::path(tag = TAG, params(("distribution_id" = Uuid, Path)), request_body = DistributionDraft, responses((status = 200, body = Distribution), (status = 412, body = ProblemDocument)))]
#[put("/distributions/{distribution_id}")]
async fn revise(
    caller: Caller,
    version: IfMatch,
    id: web::Path<Uuid>,
    draft: web::Json<DistributionDraft>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    caller.require_in(super::MAKERS, &draft.mof_div_code, None)?;
    let units = super::units(&execution, &draft).await?;
    let now = execution.database.clock().now();
    let tx = execution.database.begin_write().await?;
    let view = super::revise(&tx, now, &caller, (*id, version), draft.into_inner(), &units).await?;
    let operation = format!("PUT /distributions/{id}");
    audit::append(&tx, execution.database.clock(), &caller, &operation, "", &view.state.version.to_string()).await?;
    tx.commit().await?;
    Ok(with_etag(HttpResponse::Ok(), view.state.version).json(view))
}

/// 待分指标分解查询: a page of documents.
#[utoipa::path(tag = TAG, params(DistributionFilter, PageQuery), responses((status = 200, body = Page<Distribution>)))]
#[get("/distributions")]
async fn list(
    caller: Caller,
    filter: web::Query<DistributionFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let DistributionFilter { mof_div_code, fiscal_year } = filter.into_inner();
    let page = super::list(execution.database.read(), &caller, mof_div_code, fiscal_year, &page).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// 待分指标分解: one document.
#[utoipa::path(tag = TAG, params(("distribution_id" = Uuid, Path)), responses((status = 200, body = Distribution), (status = 404, body = ProblemDocument)))]
#[get("/distributions/{distribution_id}")]
async fn read(caller: Caller, id: web::Path<Uuid>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let view = super::get(execution.database.read(), &caller, *id).await?;
    Ok(with_etag(HttpResponse::Ok(), view.state.version).json(view))
}

/// 待分指标分解: submit, approve, return, recall, discard, hang or resume.
#[utoipa::path(tag = TAG, params(("distribution_id" = Uuid, Path)), request_body = ActionRequest, responses((status = 200, body = Distribution), (status = 409, body = ProblemDocument)))]
#[post("/distributions/{distribution_id}/actions")]
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

/// 待分指标分解: one action on many documents, each on its own (W4).
#[utoipa::path(tag = TAG, request_body = BatchRequest, responses((status = 200, body = BatchResult), (status = 422, body = ProblemDocument)))]
#[post("/distributions/actions")]
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

/// 待分指标分解: who did what and when.
#[utoipa::path(tag = TAG, params(("distribution_id" = Uuid, Path)), responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/distributions/{distribution_id}/history")]
async fn history(
    caller: Caller,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    super::get(execution.database.read(), &caller, *id).await?;
    Ok(HttpResponse::Ok().json(workflow::history(execution.database.read(), *id).await?))
}
