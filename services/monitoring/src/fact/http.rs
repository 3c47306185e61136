//! Events in.

use actix_web::{HttpResponse, post, web};
use common_types::Role;
use service_kit::{Caller, Problem, http::ProblemDocument, store::outbox::CloudEvent};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{Monitoring, inbox};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(receive);
}

/// Takes an event of a peer, once.
#[utoipa::path(tag = "events", request_body = CloudEvent,
    responses((status = 200, description = "taken"), (status = 403, body = ProblemDocument)))]
#[post("/events")]
async fn receive(
    caller: Caller,
    event: web::Json<CloudEvent>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    inbox::take(&monitoring, &event).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
