//! Database schemas: one `Migrator` per service. Migrations never import live entities and are never edited once
//! released. Every business table leads with `mof_div_code`, so that it can be sharded by division.

pub mod base_info;
pub mod budget_compilation;
pub mod budget_execution;
pub mod final_accounts;
pub mod monitoring;
pub mod project_library;

mod platform;
mod shape;
