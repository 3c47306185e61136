//! Budget execution (预算执行): every movement of spending authority and money, through one indicator ledger.
//! It never compiles a budget, keeps unit accounts or judges warnings; its peers do.

use std::sync::Arc;

use actix_web::web;
use budget_execution_contract::{INDICATOR_ISSUED, PAYMENT_CORRECTED, PAYMENT_PAID, PAYMENT_REFUNDED};
use service_kit::{
    Catalogue, Database, Module, Worker,
    host::{Start, StartError},
    http::group::Queue,
    store::relay::Subscription,
};
use tokio::sync::Notify;
use utoipa_actix_web::service_config::ServiceConfig;
use workflow::Chains;

pub mod adjustment;
pub mod allocation;
pub mod booking;
pub mod cash_plan;
pub mod certificate;
pub mod clearing;
pub mod collection;
pub mod commitment;
pub mod config;
pub mod correction;
pub mod day_file;
pub mod distribution;
pub mod freeze;
pub mod generation;
mod inbox;
pub mod indicator;
pub mod issue;
pub mod jobs;
pub mod ledger;
pub mod lineage;
pub mod operation;
pub mod payment;
pub mod peers;
pub mod receipt;
pub mod refund;
pub mod scope;
pub mod setting;
pub mod transfer;
pub mod unit_fund;
pub mod verification;
pub mod voucher;
pub mod year_end;

pub use config::Config;

use payment::reservation::{Clearing, Requested, Together};

/// As in the paths of the service.
pub const NAME: &str = "budget-execution";
/// The refusals of the service.
pub static RULES: Catalogue = Catalogue::new(include_str!("../errors.csv"));
/// The node chains of its documents.
pub static CHAINS: Chains = Chains::new(include_str!("../workflow.csv"));

/// Who hears of what. A submission is nobody's matter yet: it is kept in the outbox and sent to no one.
const SUBSCRIPTIONS: [Subscription; 2] = [
    Subscription::to("final-accounts", &[PAYMENT_PAID, PAYMENT_REFUNDED, PAYMENT_CORRECTED]),
    Subscription::to("monitoring", &[PAYMENT_PAID, PAYMENT_REFUNDED, INDICATOR_ISSUED]),
];
const SEAL_KEY: &str = "seal-key";
/// Groups of submissions that are cleared and committed at once: one asks its peers while another waits for its commit.
pub const GROUPS_ON_THEIR_WAY: usize = 2;

/// What the handlers of the service share.
#[derive(Clone)]
pub struct Execution {
    pub database: Database,
    /// Wakes the relay when an event was written.
    pub wake: Arc<Notify>,
    pub peers: peers::Peers,
    /// Submissions that wait for a shared commit.
    pub submissions: Queue<Requested>,
    /// Opens the private keys of signers.
    pub keeper: Arc<certificate::keeper::Keeper>,
    pub settings: setting::Shelf,
}

impl workflow::Service for Execution {
    fn database(&self) -> &Database {
        &self.database
    }

    fn carried_out(&self) {
        self.wake.notify_one();
    }
}

/// Starts the service: schema up to date, routes and workers ready.
pub async fn start(start: Start<Config>) -> Result<Module, StartError> {
    let surroundings = start.surroundings;
    let database = Database::open(&start.database, NAME, surroundings.clock.clone()).await?;
    database.migrate::<migrations::budget_execution::Migrator>().await?;
    let wake = Arc::new(Notify::new());
    let peers = peers::Peers::of(&surroundings);
    let mut workers = vec![surroundings.relay(NAME, &database, &SUBSCRIPTIONS, wake.clone())];
    let seal_key = start.config.seal_key_file.clone().unwrap_or_else(|| start.database.data_dir.join(SEAL_KEY));
    certificate::trust(&database, &start.config.banks).await?;
    let keeper = Arc::new(certificate::keeper::Keeper::from_file(&seal_key).map_err(StartError::of)?);
    let (submissions, settings) = (Queue::default(), setting::Shelf::default());
    let execution = Execution { database: database.clone(), wake, peers, submissions, keeper, settings };
    workers.extend((0..GROUPS_ON_THEIR_WAY).map(|_| {
        let (clearing, together) = (Clearing(execution.clone()), Together(surroundings.clock.clone()));
        let serving = execution.submissions.clone().serve(database.clone(), clearing, together);
        Worker::new("budget-execution submissions", serving)
    }));
    workers.push(Worker::new("inquiries about vouchers", voucher::inquiry::run(execution.clone())));
    let nightly = jobs::run(database.clone(), surroundings.peer("base-info"), start.config.nightly());
    workers.push(Worker::new("budget-execution nightly work", nightly));
    Ok(Module { name: NAME, routes: routes(execution), workers, database: Some(database) })
}

fn routes(execution: Execution) -> service_kit::host::Routes {
    let execution = web::Data::new(execution);
    Arc::new(move |config: &mut ServiceConfig<'_>| {
        config.app_data(execution.clone());
        // routes are tried in turn: first those that are asked most
        let scope = utoipa_actix_web::scope("/api/budget-execution/v1")
            .configure(payment::http::routes)
            .configure(inbox::http::routes)
            .configure(ledger::http::routes)
            .configure(generation::http::routes)
            .configure(distribution::http::routes)
            .configure(issue::http::routes)
            .configure(freeze::http::routes)
            .configure(commitment::http::routes)
            .configure(cash_plan::http::routes)
            .configure(operation::http::routes)
            .configure(adjustment::http::routes)
            .configure(verification::http::routes)
            .configure(indicator::http::routes)
            .configure(lineage::http::routes)
            .configure(certificate::http::routes)
            .configure(voucher::http::routes)
            .configure(receipt::http::routes)
            .configure(day_file::http::routes)
            .configure(refund::http::routes)
            .configure(correction::http::routes)
            .configure(clearing::http::routes)
            .configure(transfer::http::routes)
            .configure(year_end::http::routes)
            .configure(allocation::http::routes)
            .configure(booking::http::routes)
            .configure(collection::http::routes)
            .configure(unit_fund::http::routes)
            .configure(setting::http::routes);
        config.service(scope);
    })
}

#[cfg(test)]
mod tests {
    use budget_execution_contract::PAYMENT_SUBMITTED;

    use super::SUBSCRIPTIONS;

    /// Submissions are written past the relay (`outbox::keep_many`): whoever subscribes to them has to change that first.
    #[test]
    fn nobody_subscribes_to_what_is_only_kept() {
        let hears = |types: &[&str]| types.is_empty() || types.contains(&PAYMENT_SUBMITTED);
        assert!(!SUBSCRIPTIONS.iter().any(|subscription| hears(subscription.types)));
    }
}
