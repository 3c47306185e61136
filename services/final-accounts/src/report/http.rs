//! Final account reports over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use final_accounts_contract::{Report, ReportDraft, ReportExplanation, ReportFilter};
use service_kit::{
    Caller, Command, Page, PageQuery, Problem,
    http::{IfMatch, ProblemDocument, with_etag},
    store::audit,
};
use sha2::{Digest as _, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{Action, ActionRequest, LogEntry};

use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(list).service(show).service(explain).service(act).service(history);
}

/// Makes a report from the books, or its next version (RP-003).
#[utoipa::path(tag = "reports", request_body = ReportDraft,
    responses((status = 201, body = Report), (status = 422, body = ProblemDocument)))]
#[post("/reports")]
async fn create(command: Command<ReportDraft>, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let database = &context.database;
    if let Some(answer) = command.replayed(database).await? {
        return Ok(answer);
    }
    super::require_draft(&command.caller, &command.body)?;
    let paid = super::paid_totals(&context.ledger, &super::unit_of_draft(&command.body)).await?;
    let now = database.clock().now();
    let effect = async |tx: &_, caller: &_, draft: ReportDraft| {
        Ok((StatusCode::CREATED, super::create(tx, now, caller, &draft, &paid).await?))
    };
    command.once(database, effect).await
}

/// Reports within reach, oldest first.
#[utoipa::path(tag = "reports", params(ReportFilter, PageQuery), responses((status = 200, body = Page<Report>)))]
#[get("/reports")]
async fn list(
    caller: Caller,
    filter: web::Query<ReportFilter>,
    page: web::Query<PageQuery>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let paged = page.paged()?;
    Ok(HttpResponse::Ok().json(super::list(context.database.read(), &caller, &filter, &paged).await?))
}

/// A report with its lines.
#[utoipa::path(tag = "reports", params(("report_id" = Uuid, Path)),
    responses((status = 200, body = Report), (status = 404, body = ProblemDocument)))]
#[get("/reports/{report_id}")]
async fn show(
    caller: Caller,
    report_id: web::Path<Uuid>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    Ok(answer(&super::shown(context.database.read(), &caller, *report_id).await?))
}

/// Says why the report differs from the ledger (RP-001).
#[utoipa::path(tag = "reports", request_body = ReportExplanation,
    params(("report_id" = Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Report), (status = 412, body = ProblemDocument)))]
#[put("/reports/{report_id}/explanation")]
async fn explain(
    caller: Caller,
    report_id: web::Path<Uuid>,
    version: IfMatch,
    request: web::Json<ReportExplanation>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let database = &context.database;
    let now = database.clock().now();
    let tx = database.begin_write().await?;
    let report = super::explain(&tx, now, &caller, *report_id, version, &request).await?;
    let text = |error: serde_json::Error| Problem::internal(&error);
    let digest = Sha256::digest(serde_json::to_string(&*request).map_err(text)?);
    let hash = format!("{digest:x}");
    let kept = serde_json::to_string(&report).map_err(text)?;
    let operation = format!("PUT reports/{report_id}/explanation");
    audit::append(&tx, database.clock(), &caller, &operation, &hash, &kept).await?;
    tx.commit().await?;
    Ok(answer(&report))
}

/// Carries out a workflow action (RP-001, RP-002 when it is submitted).
#[utoipa::path(tag = "reports", request_body = ActionRequest, params(("report_id" = Uuid, Path)),
    responses((status = 200, body = Report), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/reports/{report_id}/actions")]
async fn act(
    report_id: web::Path<Uuid>,
    command: Command<ActionRequest>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let database = &context.database;
    if let Some(answer) = command.replayed(database).await? {
        return Ok(answer);
    }
    let mut paid = Vec::new();
    if command.body.action == Action::Submit {
        let unit = super::unit(database.read(), &command.caller, *report_id).await?;
        paid = super::paid_totals(&context.ledger, &unit).await?;
    }
    let now = database.clock().now();
    let effect = async |tx: &_, caller: &_, request: ActionRequest| {
        Ok((StatusCode::OK, super::act(tx, now, caller, *report_id, &request, &paid).await?))
    };
    command.once(database, effect).await
}

/// Who did what to a report, oldest first.
#[utoipa::path(tag = "reports", params(("report_id" = Uuid, Path)),
    responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/reports/{report_id}/history")]
async fn history(
    caller: Caller,
    report_id: web::Path<Uuid>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let db = context.database.read();
    super::shown(db, &caller, *report_id).await?;
    Ok(HttpResponse::Ok().json(workflow::history(db, *report_id).await?))
}

fn answer(report: &Report) -> HttpResponse {
    with_etag(HttpResponse::Ok(), report.state.version).json(report)
}
