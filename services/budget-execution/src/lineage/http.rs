//! Lineage over HTTP: one query.

use actix_web::{HttpResponse, get, web};
use budget_execution_contract::{Lineage, LineageQuery};
use service_kit::{Caller, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Execution;

/// Adds the route.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(trace);
}

/// 双向溯源: from a payment, indicator, transfer document or approval back to where the money came from and forward to
/// every payee and what remains.
#[utoipa::path(tag = "lineage", params(LineageQuery), responses((status = 200, body = Lineage), (status = 400, body = ProblemDocument), (status = 404, body = ProblemDocument)))]
#[get("/lineage")]
async fn trace(
    caller: Caller,
    query: web::Query<LineageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::trace(execution.database.read(), &caller, &query).await?))
}
