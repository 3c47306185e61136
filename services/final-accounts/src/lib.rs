//! `final-accounts` (会计核算与决算): keeps the books of units from what was paid, closes their years and draws up
//! their final account reports. It never holds indicators and never pays.

mod books;
mod closing;
mod config;
mod inbox;
mod peers;
mod report;
mod scope;
mod voucher;

use std::sync::Arc;

use actix_web::web;
use service_kit::{
    Catalogue, Database, Module,
    host::{Start, StartError},
};
use utoipa_actix_web::service_config::ServiceConfig;
use workflow::Chains;

pub use config::Config;

/// As in the paths of the service.
pub const NAME: &str = "final-accounts";
/// The refusals of the service.
pub static RULES: Catalogue = Catalogue::new(include_str!("../errors.csv"));
/// The node chains of its documents.
pub static CHAINS: Chains = Chains::new(include_str!("../workflow.csv"));

/// What handlers work with.
pub(crate) struct Context {
    pub(crate) database: Database,
    pub(crate) ledger: peers::Ledger,
}

/// Opens the database and gives the module to host.
pub async fn start(start: Start<Config>) -> Result<Module, StartError> {
    let surroundings = start.surroundings;
    let database = Database::open(&start.database, NAME, surroundings.clock.clone()).await?;
    database.migrate::<migrations::final_accounts::Migrator>().await?;
    let ledger = peers::Ledger(surroundings.peer("budget-execution"));
    let context = web::Data::new(Context { database: database.clone(), ledger });
    let routes = move |config: &mut ServiceConfig<'_>| {
        let scope = utoipa_actix_web::scope("/api/final-accounts/v1")
            .configure(inbox::http::routes)
            .configure(voucher::http::routes)
            .configure(books::http::routes)
            .configure(closing::http::routes)
            .configure(report::http::routes);
        config.app_data(context.clone()).service(scope);
    };
    Ok(Module { name: NAME, routes: Arc::new(routes), workers: Vec::new(), database: Some(database) })
}
