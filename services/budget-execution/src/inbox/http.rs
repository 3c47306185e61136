//! Events in, over HTTP.

use actix_web::{HttpResponse, post, web};
use common_types::Role;
use service_kit::{
    Caller, Problem,
    http::ProblemDocument,
    store::{
        inbox::{EventBatch, Taken},
        outbox::CloudEvent,
    },
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Execution;

const TAG: &str = "events";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(receive).service(receive_batch);
}

/// 接收事件: one CloudEvent; delivering it again changes nothing.
#[utoipa::path(tag = TAG, extensions(("x-repeatable" = json!(true))), request_body = CloudEvent, responses((status = 200, description = "taken"), (status = 403, body = ProblemDocument)))]
#[post("/events")]
async fn receive(
    caller: Caller,
    event: web::Json<CloudEvent>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    super::take(&execution, &event).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}

/// 成批接收事件: each once; what cannot be taken is named and stops no other.
#[utoipa::path(tag = "events", extensions(("x-repeatable" = json!(true))), request_body = EventBatch,
    responses((status = 200, body = Taken), (status = 403, body = ProblemDocument)))]
#[post("/event-batches")]
async fn receive_batch(
    caller: Caller,
    batch: web::Json<EventBatch>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    Ok(HttpResponse::Ok().json(super::take_batch(&execution, &batch).await?))
}
