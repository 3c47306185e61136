//! The judgement of a run: every promise of the platform against everything that was answered and everything that
//! stands in its books afterwards.

mod answers;
mod books;
mod orders;
pub(crate) mod replay;

use std::collections::BTreeMap;

use crate::{
    ProveError,
    arena::Line,
    desk::Document,
    effect::{Movement, movements},
    history::{Finding, History},
    wire::{Answer, Exchange, Wire},
};

pub(crate) use answers::of_race;

/// How many findings of one promise are told in full.
const TOLD: usize = 12;

/// A command that was carried out: all sendings of its key, and the first answer that said so.
pub(crate) struct Done<'a> {
    pub exchange: &'a Exchange,
    pub answer: &'a Answer,
    /// From the first sending of the key to the first answer that it was done.
    pub begun: u64,
    pub ended: u64,
}

impl Done<'_> {
    pub(crate) fn movements(&self) -> Vec<Movement> {
        movements(&self.exchange.request, self.answer)
    }
}

/// The commands that were carried out, each once, however often it was sent.
pub(crate) fn done(exchanges: &[Exchange]) -> Vec<Done<'_>> {
    let mut by_key = BTreeMap::<&str, Vec<&Exchange>>::new();
    for exchange in exchanges.iter().filter(|one| !one.request.is_rehearsal()) {
        if let Some(key) = exchange.request.key.as_deref() {
            by_key.entry(key).or_default().push(exchange);
        }
    }
    by_key.into_values().filter_map(|sendings| first_success(&sendings)).collect()
}

fn first_success<'a>(sendings: &[&'a Exchange]) -> Option<Done<'a>> {
    let successes = sendings
        .iter()
        .filter_map(|one| one.answer.as_ref().filter(|answer| answer.is_success()).map(|answer| (*one, answer)));
    let (exchange, answer) = successes.min_by_key(|(one, _)| one.ended)?;
    let begun = sendings.iter().map(|one| one.begun).min().unwrap_or(exchange.begun);
    Some(Done { exchange, answer, begun, ended: exchange.ended })
}

/// Judges a random run.
pub(crate) async fn judge(
    wire: &Wire,
    lines: &[Line],
    documents: &[Document],
    history: &History,
    is_turbulent: bool,
) -> Result<Vec<Finding>, ProveError> {
    let exchanges = history.exchanges();
    let mut findings = history.findings();
    findings.extend(answers::explained(&exchanges, is_turbulent));
    findings.extend(answers::same_key_same_answer(&exchanges));
    findings.extend(orders::serial(lines, &exchanges, &history.sightings()));
    findings.extend(books::kept(wire, documents, &exchanges).await?);
    findings.extend(books::entries(wire, lines, &exchanges).await?);
    findings.extend(books::verified(wire).await?);
    Ok(shortened(findings))
}

fn shortened(findings: Vec<Finding>) -> Vec<Finding> {
    let mut told = BTreeMap::<&str, usize>::new();
    let mut kept = Vec::new();
    for finding in findings {
        let count = told.entry(finding.promise).or_default();
        *count = count.saturating_add(1);
        if *count <= TOLD {
            kept.push(finding);
        }
    }
    for (promise, count) in told.into_iter().filter(|(_, count)| *count > TOLD) {
        kept.push(Finding::new(promise, format!("and {} more", count.saturating_sub(TOLD))));
    }
    kept
}
