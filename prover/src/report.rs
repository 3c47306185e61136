//! What a run found: a dated table for people, and the same as JSON.

use chrono::{DateTime, Utc};
use comfy_table::{Table, presets};
use serde::Serialize;

use crate::history::{Counts, Finding};

/// One part of a run: a race, or the random commands.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    pub name: &'static str,
    pub rounds: usize,
    pub findings: Vec<Finding>,
}

/// The report of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub url: String,
    pub began: DateTime<Utc>,
    pub ended: DateTime<Utc>,
    pub seed: u64,
    pub clients: usize,
    pub counts: Counts,
    /// Accepted answers by kind of request.
    pub accepted: std::collections::BTreeMap<String, usize>,
    /// Refusals by code.
    pub refused: std::collections::BTreeMap<String, usize>,
    pub parts: Vec<Part>,
}

impl Report {
    /// Whether nothing was found.
    pub fn is_good(&self) -> bool {
        self.parts.iter().all(|part| part.findings.is_empty())
    }

    /// All findings.
    pub fn findings(&self) -> Vec<&Finding> {
        self.parts.iter().flat_map(|part| &part.findings).collect()
    }

    /// The table for people.
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(["核验 part", "轮次 rounds", "发现 findings"]);
        for part in &self.parts {
            table.add_row([part.name.to_owned(), part.rounds.to_string(), part.findings.len().to_string()]);
        }
        let Counts { commands, skipped, accepted, refused, silences, sightings } = self.counts;
        let figures = format!(
            "种子 seed {} · 客户端 clients {} · 指令 commands {commands} ({skipped} skipped) · 通过 accepted {accepted} · \
             拒绝 refused {refused} · 无应答后重发 resolved silences {silences} · 观察 sightings {sightings}",
            self.seed, self.clients
        );
        let tally = |counts: &std::collections::BTreeMap<String, usize>| {
            counts.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
        };
        let mut text = format!(
            "核验报告 proof of {}\n{} – {}\n{figures}\n{table}\n",
            self.url,
            self.began.format("%Y-%m-%d %H:%M:%S UTC"),
            self.ended.format("%H:%M:%S UTC"),
        );
        text.push_str(&format!("通过 accepted: {}\n拒绝 refused: {}\n", tally(&self.accepted), tally(&self.refused)));
        for finding in self.findings() {
            text.push_str(&format!("✘ {}: {}\n", finding.promise, finding.detail));
        }
        text.push_str(if self.is_good() {
            "✔ 未发现问题 nothing was found\n"
        } else {
            "✘ 有发现 see above\n"
        });
        text
    }
}
