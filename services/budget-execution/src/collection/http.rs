//! Collection notices over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use budget_execution_contract::{CollectionNotice, NewCollectionNotice, NoticeFilter, NoticeWithdrawal};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Execution;

const TAG: &str = "collections";

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(take).service(list).service(read).service(withdraw);
}

/// 托收通知: a bank tells what it collects (B1).
#[utoipa::path(tag = TAG, request_body = NewCollectionNotice, responses((status = 201, body = CollectionNotice), (status = 409, body = ProblemDocument)))]
#[post("/collection-notices")]
async fn take(command: Command<NewCollectionNotice>, execution: web::Data<Execution>) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&execution.database).await? {
        return Ok(answer);
    }
    super::require_unit(&execution, &command.caller, &command.body).await?;
    let now = execution.database.clock().now();
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::CREATED, super::take(tx, now, caller, body).await?))
        })
        .await
}

/// 托收通知: what is collected of the units within reach.
#[utoipa::path(tag = TAG, params(NoticeFilter), responses((status = 200, body = Page<CollectionNotice>)))]
#[get("/collection-notices")]
async fn list(
    execution: web::Data<Execution>,
    caller: Caller,
    filter: web::Query<NoticeFilter>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(execution.database.read(), &caller, filter.into_inner()).await?))
}

/// 托收通知: one notice.
#[utoipa::path(tag = TAG, params(("notice_id" = Uuid, Path)), responses((status = 200, body = CollectionNotice), (status = 404, body = ProblemDocument)))]
#[get("/collection-notices/{notice_id}")]
async fn read(execution: web::Data<Execution>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::get(execution.database.read(), &caller, *id).await?))
}

/// 托收通知: the bank withdraws it (B1).
#[utoipa::path(tag = TAG, params(("notice_id" = Uuid, Path)), request_body = NoticeWithdrawal, responses((status = 200, body = CollectionNotice), (status = 409, body = ProblemDocument)))]
#[post("/collection-notices/{notice_id}/withdrawals")]
async fn withdraw(
    command: Command<NoticeWithdrawal>,
    id: web::Path<Uuid>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    command
        .once(&execution.database, async |tx, caller, body| {
            Ok((StatusCode::OK, super::withdraw(tx, caller, *id, &body).await?))
        })
        .await
}
