//! Users over HTTP.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use base_info_contract::{NewUser, User, UserFilter};
use service_kit::{Caller, Command, Page, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{BaseInfo, token};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create).service(list);
}

/// Grants an account to a person.
#[utoipa::path(tag = "users", request_body = NewUser,
    responses((status = 201, body = User), (status = 403, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/users")]
async fn create(command: Command<NewUser>, base_info: web::Data<BaseInfo>) -> Result<HttpResponse, Problem> {
    if let Some(answer) = command.replayed(&base_info.database).await? {
        return Ok(answer);
    }
    super::check(&command.body)?;
    let password_hash = token::hash(command.body.password.clone()).await?;
    command
        .once(&base_info.database, async |tx, caller, new| {
            Ok((StatusCode::CREATED, super::create(tx, &base_info, caller, new, password_hash).await?))
        })
        .await
}

/// Users of a division.
#[utoipa::path(tag = "users", params(UserFilter), responses((status = 200, body = Page<User>)))]
#[get("/users")]
async fn list(
    caller: Caller,
    filter: web::Query<UserFilter>,
    base_info: web::Data<BaseInfo>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&base_info, &caller, &filter).await?))
}
