//! Unit vouchers over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use final_accounts_contract::{UnitVoucher, UnitVoucherDraft, UnitVoucherFilter};
use service_kit::{Caller, Command, Page, PageQuery, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, LogEntry};

use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(list).service(show).service(act).service(history);
}

/// Drafts a manual voucher (手工凭证).
#[utoipa::path(tag = "unit-vouchers", request_body = UnitVoucherDraft,
    responses((status = 201, body = UnitVoucher), (status = 422, body = ProblemDocument)))]
#[post("/unit-vouchers")]
async fn create(command: Command<UnitVoucherDraft>, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let now = context.database.clock().now();
    let effect = async |tx: &_, caller: &_, draft: UnitVoucherDraft| {
        Ok((StatusCode::CREATED, super::create(tx, now, caller, draft).await?))
    };
    command.once(&context.database, effect).await
}

/// Vouchers within reach, oldest first.
#[utoipa::path(tag = "unit-vouchers", params(UnitVoucherFilter, PageQuery),
    responses((status = 200, body = Page<UnitVoucher>)))]
#[get("/unit-vouchers")]
async fn list(
    caller: Caller,
    filter: web::Query<UnitVoucherFilter>,
    page: web::Query<PageQuery>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let paged = page.paged()?;
    Ok(HttpResponse::Ok().json(super::list(context.database.read(), &caller, &filter, &paged).await?))
}

/// A voucher with its lines.
#[utoipa::path(tag = "unit-vouchers", params(("vou_id" = Uuid, Path)),
    responses((status = 200, body = UnitVoucher), (status = 404, body = ProblemDocument)))]
#[get("/unit-vouchers/{vou_id}")]
async fn show(caller: Caller, vou_id: web::Path<Uuid>, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::shown(context.database.read(), &caller, *vou_id).await?))
}

/// Carries out a workflow action on a manual voucher; the last approval posts it.
#[utoipa::path(tag = "unit-vouchers", request_body = ActionRequest, params(("vou_id" = Uuid, Path)),
    responses((status = 200, body = UnitVoucher), (status = 409, body = ProblemDocument)))]
#[post("/unit-vouchers/{vou_id}/actions")]
async fn act(
    vou_id: web::Path<Uuid>,
    command: Command<ActionRequest>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let now = context.database.clock().now();
    let effect = async |tx: &_, caller: &_, request: ActionRequest| {
        Ok((StatusCode::OK, super::act(tx, now, caller, *vou_id, &request).await?))
    };
    command.once(&context.database, effect).await
}

/// Who did what to a manual voucher, oldest first.
#[utoipa::path(tag = "unit-vouchers", params(("vou_id" = Uuid, Path)),
    responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/unit-vouchers/{vou_id}/history")]
async fn history(
    caller: Caller,
    vou_id: web::Path<Uuid>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let db = context.database.read();
    super::shown(db, &caller, *vou_id).await?;
    Ok(HttpResponse::Ok().json(workflow::history(db, *vou_id).await?))
}
