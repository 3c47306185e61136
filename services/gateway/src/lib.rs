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
    http::StreamedBodies,
    upstream,
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
/// Connections that a server thread keeps to a service.
const IDLE_CONNECTIONS: usize = 128;
const CONSOLE: &str = include_str!("console.html");

/// The gateway as a module.
pub async fn start(start: Start<Config>) -> Result<Module, StartError> {
    // told here rather than by each server thread
    client().map_err(StartError::of)?;
    let upstreams = Arc::new(SERVICES.map(|name| (name, start.surroundings.upstream(name))).to_vec());
    let timeout = Duration::from_secs(start.config.timeout_seconds);
    let limit = Arc::new(limit::Limit::new(start.config.requests_per_second, start.config.burst));
    let routes = move |config: &mut ServiceConfig<'_>| {
        let http = client().unwrap_or_default();
        let door = proxy::Door { http, upstreams: upstreams.clone(), timeout, limit: limit.clone() };
        config
            .app_data(web::Data::new(door))
            .app_data(StreamedBodies)
            .route("/openapi.json", web::get().to(document::merged))
            .route("/", web::get().to(console))
            .route("/api/{service}/{tail:.*}", web::route().to(proxy::forward));
    };
    Ok(Module { name: "gateway", routes: Arc::new(routes), workers: Vec::new(), database: None })
}

fn client() -> Result<reqwest::Client, reqwest::Error> {
    let builder = upstream::client().pool_max_idle_per_host(IDLE_CONNECTIONS).connect_timeout(CONNECT_WITHIN);
    builder.no_proxy().build()
}

async fn console() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(CONSOLE)
}
