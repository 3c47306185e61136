//! Clearing and reconciliation over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{
    BankDifference, Clearing, ClearingDay, ClearingRequest, DayFilter, DifferenceActionRequest, QuotaNotice,
    Reconciliation, ReconciliationRequest, UnitReconciliationRequest,
};
use common_types::Role;
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{day, notice, reconciliation, ticket, unit};
use crate::Execution;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(clear).service(list).service(notices).service(close_day).service(reconcile);
    config.service(reconcile_unit).service(tickets).service(act);
}

/// Clears with the bank what was paid until a day (清算).
#[utoipa::path(tag = "clearings", request_body = ClearingRequest, responses(
    (status = 200, body = Clearing), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument),
    (status = 503, body = ProblemDocument)))]
#[post("/clearings")]
async fn clear(execution: web::Data<Execution>, command: Command<ClearingRequest>) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    let now = execution.database.clock().now();
    if command.dry_run {
        return command
            .once(&execution.database, async |tx, caller, asked| {
                caller.require_in(&[Role::M3], &asked.mof_div_code, None)?;
                let row = super::prepare(tx, now, &asked).await?;
                Ok((StatusCode::OK, super::view(tx, row).await?))
            })
            .await;
    }
    let answer = super::request(&execution, &command.caller, &command.body).await?;
    command
        .once(&execution.database, async |tx, _, asked| {
            Ok((StatusCode::OK, super::record(tx, now, &asked.mof_div_code, &answer).await?))
        })
        .await
}

/// Clearings of a division.
#[utoipa::path(tag = "clearings", params(DayFilter), responses((status = 200, body = Page<Clearing>)))]
#[get("/clearings")]
async fn list(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<DayFilter>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&execution, &caller, &filter).await?))
}

/// Compares a day with the bank's statement (对账).
#[utoipa::path(tag = "reconciliations", request_body = ReconciliationRequest, responses(
    (status = 200, body = Reconciliation), (status = 503, body = ProblemDocument)))]
#[post("/reconciliations")]
async fn reconcile(
    execution: web::Data<Execution>,
    command: Command<ReconciliationRequest>,
) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    let statement = reconciliation::statement(&execution, &command.caller, &command.body).await?;
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, _, asked| {
            Ok((StatusCode::OK, reconciliation::compare(tx, now, &asked, &statement).await?))
        })
        .await
}

/// Differences that somebody must settle (差异单).
#[utoipa::path(tag = "reconciliations", params(DayFilter), responses((status = 200, body = Page<BankDifference>)))]
#[get("/bank-differences")]
async fn tickets(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<DayFilter>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(reconciliation::tickets(&execution, &caller, &filter).await?))
}

/// Quota notices of a division (清算额度通知单).
#[utoipa::path(tag = "clearings", params(DayFilter), responses((status = 200, body = Page<QuotaNotice>)))]
#[get("/quota-notices")]
async fn notices(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<DayFilter>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(notice::list(&execution, &caller, &filter).await?))
}

/// Closes a day of clearing (日终).
#[utoipa::path(tag = "clearings", request_body = ClearingRequest, responses(
    (status = 201, body = ClearingDay), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/clearing-days")]
async fn close_day(
    execution: web::Data<Execution>,
    command: Command<ClearingRequest>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, asked| {
            Ok((StatusCode::CREATED, day::close(tx, now, caller, &asked).await?))
        })
        .await
}

/// Compares a month with the books of a unit (单位与财政对账).
#[utoipa::path(tag = "reconciliations", request_body = UnitReconciliationRequest, responses(
    (status = 200, body = Reconciliation), (status = 422, body = ProblemDocument)))]
#[post("/unit-reconciliations")]
async fn reconcile_unit(
    execution: web::Data<Execution>,
    command: Command<UnitReconciliationRequest>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, asked| {
            Ok((StatusCode::OK, unit::compare(tx, now, caller, &asked).await?))
        })
        .await
}

/// Explains or settles a difference (差异说明, 核销).
#[utoipa::path(tag = "reconciliations", request_body = DifferenceActionRequest, responses(
    (status = 200, body = BankDifference), (status = 403, body = ProblemDocument), (status = 409, body = ProblemDocument)))]
#[post("/bank-differences/{diff_id}/actions")]
async fn act(
    execution: web::Data<Execution>,
    id: web::Path<Uuid>,
    command: Command<DifferenceActionRequest>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, request| {
            Ok((StatusCode::OK, ticket::act(tx, now, caller, *id, &request).await?))
        })
        .await
}
