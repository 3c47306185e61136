//! The bank's HTTP interface.

use actix_web::{HttpResponse, get, post, put, web};
use budget_execution_contract::{
    BankClearingAnswer, BankClearingRequest, BankStatement, BankVoucher, BankVoucherState, VoucherAnswer,
};
use chrono::NaiveDate;
use common_types::{DivisionCode, Role};
use serde::Deserialize;
use service_kit::{Caller, Problem, http::ProblemDocument};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    behaviour::BehaviourSetting,
    books::{Bank, busy},
};

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(take).service(state).service(clear).service(statement).service(behave);
}

/// Takes a voucher (5214) once; a repeat gets the first answer.
#[utoipa::path(tag = "bank", extensions(("x-repeatable" = json!(true))), request_body = BankVoucher, responses(
    (status = 200, body = VoucherAnswer), (status = 409, body = ProblemDocument), (status = 503, body = ProblemDocument)))]
#[post("/vouchers")]
async fn take(caller: Caller, bank: web::Data<Bank>, voucher: web::Json<BankVoucher>) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    let answer = bank.take(voucher.into_inner()).await?.ok_or_else(busy)?;
    Ok(HttpResponse::Ok().json(answer))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Division {
    #[param(value_type = String)]
    mof_div_code: DivisionCode,
}

/// What became of a voucher.
#[utoipa::path(tag = "bank", params(Division), responses(
    (status = 200, body = BankVoucherState), (status = 404, body = ProblemDocument)))]
#[get("/vouchers/{pay_cert_no}")]
async fn state(
    caller: Caller,
    bank: web::Data<Bank>,
    number: web::Path<String>,
    query: web::Query<Division>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    let state = bank.state(&query.mof_div_code, &number);
    Ok(HttpResponse::Ok().json(state.ok_or_else(|| Problem::not_found("凭证", "the voucher"))?))
}

/// Clears a day (2301).
#[utoipa::path(tag = "bank", extensions(("x-repeatable" = json!(true))), request_body = BankClearingRequest, responses((status = 200, body = BankClearingAnswer)))]
#[post("/clearing-requests")]
async fn clear(
    caller: Caller,
    bank: web::Data<Bank>,
    request: web::Json<BankClearingRequest>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    Ok(HttpResponse::Ok().json(bank.clear(&request)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatementQuery {
    #[param(value_type = String)]
    mof_div_code: DivisionCode,
    day: NaiveDate,
    /// The last day; `day` when absent.
    until: Option<NaiveDate>,
}

/// The vouchers of a day (对账单).
#[utoipa::path(tag = "bank", params(StatementQuery), responses((status = 200, body = BankStatement)))]
#[get("/statements")]
async fn statement(
    caller: Caller,
    bank: web::Data<Bank>,
    query: web::Query<StatementQuery>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    let until = query.until.unwrap_or(query.day);
    let lines = bank.statement(&query.mof_div_code, (query.day, until));
    Ok(HttpResponse::Ok().json(BankStatement {
        mof_div_code: query.mof_div_code.clone(),
        day: query.day,
        until,
        lines,
    }))
}

/// Sets how payments to an account, or one voucher, are treated, for rehearsals and tests.
#[utoipa::path(tag = "bank", request_body = BehaviourSetting, responses((status = 200, body = BehaviourSetting)))]
#[put("/behaviours")]
async fn behave(
    caller: Caller,
    bank: web::Data<Bank>,
    setting: web::Json<BehaviourSetting>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::M7, Role::S1])?;
    bank.behave(setting.clone())?;
    Ok(HttpResponse::Ok().json(setting.into_inner()))
}
