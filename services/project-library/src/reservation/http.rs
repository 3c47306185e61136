//! Reservations on the wire; for machines of the platform only.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use project_library_contract::{Reservation, ReserveAmount};
use service_kit::{Command, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(reserve);
}

/// Takes library money for a budget or gives it back (PM-010).
#[utoipa::path(tag = "reservations", request_body = ReserveAmount,
    responses((status = 201, body = Reservation), (status = 422, body = ProblemDocument)))]
#[post("/reservations")]
async fn reserve(command: Command<ReserveAmount>, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let now = context.database.clock().now();
    let effect = async |tx: &_, caller: &_, request: ReserveAmount| {
        Ok((StatusCode::CREATED, super::reserve(tx, now, caller, &request).await?))
    };
    command.once(&context.database, effect).await
}
