//! Dynamic monitoring (动态监控): rules as data, evaluated before a payment goes on and over what has happened, and
//! warnings handled to their end. It never moves money; the service that asked acts on the verdict.

use std::{sync::Arc, time::Duration};

use actix_web::web;
use service_kit::{
    Catalogue, Database, Module, Worker,
    host::{Start, StartError},
    store::relay::Subscription,
};
use tokio::sync::Notify;
use utoipa_actix_web::service_config::ServiceConfig;
use workflow::Chains;

pub mod config;
pub mod evaluation;
pub mod fact;
pub mod rule;
pub mod scan;
pub mod warning;

mod inbox;
mod scope;

pub use config::Config;

/// As in the paths of the service.
pub const NAME: &str = "monitoring";
/// The refusals of the service.
pub static RULES: Catalogue = Catalogue::new(include_str!("../errors.csv"));
/// The node chains of its documents.
pub static CHAINS: Chains = Chains::new(include_str!("../workflow.csv"));

const SUBSCRIPTIONS: [Subscription; 1] = [Subscription::to_all("budget-execution")];

/// What the handlers of the service share.
#[derive(Clone)]
pub struct Monitoring {
    pub database: Database,
    pub wake: Arc<Notify>,
    pub book: Arc<rule::book::Book>,
    pub programs: Arc<rule::engine::Programs>,
}

/// Starts the service: schema up to date, the platform's own rules there.
pub async fn start(start: Start<Config>) -> Result<Module, StartError> {
    let surroundings = start.surroundings;
    let database = Database::open(&start.database, NAME, surroundings.clock.clone()).await?;
    database.migrate::<migrations::monitoring::Migrator>().await?;
    let wake = Arc::new(Notify::new());
    let relay = surroundings.relay(NAME, &database, &SUBSCRIPTIONS, wake.clone());
    let monitoring = Monitoring { database: database.clone(), wake, book: Arc::default(), programs: Arc::default() };
    rule::seed(&monitoring).await.map_err(StartError::of)?;
    let look_every = Duration::from_secs(start.config.look_for_new_day_seconds.max(1));
    let daily = Worker::new("monitoring daily scan", scan::daily::run(monitoring.clone(), look_every));
    Ok(Module { name: NAME, routes: routes(monitoring), workers: vec![relay, daily], database: Some(database) })
}

fn routes(monitoring: Monitoring) -> service_kit::host::Routes {
    let monitoring = web::Data::new(monitoring);
    Arc::new(move |config: &mut ServiceConfig<'_>| {
        let scope = utoipa_actix_web::scope("/api/monitoring/v1")
            .configure(evaluation::http::routes)
            .configure(rule::http::routes)
            .configure(warning::http::routes)
            .configure(scan::http::routes)
            .configure(fact::http::routes);
        config.app_data(monitoring.clone()).service(scope);
    })
}
