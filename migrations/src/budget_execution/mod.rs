//! The schema of `budget-execution`.

use sea_orm_migration::prelude::*;

use crate::platform;

mod adjustment;
mod adjustment_kinds;
mod advances;
mod allocation;
mod allocation_plan;
mod cash_plan;
mod clearing_chain;
mod commitment;
mod day_file;
mod indicator;
mod jobs;
mod layers;
mod ledger;
mod often_updated;
mod operation;
mod payment;
mod payment_mode;
mod payment_variant;
mod refund_landing;
mod setting;
mod signature;
mod unit_fund;

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
            Box::new(platform::Deliveries),
            Box::new(layers::Migration),
            Box::new(commitment::Migration),
            Box::new(cash_plan::Migration),
            Box::new(signature::Migration),
            Box::new(day_file::Migration),
            Box::new(clearing_chain::Migration),
            Box::new(refund_landing::Migration),
            Box::new(setting::Migration),
            Box::new(payment_variant::Migration),
            Box::new(unit_fund::Migration),
            Box::new(allocation::Migration),
            Box::new(jobs::Migration),
            Box::new(operation::Migration),
            Box::new(adjustment_kinds::Migration),
            Box::new(often_updated::Migration),
            Box::new(allocation_plan::Migration),
            Box::new(advances::Migration),
            Box::new(payment_mode::Migration),
        ]
    }
}
