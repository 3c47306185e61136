//! Projects on the wire.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use common_types::{DivisionCode, ProCode};
use project_library_contract::{
    GenerateProjects, GenerationResult, Project, ProjectDraft, ProjectFilter, ProjectHead, ReviewAmount,
    TerminateProject,
};
use serde::Serialize;
use service_kit::{
    Caller, Command, Page, PageQuery, Problem,
    http::{BatchResult, IfMatch, ProblemDocument, with_etag},
    store::audit,
};
use sha2::{Digest as _, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, BatchRequest, LogEntry};

use super::{generation, mapping, store};
use crate::{Context, peers::base_info};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create)
        .service(generate)
        .service(act_on_many)
        .service(list)
        .service(by_code)
        .service(show)
        .service(revise)
        .service(review)
        .service(act)
        .service(terminate)
        .service(history);
}

/// Declares a project (项目申报) as a draft.
#[utoipa::path(tag = "projects", request_body = ProjectDraft,
    responses((status = 201, body = Project), (status = 422, body = ProblemDocument)))]
#[post("/projects")]
async fn create(command: Command<ProjectDraft>, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let database = &context.database;
    if let Some(answer) = command.replayed(database).await? {
        return Ok(answer);
    }
    super::require_declaration(&command.caller, &command.body)?;
    let draft = &command.body;
    let unit = base_info::unit(&context.base_info, &draft.mof_div_code, draft.fiscal_year, &draft.agency_code).await?;
    let now = database.clock().now();
    let effect = async |tx: &_, caller: &_, draft: ProjectDraft| {
        Ok((StatusCode::CREATED, super::create(tx, now, caller, &draft, &unit).await?))
    };
    command.once(database, effect).await
}

/// Generates personnel and public-use projects (一键测算, PM-011).
#[utoipa::path(tag = "projects", request_body = GenerateProjects,
    responses((status = 201, body = GenerationResult), (status = 422, body = ProblemDocument)))]
#[post("/projects/generations")]
async fn generate(command: Command<GenerateProjects>, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let database = &context.database;
    if let Some(answer) = command.replayed(database).await? {
        return Ok(answer);
    }
    generation::require_generation(&command.caller, &command.body)?;
    let request = &command.body;
    let unit =
        base_info::unit(&context.base_info, &request.mof_div_code, request.fiscal_year, &request.agency_code).await?;
    let now = database.clock().now();
    let effect = async |tx: &_, caller: &_, request: GenerateProjects| {
        Ok((StatusCode::CREATED, generation::generate(tx, now, caller, &request, &unit).await?))
    };
    command.once(database, effect).await
}

/// Projects within reach, in the order of their declaration.
#[utoipa::path(tag = "projects", params(ProjectFilter, PageQuery), responses((status = 200, body = Page<ProjectHead>)))]
#[get("/projects")]
async fn list(
    caller: Caller,
    filter: web::Query<ProjectFilter>,
    page: web::Query<PageQuery>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let paged = page.paged()?;
    let rows = store::page(context.database.read(), &caller, &filter, &paged).await?;
    let page = Page::of(rows, &paged, |row| row.pro_id.to_string());
    Ok(HttpResponse::Ok().json(page.map(|row| mapping::head(&row))))
}

/// A project by its code.
#[utoipa::path(tag = "projects", params(("mof_div_code" = DivisionCode, Path), ("pro_code" = ProCode, Path)),
    responses((status = 200, body = Project), (status = 404, body = ProblemDocument)))]
#[get("/projects/by-code/{mof_div_code}/{pro_code}")]
async fn by_code(
    caller: Caller,
    path: web::Path<(DivisionCode, ProCode)>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let db = context.database.read();
    let row = store::by_code(db, &path.0, &path.1).await?;
    Ok(answer(&super::shown(db, &caller, row).await?))
}

/// A project with all its lines.
#[utoipa::path(tag = "projects", params(("id" = Uuid, Path)),
    responses((status = 200, body = Project), (status = 404, body = ProblemDocument)))]
#[get("/projects/{id}")]
async fn show(caller: Caller, id: web::Path<Uuid>, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let db = context.database.read();
    let row = store::by_id(db, *id).await?;
    Ok(answer(&super::shown(db, &caller, row).await?))
}

