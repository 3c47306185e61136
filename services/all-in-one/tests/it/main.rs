//! The real binary as processes that are killed, or lose their database, in the middle of their work.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod cluster;
mod failed_over;
mod killed;
mod process;
mod serializable;
