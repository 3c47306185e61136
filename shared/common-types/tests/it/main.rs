//! The standard, checked against itself: one binary for all of it.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod classification;
mod codes;
#[cfg(feature = "database")]
mod database;
mod elements;
mod ledger;
mod money;
#[cfg(feature = "openapi")]
mod openapi;
mod standard;
mod value_sets;
mod year;
