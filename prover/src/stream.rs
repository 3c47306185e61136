//! What each client does, drawn from the seed alone: the same seed gives every client the same commands, whatever the
//! platform answers. Commands name documents by their place ("my second latest"), not by ids.

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde::Serialize;

/// How far back a command looks among the documents of a client.
const RECENT: usize = 6;
const LARGEST_FEN: i64 = 60_000;

/// One thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Draft a payment.
    Pay { line: usize, fen: i64 },
    /// Draft a freeze.
    Freeze { line: usize, fen: i64 },
    /// Draft a reduction of two indicators at once.
    Reduce { lines: (usize, usize), fen: i64 },
    /// Draft a transfer between two indicators.
    Swap { lines: (usize, usize), fen: i64 },
    /// Take a document the next step of its way: submit, approve, make, sign and send a voucher.
    Advance { back: usize },
    /// Take a document back: return, recall, discard, withdraw, thaw.
    SetBack { back: usize, how: usize, fen: i64 },
    /// What comes after a payment: a refund or a correction of it is drafted.
    Undo { back: usize, line: usize, fen: i64 },
    /// Do to a document of another client what is its next step, or take it back.
    Meddle { client: usize, back: usize, how: usize },
    /// Ask what an advance would give, and change nothing.
    Rehearse { back: usize },
    /// Read an indicator.
    Look { line: usize },
}

/// How it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Twist {
    Plain,
    /// Once more under the same key when it has been answered.
    RepeatAfter,
    /// Several times at once under the same key.
    RepeatTogether,
    /// When it has been answered, other content under its key.
    OtherContent,
    /// With a version that is not the present one.
    StaleVersion,
}

/// One step of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Step {
    pub command: Command,
    pub twist: Twist,
}

/// The commands of one client, without end.
pub struct Stream {
    random: StdRng,
    lines: usize,
    clients: usize,
}

impl Stream {
    /// The stream of this client among so many, over so many indicators.
    pub fn new(seed: u64, client: usize, clients: usize, lines: usize) -> Self {
        let own = u64::try_from(client).unwrap_or(u64::MAX).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self { random: StdRng::seed_from_u64(seed ^ own), lines, clients }
    }

    fn command(&mut self) -> Command {
        let (chance, fen) = (self.random.random_range(0..100), self.random.random_range(1..=LARGEST_FEN));
        let (back, how) = (self.random.random_range(0..RECENT), self.random.random_range(0..8));
        let (line, other) = (self.random.random_range(0..self.lines), self.random.random_range(0..self.lines));
        let client = self.random.random_range(0..self.clients);
        match chance {
            0..17 => Command::Pay { line, fen },
            17..20 => Command::Freeze { line, fen },
            20..23 => Command::Reduce { lines: (line, other), fen },
            23..26 => Command::Swap { lines: (line, other), fen },
            26..72 => Command::Advance { back },
            72..79 => Command::SetBack { back, how, fen },
            79..86 => Command::Undo { back, line, fen },
            86..92 => Command::Meddle { client, back, how },
            92..95 => Command::Rehearse { back },
            _ => Command::Look { line },
        }
    }

    fn twist(&mut self) -> Twist {
        match self.random.random_range(0..100) {
            0..70 => Twist::Plain,
            70..79 => Twist::RepeatAfter,
            79..88 => Twist::RepeatTogether,
            88..95 => Twist::OtherContent,
            _ => Twist::StaleVersion,
        }
    }
}

impl Iterator for Stream {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        Some(Step { command: self.command(), twist: self.twist() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_each_client_its_own_commands_again() {
        let drawn = |seed, client| Stream::new(seed, client, 4, 6).take(200).collect::<Vec<_>>();
        assert_eq!(drawn(7, 1), drawn(7, 1));
        assert_ne!(drawn(7, 1), drawn(7, 2));
        assert_ne!(drawn(7, 1), drawn(8, 1));
    }
}
