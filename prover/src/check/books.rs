//! Promises about what stands afterwards: what was answered is there, at the version that was answered; the entries of
//! an indicator are one for one what was carried out; the platform's own verifier agrees.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    ProveError,
    arena::{Line, fen, finance, text},
    desk::{Document, Kind, state_of},
    history::Finding,
    wire::{Exchange, Request, Wire},
};

use super::done;

const LOST: &str = "no lost effect";
const DOUBLED: &str = "no doubled effect";
const ONE_TO_ONE: &str = "entries and operations are one to one (I5)";
const VERIFIED: &str = "the verifier agrees (I3)";
const PAGE: usize = 1000;
/// The account from which is spent.
const EXECUTABLE: &str = "6101";

/// Every document stands where its latest accepted action left it.
pub(crate) async fn kept(
    wire: &Wire,
    documents: &[Document],
    exchanges: &[Exchange],
) -> Result<Vec<Finding>, ProveError> {
    let mut steps = BTreeMap::<String, Vec<i64>>::new();
    for done in done(exchanges) {
        let path = done.exchange.request.path.split('?').next().unwrap_or_default();
        let is_action = path.ends_with("/actions") && state_of(&done.answer.body)["version"].is_i64();
        if is_action && done.exchange.request.method == Method::POST {
            let versions = steps.entry(path.trim_end_matches("/actions").to_owned()).or_default();
            versions.extend(state_of(&done.answer.body)["version"].as_i64());
        }
    }
    let mut findings = Vec::new();
    for document in documents {
        let path = document.path();
        let mut versions = steps.remove(&path).unwrap_or_default();
        let answer = wire.ask(Request::get(&finance("m2a"), path.clone())).await.answer;
        let Some(found) = answer.filter(crate::wire::Answer::is_success) else {
            findings.push(Finding::new(LOST, format!("{path} was accepted and is not found")));
            continue;
        };
        versions.sort_unstable();
        if versions.windows(2).any(|pair| pair[0] == pair[1]) {
            findings.push(Finding::new(DOUBLED, format!("{path}: two actions made one version: {versions:?}")));
        }
        findings.extend(differing(document, &found.body, versions.last().copied()));
    }
    Ok(findings)
}

fn differing(document: &Document, found: &Value, latest: Option<i64>) -> Option<Finding> {
    let version = state_of(found)["version"].as_i64();
    let path = document.path();
    match (latest, version) {
        (Some(latest), Some(version)) if version < latest => {
            Some(Finding::new(LOST, format!("{path}: version {latest} was answered, {version} stands")))
        }
        // what the platform itself does to a payment, the bank's answer for one, is a step without a command of ours
        (Some(latest), Some(version)) if version > latest && document.kind != Kind::Payment => {
            Some(Finding::new(DOUBLED, format!("{path}: version {latest} was the last answer, {version} stands")))
        }
        _ => None,
    }
}

/// The entries on the spending account of every indicator, one for one.
pub(crate) async fn entries(wire: &Wire, lines: &[Line], exchanges: &[Exchange]) -> Result<Vec<Finding>, ProveError> {
    let carried_out = done(exchanges);
    let mut findings = Vec::new();
    for line in lines {
        let mut expected = BTreeMap::<i64, i64>::from([(line.opening, 1)]);
        let moved = carried_out.iter().flat_map(|done| done.movements());
        for movement in moved.filter(|one| one.indicator == line.bgt_id && one.fen != 0) {
            let count = expected.entry(movement.fen).or_default();
            *count = count.saturating_add(1);
        }
        for (fen, delta) in posted(wire, line).await? {
            let count = expected.entry(fen).or_default();
            *count = count.saturating_sub(delta);
        }
        for (fen, missing) in expected.into_iter().filter(|(_, missing)| *missing != 0) {
            let (promise, many) = if missing > 0 { (LOST, "fewer") } else { (DOUBLED, "more") };
            let by = missing.unsigned_abs();
            let detail = format!("{}: {by} {many} entries of {fen} fen than operations ({ONE_TO_ONE})", line.bgt_id);
            findings.push(Finding::new(promise, detail));
        }
    }
    Ok(findings)
}

/// How often each signed amount stands on the spending account of an indicator.
async fn posted(wire: &Wire, line: &Line) -> Result<BTreeMap<i64, i64>, ProveError> {
    let mut counts = BTreeMap::<i64, i64>::new();
    let mut token = String::new();
    loop {
        let path = format!("/indicators/{}/ledger?page_size={PAGE}{token}", line.bgt_id);
        let page = wire.must(Request::get(&finance("m3a"), path)).await?;
        for entry in page["items"].as_array().into_iter().flatten() {
            if text(entry, "acct_cls_code") == EXECUTABLE {
                let amount = fen(&entry["amt"]);
                let signed = if text(entry, "dr_cr") == "debit" { amount } else { amount.saturating_neg() };
                let count = counts.entry(signed).or_default();
                *count = count.saturating_add(1);
            }
        }
        match page["next_page_token"].as_str() {
            Some(next) => token = format!("&page_token={next}"),
            None => return Ok(counts),
        }
    }
}

/// The platform's own verifier, over everything within reach of the verifying user.
pub(crate) async fn verified(wire: &Wire) -> Result<Vec<Finding>, ProveError> {
    let request = Request::post(wire.verifier(), "/verifications".to_owned(), json!({}));
    let report = wire.must(request).await?;
    let failing = report["invariants"].as_array().into_iter().flatten().filter(|check| check["ok"] != true);
    let told = failing.map(|check| Finding::new(VERIFIED, check.to_string()));
    let mut findings: Vec<Finding> = told.collect();
    if report["ok"] != true && findings.is_empty() {
        findings.push(Finding::new(VERIFIED, report.to_string()));
    }
    Ok(findings)
}
