//! How money is followed through indicators. Every fen of an indicator has a position: its inflows one after the other,
//! those of the budget first, then by the indicator that gave; its uses take positions in the same order: to other
//! indicators by the one that received, then what was spent, by the document that spent it, then what remains. Pure.

use std::collections::BTreeMap;

use budget_execution_contract::{AllocationStatus, FlowKind, FlowNode, PaymentStatus, UseKind};
use common_types::AccountNo;
use uuid::Uuid;

/// How many documents a step shows.
const SHOWN_DOCUMENTS: usize = 10;

/// A range of positions, in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: i64,
    pub end: i64,
}

impl Span {
    /// From the first position on.
    pub const fn of(amount: i64) -> Self {
        Self { start: 0, end: amount }
    }

    pub const fn len(self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    /// The common part, when there is one.
    fn common(self, other: Self) -> Option<Self> {
        let both = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (both.start < both.end).then_some(both)
    }

    /// The same range further on, or back.
    pub const fn moved(self, by: i64) -> Self {
        Self { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }
}

/// What one indicator gave another, net of what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    pub amount: i64,
    pub by: FlowKind,
    pub documents: Vec<String>,
}

/// A payment or direct allocation that an indicator bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spending {
    /// Of the application or of the allocation.
    pub id: Uuid,
    pub number: String,
    pub by: SpentBy,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    /// Under way, or paid net of refunds.
    pub amount: i64,
}

/// The kind of document that spends, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpentBy {
    Payment(PaymentStatus),
    Allocation(AllocationStatus),
}

impl SpentBy {
    /// Whether the money has left, or is still under way.
    pub fn is_paid(self) -> bool {
        match self {
            Self::Payment(status) => status == PaymentStatus::Paid,
            Self::Allocation(status) => status == AllocationStatus::Allocated,
        }
    }
}

/// One indicator with everything that came in and went out.
#[derive(Debug, Clone)]
pub struct Node {
    pub shown: FlowNode,
    /// From the budget itself.
    pub root: i64,
    /// By the indicator that gave.
    pub inflows: BTreeMap<Uuid, Edge>,
    /// By the indicator that received.
    pub outflows: BTreeMap<Uuid, Edge>,
    /// By the id of the document.
    pub spendings: Vec<Spending>,
    /// Whether there are more of them than were read.
    pub has_more: bool,
    pub remaining: i64,
    pub in_transit: i64,
}

/// Where a range of an indicator came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    Root,
    /// Positions within the edge from this indicator.
    Indicator(Uuid),
}

/// Where a range of an indicator has gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    Indicator(Uuid),
    Spending(usize),
    Kind(UseKind),
}

impl Node {
    /// Everything that came in.
    pub fn total(&self) -> i64 {
        self.inflows.values().fold(self.root, |sum, edge| sum.saturating_add(edge.amount))
    }

    /// Parts of a range by where they came from, each with its positions within that inflow.
    pub fn sources(&self, span: Span) -> Vec<(From, Span)> {
        let inflows = self.inflows.iter().map(|(giver, edge)| (From::Indicator(*giver), edge.amount));
        parts(span, std::iter::once((From::Root, self.root)).chain(inflows))
    }

    /// Parts of a range by where they went, each with its positions within that use.
    pub fn uses(&self, span: Span) -> Vec<(To, Span)> {
        let outflows = self.outflows.iter().map(|(receiver, edge)| (To::Indicator(*receiver), edge.amount));
        let spendings = self.spendings.iter().enumerate().map(|(index, spent)| (To::Spending(index), spent.amount));
        let rest = if self.has_more { UseKind::NotFollowed } else { UseKind::Ended };
        let tail = [
            (To::Kind(UseKind::InTransit), self.in_transit),
            (To::Kind(UseKind::Remaining), self.remaining),
            (To::Kind(rest), i64::MAX),
        ];
        parts(span, outflows.chain(spendings).chain(tail))
    }

    /// Where the edge to this receiver begins among the uses.
    pub fn outflow_start(&self, receiver: Uuid) -> i64 {
        self.outflows.range(..receiver).fold(0, |sum, (_, edge)| sum.saturating_add(edge.amount))
    }

    /// Where the edge from this giver begins among the inflows.
    pub fn inflow_start(&self, giver: Uuid) -> i64 {
        self.inflows.range(..giver).fold(self.root, |sum, (_, edge)| sum.saturating_add(edge.amount))
    }

    /// What this document spends of it; none when it spends nothing.
    pub fn spent_by(&self, id: Uuid) -> Option<i64> {
        self.spendings.iter().find(|spent| spent.id == id).map(|spent| spent.amount)
    }

