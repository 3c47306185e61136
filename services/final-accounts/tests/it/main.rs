//! Black-box tests of `final-accounts`: what happens to books and reports, over HTTP.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod manual;
mod report;
mod voucher;
mod world;
