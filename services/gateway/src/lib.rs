//! The one door: routes `/api/<service>/…` to the services, bounds what comes in, merges their interface documents
//! and serves the console. It owns no data and adds nothing to paths.

mod config;
mod document;
mod limit;
mod proxy;

use std::{sync::Arc, time::Duration};

use actix_web::{HttpResponse, web};
use service_kit::{
    Catalogue, Module,
    host::{Start, StartError},
};
use utoipa_actix_web::service_config::ServiceConfig;

pub use config::Config;

/// The refusals of the gateway.
pub static RULES: Catalogue = Catalogue::new(include_str!("../errors.csv"));

/// The services behind the gateway, as in their paths.
pub const SERVICES: [&str; 6] =
    ["base-info", "project-library", "budget-compilation", "budget-execution", "final-accounts", "monitoring"];

/// An instance that does not accept by then is passed over for the next one.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

const CONSOLE: &str = include_str!("console.html");

/// The gateway as a module.
pub async fn start(start: Start<Config>) -> Result<Module, StartError> {
    let http = reqwest::Client::builder()
        .pool_max_idle_per_host(256)
        .connect_timeout(CONNECT_WITHIN)
        .build()
        .map_err(StartError::of)?;
    let upstreams = SERVICES.map(|name| (name, start.surroundings.upstream(name))).to_vec();
    let door = web::Data::new(proxy::Door {
        http,
        upstreams,
        timeout: Duration::from_secs(start.config.timeout_seconds),
        limit: limit::Limit::new(start.config.requests_per_second, start.config.burst),
    });
    let routes = move |config: &mut ServiceConfig<'_>| {
        config
            .app_data(door.clone())
            .route("/openapi.json", web::get().to(document::merged))
            .route("/", web::get().to(console))
            .route("/api/{service}/{tail:.*}", web::route().to(proxy::forward));
    };
    Ok(Module { name: "gateway", routes: Arc::new(routes), workers: Vec::new(), database: None })
}

async fn console() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(CONSOLE)
}