    /// Where the spending of this document begins among the uses.
    pub fn spending_start(&self, id: Uuid) -> i64 {
        let before = self.outflows.values().fold(0, |sum: i64, edge| sum.saturating_add(edge.amount));
        let earlier = self.spendings.iter().filter(|spent| spent.id < id);
        earlier.fold(before, |sum, spent| sum.saturating_add(spent.amount))
    }
}

fn parts<T>(span: Span, ranges: impl IntoIterator<Item = (T, i64)>) -> Vec<(T, Span)> {
    let mut found = Vec::new();
    let mut start = 0_i64;
    for (what, amount) in ranges {
        let range = Span { start, end: start.saturating_add(amount.max(0)) };
        if let Some(common) = span.common(range) {
            found.push((what, common.moved(start.saturating_neg())));
        }
        start = range.end;
        if start >= span.end {
            break;
        }
    }
    found
}

/// Movements between indicators, collected while they are read; what went both ways is netted.
#[derive(Debug, Default)]
pub struct Edges(BTreeMap<(Uuid, Uuid), Edge>);

impl Edges {
    pub fn add(&mut self, (giver, receiver): (Uuid, Uuid), amount: i64, by: FlowKind, document: &str) {
        let edge = self.0.entry((giver, receiver)).or_insert(Edge { amount: 0, by, documents: Vec::new() });
        edge.amount = edge.amount.saturating_add(amount);
        if edge.documents.len() < SHOWN_DOCUMENTS && !edge.documents.iter().any(|known| known == document) {
            edge.documents.push(document.to_owned());
        }
    }

    /// Net edges into and out of an indicator.
    pub fn of(&self, bgt_id: Uuid) -> (BTreeMap<Uuid, Edge>, BTreeMap<Uuid, Edge>) {
        let (mut inflows, mut outflows) = (BTreeMap::new(), BTreeMap::new());
        for ((giver, receiver), edge) in &self.0 {
            let back = self.0.get(&(*receiver, *giver)).map_or(0, |edge| edge.amount);
            let net = Edge { amount: edge.amount.saturating_sub(back), ..edge.clone() };
            if net.amount <= 0 {
                continue;
            }
            if *receiver == bgt_id {
                inflows.insert(*giver, net);
            } else if *giver == bgt_id {
                outflows.insert(*receiver, net);
            }
        }
        (inflows, outflows)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use serde_json::json;

    use super::*;

    fn edge(amount: i64) -> Edge {
        Edge { amount, by: FlowKind::Adjustment, documents: Vec::new() }
    }

    /// 100 of the budget and 50 of another; gave 30, paid 60 and 40; 20 remain.
    fn node() -> Node {
        let shown = json!({"bgt_id": Uuid::nil(), "mof_div_code": "360100000", "fiscal_year": 2026});
        let payment = |id: u128, amount| Spending {
            id: Uuid::from_u128(id),
            number: String::new(),
            by: SpentBy::Payment(PaymentStatus::Paid),
            payee_acct_name: String::new(),
            payee_acct_no: "1".parse().unwrap(),
            amount,
        };
        Node {
            shown: serde_json::from_value(shown).unwrap(),
            root: 100,
            inflows: [(Uuid::from_u128(1), edge(50))].into(),
            outflows: [(Uuid::from_u128(2), edge(30))].into(),
            spendings: vec![payment(1, 60), payment(2, 40)],
            has_more: false,
            remaining: 20,
            in_transit: 0,
        }
    }

    #[test]
    fn the_slices_of_a_payment_are_its_amount_and_none_overlaps() {
        let node = node();
        let span = Span::of(40).moved(node.spending_start(Uuid::from_u128(2)));
        let sources = node.sources(span);
        let giver = From::Indicator(Uuid::from_u128(1));
        assert_eq!(sources, [(From::Root, Span { start: 90, end: 100 }), (giver, Span { start: 0, end: 30 })]);
        assert_eq!(sources.iter().map(|(_, span)| span.len()).sum::<i64>(), 40);
    }

    #[test]
    fn everything_that_came_in_has_gone_somewhere_or_remains() {
        let node = node();
        let uses = node.uses(Span::of(node.total()));
        let amounts: Vec<i64> = uses.iter().map(|(_, span)| span.len()).collect();
        assert_eq!(amounts, [30, 60, 40, 20]);
        let of_giver = node.uses(Span::of(50).moved(node.inflow_start(Uuid::from_u128(1))));
        assert_eq!(of_giver.iter().map(|(_, span)| span.len()).collect::<Vec<_>>(), [30, 20]);
    }

    #[test]
    fn what_went_both_ways_is_netted() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut edges = Edges::default();
        edges.add((a, b), 100, FlowKind::Split, "distributions/1");
        edges.add((b, a), 30, FlowKind::Adjustment, "adjustments/1");
        assert_eq!(edges.of(a).1[&b].amount, 70);
        assert!(edges.of(a).0.is_empty());
        assert_eq!(edges.of(b).0[&a].amount, 70);
    }
}
