//! The schema of `budget-execution`.

use sea_orm_migration::prelude::*;

use crate::platform;

mod adjustment;
mod cash_plan;
mod clearing_chain;
mod commitment;
mod day_file;
mod indicator;
mod layers;
mod ledger;
mod payment;
mod refund_landing;
mod signature;

/// All migrations of the service, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(platform::Migration),
            Box::new(ledger::Migration),
            Box::new(indicator::Migration),
            Box::new(payment::Migration),
            Box::new(adjustment::Migration),
            Box::new(layers::Migration),
            Box::new(commitment::Migration),
            Box::new(cash_plan::Migration),
            Box::new(signature::Migration),
            Box::new(day_file::Migration),
            Box::new(clearing_chain::Migration),
            Box::new(refund_landing::Migration),
        ]
    }
}
