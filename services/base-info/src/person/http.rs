//! Persons over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use base_info_contract::{NewPerson, Person, PersonFilter};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::BaseInfo;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(list);
}

/// Records a person.
#[utoipa::path(tag = "persons", request_body = NewPerson,
    responses((status = 201, body = Person), (status = 422, body = ProblemDocument)))]
#[post("/persons")]
async fn create(command: Command<NewPerson>, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    let effect = async |tx: &_, caller: &Caller, new| Ok((StatusCode::CREATED, super::create(tx, caller, new).await?));
    command.once(&base_info.database, effect).await
}

/// Persons within the caller's reach.
#[utoipa::path(tag = "persons", params(PersonFilter), responses((status = 200, body = Page<Person>)))]
#[get("/persons")]
async fn list(
    caller: Caller,
    filter: web::Query<PersonFilter>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&base_info, &caller, &filter).await?))
}
