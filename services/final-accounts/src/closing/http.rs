//! Year ends over HTTP.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use final_accounts_contract::{YearEndClosed, YearEndClosing};
use service_kit::{Command, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(close);
}

/// Carries income and expenses over and locks the unit's year (年终结转).
#[utoipa::path(tag = "year-end-closings", request_body = YearEndClosing,
    responses((status = 201, body = YearEndClosed), (status = 409, body = ProblemDocument)))]
#[post("/year-end-closings")]
async fn close(command: Command<YearEndClosing>, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let now = context.database.clock().now();
    let effect = async |tx: &_, caller: &_, request: YearEndClosing| {
        Ok((StatusCode::CREATED, super::close(tx, now, caller, request).await?))
    };
    command.once(&context.database, effect).await
}
