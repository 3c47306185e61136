//! Cases over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use monitoring_contract::{
    Affirmation, Archiving, Explanation, Inquiry, OpenWarnings, OpenWarningsQuestion, Rectification, Verification,
    VerificationOrder, Warning, WarningCount, WarningFilter,
};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::Step;
use crate::Monitoring;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(statistics)
        .service(list)
        .service(open)
        .service(get_one)
        .service(explain)
        .service(affirm)
        .service(order_verification)
        .service(verify)
        .service(inquire)
        .service(rectify)
        .service(archive);
}

async fn step<T>(
    command: Command<T>,
    warn_id: Uuid,
    monitoring: &Monitoring,
    to_step: impl FnOnce(T) -> Step,
) -> Result<HttpResponse, Problem> {
    command
        .once(&monitoring.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::take(tx, monitoring, caller, warn_id, to_step(body)).await?))
        })
        .await
}

/// Warnings within the caller's reach.
#[utoipa::path(tag = "warnings", params(WarningFilter), responses((status = 200, body = Page<Warning>)))]
#[get("/warnings")]
async fn list(
    caller: Caller,
    filter: web::Query<WarningFilter>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&monitoring, &caller, &filter).await?))
}

/// The warnings of documents, or of payments made from an indicator, that are not settled yet, for the services of the platform. Changes nothing.
#[utoipa::path(tag = "warnings", extensions(("x-repeatable" = json!(true))), request_body = OpenWarningsQuestion,
    responses((status = 200, body = OpenWarnings), (status = 403, body = ProblemDocument)))]
#[post("/open-warnings")]
async fn open(
    caller: Caller,
    question: web::Json<OpenWarningsQuestion>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::open(&monitoring, &caller, &question).await?))
}

/// How many warnings by rule, level and status.
#[utoipa::path(tag = "warnings", params(WarningFilter), responses((status = 200, body = Page<WarningCount>)))]
#[get("/warnings/statistics")]
async fn statistics(
    caller: Caller,
    filter: web::Query<WarningFilter>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    let items = super::statistics(&monitoring, &caller, &filter).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_page_token: None }))
}

/// One warning.
#[utoipa::path(tag = "warnings", params(("warn_id" = Uuid, Path)),
    responses((status = 200, body = Warning), (status = 404, body = ProblemDocument)))]
#[get("/warnings/{warn_id}")]
async fn get_one(
    caller: Caller,
    warn_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::get(&monitoring, &caller, *warn_id).await?))
}

/// The unit explains a warning.
#[utoipa::path(tag = "warnings", params(("warn_id" = Uuid, Path)), request_body = Explanation,
    responses((status = 200, body = Warning), (status = 409, body = ProblemDocument)))]
#[post("/warnings/{warn_id}/explanations")]
async fn explain(
    command: Command<Explanation>,
    warn_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    step(command, *warn_id, &monitoring, Step::Explain).await
}

/// The supervisors say what a warning is.
#[utoipa::path(tag = "warnings", params(("warn_id" = Uuid, Path)), request_body = Affirmation,
    responses((status = 200, body = Warning), (status = 409, body = ProblemDocument)))]
#[post("/warnings/{warn_id}/affirmations")]
async fn affirm(
    command: Command<Affirmation>,
    warn_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    step(command, *warn_id, &monitoring, Step::Affirm).await
}

/// The supervisors ask the unit to verify.
#[utoipa::path(tag = "warnings", params(("warn_id" = Uuid, Path)), request_body = VerificationOrder,
    responses((status = 200, body = Warning), (status = 409, body = ProblemDocument)))]
#[post("/warnings/{warn_id}/verification-orders")]
async fn order_verification(
    command: Command<VerificationOrder>,
    warn_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    step(command, *warn_id, &monitoring, Step::OrderVerification).await
}

/// The unit says what it verified.
#[utoipa::path(tag = "warnings", params(("warn_id" = Uuid, Path)), request_body = Verification,
    responses((status = 200, body = Warning), (status = 409, body = ProblemDocument)))]
#[post("/warnings/{warn_id}/verifications")]
async fn verify(
    command: Command<Verification>,
    warn_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    step(command, *warn_id, &monitoring, Step::Verify).await
}

/// The supervisors send a letter of inquiry.
#[utoipa::path(tag = "warnings", params(("warn_id" = Uuid, Path)), request_body = Inquiry,
    responses((status = 200, body = Warning), (status = 409, body = ProblemDocument)))]
#[post("/warnings/{warn_id}/inquiries")]
async fn inquire(
    command: Command<Inquiry>,
    warn_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    step(command, *warn_id, &monitoring, Step::Inquire).await
}

/// The unit puts a violation right.
#[utoipa::path(tag = "warnings", params(("warn_id" = Uuid, Path)), request_body = Rectification,
    responses((status = 200, body = Warning), (status = 409, body = ProblemDocument)))]
#[post("/warnings/{warn_id}/rectifications")]
async fn rectify(
    command: Command<Rectification>,
    warn_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    step(command, *warn_id, &monitoring, Step::Rectify).await
}

/// The supervisors close a case.
#[utoipa::path(tag = "warnings", params(("warn_id" = Uuid, Path)), request_body = Archiving,
    responses((status = 200, body = Warning), (status = 409, body = ProblemDocument)))]
#[post("/warnings/{warn_id}/archivings")]
async fn archive(
    command: Command<Archiving>,
    warn_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    step(command, *warn_id, &monitoring, |_| Step::Archive).await
}
