//! Rules of budget execution, on a real database and over HTTP.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
#![allow(clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod adjustment;
mod indicator;
mod ledger;
mod bureau;
mod payment;
mod voucher;
mod refund;
mod correction;
mod clearing;
mod world;
mod year_end;
