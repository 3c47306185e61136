//! 调整与调剂 over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{Adjustment, NewAdjustment};
use common_types::{DivisionCode, FiscalYear};
use serde::Deserialize;
use service_kit::{
    Caller, Command, Page, PageQuery, Problem,
    http::{ProblemDocument, with_etag},
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{Action, ActionRequest, LogEntry};

use crate::Execution;

const TAG: &str = "adjustments";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(act).service(history).service(read);
}

/// Filters of `GET /adjustments`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AdjustmentFilter {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
}

/// 预算调整、调剂: a new draft.
#[utoipa::path(tag = TAG, request_body = NewAdjustment, responses((status = 201, body = Adjustment), (status = 422, body = ProblemDocument)))]
#[post("/adjustments")]
async fn create(command: Command<NewAdjustment>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    super::require_maker(&command.caller, &command.body)?;
    let units = super::units(&execution, &command.body).await?;
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::CREATED, super::draft(tx, now, caller, body, &units).await?))
        })
        .await
}

/// 预算调整、调剂查询: a page of documents.
#[utoipa::path(tag = TAG, params(AdjustmentFilter, PageQuery), responses((status = 200, body = Page<Adjustment>)))]
#[get("/adjustments")]
async fn list(
    caller: Caller,
    filter: web::Query<AdjustmentFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let AdjustmentFilter { mof_div_code, fiscal_year } = filter.into_inner();
    let page = super::list(execution.database.read(), &caller, mof_div_code, fiscal_year, &page).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// 预算调整、调剂: one document.
#[utoipa::path(tag = TAG, params(("adj_id" = Uuid, Path)), responses((status = 200, body = Adjustment), (status = 404, body = ProblemDocument)))]
#[get("/adjustments/{adj_id}")]
async fn read(caller: Caller, id: web::Path<Uuid>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let view = super::get(execution.database.read(), &caller, *id).await?;
    Ok(with_etag(HttpResponse::Ok(), view.state.version).json(view))
}

/// 预算调整、调剂: submit, approve, return, recall, discard, hang or resume; 503 when the last approval needs the
/// project library and it does not answer.
#[utoipa::path(tag = TAG, params(("adj_id" = Uuid, Path)), request_body = ActionRequest, responses((status = 200, body = Adjustment), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 503, body = ProblemDocument)))]
#[post("/adjustments/{adj_id}/actions")]
async fn act(
    command: Command<ActionRequest>,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let (action, dry_run) = (command.body.action, command.dry_run);
    let is_repeat = command.replayed(&execution.database).await?.is_some();
    if action == Action::Approve && !dry_run && !is_repeat {
        super::reserve(&execution, &command.caller, *id, &command.body).await?;
    }
    let now = execution.database.clock().now();
    let answer = command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::act(tx, now, caller, *id, &body).await?))
        })
        .await?;
    execution.wake.notify_one();
    if action == Action::Discard && !dry_run {
        super::release(&execution, *id).await?;
    }
    Ok(answer)
}

/// 预算调整、调剂: who did what and when.
#[utoipa::path(tag = TAG, params(("adj_id" = Uuid, Path)), responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/adjustments/{adj_id}/history")]
async fn history(
    caller: Caller,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    super::get(execution.database.read(), &caller, *id).await?;
    Ok(HttpResponse::Ok().json(workflow::history(execution.database.read(), *id).await?))
}
