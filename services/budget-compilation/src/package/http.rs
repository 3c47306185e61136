//! Routes of packages.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use budget_compilation_contract::{AuditRequest, Package, PackageQuery, PackageRequest, PackageSummary, Stage};
use sea_orm::{ColumnTrait as _, Condition};
use service_kit::{
    Caller, Command, Page, PageQuery, Problem,
    http::{BatchResult, IfMatch, ProblemDocument, with_etag},
    store::audit as audit_log,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, BatchRequest, LogEntry, Row};

use super::{
    Draft, Filter, OF_UNITS, Step, Whole, act, audit, create,
    entity::{Kind, package::Column},
    page, prepare, ready, revise, show, summary,
};
use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(open)
        .service(list)
        .service(act_on_many)
        .service(read)
        .service(change)
        .service(set_audited)
        .service(act_on_one)
        .service(history);
}

/// 编报预算: drafts a package of a unit, or without unit one of lines still to be allocated.
#[utoipa::path(tag = "packages", request_body = PackageRequest,
    responses((status = 201, body = Package), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/packages")]
async fn open(context: web::Data<Context>, command: Command<PackageRequest>) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&context.database).await? {
        return Ok(answer);
    }
    let prepared = prepare(&context, &command.caller, Draft::from(command.body.clone())).await?;
    command
        .once(&context.database, async |tx, caller, _| {
            Ok((StatusCode::CREATED, create(tx, &context, caller, prepared).await?.package()))
        })
        .await
}

/// Packages within reach.
#[utoipa::path(tag = "packages", params(PackageQuery), responses((status = 200, body = Page<PackageSummary>)))]
#[get("/packages")]
async fn list(
    context: web::Data<Context>,
    caller: Caller,
    query: web::Query<PackageQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let paged = PageQuery { page_size: query.page_size, page_token: query.page_token }.paged()?;
    let kinds = match query.stage {
        None => OF_UNITS.to_vec(),
        Some(Stage::OneUp) => vec![Kind::OneUp],
        Some(Stage::TwoUp) => vec![Kind::TwoUp, Kind::Unallocated],
    };
    let condition = Condition::all()
        .add_option(query.mof_div_code.map(|code| Column::MofDivCode.eq(code)))
        .add_option(query.fiscal_year.map(|year| Column::FiscalYear.eq(year)))
        .add_option(query.agency_code.map(|code| Column::AgencyCode.eq(code)))
        .add_option(query.dept_code.map(|code| Column::DeptCode.eq(code)));
    let db = context.database.read();
    let rows = page(db, &caller, Filter { condition, kinds }, &paged, paged.after_as()?).await?;
    let documents = workflow::documents(db, rows.iter().map(|row| row.package_id).collect()).await?;
    let views: Vec<_> =
        rows.iter().filter_map(|row| Some(summary(row, documents.get(&row.package_id)?.state()))).collect();
    Ok(HttpResponse::Ok().json(Page::of(views, &paged, |view| view.package_id.to_string())))
}

/// One package with its lines.
#[utoipa::path(tag = "packages", params(("id" = Uuid, Path)),
    responses((status = 200, body = Package), (status = 404, body = ProblemDocument)))]
#[get("/packages/{id}")]
async fn read(context: web::Data<Context>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let whole = show(context.database.read(), &caller, *id, OF_UNITS).await?;
    Ok(with_etag(HttpResponse::Ok(), whole.state.version).json(whole.package()))
}

/// Replaces the content of a draft or returned package.
#[utoipa::path(tag = "packages", request_body = PackageRequest, params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Package), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[put("/packages/{id}")]
async fn change(
    context: web::Data<Context>,
    caller: Caller,
    id: web::Path<Uuid>,
    version: IfMatch,
    body: web::Json<PackageRequest>,
) -> Result<HttpResponse, Problem> {
    let operation = format!("PUT /api/budget-compilation/v1/packages/{id}");
    let hash = content_hash(&*body)?;
    let present = show(context.database.read(), &caller, *id, OF_UNITS).await?;
    super::require_open(&present)?;
    let prepared = prepare(&context, &caller, Draft::from(body.into_inner())).await?;
    let tx = context.database.begin_write().await?;
    let (whole, version) = revise(&tx, &context, &caller, (*id, OF_UNITS, version), prepared).await?;
    let view = whole.package();
    audit_log::append(&tx, context.database.clock(), &caller, &operation, &hash, &content_hash(&view)?).await?;
    tx.commit().await?;
    context.release.notify_one();
    Ok(with_etag(HttpResponse::Ok(), version).json(view))
}

