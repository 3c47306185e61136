//! Routes of approved lines: read-only (BG-012).

use actix_web::{HttpResponse, get, web};
use budget_compilation_contract::{AnnualLineQuery, AnnualLineView, BudgetTable, TransferLineQuery, TransferLineView};
use common_types::{DivisionCode, FiscalYear};
use sea_orm::{ColumnTrait as _, Condition};
use service_kit::{
    Caller, Page, PageQuery, Problem,
    http::{Paged, ProblemDocument},
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{budget, entity::annual, entity::transfer, store};
use crate::Context;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(annual_lines).service(transfer_lines).service(budget_table);
}

/// Granted annual lines within reach (BGT_PM_ANNUAL).
#[utoipa::path(tag = "annual-lines", params(AnnualLineQuery), responses((status = 200, body = Page<AnnualLineView>)))]
#[get("/annual-lines")]
async fn annual_lines(
    context: web::Data<Context>,
    caller: Caller,
    query: web::Query<AnnualLineQuery>,
) -> Result<HttpResponse, Problem> {
    use annual::Column;
    let query = query.into_inner();
    let paged = PageQuery { page_size: query.page_size, page_token: query.page_token }.paged()?;
    let condition = Condition::all()
        .add_option(query.mof_div_code.map(|code| Column::MofDivCode.eq(code)))
        .add_option(query.fiscal_year.map(|year| Column::FiscalYear.eq(year)))
        .add_option(query.version.map(|version| Column::Version.eq(version)))
        .add_option(query.agency_code.map(|code| Column::AgencyCode.eq(code)))
        .add_option(query.dept_code.map(|code| Column::DeptCode.eq(code)))
        .add_option(query.pro_code.map(|code| Column::ProCode.eq(code)))
        .add_option(query.fund_type_code.map(|code| Column::FundTypeCode.eq(code)));
    let rows = store::annual_page(context.database.read(), &caller, condition, &paged, position(&paged)?).await?;
    let page = Page::of(rows, &paged, |row| format!("{}:{}", row.bgt_pman_id, row.version));
    Ok(HttpResponse::Ok().json(page.map(annual::Model::view)))
}

/// Granted transfer lines within reach (BGT_TRA).
#[utoipa::path(tag = "transfer-lines", params(TransferLineQuery), responses((status = 200, body = Page<TransferLineView>)))]
#[get("/transfer-lines")]
async fn transfer_lines(
    context: web::Data<Context>,
    caller: Caller,
    query: web::Query<TransferLineQuery>,
) -> Result<HttpResponse, Problem> {
    use transfer::Column;
    let query = query.into_inner();
    let paged = PageQuery { page_size: query.page_size, page_token: query.page_token }.paged()?;
    let condition = Condition::all()
        .add_option(query.mof_div_code.map(|code| Column::MofDivCode.eq(code)))
        .add_option(query.fiscal_year.map(|year| Column::FiscalYear.eq(year)))
        .add_option(query.version.map(|version| Column::Version.eq(version)))
        .add_option(query.sub_mof_div_code.map(|code| Column::SubMofDivCode.eq(code)))
        .add_option(query.pro_code.map(|code| Column::ProCode.eq(code)));
    let rows = store::transfer_page(context.database.read(), &caller, condition, &paged, position(&paged)?).await?;
    let page = Page::of(rows, &paged, |row| format!("{}:{}", row.bgt_pman_id, row.version));
    Ok(HttpResponse::Ok().json(page.map(transfer::Model::view)))
}

/// The approved budget in one table, by department or receiver, kind and fund nature.
#[utoipa::path(tag = "budgets", params(("mof_div_code" = String, Path), ("fiscal_year" = i32, Path)),
    responses((status = 200, body = BudgetTable), (status = 404, body = ProblemDocument)))]
#[get("/budgets/{mof_div_code}/{fiscal_year}")]
async fn budget_table(
    context: web::Data<Context>,
    caller: Caller,
    path: web::Path<(DivisionCode, FiscalYear)>,
) -> Result<HttpResponse, Problem> {
    let (division, year) = path.into_inner();
    Ok(HttpResponse::Ok().json(budget(context.database.read(), &caller, &division, year).await?))
}

/// Where a page starts: after this line in this version.
fn position(paged: &Paged) -> Result<Option<(Uuid, i64)>, Problem> {
    let Some(text) = &paged.after else { return Ok(None) };
    let parts = text.split_once(':').and_then(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)));
    parts.map(Some).ok_or_else(|| Problem::malformed("page_token is not one that this service gave"))
}
