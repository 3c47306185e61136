//! Promises about answers alone: nothing fails without a registered reason, nothing that must be refused is done, and a
//! key has one answer.

use std::{collections::BTreeMap, collections::BTreeSet, sync::LazyLock};

use crate::{
    history::Finding,
    wire::{Answer, Exchange, Expected},
};

const EXPLAINED: &str = "explained refusals only (I7)";
const MISUSE: &str = "misuse of keys and stale versions is refused";
const ONE_ANSWER: &str = "one key, one answer";

/// The codes of `docs/errors.md`.
static REGISTERED: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let rows = include_str!("../../../docs/errors.md").lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).collect()
});

/// Every refusal is a problem document with a registered code; nothing fails. While instances are being killed the door
/// may say that nobody answers, as long as the same key gets its answer in the end.
pub(crate) fn explained(exchanges: &[Exchange], is_turbulent: bool) -> Vec<Finding> {
    exchanges.iter().flat_map(|exchange| unexplained(exchange, is_turbulent)).collect()
}

fn unexplained(exchange: &Exchange, is_turbulent: bool) -> Option<Finding> {
    let what = format!("{} {} as {}", exchange.request.method, exchange.request.path, exchange.request.user);
    let Some(answer) = &exchange.answer else {
        return Some(Finding::new(EXPLAINED, format!("{what}: no answer after {} silences", exchange.silences)));
    };
    if exchange.silences > 0 && !is_turbulent {
        let detail = format!("{what}: {} sendings without an answer or with 503", exchange.silences);
        return Some(Finding::new(EXPLAINED, detail));
    }
    let is_explained = answer.is_success()
        || ((400..500).contains(&answer.status) && answer.is_problem && REGISTERED.contains(answer.code()));
    if !is_explained {
        return Some(Finding::new(EXPLAINED, format!("{what}: {} {}", answer.status, shown(answer))));
    }
    let is_as_expected = match exchange.request.expected {
        Expected::Anything => true,
        Expected::Refusal => !answer.is_success(),
        Expected::Code(code) => answer.code() == code,
    };
    let told = || format!("{what}: {} {} ({:?} expected)", answer.status, shown(answer), exchange.request.expected);
    (!is_as_expected).then(|| Finding::new(MISUSE, told()))
}

fn shown(answer: &Answer) -> String {
    answer.text.chars().take(240).collect()
}

/// All successes of one key are the same, and only one of them is not marked as a replay.
pub(crate) fn same_key_same_answer(exchanges: &[Exchange]) -> Vec<Finding> {
    let mut by_key = BTreeMap::<&str, Vec<(&Exchange, &Answer)>>::new();
    for exchange in exchanges.iter().filter(|one| !one.request.is_rehearsal()) {
        let success = exchange.answer.as_ref().filter(|answer| answer.is_success());
        if let (Some(key), Some(answer)) = (exchange.request.key.as_deref(), success) {
            by_key.entry(key).or_default().push((exchange, answer));
        }
    }
    by_key.into_values().filter_map(|successes| differing(&successes)).collect()
}

fn differing(successes: &[(&Exchange, &Answer)]) -> Option<Finding> {
    let (exchange, first) = successes.first()?;
    let what = format!("{} {}", exchange.request.method, exchange.request.path);
    if let Some((_, other)) = successes.iter().find(|(_, one)| (one.status, &one.text) != (first.status, &first.text)) {
        let detail = format!("{what}: {} {} and {} {}", first.status, shown(first), other.status, shown(other));
        return Some(Finding::new(ONE_ANSWER, detail));
    }
    let originals = successes.iter().filter(|(_, answer)| !answer.is_replay).count();
    (originals > 1)
        .then(|| Finding::new(ONE_ANSWER, format!("{what}: carried out {originals} times, never marked as a replay")))
}

/// What must hold for the answers of any race.
pub(crate) fn of_race(exchanges: &[Exchange], is_turbulent: bool) -> Vec<Finding> {
    let mut findings = explained(exchanges, is_turbulent);
    findings.extend(same_key_same_answer(exchanges));
    findings
}
