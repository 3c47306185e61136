//! Rules of budget execution, on a real database and over HTTP.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
#![allow(clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod adjustment;
mod adjustment_kinds;
mod bureau;
mod clearing;
mod commitment;
mod correction;
mod documents;
mod explanation;
mod indicator;
mod ledger;
mod lineage;
mod operation;
mod payment;
mod race;
mod refund;
mod transfer;
mod voucher;
mod world;
mod year_end;
