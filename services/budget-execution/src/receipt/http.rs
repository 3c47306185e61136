//! Receipts over HTTP: the door of the agent bank.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use budget_execution_contract::{BankReceipt, ReceiptAnswer, ReceiptOutcome};
use service_kit::{Command, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Execution;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(take);
}

/// Takes a receipt of the agent bank (回单).
#[utoipa::path(tag = "bank-receipts", request_body = BankReceipt, responses(
    (status = 200, body = ReceiptAnswer), (status = 202, body = ReceiptAnswer), (status = 409, body = ProblemDocument)))]
#[post("/bank-receipts")]
async fn take(execution: web::Data<Execution>, command: Command<BankReceipt>) -> Result<HttpResponse, Problem> {
    let now = execution.database.clock().now();
    let receipt = command.body.clone();
    let is_dry_run = command.dry_run;
    let answer = command
        .once(&execution.database, async |tx, caller, receipt| {
            let answer = super::take(tx, now, caller, &receipt).await?;
            let is_unmatched = answer.outcome == ReceiptOutcome::Unmatched;
            Ok((if is_unmatched { StatusCode::ACCEPTED } else { StatusCode::OK }, answer))
        })
        .await;
    if let Err(problem) = &answer
        && problem.code() == super::CONTRADICTION
        && !is_dry_run
    {
        super::keep_contradiction(&execution, &receipt, problem).await?;
    }
    execution.wake.notify_one();
    answer
}
