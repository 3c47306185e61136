//! Payment vouchers over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{
    InquiryReport, InquiryRequest, InquiryRun, NewVoucher, PaymentLineage, Voucher, VoucherAction,
    VoucherActionRequest, VoucherDetail, VoucherFilter, VoucherSignatures,
};
use service_kit::{Caller, Command, Page, PageQuery, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    entity::Kind,
    handover, inquiry,
    signature::{self, stamp},
};
use crate::{Execution, receipt};

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create)
        .service(list)
        .service(read)
        .service(act)
        .service(inquire)
        .service(lineage)
        .service(signatures)
        .service(details)
        .service(run_inquiries);
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

/// Signs, seals, sends or withdraws a voucher.
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
                        VoucherAction::Seal => stamp(tx, now, caller, (*id, Kind::Seal), &execution.keeper).await?,
                        VoucherAction::Sign | VoucherAction::Send => {
                            stamp(tx, now, caller, (*id, Kind::Sign), &execution.keeper).await?
                        }
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
                let (row, _) = handover::require_sendable(tx, now, caller, pay_cert_id).await?;
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
    if let (Err(problem), Some(state)) = (&response, &state)
        && problem.code() == receipt::CONTRADICTION
    {
        receipt::keep_contradicting_state(&execution, state, problem).await?;
    }
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

/// Whether a voucher is what was signed, with its stamps (验签).
#[utoipa::path(tag = "vouchers", responses(
    (status = 200, body = VoucherSignatures), (status = 404, body = ProblemDocument)))]
#[get("/vouchers/{pay_cert_id}/signatures")]
async fn signatures(
    execution: web::Data<Execution>,
    caller: Caller,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(signature::signatures(&execution, &caller, *id).await?))
}

/// The payees of a batch voucher and what became of them (支付明细).
#[utoipa::path(tag = "vouchers", params(PageQuery), responses(
    (status = 200, body = Page<VoucherDetail>), (status = 404, body = ProblemDocument)))]
#[get("/vouchers/{pay_cert_id}/details")]
async fn details(
    execution: web::Data<Execution>,
    caller: Caller,
    id: web::Path<Uuid>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::details(&execution, &caller, *id, &query).await?))
}

/// Asks the bank about every unanswered voucher that is due (查询未答复凭证); the service does so by itself.
#[utoipa::path(tag = "jobs", request_body = InquiryRun, responses(
    (status = 200, body = InquiryReport), (status = 403, body = ProblemDocument)))]
#[post("/jobs/inquiries")]
async fn run_inquiries(execution: web::Data<Execution>, command: Command<InquiryRun>) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    let report = match command.dry_run {
        true => InquiryReport::default(),
        false => inquiry::run_once(&execution, &command.caller, &command.body).await?,
    };
    command.once(&execution.database, async |_, _, _| Ok((StatusCode::OK, report))).await
}
