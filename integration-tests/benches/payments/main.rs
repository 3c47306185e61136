//! How many payments are reserved per second, in one run on one machine: (a) pgbench with the same effect as one
//! statement per transaction, (b) the engine called in process, (c) the full path through the real binary in a process
//! of its own, (d) the same on SQLite. Spread over thousands of indicators and on one. Prints a table; judges nothing.
//! `make bench`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark fails by panicking and prints its figures"
)]

mod books;
mod clients;
mod engine;
mod http;
mod path;
mod pgbench;
mod platform;
mod stock;
mod table;

use books::Books;
use table::{Load, Table};

#[tokio::main]
async fn main() {
    let mut table = Table::default();
    let books = Books::open().await;
    for load in [Load::Spread, Load::Hot] {
        if let Some(pgbench) = pgbench::find().filter(|_| books.is_postgres()) {
            pgbench.measure(&books, load, &mut table).await;
        }
        engine::measure(&books, load, &mut table).await;
    }
    engine::measure_beside_a_crowd(&books, &mut table).await;
    let mut memory = Vec::new();
    if books.is_postgres() {
        memory.push(path::measure("(c) full path", testkit::settings().await, &mut table).await);
    }
    memory.push(path::measure("(d) full path, SQLite", path::sqlite(), &mut table).await);
    table.print();
    memory.iter().for_each(|line| println!("{line}"));
}
