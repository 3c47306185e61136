//! Rules of budget execution, on a real database and over HTTP.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
#![allow(clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod adjustment;
mod bank;
mod allocation;
mod adjustment_kinds;
mod bureau;
mod clearing;
mod commitment;
mod correction;
mod documents;
mod explanation;
mod day_file;
mod indicator;
mod jobs;
mod ledger;
mod lineage;
mod operation;
mod payment;
mod peers;
mod race;
mod refund;
mod together;
mod signature;
mod refusal;
mod rule;
mod setting;
mod transfer;
mod variant;
mod voucher;
mod world;
mod year_end;
