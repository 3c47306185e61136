//! Events of other services: each is handled once, in the transaction of its effect. Unknown types are ignored.

use actix_web::{HttpResponse, post, web};
use budget_compilation_contract::APPROVAL_GRANTED;
use common_types::Role;
use monitoring_contract::WARNING_AFFIRMED;
use service_kit::{
    Caller, Problem,
    http::ProblemDocument,
    store::{inbox, outbox::CloudEvent},
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{Execution, generation, payment};

const TAG: &str = "events";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(receive);
}

/// 接收事件: one CloudEvent; delivering it again changes nothing.
#[utoipa::path(tag = TAG, request_body = CloudEvent, responses((status = 200, description = "taken"), (status = 403, body = ProblemDocument)))]
#[post("/events")]
async fn receive(
    caller: Caller,
    event: web::Json<CloudEvent>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    caller.require(&[Role::S1])?;
    let now = execution.database.clock().now();
    let tx = execution.database.begin_write().await?;
    if inbox::accept(&tx, &event, now).await? {
        if event.r#type == APPROVAL_GRANTED {
            generation::receive(&tx, now, &event.data).await?;
        }
        if event.r#type == WARNING_AFFIRMED {
            payment::release::affirmed(&tx, now, &payment::view::read(event.data.clone())?).await?;
        }
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    execution.wake.notify_one();
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}
