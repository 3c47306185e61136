//! Agencies over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, put, web};
use base_info_contract::{Agency, AgencyFilter, NewAgency, YearOpened, YearOpening};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use serde::Deserialize;
use service_kit::{
    Caller, Command, Page, Problem,
    http::{IfMatch, ProblemDocument, with_etag},
    store::audit,
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::BaseInfo;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(change).service(stop).service(get_one).service(list).service(open_year);
}

type Key = (DivisionCode, FiscalYear, AgencyCode);

/// Records a unit.
#[utoipa::path(tag = "agencies", request_body = NewAgency,
    responses((status = 201, body = Agency), (status = 422, body = ProblemDocument)))]
#[post("/agencies")]
async fn create(command: Command<NewAgency>, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    command
        .once(&base_info.database, async |tx, caller, new| {
            Ok((StatusCode::CREATED, super::create(tx, &base_info, caller, new).await?))
        })
        .await
}

/// Changes a unit; needs `If-Match`.
#[utoipa::path(tag = "agencies", request_body = NewAgency,
    params(("If-Match" = String, Header), ("mof_div_code" = String, Path), ("fiscal_year" = u16, Path),
        ("agency_code" = String, Path)),
    responses((status = 200, body = Agency), (status = 412, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[put("/agencies/{mof_div_code}/{fiscal_year}/{agency_code}")]
async fn change(
    caller: Caller,
    version: IfMatch,
    path: web::Path<Key>,
    body: web::Json<NewAgency>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    let (new, (division, year, code)) = (body.into_inner(), path.into_inner());
    if (&new.mof_div_code, new.fiscal_year, &new.agency_code) != (&division, year, &code) {
        return Err(Problem::field("/agency_code", "与地址中的单位不一致", "is not the agency of the address"));
    }
    let tx = base_info.database.begin_write().await?;
    let agency = super::change(&tx, &base_info, &caller, new, version.0).await?;
    let operation = format!("PUT /api/base-info/v1/agencies/{division}/{year}/{code}");
    audit::append(&tx, base_info.database.clock(), &caller, &operation, "", &agency.version.to_string()).await?;
    tx.commit().await?;
    Ok(with_etag(HttpResponse::Ok(), agency.version).json(agency))
}

/// No content is needed to stop a unit.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Stop {}

/// Stops a unit.
#[utoipa::path(tag = "agencies", request_body = Stop,
    params(("mof_div_code" = String, Path), ("fiscal_year" = u16, Path), ("agency_code" = String, Path)),
    responses((status = 200, body = Agency), (status = 422, body = ProblemDocument)))]
#[post("/agencies/{mof_div_code}/{fiscal_year}/{agency_code}/stops")]
async fn stop(
    command: Command<Stop>,
    path: web::Path<Key>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    let (division, year, code) = path.into_inner();
    command
        .once(&base_info.database, async |tx, caller, Stop {}| {
            Ok((StatusCode::OK, super::stop(tx, &base_info, caller, &division, year, &code).await?))
        })
        .await
}

/// One unit.
#[utoipa::path(tag = "agencies",
    params(("mof_div_code" = String, Path), ("fiscal_year" = u16, Path), ("agency_code" = String, Path)),
    responses((status = 200, body = Agency), (status = 404, body = ProblemDocument)))]
#[get("/agencies/{mof_div_code}/{fiscal_year}/{agency_code}")]
async fn get_one(
    caller: Caller,
    path: web::Path<Key>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    let (division, year, code) = path.into_inner();
    let agency = super::get(&base_info, &caller, &division, year, &code).await?;
    Ok(with_etag(HttpResponse::Ok(), agency.version).json(agency))
}

/// Units within the caller's reach.
#[utoipa::path(tag = "agencies", params(AgencyFilter), responses((status = 200, body = Page<Agency>)))]
#[get("/agencies")]
async fn list(
    caller: Caller,
    filter: web::Query<AgencyFilter>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&base_info, &caller, &filter).await?))
}

/// Opens a fiscal year with the units of the year before.
#[utoipa::path(tag = "agencies", request_body = YearOpening,
    responses((status = 200, body = YearOpened), (status = 422, body = ProblemDocument)))]
#[post("/fiscal-years/openings")]
async fn open_year(command: Command<YearOpening>, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    command
        .once(&base_info.database, async |tx, caller, opening| {
            Ok((StatusCode::OK, super::open_year(tx, &base_info, caller, opening).await?))
        })
        .await
}
