//! Base information (基础信息): who and what exists, and who is who. It signs in people and machines; what they may do
//! with a document is for the service that owns it.

use std::sync::Arc;

use actix_web::web;
use service_kit::{
    Catalogue, Database, Module,
    auth::Signer,
    host::{Start, StartError},
};
use utoipa_actix_web::service_config::ServiceConfig;

pub mod account;
pub mod agency;
pub mod config;
pub mod criterion;
pub mod division;
pub mod party;
pub mod payee;
pub mod person;
pub mod token;
pub mod user;
pub mod value_set;

mod scope;

pub use config::{BootstrapAdmin, Config, MachineClient};

/// As in the paths of the service.
pub const NAME: &str = "base-info";
/// The refusals of the service.
pub static RULES: Catalogue = Catalogue::new(include_str!("../errors.csv"));

const SIGNING_KEY: &str = "signing-key.der";

/// What the handlers of the service share.
#[derive(Clone)]
pub struct BaseInfo {
    pub database: Database,
    pub signer: Signer,
    pub config: Arc<Config>,
}

/// Starts the service: schema up to date, signing key ready, first administrator there.
pub async fn start(start: Start<Config>) -> Result<Module, StartError> {
    let database = Database::open(&start.database, NAME, start.surroundings.clock.clone()).await?;
    database.migrate::<migrations::base_info::Migrator>().await?;
    let key_file = start.config.signing_key_file.clone().unwrap_or_else(|| start.database.data_dir.join(SIGNING_KEY));
    let signer = Signer::from_file(&key_file).map_err(StartError::of)?;
    let base_info = BaseInfo { database: database.clone(), signer, config: Arc::new(start.config) };
    user::bootstrap(&base_info).await.map_err(StartError::of)?;
    Ok(Module { name: NAME, routes: routes(base_info), workers: Vec::new(), database: Some(database) })
}

fn routes(base_info: BaseInfo) -> service_kit::host::Routes {
    let base_info = web::Data::new(base_info);
    Arc::new(move |config: &mut ServiceConfig<'_>| {
        let scope = utoipa_actix_web::scope("/api/base-info/v1")
            .configure(token::http::routes)
            .configure(division::http::routes)
            .configure(agency::http::routes)
            .configure(account::http::routes)
            .configure(payee::http::routes)
            .configure(party::http::routes)
            .configure(person::http::routes)
            .configure(criterion::http::routes)
            .configure(value_set::http::routes)
            .configure(user::http::routes);
        config.app_data(base_info.clone()).service(scope);
    })
}
