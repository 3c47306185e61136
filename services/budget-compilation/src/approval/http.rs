//! Routes of approvals.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use budget_compilation_contract::{Approval, ApprovalQuery, ApprovalRequest};
use sea_orm::{ColumnTrait as _, Condition};
use service_kit::{
    Caller, Command, Page, PageQuery, Problem,
    http::{BatchResult, IfMatch, ProblemDocument, with_etag},
    store::audit,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, BatchRequest, LogEntry, Row};

use super::{act, create, entity::approval::Column, revise, show, store, summary};
use crate::{Context, package::http::content_hash};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(open)
        .service(list)
        .service(act_on_many)
        .service(read)
        .service(change)
        .service(act_on_one)
        .service(history);
}

/// 拟批复: drafts an approval over everything that is final and not yet approved.
#[utoipa::path(tag = "approvals", request_body = ApprovalRequest,
    responses((status = 201, body = Approval), (status = 409, body = ProblemDocument)))]
#[post("/approvals")]
async fn open(context: web::Data<Context>, command: Command<ApprovalRequest>) -> Result<HttpResponse, Problem> {
    command
        .once(&context.database, async |tx, caller, request| {
            Ok((StatusCode::CREATED, create(tx, &context, caller, request).await?))
        })
        .await
}

/// Approvals within reach; warnings are told by the single approval.
#[utoipa::path(tag = "approvals", params(ApprovalQuery), responses((status = 200, body = Page<Approval>)))]
#[get("/approvals")]
async fn list(
    context: web::Data<Context>,
    caller: Caller,
    query: web::Query<ApprovalQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let paged = PageQuery { page_size: query.page_size, page_token: query.page_token }.paged()?;
    let condition = Condition::all()
        .add_option(query.mof_div_code.map(|code| Column::MofDivCode.eq(code)))
        .add_option(query.fiscal_year.map(|year| Column::FiscalYear.eq(year)));
    let db = context.database.read();
    let rows = store::page(db, &caller, condition, &paged, paged.after_as()?).await?;
    let documents = workflow::documents(db, rows.iter().map(|row| row.approval_id).collect()).await?;
    let views: Vec<_> = rows
        .into_iter()
        .filter_map(|row| {
            let state = documents.get(&row.approval_id)?.state();
            Some(summary(row, state, Vec::new()))
        })
        .collect();
    Ok(HttpResponse::Ok().json(Page::of(views, &paged, |view| view.approval_id.to_string())))
}

/// One approval with its warnings.
#[utoipa::path(tag = "approvals", params(("id" = Uuid, Path)),
    responses((status = 200, body = Approval), (status = 404, body = ProblemDocument)))]
#[get("/approvals/{id}")]
async fn read(context: web::Data<Context>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let view = show(context.database.read(), &caller, *id).await?;
    Ok(with_etag(HttpResponse::Ok(), view.state.version).json(view))
}

/// Replaces number, title and date of a draft, and gathers anew.
#[utoipa::path(tag = "approvals", request_body = ApprovalRequest, params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Approval), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument)))]
#[put("/approvals/{id}")]
async fn change(
    context: web::Data<Context>,
    caller: Caller,
    id: web::Path<Uuid>,
    version: IfMatch,
    body: web::Json<ApprovalRequest>,
) -> Result<HttpResponse, Problem> {
    let operation = format!("PUT /api/budget-compilation/v1/approvals/{id}");
    let hash = content_hash(&*body)?;
    let tx = context.database.begin_write().await?;
    let view = revise(&tx, &context, &caller, (*id, version), body.into_inner()).await?;
    audit::append(&tx, context.database.clock(), &caller, &operation, &hash, &content_hash(&view)?).await?;
    tx.commit().await?;
    Ok(with_etag(HttpResponse::Ok(), view.state.version).json(view))
}

/// Submits, approves, returns, recalls or discards an approval; the last approval grants the budget.
#[utoipa::path(tag = "approvals", request_body = ActionRequest, params(("id" = Uuid, Path)),
    responses((status = 200, body = Approval), (status = 403, body = ProblemDocument), (status = 409, body = ProblemDocument)))]
#[post("/approvals/{id}/actions")]
async fn act_on_one(
    context: web::Data<Context>,
    id: web::Path<Uuid>,
    command: Command<ActionRequest>,
) -> Result<HttpResponse, Problem> {
    command
        .once(&context.database, async |tx, caller, request| {
            Ok((StatusCode::OK, act(tx, &context, caller, *id, &request).await?))
        })
        .await
}

/// The same action on many approvals, each on its own (W4).
#[utoipa::path(tag = "approvals", request_body = BatchRequest,
    responses((status = 200, body = BatchResult)))]
#[post("/approvals/actions")]
async fn act_on_many(context: web::Data<Context>, command: Command<BatchRequest>) -> Result<HttpResponse, Problem> {
    let BatchRequest { action, opinion, items } = command.body.clone();
    let effect = async |tx: &sea_orm::DatabaseTransaction, caller: &Caller, row: Row| {
        let request = ActionRequest { action, opinion: opinion.clone(), version: row.version };
        Ok((StatusCode::OK, act(tx, &context, caller, row.id, &request).await?))
    };
    command.each(&context.database, items, effect).await
}

/// Who did what to the approval, oldest first.
#[utoipa::path(tag = "approvals", params(("id" = Uuid, Path)), responses((status = 200, body = Vec<LogEntry>)))]
#[get("/approvals/{id}/history")]
async fn history(context: web::Data<Context>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let view = show(context.database.read(), &caller, *id).await?;
    Ok(HttpResponse::Ok().json(workflow::history(context.database.read(), view.approval_id).await?))
}
