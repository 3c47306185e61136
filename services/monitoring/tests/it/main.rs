//! Dynamic monitoring over HTTP, on a real database.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod batch;
mod case;
mod catalogue;
mod evaluation;
mod maintenance;
mod scan;
mod window;
mod world;
