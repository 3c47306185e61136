//! Lines of a day file and what became of them. Pure.

use budget_execution_contract::{BankReceipt, ReceiptOutcome};
use service_kit::{Problem, http::refuse_hidden_characters};

/// A line with its place in the file.
pub struct Line {
    /// The first is 1.
    pub number: i32,
    pub text: Vec<u8>,
}

/// A line that could be read.
pub struct Read {
    pub number: i32,
    pub receipt: BankReceipt,
}

/// How many lines of a chunk ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub settled: i32,
    pub already: i32,
    pub unmatched: i32,
    pub refused: i32,
}

impl Counts {
    /// Counts one line.
    pub fn add(&mut self, outcome: ReceiptOutcome) {
        let count = match outcome {
            ReceiptOutcome::Settled => &mut self.settled,
            ReceiptOutcome::Already => &mut self.already,
            ReceiptOutcome::Unmatched => &mut self.unmatched,
        };
        *count = count.saturating_add(1);
    }

    /// All of them.
    pub fn lines(self) -> i32 {
        self.settled.saturating_add(self.already).saturating_add(self.unmatched).saturating_add(self.refused)
    }
}

/// The receipt of a line.
pub fn read(line: &Line) -> Result<Read, Problem> {
    refuse_hidden_characters(&line.text)?;
    let receipt = serde_json::from_slice(&line.text).map_err(Problem::malformed)?;
    Ok(Read { number: line.number, receipt })
}

/// Cuts a stream of bytes into lines; empty lines count and are passed over.
#[derive(Default)]
pub struct Cutter {
    rest: Vec<u8>,
    number: i32,
}

impl Cutter {
    /// The lines that end in this part of the stream.
    pub fn cut(&mut self, bytes: &[u8], lines: &mut Vec<Line>) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end(lines);
            }
        }
    }

    /// The last line, when it does not end.
    pub fn end(&mut self, lines: &mut Vec<Line>) {
        let text = std::mem::take(&mut self.rest);
        if text.is_empty() {
            return;
        }
        self.number = self.number.saturating_add(1);
        if !text.trim_ascii().is_empty() {
            lines.push(Line { number: self.number, text: text.trim_ascii().to_vec() });
        }
    }

    /// How long the line that has not ended is so far.
    pub fn pending(&self) -> usize {
        self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_wherever_the_stream_breaks() {
        let (mut cutter, mut lines) = (Cutter::default(), Vec::new());
        for part in ["{\"a\"", ":1}\n\n{\"b\":2}\r", "\n{\"c\":3}"] {
            cutter.cut(part.as_bytes(), &mut lines);
        }
        assert_eq!(cutter.pending(), 7);
        cutter.end(&mut lines);
        let cut: Vec<_> = lines.iter().map(|line| (line.number, line.text.as_slice())).collect();
        assert_eq!(cut, [(1, &b"{\"a\":1}"[..]), (3, b"{\"b\":2}"), (4, b"{\"c\":3}")]);
    }
}
