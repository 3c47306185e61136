//! Payment vouchers over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{
    InquiryRequest, NewVoucher, PaymentLineage, Voucher, VoucherAction, VoucherActionRequest, VoucherFilter,
};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::handover;
use crate::Execution;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(list).service(read).service(act).service(inquire).service(lineage);
}

/// Makes the voucher of an approved application (生成支付凭证).
#[utoipa::path(tag = "vouchers", request_body = NewVoucher, responses(
    (status = 201, body = Voucher), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/vouchers")]
async fn create(execution: web::Data<Execution>, command: Command<NewVoucher>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, new| {
            Ok((StatusCode::CREATED, super::generate(tx, now, caller, new.pay_app_id).await?))
        })
        .await
}

/// Vouchers in the caller's scope.
#[utoipa::path(tag = "vouchers", params(VoucherFilter), responses((status = 200, body = Page<Voucher>)))]
#[get("/vouchers")]
async fn list(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<VoucherFilter>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&execution, &caller, &filter).await?))
}

/// One voucher.
#[utoipa::path(tag = "vouchers", responses((status = 200, body = Voucher), (status = 404, body = ProblemDocument)))]
#[get("/vouchers/{pay_cert_id}")]
async fn read(execution: web::Data<Execution>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::get(&execution, &caller, *id).await?))
}

/// Signs, sends or withdraws a voucher.
#[utoipa::path(tag = "vouchers", request_body = VoucherActionRequest, responses(
    (status = 200, body = Voucher), (status = 403, body = ProblemDocument), (status = 409, body = ProblemDocument)))]
#[post("/vouchers/{pay_cert_id}/actions")]
async fn act(
    execution: web::Data<Execution>,
    id: web::Path<Uuid>,
    command: Command<VoucherActionRequest>,
) -> Result<HttpResponse, Problem> {
    match command.body.action {
        VoucherAction::Send => send(&execution, *id, command).await,
        action => {
            let now = execution.database.clock().now();
            command
                .once(&execution.database, async |tx, caller, _| {
                    let voucher = match action {
                        VoucherAction::Withdraw => super::withdraw(tx, now, caller, *id).await?,
                        VoucherAction::Sign | VoucherAction::Send => super::sign(tx, now, caller, *id).await?,
                    };
                    Ok((StatusCode::OK, voucher))
                })
                .await
        }
    }
}

async fn send(
    execution: &Execution,
    pay_cert_id: Uuid,
    command: Command<VoucherActionRequest>,
) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    let now = execution.database.clock().now();
    if command.dry_run {
        return command
            .once(&execution.database, async |tx, caller, _| {
                let row = handover::require_sendable(tx, now, caller, pay_cert_id).await?;
                Ok((StatusCode::OK, super::model::voucher(row)?))
            })
            .await;
    }
    let answer = handover::send(execution, &command.caller, pay_cert_id).await?;
    let response = command
        .once(&execution.database, async |tx, _, _| {
            Ok((StatusCode::OK, handover::record(tx, now, pay_cert_id, &answer).await?))
        })
        .await;
    execution.wake.notify_one();
    response
}

/// Asks the bank what became of a voucher, and settles it by the answer (查询).
#[utoipa::path(tag = "vouchers", request_body = InquiryRequest, responses(
    (status = 200, body = Voucher), (status = 409, body = ProblemDocument), (status = 503, body = ProblemDocument)))]
#[post("/vouchers/{pay_cert_id}/inquiries")]
async fn inquire(
    execution: web::Data<Execution>,
    id: web::Path<Uuid>,
    command: Command<InquiryRequest>,
) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    let state = handover::inquire(&execution, &command.caller, *id).await?;
    let now = execution.database.clock().now();
    let response = command
        .once(&execution.database, async |tx, _, _| {
            Ok((StatusCode::OK, handover::learn(tx, now, *id, state.as_ref()).await?))
        })
        .await;
    execution.wake.notify_one();
    response
}

/// From a voucher back to its budget line (资金追溯).
#[utoipa::path(tag = "vouchers", responses(
    (status = 200, body = PaymentLineage), (status = 404, body = ProblemDocument)))]
#[get("/vouchers/{pay_cert_id}/lineage")]
async fn lineage(
    execution: web::Data<Execution>,
    caller: Caller,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::lineage(&execution, &caller, *id).await?))
}
