//! The one door: routes `/api/<service>/…` to the services, bounds what comes in, merges their interface documents
//! and serves the console. It owns no data and adds nothing to paths.

mod config;
mod document;
mod limit;
mod proxy;

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use service_kit::{
    Catalogue, Module, Problem,
    host::{Start, StartError},
    http::Entrance,
    upstream,
};
use utoipa_actix_web::service_config::ServiceConfig;

use limit::Limit;

pub use config::Config;

/// The refusals of the gateway.
pub static RULES: Catalogue = Catalogue::new(include_str!("../errors.csv"));

/// The services behind the gateway, as in their paths.
pub const SERVICES: [&str; 6] =
    ["base-info", "project-library", "budget-compilation", "budget-execution", "final-accounts", "monitoring"];

/// Where services are served.
const SERVED: &str = "/api/";
/// An instance that does not accept by then is passed over for the next one.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// Connections that a server thread keeps to a service.
const IDLE_CONNECTIONS: usize = 128;
const CONSOLE: &str = include_str!("console.html");

/// The gateway as a module. What is asked of a service elsewhere is passed on; one in this process answers on the same
/// listener, behind the same limits.
pub async fn start(start: Start<Config>) -> Result<Module, StartError> {
    // told here rather than by each server thread
    client().map_err(StartError::of)?;
    let (surroundings, config) = (start.surroundings, start.config);
    let upstreams = Arc::new(SERVICES.map(|name| (name, surroundings.upstream(name))).to_vec());
    let elsewhere: Vec<&str> = SERVICES.into_iter().filter(|name| surroundings.is_elsewhere(name)).collect();
    let limit = Limit::new(config.requests_per_second, config.burst);
    let entrance: Arc<dyn Entrance> = Arc::new(Limits { limit, elsewhere: elsewhere.iter().map(path_of).collect() });
    let timeout = Duration::from_secs(config.timeout_seconds);
    let routes = move |config: &mut ServiceConfig<'_>| {
        let door = proxy::Door { http: client().unwrap_or_default(), upstreams: upstreams.clone(), timeout };
        config
            .app_data(web::Data::new(door))
            .app_data(web::Data::from(entrance.clone()))
            .route("/openapi.json", web::get().to(document::merged))
            .route("/", web::get().to(console));
        for name in &elsewhere {
            config.route(&format!("{}{{tail:.*}}", path_of(name)), web::route().to(proxy::forward));
        }
    };
    Ok(Module { name: "gateway", routes: Arc::new(routes), workers: Vec::new(), database: None })
}

/// Below it everything belongs to the service.
fn path_of(service: &&str) -> String {
    format!("{SERVED}{service}/")
}

/// What the world may ask.
struct Limits {
    limit: Limit,
    /// Paths of services that are not in this process.
    elsewhere: Vec<String>,
}

impl Entrance for Limits {
    fn admit(&self, request: &HttpRequest) -> Result<(), Problem> {
        self.limit.check(request)
    }

    fn passes_on(&self, request: &HttpRequest) -> bool {
        let asked = request.match_info().as_str();
        self.elsewhere.iter().any(|path| asked.starts_with(path))
    }
}

fn client() -> Result<reqwest::Client, reqwest::Error> {
    let builder = upstream::client().pool_max_idle_per_host(IDLE_CONNECTIONS).connect_timeout(CONNECT_WITHIN);
    builder.no_proxy().build()
}

async fn console() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(CONSOLE)
}
