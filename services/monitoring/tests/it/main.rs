//! Monitoring over HTTP, on a real database.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod case;
mod evaluation;
mod rule;
mod scan;
mod window;
mod world;
