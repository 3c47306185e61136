//! The project library over HTTP, on a real database.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod project;
mod reservation;
mod rules;
mod world;
