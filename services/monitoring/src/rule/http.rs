//! Rules and whitelists over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use monitoring_contract::{NewRule, NewWhitelistEntry, Rule, RuleFilter, WhitelistEntry};
use service_kit::{
    Caller, Command, Page, Problem,
    http::{IfMatch, ProblemDocument, with_etag},
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, LogEntry};

use crate::Monitoring;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(act).service(list).service(history).service(show).service(revise).service(whitelist);
}

/// Drafts a rule or its next version.
#[utoipa::path(tag = "rules", request_body = NewRule,
    responses((status = 201, body = Rule), (status = 422, body = ProblemDocument)))]
#[post("/rules")]
async fn create(command: Command<NewRule>, monitoring: web::Data<Monitoring>) -> Result<HttpResponse, Problem> {
    command
        .once(&monitoring.database, async |tx, caller, new| {
            Ok((StatusCode::CREATED, super::create(tx, &monitoring, caller, new).await?))
        })
        .await
}

/// Replaces the content of a draft.
#[utoipa::path(tag = "rules", params(("rule_id" = Uuid, Path), ("If-Match" = String, Header)), request_body = NewRule,
    responses((status = 200, body = Rule), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[put("/rules/{rule_id}")]
async fn revise(
    caller: Caller,
    rule_id: web::Path<Uuid>,
    version: IfMatch,
    content: web::Json<NewRule>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    let rule = super::revise(&monitoring, &caller, *rule_id, version, content.into_inner()).await?;
    Ok(answer(&rule))
}

/// A version of a rule.
#[utoipa::path(tag = "rules", params(("rule_id" = Uuid, Path)),
    responses((status = 200, body = Rule), (status = 404, body = ProblemDocument)))]
#[get("/rules/{rule_id}")]
async fn show(
    caller: Caller,
    rule_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    Ok(answer(&super::get(&monitoring, &caller, *rule_id).await?))
}

/// Who did what to a version of a rule, oldest first.
#[utoipa::path(tag = "rules", params(("rule_id" = Uuid, Path)),
    responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/rules/{rule_id}/history")]
async fn history(
    caller: Caller,
    rule_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    super::get(&monitoring, &caller, *rule_id).await?;
    Ok(HttpResponse::Ok().json(workflow::history(monitoring.database.read(), *rule_id).await?))
}

fn answer(rule: &Rule) -> HttpResponse {
    match &rule.state {
        Some(state) => with_etag(HttpResponse::Ok(), state.version).json(rule),
        None => HttpResponse::Ok().json(rule),
    }
}

/// Submits, approves, returns … a rule.
#[utoipa::path(tag = "rules", params(("rule_id" = Uuid, Path)), request_body = ActionRequest,
    responses((status = 200, body = Rule), (status = 409, body = ProblemDocument)))]
#[post("/rules/{rule_id}/actions")]
async fn act(
    command: Command<ActionRequest>,
    rule_id: web::Path<Uuid>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    command
        .once(&monitoring.database, async |tx, caller, request| {
            Ok((StatusCode::OK, super::act(tx, &monitoring, caller, *rule_id, &request).await?))
        })
        .await
}

/// All versions of the rules within reach.
#[utoipa::path(tag = "rules", params(RuleFilter), responses((status = 200, body = Page<Rule>)))]
#[get("/rules")]
async fn list(
    caller: Caller,
    filter: web::Query<RuleFilter>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    let items = super::list(&monitoring, &caller, &filter).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_page_token: None }))
}

/// Lets something pass a rule until a day.
#[utoipa::path(tag = "rules", request_body = NewWhitelistEntry,
    responses((status = 201, body = WhitelistEntry), (status = 422, body = ProblemDocument)))]
#[post("/whitelist-entries")]
async fn whitelist(
    command: Command<NewWhitelistEntry>,
    monitoring: web::Data<Monitoring>,
) -> Result<HttpResponse, Problem> {
    let effect =
        async |tx: &_, caller: &Caller, new| Ok((StatusCode::CREATED, super::whitelist(tx, caller, new).await?));
    command.once(&monitoring.database, effect).await
}
