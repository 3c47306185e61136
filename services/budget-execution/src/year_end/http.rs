//! The year end over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{NewYearEnd, YearEnd};
use common_types::{DivisionCode, FiscalYear};
use serde::Deserialize;
use service_kit::{Caller, Command, Page, PageQuery, Problem, http::ProblemDocument};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Execution;

const TAG: &str = "year-ends";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(close).service(read);
}

/// Filters of `GET /year-ends`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct YearEndFilter {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
}

/// 年终结账: carries over, recovers and closes a division's year; `dry_run=true` shows the same and changes nothing.
#[utoipa::path(tag = TAG, request_body = NewYearEnd, responses((status = 201, body = YearEnd), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/year-ends")]
async fn close(command: Command<NewYearEnd>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    let answer = command
        .once(&execution.database, async |tx, caller, new| {
            Ok((StatusCode::CREATED, super::close(tx, now, caller, new).await?))
        })
        .await?;
    execution.wake.notify_one();
    Ok(answer)
}

/// 年终结账查询: the years that were closed.
#[utoipa::path(tag = TAG, params(YearEndFilter, PageQuery), responses((status = 200, body = Page<YearEnd>)))]
#[get("/year-ends")]
async fn list(
    caller: Caller,
    filter: web::Query<YearEndFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let YearEndFilter { mof_div_code, fiscal_year } = filter.into_inner();
    let page = super::list(execution.database.read(), &caller, mof_div_code, fiscal_year, &page).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// 年终结账报告: what one closing did.
#[utoipa::path(tag = TAG, params(("year_end_id" = Uuid, Path)), responses((status = 200, body = YearEnd), (status = 404, body = ProblemDocument)))]
#[get("/year-ends/{year_end_id}")]
async fn read(caller: Caller, id: web::Path<Uuid>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::get(execution.database.read(), &caller, *id).await?))
}
