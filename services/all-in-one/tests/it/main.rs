//! The real binary as processes that are killed in the middle of their work.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod killed;
mod process;