/// Replaces the content of a draft.
#[utoipa::path(tag = "projects", request_body = ProjectDraft, params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Project), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[put("/projects/{id}")]
async fn revise(
    caller: Caller,
    id: web::Path<Uuid>,
    version: IfMatch,
    draft: web::Json<ProjectDraft>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let tx = context.database.begin_write().await?;
    let now = context.database.clock().now();
    let project = super::revise(&tx, now, &caller, *id, version, &draft).await?;
    note(&tx, &context, &caller, &format!("PUT projects/{id}"), &*draft, &project).await?;
    tx.commit().await?;
    Ok(answer(&project))
}

/// Enters the amount of the review centre (财政评审, PM-003).
#[utoipa::path(tag = "projects", request_body = ReviewAmount, params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Project), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[put("/projects/{id}/review")]
async fn review(
    caller: Caller,
    id: web::Path<Uuid>,
    version: IfMatch,
    amount: web::Json<ReviewAmount>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let tx = context.database.begin_write().await?;
    let project = super::review(&tx, &caller, *id, version, &amount).await?;
    note(&tx, &context, &caller, &format!("PUT projects/{id}/review"), &*amount, &project).await?;
    tx.commit().await?;
    Ok(answer(&project))
}

/// Carries out a workflow action.
#[utoipa::path(tag = "projects", request_body = ActionRequest, params(("id" = Uuid, Path)),
    responses((status = 200, body = Project), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/projects/{id}/actions")]
async fn act(
    id: web::Path<Uuid>,
    command: Command<ActionRequest>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let now = context.database.clock().now();
    let effect = async |tx: &_, caller: &_, request: ActionRequest| {
        Ok((StatusCode::OK, super::act(tx, now, caller, *id, &request).await?))
    };
    let response = command.once(&context.database, effect).await?;
    context.wake.notify_one();
    Ok(response)
}

/// Carries out the same action on many projects, each on its own (W4).
#[utoipa::path(tag = "projects", request_body = BatchRequest, responses((status = 200, body = BatchResult)))]
#[post("/projects/actions")]
async fn act_on_many(command: Command<BatchRequest>, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let now = context.database.clock().now();
    let BatchRequest { action, opinion, items } = command.body.clone();
    let effect = async |tx: &_, caller: &_, row: workflow::Row| {
        let request = ActionRequest { action, opinion: opinion.clone(), version: row.version };
        Ok((StatusCode::OK, super::act(tx, now, caller, row.id, &request).await?))
    };
    let response = command.each(&context.database, items, effect).await?;
    context.wake.notify_one();
    Ok(response)
}

/// Ends a stored project (终止, PM-009).
#[utoipa::path(tag = "projects", request_body = TerminateProject, params(("id" = Uuid, Path)),
    responses((status = 201, body = Project), (status = 409, body = ProblemDocument)))]
#[post("/projects/{id}/terminations")]
async fn terminate(
    id: web::Path<Uuid>,
    command: Command<TerminateProject>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let now = context.database.clock().now();
    let effect = async |tx: &_, caller: &_, request: TerminateProject| {
        Ok((StatusCode::CREATED, super::terminate(tx, now, caller, *id, &request).await?))
    };
    let response = command.once(&context.database, effect).await?;
    context.wake.notify_one();
    Ok(response)
}

/// Who did what to a project, oldest first.
#[utoipa::path(tag = "projects", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<LogEntry>), (status = 404, body = ProblemDocument)))]
#[get("/projects/{id}/history")]
async fn history(caller: Caller, id: web::Path<Uuid>, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let db = context.database.read();
    super::shown(db, &caller, store::by_id(db, *id).await?).await?;
    Ok(HttpResponse::Ok().json(workflow::history(db, *id).await?))
}

fn answer(project: &Project) -> HttpResponse {
    with_etag(HttpResponse::Ok(), project.workflow.version).json(project)
}

/// The audit row of a change that is no command.
async fn note(
    tx: &sea_orm::DatabaseTransaction,
    context: &Context,
    caller: &Caller,
    operation: &str,
    request: &impl Serialize,
    project: &Project,
) -> Result<(), Problem> {
    let text = |error: serde_json::Error| Problem::internal(&error);
    let request = serde_json::to_string(request).map_err(text)?;
    let request_hash = format!("{:x}", Sha256::digest(request));
    let response = serde_json::to_string(project).map_err(text)?;
    audit::append(tx, context.database.clock(), caller, operation, &request_hash, &response).await?;
    Ok(())
}
