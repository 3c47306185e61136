//! Base information over HTTP, on a real database.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod agency;
mod isolation;
mod party;
mod protocol;
mod records;
mod token;
mod user;
mod world;