/// 财政审核数: sets audited amounts at a finance node.
#[utoipa::path(tag = "packages", request_body = AuditRequest, params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Package), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[put("/packages/{id}/audit")]
async fn set_audited(
    context: web::Data<Context>,
    caller: Caller,
    id: web::Path<Uuid>,
    version: IfMatch,
    body: web::Json<AuditRequest>,
) -> Result<HttpResponse, Problem> {
    let operation = format!("PUT /api/budget-compilation/v1/packages/{id}/audit");
    let hash = content_hash(&*body)?;
    let tx = context.database.begin_write().await?;
    let (whole, version) = audit(&tx, &context, &caller, (*id, version), body.into_inner()).await?;
    let view = whole.package();
    audit_log::append(&tx, context.database.clock(), &caller, &operation, &hash, &content_hash(&view)?).await?;
    tx.commit().await?;
    Ok(with_etag(HttpResponse::Ok(), version).json(view))
}

/// Submits, approves, returns, recalls, discards, hangs or resumes a package.
#[utoipa::path(tag = "packages", request_body = ActionRequest, params(("id" = Uuid, Path)),
    responses((status = 200, body = Package), (status = 403, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 503, body = ProblemDocument)))]
#[post("/packages/{id}/actions")]
async fn act_on_one(
    context: web::Data<Context>,
    id: web::Path<Uuid>,
    command: Command<ActionRequest>,
) -> Result<HttpResponse, Problem> {
    one_step(&context, *id, OF_UNITS, command, |whole| Ok(whole.package())).await
}

/// The same action on many packages, each on its own (W4).
#[utoipa::path(tag = "packages", request_body = BatchRequest,
    responses((status = 200, body = BatchResult)))]
#[post("/packages/actions")]
async fn act_on_many(context: web::Data<Context>, command: Command<BatchRequest>) -> Result<HttpResponse, Problem> {
    many_steps(&context, OF_UNITS, command, |whole| Ok(whole.package())).await
}

/// Who did what to the package, oldest first.
#[utoipa::path(tag = "packages", params(("id" = Uuid, Path)), responses((status = 200, body = Vec<LogEntry>)))]
#[get("/packages/{id}/history")]
async fn history(context: web::Data<Context>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let whole = show(context.database.read(), &caller, *id, OF_UNITS).await?;
    Ok(HttpResponse::Ok().json(workflow::history(context.database.read(), whole.row.package_id).await?))
}

/// One step on one package, with its peers asked first.
pub(crate) async fn one_step<V: serde::Serialize>(
    context: &Context,
    package_id: Uuid,
    kinds: &'static [Kind],
    command: Command<ActionRequest>,
    view: impl Fn(Whole) -> Result<V, Problem>,
) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&context.database).await? {
        return Ok(answer);
    }
    let step = Step { package_id, kinds, request: command.body.clone(), is_dry_run: command.dry_run };
    let prepared = ready(context, &command.caller, &step).await?;
    command
        .once(&context.database, async |tx, caller, _| {
            Ok((StatusCode::OK, view(act(tx, context, caller, &step, prepared).await?)?))
        })
        .await
}

/// One step on many packages; a refusal of one leaves the others done.
pub(crate) async fn many_steps<V: serde::Serialize>(
    context: &Context,
    kinds: &'static [Kind],
    command: Command<BatchRequest>,
    view: impl Fn(Whole) -> Result<V, Problem>,
) -> Result<HttpResponse, Problem> {
    let BatchRequest { action, opinion, items } = command.body.clone();
    let step = |row: &Row| {
        let request = ActionRequest { action, opinion: opinion.clone(), version: row.version };
        Step { package_id: row.id, kinds, request, is_dry_run: command.dry_run }
    };
    let mut prepared = HashMap::new();
    for row in &items {
        let step = step(row);
        let outcome = ready(context, &command.caller, &step).await;
        prepared.insert(row.id, (step, outcome));
    }
    let effect = async |tx: &sea_orm::DatabaseTransaction, caller: &Caller, row: Row| {
        let (step, outcome) = prepared.get(&row.id).ok_or_else(super::not_found)?;
        Ok((StatusCode::OK, view(act(tx, context, caller, step, outcome.clone()?).await?)?))
    };
    command.each(&context.database, items, effect).await
}

/// What stands for the content of a change in the audit trail.
pub(crate) fn content_hash(content: &impl serde::Serialize) -> Result<String, Problem> {
    let text = serde_json::to_vec(content).map_err(|error| Problem::internal(&error))?;
    Ok(Uuid::new_v5(&Uuid::NAMESPACE_OID, &text).simple().to_string())
}
