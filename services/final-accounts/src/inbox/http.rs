//! Events over HTTP; for machines of the platform only.

use actix_web::{HttpResponse, post, web};
use common_types::Role;
use serde_json::json;
use service_kit::{
    Caller, Problem,
    http::ProblemDocument,
    store::{
        inbox::{EventBatch, Taken},
        outbox::CloudEvent,
    },
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(take).service(receive_batch);
}

/// Takes an event once, however often it is delivered.
#[utoipa::path(tag = "events", extensions(("x-repeatable" = json!(true))), request_body = CloudEvent,
    responses((status = 200), (status = 403, body = ProblemDocument)))]
#[post("/events")]
async fn take(
    caller: Caller,
    event: web::Json<CloudEvent>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    super::take(&context.database, &event).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

/// 成批接收事件: each once; what cannot be taken is named and stops no other.
#[utoipa::path(tag = "events", extensions(("x-repeatable" = json!(true))), request_body = EventBatch,
    responses((status = 200, body = Taken), (status = 403, body = ProblemDocument)))]
#[post("/event-batches")]
async fn receive_batch(
    caller: Caller,
    batch: web::Json<EventBatch>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    Ok(HttpResponse::Ok().json(super::take_batch(&context.database, &batch).await?))
}
