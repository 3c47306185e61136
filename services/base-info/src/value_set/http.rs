//! Value sets over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use base_info_contract::{NewValue, Value, ValueFilter};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::BaseInfo;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(add);
}

/// The values of a set, such as `VD10001` or `VD10004`; with a year also the division's own.
#[utoipa::path(tag = "value-sets", params(("set" = String, Path), ValueFilter),
    responses((status = 200, body = Page<Value>), (status = 404, body = ProblemDocument)))]
#[get("/value-sets/{set}")]
async fn list(
    caller: Caller,
    set: web::Path<String>,
    filter: web::Query<ValueFilter>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    let items = super::list(&base_info, &caller, &set, &filter).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_page_token: None }))
}

/// Adds a local value below a standard one.
#[utoipa::path(tag = "value-sets", params(("set" = String, Path)), request_body = NewValue,
    responses((status = 201, body = Value), (status = 422, body = ProblemDocument)))]
#[post("/value-sets/{set}/values")]
async fn add(
    command: Command<NewValue>,
    set: web::Path<String>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    let effect =
        async |tx: &_, caller: &Caller, new| Ok((StatusCode::CREATED, super::add(tx, caller, &set, new).await?));
    command.once(&base_info.database, effect).await
}
