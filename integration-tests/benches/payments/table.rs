//! The figures of a run and the one table that they are printed in.

use std::time::Duration;

use comfy_table::{CellAlignment, Table as Grid, presets::ASCII_MARKDOWN};

/// Which indicators the payments are charged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Thousands of indicators.
    Spread,
    /// One indicator.
    Hot,
}

impl Load {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spread => "spread",
            Self::Hot => "hot",
        }
    }
}

/// What a number of clients reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    pub payments: u64,
    pub took: Duration,
    pub p50: Duration,
    pub p99: Duration,
}

impl Figures {
    /// From the time of every payment.
    pub fn of(took: Duration, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let last = times.len().saturating_sub(1);
            times.get(last * percent / 100).copied().unwrap_or_default()
        };
        Self { payments: u64::try_from(times.len()).unwrap(), took, p50: at(50), p99: at(99) }
    }

    pub fn per_second(&self) -> u64 {
        let micros = u64::try_from(self.took.as_micros()).unwrap().max(1);
        self.payments * 1_000_000 / micros
    }
}

/// One line: a way to pay, a load, a number of clients.
pub struct Line {
    pub way: &'static str,
    pub load: Load,
    pub clients: usize,
    pub figures: Figures,
}

/// All lines of a run; ratios are to the line of `BASE` with the same load and clients.
#[derive(Default)]
pub struct Table(Vec<Line>);

/// The way that the others are compared with.
pub const BASE: &str = "(a) pgbench";

impl Table {
    /// Adds a line and tells it, so that a long run shows where it is.
    pub fn add(&mut self, line: Line) {
        let Line { way, load, clients, figures } = &line;
        let (load, per_second) = (load.name(), figures.per_second());
        eprintln!("{way} {load} {clients}: {per_second}/s p50 {:?} p99 {:?}", figures.p50, figures.p99);
        self.0.push(line);
    }

    pub fn print(&self) {
        let mut grid = Grid::new();
        grid.load_preset(ASCII_MARKDOWN).set_header([
            "way",
            "load",
            "clients",
            "payments/s",
            "p50 ms",
            "p99 ms",
            "x (a)",
        ]);
        for line in &self.0 {
            grid.add_row([
                line.way.to_owned(),
                line.load.name().to_owned(),
                line.clients.to_string(),
                line.figures.per_second().to_string(),
                millis(line.figures.p50),
                millis(line.figures.p99),
                self.ratio(line),
            ]);
        }
        for column in grid.column_iter_mut().skip(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        println!("{grid}");
    }

    fn ratio(&self, line: &Line) -> String {
        let is_base = |base: &&Line| base.way == BASE && base.load == line.load && base.clients == line.clients;
        match self.0.iter().find(is_base) {
            Some(base) => hundredths(line.figures.per_second() * 100 / base.figures.per_second().max(1)),
            None => String::new(),
        }
    }
}

fn millis(time: Duration) -> String {
    hundredths(u64::try_from(time.as_micros()).unwrap() / 10)
}

fn hundredths(number: u64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}
