//! The platform in one process: the gateway with the services behind it on the public address; the services once more, for
//! each other, and the bank simulator on a loopback port.

use service_kit::{
    Module,
    host::{Host, HostError, Start, StartError, Surroundings},
};
use url::Url;

use crate::settings::Platform;

/// The names that `serve` understands.
pub const NAMES: [&str; 8] = [
    "base-info",
    "project-library",
    "budget-compilation",
    "budget-execution",
    "final-accounts",
    "monitoring",
    "bank",
    "gateway",
];

/// Why the platform did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    #[error("{0}")]
    Host(#[from] HostError),
    #[error("{name} does not start: {cause}")]
    Start { name: &'static str, cause: StartError },
    #[error("address is not usable: {0}")]
    Address(#[from] url::ParseError),
}

/// A platform whose services are started and whose addresses are known.
pub struct Running {
    pub public: Url,
    hosts: Vec<(Host, Vec<Module>, Surroundings)>,
}

/// Binds the addresses and starts the named services.
pub async fn start(settings: Platform, names: &[&'static str]) -> Result<Running, PlatformError> {
    let clock = settings.clock.clock();
    let door = Host::bind(&settings.server)?;
    let public = door.base().clone();
    let mut inner_settings = settings.server.clone();
    inner_settings.listen = "127.0.0.1:0".to_owned();
    let inner = Host::bind(&inner_settings)?;
    let home = if names.contains(&"gateway") { inner.base() } else { &public };
    let surroundings = Surroundings::new(home.clone(), settings.peers.clone(), &settings.identity, clock)?;
    let (mut modules, mut front) = (Vec::new(), Vec::new());
    for &name in names {
        let module =
            module(name, &settings, &surroundings).await.map_err(|cause| PlatformError::Start { name, cause })?;
        if name == "gateway" { front.push(module) } else { modules.push(module) }
    }
    let hosts = if front.is_empty() {
        vec![(door, modules, surroundings)]
    } else {
        front.extend(modules.iter().filter(|module| gateway::SERVICES.contains(&module.name)).map(Module::again));
        vec![(inner, modules, surroundings.clone()), (door, front, surroundings)]
    };
    Ok(Running { public, hosts })
}

async fn module(name: &str, settings: &Platform, surroundings: &Surroundings) -> Result<Module, StartError> {
    let service = settings.service.clone();
    macro_rules! start {
        ($service:ident) => {
            $service::start(Start {
                surroundings: surroundings.clone(),
                database: settings.database.clone(),
                config: service.$service,
            })
            .await
        };
    }
    match name {
        "base-info" => start!(base_info),
        "project-library" => start!(project_library),
        "budget-compilation" => start!(budget_compilation),
        "budget-execution" => start!(budget_execution),
        "final-accounts" => start!(final_accounts),
        "monitoring" => start!(monitoring),
        "bank" => start!(bank),
        "gateway" => start!(gateway),
        other => Err(StartError(format!("there is no service {other}"))),
    }
}

impl Running {
    /// Serves until SIGTERM or until something fails.
    pub async fn serve(self) -> Result<(), PlatformError> {
        let serving = self.hosts.into_iter().map(|(host, modules, surroundings)| host.serve(modules, surroundings));
        let all = futures::future::try_join_all(serving).await;
        all.map(drop).map_err(PlatformError::from)
    }
}
