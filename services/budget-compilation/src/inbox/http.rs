//! Events in, over HTTP.

use actix_web::{HttpResponse, post, web};
use common_types::Role;
use sea_orm::DatabaseTransaction;
use service_kit::{
    Caller, Problem,
    http::ProblemDocument,
    store::{
        inbox::{self, EventBatch, Taken},
        outbox::CloudEvent,
    },
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(receive).service(receive_batch);
}

/// Takes an event once.
#[utoipa::path(tag = "events", extensions(("x-repeatable" = json!(true))), request_body = CloudEvent,
    responses((status = 200), (status = 403, body = ProblemDocument)))]
#[post("/events")]
async fn receive(
    context: web::Data<Context>,
    caller: Caller,
    event: web::Json<CloudEvent>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    inbox::take(&context.database, &event, nothing).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
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
    Ok(HttpResponse::Ok().json(inbox::take_batch(&context.database, &batch, nothing).await?))
}

/// Noted is all that happens to an event here.
async fn nothing(_: &DatabaseTransaction, _: &[&CloudEvent]) -> Result<(), Problem> {
    Ok(())
}
