//! Runs one or several services in one process: one listener, their routes, their workers, their end.

use std::{future::Future, io::Write as _, net::TcpListener, path::PathBuf, pin::Pin, sync::Arc, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    middleware::from_fn,
    web::{self, Bytes},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use url::Url;
use utoipa::{ToSchema, openapi::OpenApi};
use utoipa_actix_web::{AppExt as _, service_config::ServiceConfig};

use common_types::Role;

use crate::{
    Caller, Clock, Database,
    auth::{Credentials, Verifier},
    config::{self, DatabaseSettings, Identity, Peers, Server, Settings},
    http::{Problem, openapi, server},
    peer::Peer,
    store::relay::{Relay, Subscriber, Subscription},
    telemetry,
    upstream::{KEPT_BY_SERVER, Upstream},
};

/// Why a process ended other than by request.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    #[error("server failed: {0}")]
    Server(#[from] std::io::Error),
    #[error("worker {name} failed: {error}")]
    Worker { name: String, error: String },
    #[error("worker {0} ended although it should run for ever")]
    WorkerEnded(String),
    #[error("address is not usable: {0}")]
    Address(#[from] url::ParseError),
}

/// Adds the routes of a service; called once per server thread.
pub type Routes = Arc<dyn Fn(&mut ServiceConfig<'_>) + Send + Sync>;

/// A task that runs as long as the process; its failure takes the process down.
pub struct Worker {
    pub name: String,
    pub task: Pin<Box<dyn Future<Output = Result<(), String>> + Send>>,
}

impl Worker {
    /// Names a task.
    pub fn new<E: std::fmt::Display>(
        name: impl Into<String>,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) -> Self {
        Self { name: name.into(), task: Box::pin(async move { task.await.map_err(|error| error.to_string()) }) }
    }
}

/// One service, ready to be hosted.
pub struct Module {
    /// As in its paths, for example `budget-execution`.
    pub name: &'static str,
    pub routes: Routes,
    pub workers: Vec<Worker>,
    /// Checked by `/readyz`.
    pub database: Option<Database>,
}

impl Module {
    /// The same routes once more, on another listener of this process; the workers stay where they are.
    #[must_use]
    pub fn again(&self) -> Self {
        let (routes, database) = (self.routes.clone(), self.database.clone());
        Self { name: self.name, routes, workers: Vec::new(), database }
    }
}

/// What a service needs to find its peers and to check tokens.
#[derive(Clone)]
pub struct Surroundings {
    pub verifier: Verifier,
    pub clock: Clock,
    base: Url,
    peers: Peers,
    credentials: Credentials,
}

impl Surroundings {
    /// `base` is this process's own address: where a peer lives that has no address of its own.
    pub fn new(base: Url, peers: Peers, identity: &Identity, clock: Clock) -> Result<Self, url::ParseError> {
        let home = Upstream::new(&peers.base_info.0, &base).first().clone();
        let credentials = Credentials::new(
            home.join("/api/base-info/v1/tokens")?,
            identity.client_id.clone(),
            identity.client_secret.clone(),
        );
        let verifier = Verifier::of_url(home.join("/api/base-info/v1/jwks")?);
        Ok(Self { verifier, clock, base, peers, credentials })
    }

    /// The same surroundings with another token verifier, for tests that sign their own tokens.
    #[must_use]
    pub fn with_verifier(mut self, verifier: Verifier) -> Self {
        self.verifier = verifier;
        self
    }

    /// The instances of the named service; this process, when it has no address of its own.
    pub fn upstream(&self, service: &str) -> Upstream {
        Upstream::new(self.addresses(service), &self.base)
    }

    /// Whether the named service is reached at addresses of its own.
    pub fn is_elsewhere(&self, service: &str) -> bool {
        !self.addresses(service).is_empty()
    }

    fn addresses(&self, service: &str) -> &[Url] {
        let instances = match service {
            "base-info" => &self.peers.base_info,
            "project-library" => &self.peers.project_library,
            "budget-compilation" => &self.peers.budget_compilation,
            "budget-execution" => &self.peers.budget_execution,
            "final-accounts" => &self.peers.final_accounts,
            "monitoring" => &self.peers.monitoring,
            "bank" => &self.peers.bank,
            _ => return &[],
        };
        &instances.0
    }

    /// A client of the named service, as this process.
    pub fn peer(&self, service: &str) -> Peer {
        Peer::of(self.upstream(service)).with_credentials(self.credentials.clone())
    }

    /// The relay worker of a service.
    pub fn relay(
        &self,
        source: &'static str,
        database: &Database,
        subscriptions: &[Subscription],
        wake: Arc<tokio::sync::Notify>,
    ) -> Worker {
        let subscriber = |one: &Subscription| Subscriber { subscription: *one, peer: self.peer(one.subscriber) };
        let subscribers = subscriptions.iter().map(subscriber).collect();
        let relay = Relay { source, database: database.clone(), subscribers, wake };
        Worker::new(format!("{source} relay"), relay.run())
    }
}

/// A bound listener; its address is known before any service starts.
pub struct Host {
    listener: TcpListener,
    base: Url,
    settings: Server,
}

impl Host {
    /// Binds the address; port 0 takes a free one.
    pub fn bind(settings: &Server) -> Result<Self, HostError> {
        let listener = TcpListener::bind(&settings.listen)?;
        let address = listener.local_addr()?;
        let reachable = if address.ip().is_unspecified() {
            format!("http://127.0.0.1:{}", address.port())
        } else {
            format!("http://{address}")
        };
        Ok(Self { listener, base: Url::parse(&reachable)?, settings: settings.clone() })
    }

    /// Where this process is reached from the same machine.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Serves until SIGTERM or SIGINT, then drains; ends with an error when a worker fails.
    pub async fn serve(self, modules: Vec<Module>, surroundings: Surroundings) -> Result<(), HostError> {
        let names: Vec<&str> = modules.iter().map(|module| module.name).collect();
        tracing::info!(address = %self.base, modules = ?names, "listening");
        let documents: Vec<OpenApi> = modules.iter().map(document_of).collect();
        let texts: Vec<(String, Bytes)> = documents.iter().map(text_of).collect();
        let mut workers = JoinSet::new();
        let mut routes = Vec::new();
        let mut databases = Vec::new();
        for module in modules {
            routes.push(module.routes);
            databases.extend(module.database);
            for worker in module.workers {
                workers.spawn(async move { (worker.name, worker.task.await) });
            }
        }
        let documents = web::Data::new(documents);
        let databases = web::Data::new(databases);
        let verifier = web::Data::new(surroundings.verifier.clone());
        let clock = web::Data::new(surroundings.clock.clone());
        let body_limit_bytes = self.settings.body_limit_bytes;
        let application = move || {
            let mut app = App::new()
                .configure(|config| server::extractor_settings(config, body_limit_bytes))
                .configure(|config| platform_routes(config, &texts))
                .into_utoipa_app()
                .app_data(documents.clone())
                .app_data(databases.clone())
                .app_data(verifier.clone())
                .app_data(clock.clone());
            for add in &routes {
                let add = add.clone();
                app = app.configure(move |config| add(config));
            }
            app.into_app().default_service(web::to(server::no_route)).wrap(from_fn(server::around))
        };
        let running = HttpServer::new(application)
            .workers(self.settings.workers)
            .keep_alive(KEPT_BY_SERVER)
            .client_request_timeout(KEPT_BY_SERVER)
            .shutdown_timeout(self.settings.drain_seconds)
            .listen(self.listener)?
            .run();
        let handle = running.handle();
        tokio::select! {
            result = running => Ok(result?),
            Some(ended) = workers.join_next() => {
                handle.stop(true).await;
                Err(worker_error(ended))
            }
        }
    }
}

fn worker_error(ended: Result<(String, Result<(), String>), tokio::task::JoinError>) -> HostError {
    match ended {
        Ok((name, Ok(()))) => HostError::WorkerEnded(name),
        Ok((name, Err(error))) => HostError::Worker { name, error },
        Err(error) => HostError::Worker { name: "unknown".to_owned(), error: error.to_string() },
    }
}

/// The OpenAPI document of one service, gathered from its routes.
fn document_of(module: &Module) -> OpenApi {
    let add = module.routes.clone();
    let (_, mut document) = App::new().into_utoipa_app().configure(move |config| add(config)).split_for_parts();
    document.info.title = module.name.to_owned();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    openapi::describe_commands(&mut document);
    document
}

/// The documents of the named services, for merging and for tests.
pub fn documents(modules: &[Module]) -> Vec<OpenApi> {
    modules.iter().map(document_of).collect()
}

/// Where a document is read, and its text.
fn text_of(document: &OpenApi) -> (String, Bytes) {
    let text = document.to_json().unwrap_or_default();
    (format!("/api/{}/v1/openapi.json", document.info.title), text.into())
}

fn platform_routes(config: &mut web::ServiceConfig, documents: &[(String, Bytes)]) {
    config
        .route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz))
        .route("/metrics", web::get().to(render_metrics))
        .route("/clock", web::get().to(clock))
        .route("/clock", web::put().to(set_clock));
    for (path, text) in documents {
        let text = text.clone();
        let answer = move || std::future::ready(HttpResponse::Ok().content_type("application/json").body(text.clone()));
        config.route(path, web::get().to(answer));
    }
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "ok"}))
}

