//! `project-library` (项目库): what may be funded. Declares, reviews and stores projects, and guards how much of each
//! budgets may take. It never holds budget lines or indicators.

mod peers;
mod project;
mod reservation;

use std::sync::Arc;

use actix_web::web;
use base_info_contract::BaseInfo;
use serde::{Deserialize, Serialize};
use service_kit::{
    Catalogue, Database, Module,
    host::{Start, StartError},
    store::relay::Subscription,
};
use tokio::sync::Notify;
use utoipa_actix_web::service_config::ServiceConfig;

const NAME: &str = "project-library";
const SUBSCRIPTIONS: [Subscription; 2] =
    [Subscription::to_all("budget-compilation"), Subscription::to_all("monitoring")];

/// The refusals of this service.
pub static RULES: Catalogue = Catalogue::new(include_str!("../errors.csv"));

/// Settings of the service; there are none of its own yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {}

/// What handlers work with.
pub(crate) struct Context {
    pub(crate) database: Database,
    pub(crate) base_info: BaseInfo,
    pub(crate) wake: Arc<Notify>,
}

/// Opens the database and gives the module to host.
pub async fn start(start: Start<Config>) -> Result<Module, StartError> {
    let surroundings = start.surroundings;
    let database = Database::open(&start.database, NAME, surroundings.clock.clone()).await?;
    database.migrate::<migrations::project_library::Migrator>().await?;
    let wake = Arc::new(Notify::new());
    let relay = surroundings.relay(NAME, &database, &SUBSCRIPTIONS, wake.clone());
    let base_info = BaseInfo(surroundings.peer("base-info"));
    let context = web::Data::new(Context { database: database.clone(), base_info, wake });
    let routes = move |config: &mut ServiceConfig<'_>| {
        let scope = utoipa_actix_web::scope("/api/project-library/v1")
            .configure(project::http::routes)
            .configure(reservation::http::routes);
        config.app_data(context.clone()).service(scope);
    };
    Ok(Module { name: NAME, routes: Arc::new(routes), workers: vec![relay], database: Some(database) })
}
