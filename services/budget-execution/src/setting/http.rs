//! 参数设置 over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use budget_execution_contract::{SettingChange, SettingDay, SettingDraft, SettingFilter, SettingInForce};
use service_kit::{
    Caller, Command, Page, Problem,
    http::{IfMatch, ProblemDocument, with_etag},
    store::audit,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, LogEntry};

use crate::Execution;

const TAG: &str = "settings";

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(in_force).service(list).service(create).service(act).service(history).service(revise).service(read);
}

/// What holds for a division on a day, key by key, with who set it and why.
#[utoipa::path(tag = TAG, params(SettingDay), responses((status = 200, body = Vec<SettingInForce>), (status = 404, body = ProblemDocument)))]
#[get("/settings")]
async fn in_force(
    execution: web::Data<Execution>,
    caller: Caller,
    query: web::Query<SettingDay>,
) -> Result<HttpResponse, Problem> {
    let day = query.day.unwrap_or_else(|| execution.database.clock().today());
    let settings = super::list_in_force(execution.database.read(), &caller, &query.mof_div_code, day).await?;
    Ok(HttpResponse::Ok().json(settings))
}

/// 参数设置: what was proposed and decided, oldest first.
#[utoipa::path(tag = TAG, params(SettingFilter), responses((status = 200, body = Page<SettingChange>)))]
#[get("/setting-changes")]
async fn list(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<SettingFilter>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(execution.database.read(), &caller, filter.into_inner()).await?))
}

/// 参数设置: a new draft, by M3 or M7.
#[utoipa::path(tag = TAG, request_body = SettingDraft, responses((status = 201, body = SettingChange), (status = 422, body = ProblemDocument)))]
#[post("/setting-changes")]
async fn create(command: Command<SettingDraft>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::CREATED, super::draft(tx, now, caller, body).await?))
        })
        .await
}

/// 参数设置: the maker changes a draft.
#[utoipa::path(tag = TAG, params(("setting_id" = Uuid, Path)), request_body = SettingDraft, responses((status = 200, body = SettingChange), (status = 412, body = ProblemDocument)))]
#[put("/setting-changes/{setting_id}")]
async fn revise(
    execution: web::Data<Execution>,
    caller: Caller,
    version: IfMatch,
    id: web::Path<Uuid>,
    draft: web::Json<SettingDraft>,
) -> Result<HttpResponse, Problem> {
    let clock = execution.database.clock();
    let tx = execution.database.begin_write().await?;
    let change = super::revise(&tx, clock.now(), &caller, (*id, version), draft.into_inner()).await?;
    let text = serde_json::to_string(&change).map_err(|error| Problem::internal(&error))?;
    audit::append(&tx, clock, &caller, &format!("PUT /setting-changes/{id}"), "", &text).await?;
    tx.commit().await?;
    Ok(with_etag(HttpResponse::Ok(), change.workflow.version).json(change))
}

/// 参数设置: one document.
#[utoipa::path(tag = TAG, params(("setting_id" = Uuid, Path)), responses((status = 200, body = SettingChange), (status = 404, body = ProblemDocument)))]
#[get("/setting-changes/{setting_id}")]
async fn read(execution: web::Data<Execution>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let change = super::get(execution.database.read(), &caller, *id).await?;
    Ok(with_etag(HttpResponse::Ok(), change.workflow.version).json(change))
}

/// 参数设置: submit, approve, return, recall, discard, hang or resume.
#[utoipa::path(tag = TAG, params(("setting_id" = Uuid, Path)), request_body = ActionRequest, responses((status = 200, body = SettingChange), (status = 409, body = ProblemDocument)))]
#[post("/setting-changes/{setting_id}/actions")]
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

/// 参数设置: who did what and when.
#[utoipa::path(tag = TAG, params(("setting_id" = Uuid, Path)), responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/setting-changes/{setting_id}/history")]
async fn history(
    execution: web::Data<Execution>,
    caller: Caller,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::history(execution.database.read(), &caller, *id).await?))
}
