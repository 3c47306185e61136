//! A simulated agent bank (代理银行) behind the HTTP interface that a real bank adapter would have. It takes each voucher
//! once, pays in memory, and delivers its receipts as a machine of its own. It is no bank: it keeps nothing over a restart.

use std::sync::Arc;

use actix_web::web;
use serde::{Deserialize, Serialize};
use service_kit::{
    Module, Worker,
    auth::Credentials,
    config::Secret,
    host::{Start, StartError, Surroundings},
};
use tokio::sync::mpsc;
use utoipa_actix_web::service_config::ServiceConfig;

mod behaviour;
mod books;
mod delivery;
mod http;
mod seal;

pub use behaviour::{Behaviour, BehaviourSetting};
pub use seal::Seal;

/// As in the paths of the bank.
pub const NAME: &str = "bank";
const QUEUE: usize = 10_000;

/// Who the bank is when it delivers a receipt.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Client id of the bank at `base-info`; its role is B1.
    pub client_id: String,
    pub client_secret: Secret,
}

/// Starts the bank; it needs no database.
pub async fn start(start: Start<Config>) -> Result<Module, StartError> {
    module(start.config, &start.surroundings).map_err(StartError::of)
}

/// The bank as a module: receipts go to `budget-execution` where the surroundings place it.
pub fn module(config: Config, surroundings: &Surroundings) -> Result<Module, url::ParseError> {
    let token_url = surroundings.peer("base-info").base().join("/api/base-info/v1/tokens")?;
    let seal = Seal::of(&config);
    let credentials = Credentials::new(token_url, config.client_id, config.client_secret);
    let platform = surroundings.peer("budget-execution").with_credentials(credentials);
    let (queue, deliveries) = mpsc::channel(QUEUE);
    let bank = web::Data::new(books::Bank::new(surroundings.clock.clone(), queue, seal));
    let worker = Worker::new("bank receipts", delivery::run(platform, deliveries));
    let routes = move |config: &mut ServiceConfig<'_>| {
        config.app_data(bank.clone());
        config.service(utoipa_actix_web::scope("/api/bank/v1").configure(http::routes));
    };
    Ok(Module { name: NAME, routes: Arc::new(routes), workers: vec![worker], database: None })
}
