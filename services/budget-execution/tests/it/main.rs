//! Rules of budget execution, on a real database and over HTTP.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
#![allow(clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod adjustment;
mod adjustment_kinds;
mod advance;
mod allocation;
mod bank;
mod bureau;
mod cash_plan;
mod clearing;
mod collection;
mod commitment;
mod correction;
mod day_file;
mod documents;
mod explanation;
mod following;
mod indicator;
mod interrupted;
mod jobs;
mod ledger;
mod lineage;
mod operation;
mod payment;
mod peers;
mod planned;
mod race;
mod refund;
mod refusal;
mod rule;
mod setting;
mod signature;
mod stubs;
mod threshold;
mod together;
mod transfer;
mod unit_fund;
mod variant;
mod verification;
mod voucher;
mod world;
mod year_end;
