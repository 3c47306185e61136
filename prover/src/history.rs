//! Everything that was asked and answered in a run, kept until it is judged, with the count that progress shows.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use serde::Serialize;
use uuid::Uuid;

use crate::wire::Exchange;

/// What an observer saw on an indicator, and between which instants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting {
    pub indicator: Uuid,
    pub begun: u64,
    pub ended: u64,
    pub available: i64,
}

/// Something that must not be.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What was promised, for example `no overspend`.
    pub promise: &'static str,
    pub detail: String,
}

impl Finding {
    pub(crate) fn new(promise: &'static str, detail: impl Into<String>) -> Self {
        Self { promise, detail: detail.into() }
    }
}

/// The record of one run.
#[derive(Default)]
pub(crate) struct History {
    exchanges: Mutex<Vec<Exchange>>,
    sightings: Mutex<Vec<Sighting>>,
    findings: Mutex<Vec<Finding>>,
    steps: AtomicUsize,
    skipped: AtomicUsize,
    accepted: AtomicUsize,
    refused: AtomicUsize,
    silences: AtomicUsize,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Counts {
    /// Commands drawn from the seed.
    pub commands: usize,
    /// Commands for which there was no document yet.
    pub skipped: usize,
    pub accepted: usize,
    pub refused: usize,
    /// Sendings without an answer that were resolved by sending the same key again.
    pub silences: usize,
    /// Observations of indicators.
    pub sightings: usize,
}

impl History {
    pub(crate) fn skip(&self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
        self.skipped.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn keep(&self, exchanges: Vec<Exchange>) {
        self.steps.fetch_add(1, Ordering::Relaxed);
        for exchange in &exchanges {
            let accepted = exchange.answer.as_ref().is_some_and(crate::wire::Answer::is_success);
            let counter = if accepted { &self.accepted } else { &self.refused };
            counter.fetch_add(1, Ordering::Relaxed);
            let silences = usize::try_from(exchange.silences).unwrap_or(usize::MAX);
            self.silences.fetch_add(silences, Ordering::Relaxed);
        }
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).extend(exchanges);
    }

    pub(crate) fn see(&self, sighting: Sighting) {
        self.sightings.lock().unwrap_or_else(PoisonError::into_inner).push(sighting);
    }

    pub(crate) fn find(&self, finding: Finding) {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).push(finding);
    }

    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        Counts {
            commands: read(&self.steps),
            skipped: read(&self.skipped),
            accepted: read(&self.accepted),
            refused: read(&self.refused),
            silences: read(&self.silences),
            sightings: self.sightings.lock().unwrap_or_else(PoisonError::into_inner).len(),
        }
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn sightings(&self) -> Vec<Sighting> {
        self.sightings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
