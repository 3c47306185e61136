//! Rules of budget execution, on a real database and over HTTP.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
#![allow(clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod adjustment;
mod bank;
mod bureau;
mod clearing;
mod commitment;
mod correction;
mod day_file;
mod explanation;
mod indicator;
mod ledger;
mod lineage;
mod payment;
mod refund;
mod signature;
mod transfer;
mod voucher;
mod world;
mod year_end;
