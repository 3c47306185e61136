//! Budget compilation over HTTP, on a real database, with stand-ins for its peers.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod approvals;
mod bad_input;
mod packages;
mod support;
