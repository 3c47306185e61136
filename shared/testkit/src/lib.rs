//! What tests share: a real database each, tokens of any caller, a served module on a free port. Never a production
//! dependency.

mod database;
mod identity;
mod leftover;
mod server;

pub use database::{database, settings};
pub use identity::Identity;
pub use leftover::folder;
pub use server::Server;

/// A fresh idempotency key.
pub fn key() -> String {
    uuid::Uuid::now_v7().to_string()
}
