//! Evaluation over HTTP, for the services of the platform.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use monitoring_contract::{EvaluationBatch, EvaluationRequest, Verdict, Verdicts};
use service_kit::{Command, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Monitoring;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(evaluate).service(evaluate_batch);
}

/// Whether a document may go on.
#[utoipa::path(tag = "evaluations", request_body = EvaluationRequest,
    responses((status = 200, body = Verdict), (status = 403, body = ProblemDocument)))]
#[post("/evaluations")]
async fn evaluate(
    command: Command<EvaluationRequest>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    command
        .once(&monitoring.database, async |tx, caller, request| {
            Ok((StatusCode::OK, super::evaluate(tx, &monitoring, caller, request).await?))
        })
        .await
}

/// Whether many documents may go on. A version of a document is judged once, however often and under whatever key it is asked.
#[utoipa::path(tag = "evaluations", request_body = EvaluationBatch,
    responses((status = 200, body = Verdicts), (status = 403, body = ProblemDocument)))]
#[post("/evaluation-batches")]
async fn evaluate_batch(
    command: Command<EvaluationBatch>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    command
        .repeatable(
            &monitoring.database,
            async |caller, batch| super::evaluate_batch(&monitoring, caller, &batch.items).await,
            |writes, batch, judged| Ok((StatusCode::OK, super::record(writes, &monitoring, &batch.items, judged)?)),
        )
        .await
}
