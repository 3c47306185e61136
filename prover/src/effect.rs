//! What an answer says it did to the available amounts of indicators: the platform's promise, told by its own words.
//! Whether the ledger agrees is for the checks.

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    arena::{fen, text},
    desk::state_of,
    wire::{Answer, Request},
};

/// A change of the available amount of one indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Movement {
    pub indicator: Uuid,
    /// Less than zero when it takes.
    pub fen: i64,
}

/// What was asked of an indicator that did not have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shortage {
    pub indicator: Uuid,
    pub requested: i64,
    /// What the refusal said there was.
    pub available: i64,
}

/// What a carried out request moved.
pub(crate) fn movements(request: &Request, answer: &Answer) -> Vec<Movement> {
    if !answer.is_success() || request.method != Method::POST || request.is_rehearsal() {
        return Vec::new();
    }
    let view = &answer.body;
    let (action, status) = (text(&request.body, "action"), text(state_of(view), "status"));
    let mut segments = request.path.split('/').skip(1);
    let moved = match (segments.next(), segments.nth(1)) {
        (Some("payments"), Some("actions")) => vec![payment(view, action)],
        (Some("freezes"), Some("actions")) => vec![freeze(view, action, status)],
        (Some("freezes"), Some("thaws")) => vec![id(view, "bgt_id").map(|it| (it, fen(&request.body["thaw_amt"])))],
        (Some("adjustments"), Some("actions")) => adjustment(view, action, status),
        (Some("refunds"), Some("actions")) if (action, status) == ("approve", "FINAL") => {
            vec![request.indicator.map(|it| (it, fen(&view["ref_amt"])))]
        }
        (Some("corrections"), Some("actions")) if (action, status) == ("approve", "FINAL") => {
            let amount = fen(&view["amount"]);
            let taken = id(&view["new"], "bgt_id").map(|it| (it, amount.saturating_neg()));
            vec![id(&view["old"], "bgt_id").map(|it| (it, amount)), taken]
        }
        _ => Vec::new(),
    };
    moved.into_iter().flatten().map(|(indicator, fen)| Movement { indicator, fen }).collect()
}

type Moved = Option<(Uuid, i64)>;

fn payment(view: &Value, action: &str) -> Moved {
    let amount = fen(&view["pay_app_amt"]);
    let bearer = id(view, "bgt_id")?;
    match (action, text(view, "pay_status")) {
        ("submit", "IN_REVIEW" | "APPROVED" | "HELD") => Some((bearer, amount.saturating_neg())),
        ("return" | "recall", "DRAFT" | "RETURNED") | ("discard", "VOID") => Some((bearer, amount)),
        _ => None,
    }
}

fn freeze(view: &Value, action: &str, status: &str) -> Moved {
    let frozen = fen(&view["freeze_amt"]);
    match (action, status) {
        ("approve", "FINAL") => Some((id(view, "bgt_id")?, frozen.saturating_neg())),
        ("discard", "VOID") => Some((id(view, "bgt_id")?, frozen.saturating_sub(fen(&view["thaw_amt"])))),
        _ => None,
    }
}

fn adjustment(view: &Value, action: &str, status: &str) -> Vec<Moved> {
    let sign = match (action, status) {
        ("approve", "FINAL") => 1_i64,
        ("discard", "VOID") => -1,
        _ => return Vec::new(),
    };
    let lines = view["lines"].as_array().into_iter().flatten();
    lines
        .flat_map(|line| {
            let amount = fen(&line["add_amount"]).saturating_mul(sign);
            let given = id(line, "ori_bgt_id").map(|it| (it, amount.saturating_neg()));
            [given, id(line, "bgt_id").map(|it| (it, amount))]
        })
        .collect()
}

/// What a refusal says was missing on the account from which is spent.
pub(crate) fn shortage(answer: &Answer) -> Option<Shortage> {
    let problem = &answer.body;
    if !matches!(answer.code(), "BA-001" | "BA-002") || text(problem, "account") != "6101" {
        return None;
    }
    Some(Shortage {
        indicator: id(problem, "indicator")?,
        requested: fen(&problem["requested"]),
        available: fen(&problem["available"]),
    })
}

fn id(view: &Value, field: &str) -> Option<Uuid> {
    text(view, field).parse().ok()
}
