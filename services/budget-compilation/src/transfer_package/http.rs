//! Routes of transfer packages.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use budget_compilation_contract::{
    TransferPackage, TransferPackageQuery, TransferPackageRequest, TransferPackageSummary,
};
use sea_orm::{ColumnTrait as _, Condition};
use service_kit::{
    Caller, Command, Page, PageQuery, Problem,
    http::{BatchResult, IfMatch, ProblemDocument, with_etag},
    store::audit as audit_log,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use workflow::{ActionRequest, BatchRequest, LogEntry};

use crate::{
    Context,
    package::{
        self, Draft, Filter, OF_TRANSFERS, Whole,
        entity::package::Column,
        http::{content_hash, many_steps, one_step},
    },
};

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

/// 编制转移支付预算: drafts a transfer package.
#[utoipa::path(tag = "transfer-packages", request_body = TransferPackageRequest,
    responses((status = 201, body = TransferPackage), (status = 422, body = ProblemDocument)))]
#[post("/transfer-packages")]
async fn open(context: web::Data<Context>, command: Command<TransferPackageRequest>) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&context.database).await? {
        return Ok(answer);
    }
    let prepared = package::prepare(&context, &command.caller, Draft::from(command.body.clone())).await?;
    command
        .once(&context.database, async |tx, caller, _| {
            Ok((StatusCode::CREATED, package::create(tx, &context, caller, prepared).await?.transfer_package()?))
        })
        .await
}

/// Transfer packages within reach of finance staff.
#[utoipa::path(tag = "transfer-packages", params(TransferPackageQuery), responses((status = 200, body = Page<TransferPackageSummary>)))]
#[get("/transfer-packages")]
async fn list(
    context: web::Data<Context>,
    caller: Caller,
    query: web::Query<TransferPackageQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let paged = PageQuery { page_size: query.page_size, page_token: query.page_token }.paged()?;
    let condition = Condition::all()
        .add_option(query.mof_div_code.map(|code| Column::MofDivCode.eq(code)))
        .add_option(query.fiscal_year.map(|year| Column::FiscalYear.eq(year)));
    let db = context.database.read();
    let filter = Filter { condition, kinds: OF_TRANSFERS.to_vec() };
    let rows = package::page(db, &caller, filter, &paged, paged.after_as()?).await?;
    let documents = workflow::documents(db, rows.iter().map(|row| row.package_id).collect()).await?;
    let views: Vec<_> = rows
        .iter()
        .filter_map(|row| Some(package::transfer_summary(row, documents.get(&row.package_id)?.state())))
        .collect();
    Ok(HttpResponse::Ok().json(Page::of(views, &paged, |view| view.package_id.to_string())))
}

/// One transfer package with its lines.
#[utoipa::path(tag = "transfer-packages", params(("id" = Uuid, Path)),
    responses((status = 200, body = TransferPackage), (status = 404, body = ProblemDocument)))]
#[get("/transfer-packages/{id}")]
async fn read(context: web::Data<Context>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let whole = package::show(context.database.read(), &caller, *id, OF_TRANSFERS).await?;
    Ok(with_etag(HttpResponse::Ok(), whole.state.version).json(whole.transfer_package()?))
}

/// Replaces the content of a draft or returned transfer package.
#[utoipa::path(tag = "transfer-packages", request_body = TransferPackageRequest, params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = TransferPackage), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[put("/transfer-packages/{id}")]
async fn change(
    context: web::Data<Context>,
    caller: Caller,
    id: web::Path<Uuid>,
    version: IfMatch,
    body: web::Json<TransferPackageRequest>,
) -> Result<HttpResponse, Problem> {
    let operation = format!("PUT /api/budget-compilation/v1/transfer-packages/{id}");
    let hash = content_hash(&*body)?;
    package::require_open(&package::show(context.database.read(), &caller, *id, OF_TRANSFERS).await?)?;
    let prepared = package::prepare(&context, &caller, Draft::from(body.into_inner())).await?;
    let tx = context.database.begin_write().await?;
    let (whole, version) = package::revise(&tx, &context, &caller, (*id, OF_TRANSFERS, version), prepared).await?;
    let view = whole.transfer_package()?;
    audit_log::append(&tx, context.database.clock(), &caller, &operation, &hash, &content_hash(&view)?).await?;
    tx.commit().await?;
    context.release.notify_one();
    Ok(with_etag(HttpResponse::Ok(), version).json(view))
}

/// Submits, approves, returns, recalls, discards, hangs or resumes a transfer package.
#[utoipa::path(tag = "transfer-packages", request_body = ActionRequest, params(("id" = Uuid, Path)),
    responses((status = 200, body = TransferPackage), (status = 403, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 503, body = ProblemDocument)))]
#[post("/transfer-packages/{id}/actions")]
async fn act_on_one(
    context: web::Data<Context>,
    id: web::Path<Uuid>,
    command: Command<ActionRequest>,
) -> Result<HttpResponse, Problem> {
    one_step(&context, *id, OF_TRANSFERS, command, Whole::transfer_package).await
}

/// The same action on many transfer packages, each on its own (W4).
#[utoipa::path(tag = "transfer-packages", request_body = BatchRequest,
    responses((status = 200, body = BatchResult)))]
#[post("/transfer-packages/actions")]
async fn act_on_many(context: web::Data<Context>, command: Command<BatchRequest>) -> Result<HttpResponse, Problem> {
    many_steps(&context, OF_TRANSFERS, command, Whole::transfer_package).await
}

/// Who did what to the transfer package, oldest first.
#[utoipa::path(tag = "transfer-packages", params(("id" = Uuid, Path)), responses((status = 200, body = Vec<LogEntry>)))]
#[get("/transfer-packages/{id}/history")]
async fn history(context: web::Data<Context>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let whole = package::show(context.database.read(), &caller, *id, OF_TRANSFERS).await?;
    Ok(HttpResponse::Ok().json(workflow::history(context.database.read(), whole.row.package_id).await?))
}
