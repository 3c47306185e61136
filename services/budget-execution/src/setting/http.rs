//! 参数设置 over HTTP.

use actix_web::{HttpResponse, get, web};
use budget_execution_contract::{SettingDay, SettingInForce};
use service_kit::{Caller, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use workflow::http::Documents;

use super::SettingChanges;
use crate::Execution;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(in_force).service(Documents::<SettingChanges>::routes());
}

/// What holds for a division on a day, key by key, with who set it and why.
#[utoipa::path(tag = "settings", params(SettingDay), responses((status = 200, body = Vec<SettingInForce>), (status = 404, body = ProblemDocument)))]
#[get("/settings")]
async fn in_force(
    execution: web::Data<Execution>,
    caller: Caller,
    query: web::Query<SettingDay>,
) -> Result<HttpResponse, Problem> {
    let day = query.day.unwrap_or_else(|| execution.database.clock().today());
    let settings = super::list_in_force(execution.database.read(), &caller, &query.mof_div_code, day).await?;
    Ok(HttpResponse::Ok().json(settings))
}
