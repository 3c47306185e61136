//! Bookings over HTTP.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use budget_execution_contract::{Booking, NewBooking};
use service_kit::{Command, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Execution;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(book);
}

/// 入账: the unit's accountant has booked the receipt of a voucher (U3).
#[utoipa::path(tag = "bookings", request_body = NewBooking, responses((status = 201, body = Booking), (status = 409, body = ProblemDocument)))]
#[post("/bookings")]
async fn book(command: Command<NewBooking>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::CREATED, super::book(tx, now, caller, body.pay_cert_id).await?))
        })
        .await
}
