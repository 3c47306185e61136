//! Tests across services: the shape of the workspace, and the budget year through the gateway on both databases.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod architecture;
mod catalogue;
mod dictionary;
mod door;
mod lossy;
mod platform;
mod proof;
mod year;
