//! Events in, over HTTP.

use actix_web::{HttpResponse, post, web};
use common_types::Role;
use service_kit::{
    Caller, Problem,
    http::ProblemDocument,
    store::{inbox, outbox::CloudEvent},
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(receive);
}

/// Takes an event once.
#[utoipa::path(tag = "events", request_body = CloudEvent,
    responses((status = 200), (status = 403, body = ProblemDocument)))]
#[post("/events")]
async fn receive(
    context: web::Data<Context>,
    caller: Caller,
    event: web::Json<CloudEvent>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    let tx = context.database.begin_write().await?;
    inbox::accept(&tx, &event, context.database.clock().now()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
