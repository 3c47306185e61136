//! Payment applications over HTTP.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use budget_execution_contract::{Payment, PaymentDraft, PaymentFilter};
use service_kit::{
    Caller, Command, Page, Problem,
    http::{BatchResult, IfMatch, ProblemDocument, group::Kept, with_etag},
    store::audit,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, BatchRequest, LogEntry, Row};

use super::{reservation::Requested, review, submission};
use crate::Execution;

/// Adds the routes, those first that are asked most.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create)
        .service(act)
        .service(read)
        .service(list)
        .service(act_on_many)
        .service(revise)
        .service(history);
}

/// Records a draft (录入支付申请).
#[utoipa::path(tag = "payments", request_body = PaymentDraft, responses(
    (status = 201, body = Payment), (status = 422, body = ProblemDocument)))]
#[post("/payments")]
async fn create(execution: web::Data<Execution>, command: Command<PaymentDraft>) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    let known = submission::know(&execution, &command.caller, &command.body).await?;
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, draft| {
            Ok((StatusCode::CREATED, super::draft(tx, now, caller, &draft, &known).await?))
        })
        .await
}

/// Applications in the caller's scope.
#[utoipa::path(tag = "payments", params(PaymentFilter), responses((status = 200, body = Page<Payment>)))]
#[get("/payments")]
async fn list(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<PaymentFilter>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&execution, &caller, &filter).await?))
}

/// One application.
#[utoipa::path(tag = "payments", responses((status = 200, body = Payment), (status = 404, body = ProblemDocument)))]
#[get("/payments/{pay_app_id}")]
async fn read(execution: web::Data<Execution>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let payment = super::get(&execution, &caller, *id).await?;
    Ok(with_etag(HttpResponse::Ok(), payment.workflow.version).json(payment))
}

/// Replaces the content of a draft.
#[utoipa::path(tag = "payments", params(("If-Match" = String, Header)), request_body = PaymentDraft, responses(
    (status = 200, body = Payment), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument)))]
#[put("/payments/{pay_app_id}")]
async fn revise(
    execution: web::Data<Execution>,
    caller: Caller,
    version: IfMatch,
    id: web::Path<Uuid>,
    draft: web::Json<PaymentDraft>,
) -> Result<HttpResponse, Problem> {
    let known = submission::know(&execution, &caller, &draft).await?;
    let clock = execution.database.clock();
    let tx = execution.database.begin_write().await?;
    let payment = super::revise(&tx, clock.now(), &caller, (*id, version), &draft, &known).await?;
    let text = serde_json::to_string(&payment).map_err(|error| Problem::internal(&error))?;
    audit::append(&tx, clock, &caller, &format!("PUT /payments/{id}"), "", &text).await?;
    tx.commit().await?;
    Ok(with_etag(HttpResponse::Ok(), payment.workflow.version).json(payment))
}

/// Submits, approves, returns, recalls, hangs or discards an application.
#[utoipa::path(tag = "payments", request_body = ActionRequest, responses(
    (status = 200, body = Payment), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/payments/{pay_app_id}/actions")]
async fn act(
    execution: web::Data<Execution>,
    id: web::Path<Uuid>,
    command: Command<ActionRequest>,
) -> Result<HttpResponse, Problem> {
    if super::is_submission(command.body.action) && !command.dry_run {
        let requested = Requested { pay_app_id: *id, request: command.body.clone() };
        if let Some(answer) = execution.submissions.ask(command.grouped(requested)).await {
            return answer.map(Kept::response);
        }
    }
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    let mut cleared = None;
    if super::is_submission(command.body.action) {
        match submission::clear(&execution, &command.caller, *id, command.dry_run).await {
            Ok(found) => cleared = Some(found),
            // a twin of this command may have been carried out meanwhile
            Err(refused) => return command.replayed(&execution.database).await?.ok_or(refused),
        }
    }
    let refused = review::refused(&execution, &command.caller, command.body.action, &[*id]).await?;
    let now = execution.database.clock().now();
    let answer = command
        .once(&execution.database, async |tx, caller, request| {
            refused.get(&id).cloned().map_or(Ok(()), Err)?;
            Ok((StatusCode::OK, super::act(tx, now, caller, (*id, &request), cleared.as_ref()).await?))
        })
        .await;
    execution.wake.notify_one();
    answer
}

/// The same action on many applications, each on its own.
#[utoipa::path(tag = "payments", request_body = BatchRequest, responses((status = 200, body = BatchResult)))]
#[post("/payments/actions")]
async fn act_on_many(execution: web::Data<Execution>, command: Command<BatchRequest>) -> Result<HttpResponse, Problem> {
    let (action, opinion) = (command.body.action, command.body.opinion.clone());
    let rows = command.body.items.clone();
    let cleared = if super::is_submission(action) {
        let ids = rows.iter().map(|row| row.id).collect();
        submission::clear_many(&execution, &command.caller, ids, command.dry_run).await
    } else {
        BTreeMap::new()
    };
    let ids = Vec::from_iter(rows.iter().map(|row| row.id));
    let refused = review::refused(&execution, &command.caller, action, &ids).await?;
    let now = execution.database.clock().now();
    let answer = command
        .each(&execution.database, rows, async |tx, caller, row: Row| {
            refused.get(&row.id).cloned().map_or(Ok(()), Err)?;
            let found = cleared.get(&row.id).cloned().transpose()?;
            let request = ActionRequest { action, opinion: opinion.clone(), version: row.version };
            Ok((StatusCode::OK, super::act(tx, now, caller, (row.id, &request), found.as_ref()).await?))
        })
        .await;
    execution.wake.notify_one();
    answer
}

/// Who did what to an application.
#[utoipa::path(tag = "payments", responses((status = 200, body = Vec<LogEntry>)))]
#[get("/payments/{pay_app_id}/history")]
async fn history(
    execution: web::Data<Execution>,
    caller: Caller,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::history(&execution, &caller, *id).await?))
}
