//! What will be funded (预算编制): two ways up and two ways down, control numbers, transfer budgets and the approval
//! that makes annual lines. Never moves money: approved lines leave as an event for `budget-execution`.

use std::sync::Arc;

use actix_web::web;
use serde::{Deserialize, Serialize};
use service_kit::{
    Catalogue, Database, Module, Worker,
    host::{Start, StartError},
    store::relay::Subscription,
};
use tokio::sync::Notify;
use utoipa_actix_web::service_config::ServiceConfig;
use workflow::Chains;

mod approval;
mod control_number;
mod inbox;
mod package;
mod peers;
mod reservation;
mod scope;
mod transfer_package;

/// The name of the service, as in its paths.
pub const NAME: &str = "budget-compilation";
/// Who receives its events.
const SUBSCRIPTIONS: [Subscription; 2] = [Subscription::to_all("budget-execution"), Subscription::to_all("monitoring")];

/// The refusals of this service.
pub static RULES: Catalogue = Catalogue::new(include_str!("../errors.csv"));
/// Who reviews what.
pub(crate) static CHAINS: Chains = Chains::new(include_str!("../workflow.csv"));

/// Settings of the service; there are none yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {}

/// What every use case works with.
pub(crate) struct Context {
    pub database: Database,
    pub peers: peers::Peers,
    /// Wakes the relay of events.
    pub relay: Arc<Notify>,
    /// Wakes the release of reservations.
    pub release: Arc<Notify>,
}

/// Opens and migrates the database and makes the module.
pub async fn start(start: Start<Config>) -> Result<Module, StartError> {
    let surroundings = start.surroundings;
    let database = Database::open(&start.database, NAME, surroundings.clock.clone()).await?;
    database.migrate::<migrations::budget_compilation::Migrator>().await?;
    let context = web::Data::new(Context {
        database: database.clone(),
        peers: peers::Peers::of(&surroundings),
        relay: Arc::new(Notify::new()),
        release: Arc::new(Notify::new()),
    });
    let workers = vec![
        surroundings.relay(NAME, &database, &SUBSCRIPTIONS, context.relay.clone()),
        Worker::new("budget-compilation reservations", reservation::release_orphans(context.clone().into_inner())),
    ];
    let routes = Arc::new(move |config: &mut ServiceConfig<'_>| add_routes(config, context.clone()));
    Ok(Module { name: NAME, routes, workers, database: Some(database) })
}

fn add_routes(config: &mut ServiceConfig<'_>, context: web::Data<Context>) {
    config.app_data(context).service(
        utoipa_actix_web::scope("/api/budget-compilation/v1")
            .configure(package::http::routes)
            .configure(transfer_package::http::routes)
            .configure(control_number::http::routes)
            .configure(approval::http::routes)
            .configure(approval::http_lines::routes)
            .configure(inbox::http::routes),
    );
}