async fn readyz(databases: web::Data<Vec<Database>>) -> HttpResponse {
    for database in databases.iter() {
        if let Err(error) = tokio::time::timeout(Duration::from_secs(2), database.ping())
            .await
            .map_err(drop)
            .and_then(|ping| ping.map_err(drop))
        {
            tracing::warn!(?error, "database does not answer");
            return HttpResponse::ServiceUnavailable().json(serde_json::json!({"status": "database does not answer"}));
        }
    }
    HttpResponse::Ok().json(serde_json::json!({"status": "ready"}))
}

async fn render_metrics() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(telemetry::metrics().render())
}

/// Where business time stands.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockReading {
    pub now: DateTime<Utc>,
}

async fn clock(clock: web::Data<Clock>) -> HttpResponse {
    HttpResponse::Ok().json(ClockReading { now: clock.now() })
}

/// Sets the rehearsal clock; only on an installation that runs on one, only by an administrator.
async fn set_clock(
    caller: Caller,
    clock: web::Data<Clock>,
    reading: web::Json<ClockReading>,
) -> Result<HttpResponse, Problem> {
    if !clock.is_manual() {
        return Err(Problem::not_found("可调整的时钟", "a manual clock"));
    }
    caller.require(&[Role::M7])?;
    clock.set(reading.now);
    tracing::info!(now = %reading.now, by = %caller.subject, "rehearsal clock set");
    Ok(HttpResponse::Ok().json(reading.into_inner()))
}

