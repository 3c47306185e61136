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
mod many;
mod path;
mod pgbench;
mod platform;
mod stock;
mod table;

use books::Books;
use table::{Load, Table};

const WAYS: [&str; 4] = ["a", "b", "c", "d"];

#[tokio::main]
async fn main() {
    let (mut table, mut lines) = (Table::default(), Vec::new());
    if is_wanted("a") || is_wanted("b") {
        in_process(&mut table).await;
    }
    let database = testkit::settings().await;
    if is_wanted("c") && !database.url.is_empty() {
        lines.extend(path::measure("(c) full path", database, &mut table).await);
    }
    if is_wanted("d") {
        lines.extend(path::measure("(d) full path, SQLite", path::sqlite(), &mut table).await);
    }
    table.print();
    lines.iter().for_each(|line| println!("{line}"));
}

/// All ways are measured, or those whose letters are named, each with all numbers of clients, or those that are named:
/// `cargo bench --bench payments -- a c 32`.
fn is_wanted(way: &str) -> bool {
    let mut named = std::env::args().skip(1).filter(|argument| WAYS.contains(&argument.as_str())).peekable();
    named.peek().is_none() || named.any(|one| one == way)
}

async fn in_process(table: &mut Table) {
    let books = Books::open().await;
    for load in [Load::Spread, Load::Hot] {
        if let Some(pgbench) = pgbench::find().filter(|_| books.is_postgres() && is_wanted("a")) {
            pgbench.measure(&books, load, table).await;
        }
        if is_wanted("b") {
            engine::measure(&books, load, table).await;
        }
    }
    if is_wanted("b") {
        engine::measure_beside_a_crowd(&books, table).await;
    }
}
