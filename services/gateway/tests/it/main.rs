//! The door on its own, before instances that are there, gone, or broken off in the middle of an answer.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod behind;
mod bodies;
mod instances;