/// Why a service could not start.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

impl StartError {
    /// Any cause, told by its message.
    pub fn of(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

impl From<sea_orm::DbErr> for StartError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::of(error)
    }
}

/// What every service gets to start with.
pub struct Start<C> {
    pub surroundings: Surroundings,
    pub database: DatabaseSettings,
    pub config: C,
}

/// The whole life of a process that runs one service: flags, settings, telemetry, serve, drain.
///
/// Flags: `--config FILE`, `--set key=value` (repeatable), `--print-config`.
pub fn run_single<C, F, S>(name: &'static str, start: S) -> std::process::ExitCode
where
    C: serde::de::DeserializeOwned + Serialize + Default,
    F: Future<Output = Result<Module, StartError>>,
    S: FnOnce(Start<C>) -> F,
{
    let flags = <Flags as clap::Parser>::parse();
    match actix_web::rt::System::new().block_on(run(name, flags, start)) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "stopped");
            let _ = writeln!(std::io::stderr(), "{name}: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[derive(clap::Parser)]
struct Flags {
    /// Settings file (TOML).
    #[arg(long)]
    config: Option<PathBuf>,
    /// A setting as key=value, for example server.listen=0.0.0.0:8080.
    #[arg(long = "set")]
    set: Vec<String>,
    /// Print the settings in force and stop.
    #[arg(long)]
    print_config: bool,
}

async fn run<C, F, S>(name: &'static str, flags: Flags, start: S) -> Result<(), Box<dyn std::error::Error>>
where
    C: serde::de::DeserializeOwned + Serialize + Default,
    F: Future<Output = Result<Module, StartError>>,
    S: FnOnce(Start<C>) -> F,
{
    let settings: Settings<C> = config::load(flags.config.as_deref(), &flags.set)?;
    if flags.print_config {
        writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&settings)?)?;
        return Ok(());
    }
    let _telemetry = telemetry::start(&settings.telemetry, name)?;
    let host = Host::bind(&settings.server)?;
    let clock = settings.clock.clock();
    let surroundings = Surroundings::new(host.base().clone(), settings.peers, &settings.identity, clock)?;
    let start_with =
        Start { surroundings: surroundings.clone(), database: settings.database, config: settings.service };
    let module = start(start_with).await?;
    tracing::info!(address = %host.base(), "ready");
    Ok(host.serve(vec![module], surroundings).await?)
}
