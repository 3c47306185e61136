//! Routes of control numbers.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_compilation_contract::{ControlNumber, ControlNumberQuery, ControlNumberRequest, ControlNumbers};
use sea_orm::{ColumnTrait as _, Condition};
use service_kit::{Caller, Command, Page, PageQuery, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{entity::number::Column, issue, store, view};
use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(list);
}

/// 下达控制数: issues control numbers and last year's 三公经费.
#[utoipa::path(tag = "control-numbers", request_body = ControlNumberRequest,
    responses((status = 201, body = ControlNumbers), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/control-numbers")]
async fn create(context: web::Data<Context>, command: Command<ControlNumberRequest>) -> Result<HttpResponse, Problem> {
    command
        .once(&context.database, async |tx, caller, request| {
            Ok((StatusCode::CREATED, issue(tx, caller, request).await?))
        })
        .await
}

/// Control numbers within reach and what is used of them.
#[utoipa::path(tag = "control-numbers", params(ControlNumberQuery), responses((status = 200, body = Page<ControlNumber>)))]
#[get("/control-numbers")]
async fn list(
    context: web::Data<Context>,
    caller: Caller,
    query: web::Query<ControlNumberQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let paged = PageQuery { page_size: query.page_size, page_token: query.page_token }.paged()?;
    let condition = Condition::all()
        .add_option(query.mof_div_code.map(|code| Column::MofDivCode.eq(code)))
        .add_option(query.fiscal_year.map(|year| Column::FiscalYear.eq(year)))
        .add_option(query.dept_code.map(|code| Column::DeptCode.eq(code)));
    let rows = store::page(context.database.read(), &caller, condition, &paged, paged.after_as()?).await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, &paged, |row| row.control_id.to_string()).map(view)))
}
