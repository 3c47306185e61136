//! Transfers between levels over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{Acceptance, IncomingTransfer};
use common_types::FiscalYear;
use serde::Deserialize;
use service_kit::{Caller, Command, Page, PageQuery, Problem, http::ProblemDocument};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::http::Documents;

use super::Transfers;
use crate::Execution;

const TAG: &str = "transfers";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(Documents::<Transfers>::routes()).service(incoming).service(accept);
}

/// Filters of `GET /incoming-transfers`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IncomingFilter {
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
}

/// 上级转移支付: what is, or was, in transit to the caller's division.
#[utoipa::path(tag = TAG, params(IncomingFilter, PageQuery), responses((status = 200, body = Page<IncomingTransfer>)))]
#[get("/incoming-transfers")]
async fn incoming(
    caller: Caller,
    filter: web::Query<IncomingFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let page = super::incoming(execution.database.read(), &caller, filter.fiscal_year, &page).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// 接收上级转移支付: into the receiver's own books, once.
#[utoipa::path(tag = TAG, params(("line_id" = Uuid, Path)), request_body = Acceptance, responses((status = 201, body = IncomingTransfer), (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument)))]
#[post("/incoming-transfers/{line_id}/acceptances")]
async fn accept(
    command: Command<Acceptance>,
    line_id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, acceptance| {
            Ok((StatusCode::CREATED, super::accept(tx, now, caller, *line_id, acceptance).await?))
        })
        .await
}
