//! Indicators over HTTP: queries only, they change by documents and postings.

use actix_web::{HttpResponse, get, web};
use budget_execution_contract::{
    DirectFund, Indicator, IndicatorDetail, IndicatorFilter, IndicatorLineage, LedgerEntry,
};
use service_kit::{Caller, Page, PageQuery, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::BooksFilter;

use crate::Execution;

const TAG: &str = "indicators";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(direct_funds).service(lineage).service(entries).service(explain);
}

/// 指标查询: indicators within reach with their present amounts.
#[utoipa::path(tag = TAG, params(IndicatorFilter, PageQuery), responses((status = 200, body = Page<Indicator>), (status = 400, body = ProblemDocument)))]
#[get("/indicators")]
async fn list(
    caller: Caller,
    filter: web::Query<IndicatorFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let page = super::list(execution.database.read(), &caller, &filter, &page).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// 直达资金: what must reach its units, and the days that are left (BA-011).
#[utoipa::path(tag = TAG, params(BooksFilter, PageQuery), responses((status = 200, body = Page<DirectFund>), (status = 400, body = ProblemDocument)))]
#[get("/direct-funds")]
async fn direct_funds(
    caller: Caller,
    filter: web::Query<BooksFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    let (db, now) = (execution.database.read(), execution.database.clock().now());
    Ok(HttpResponse::Ok().json(super::direct::list(db, now, &caller, &filter, &page).await?))
}

/// 指标额度说明: one indicator and the terms that add up to its available amount.
#[utoipa::path(tag = TAG, params(("bgt_id" = Uuid, Path)), responses((status = 200, body = IndicatorDetail), (status = 404, body = ProblemDocument)))]
#[get("/indicators/{bgt_id}")]
async fn explain(
    caller: Caller,
    bgt_id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok()
        .json(super::explain(execution.database.read(), &caller, *bgt_id, execution.database.clock().today()).await?))
}

/// 指标明细账: the entries of one indicator.
#[utoipa::path(tag = TAG, params(("bgt_id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<LedgerEntry>), (status = 404, body = ProblemDocument)))]
#[get("/indicators/{bgt_id}/ledger")]
async fn entries(
    caller: Caller,
    bgt_id: web::Path<Uuid>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::entries(execution.database.read(), &caller, *bgt_id, &page).await?))
}

/// 指标溯源: where an indicator comes from and what came of it.
#[utoipa::path(tag = TAG, params(("bgt_id" = Uuid, Path)), responses((status = 200, body = IndicatorLineage), (status = 404, body = ProblemDocument)))]
#[get("/indicators/{bgt_id}/lineage")]
async fn lineage(
    caller: Caller,
    bgt_id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::lineage(execution.database.read(), &caller, *bgt_id).await?))
}
