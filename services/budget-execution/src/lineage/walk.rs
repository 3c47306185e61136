//! The walk along the edges between indicators, level by level, each level read at once.

use std::collections::{BTreeMap, BTreeSet};

use budget_execution_contract::{FlowStep, Lineage, SourceKind, SourceSlice, UseKind, UseSlice, UseTotal};
use common_types::{DocNo, Money};
use sea_orm::{ConnectionTrait, DbErr};
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::model::{self, Edge, From, Node, Span, SpentBy, To};
use super::store;

/// Levels that are followed each way.
const MAX_LEVELS: usize = 50;
/// Pieces of money that one level may have.
pub const MAX_PIECES: usize = 5_000;
/// Indicators that one answer may pass through.
const MAX_NODES: usize = 10_000;
/// Money at an indicator: a range of its own positions, or of the edge that connects it with the one before.
#[derive(Debug, Clone)]
pub struct Piece {
    pub at: Uuid,
    pub place: Place,
    pub steps: Vec<FlowStep>,
}

#[derive(Debug, Clone, Copy)]
pub enum Place {
    Own(Span),
    /// The whole of what came in.
    All,
    /// What the budget itself gave.
    Root,
    /// What this payment or allocation spends.
    Spending(Uuid, Span),
    EdgeTo(Uuid, Span),
    EdgeFrom(Uuid, Span),
}

/// The walk: what was read, and what was found.
pub struct Walk<'a, C> {
    pub db: &'a C,
    pub caller: &'a Caller,
    limit: usize,
    pub nodes: BTreeMap<Uuid, Node>,
    sources: Vec<SourceSlice>,
    uses: Vec<UseSlice>,
    totals: BTreeMap<UseKind, i64>,
    is_complete: bool,
}

impl<'a, C: ConnectionTrait> Walk<'a, C> {
    /// A walk that shows at most `limit` slices each way.
    pub const fn new(db: &'a C, caller: &'a Caller, limit: usize) -> Self {
        Self {
            db,
            caller,
            limit,
            nodes: BTreeMap::new(),
            sources: Vec::new(),
            uses: Vec::new(),
            totals: BTreeMap::new(),
            is_complete: true,
        }
    }

    pub async fn require_readable(&mut self, bgt_id: Uuid) -> Result<(), Problem> {
        self.load([bgt_id].into()).await?;
        if self.nodes.get(&bgt_id).is_some_and(|node| self.reads(node)) { Ok(()) } else { Err(super::not_found()) }
    }

    fn reads(&self, node: &Node) -> bool {
        self.caller.reads_in(&node.shown.mof_div_code, node.shown.agency_code.as_ref())
    }

    pub async fn load(&mut self, wanted: BTreeSet<Uuid>) -> Result<(), DbErr> {
        let missing: BTreeSet<Uuid> = wanted.into_iter().filter(|id| !self.nodes.contains_key(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let level = store::level(self.db, &missing).await?;
        self.is_complete &= !level.is_cut;
        self.nodes.extend(level.nodes);
        Ok(())
    }

    pub async fn back(&mut self, mut pieces: Vec<Piece>) -> Result<(), DbErr> {
        for _ in 0..MAX_LEVELS {
            if pieces.is_empty() || pieces.len() > MAX_PIECES || self.nodes.len() > MAX_NODES {
                break;
            }
            self.load(pieces.iter().map(|piece| piece.at).collect()).await?;
            let mut next = Vec::new();
            for piece in pieces {
                self.step_back(piece, &mut next);
            }
            pieces = next;
        }
        for piece in pieces {
            self.is_complete = false;
            let amount = piece.amount();
            self.came_from((SourceKind::NotFollowed, None, None), amount, piece.steps);
        }
        Ok(())
    }

    fn step_back(&mut self, piece: Piece, next: &mut Vec<Piece>) {
        let Some(node) = self.nodes.get(&piece.at) else { return };
        if !self.reads(node) {
            let below =
                piece.steps.iter().rev().find_map(|step| self.nodes.get(&step.bgt_id).filter(|one| self.reads(one)));
            let number = below.and_then(|node| node.shown.sup_bgt_doc_no.clone());
            let (amount, mut steps) = (piece.amount(), piece.steps);
            steps.retain(|step| self.nodes.get(&step.bgt_id).is_some_and(|one| self.reads(one)));
            return self.came_from((SourceKind::OutOfScope, None, number), amount, steps);
        }
        let span = piece.span_in(node);
        let (line, number) = (node.shown.bgt_pman_id.clone(), node.shown.sup_bgt_doc_no.clone());
        let parts: Vec<(From, Span, Option<Edge>)> = node
            .sources(span)
            .into_iter()
            .map(|(from, part)| match from {
                From::Root => (From::Root, part, None),
                From::Indicator(giver) => (from, part, node.inflows.get(&giver).cloned()),
            })
            .collect();
        for (from, part, edge) in parts {
            match (from, edge) {
                (From::Indicator(giver), Some(edge)) => {
                    let steps = extended(&piece.steps, giver, &edge);
                    next.push(Piece { at: giver, place: Place::EdgeTo(piece.at, part), steps });
                }
                _ => self.came_from(
                    (SourceKind::Approval, line.clone(), number.clone()),
                    part.len(),
                    piece.steps.clone(),
                ),
            }
        }
    }

    fn came_from(
        &mut self,
        (kind, bgt_pman_id, sup_bgt_doc_no): (SourceKind, Option<String>, Option<DocNo>),
        amount: i64,
        steps: Vec<FlowStep>,
    ) {
        if amount <= 0 {
            return;
        }
        if self.sources.len() >= self.limit {
            self.is_complete = false;
            return;
        }
        self.sources.push(SourceSlice { kind, amount: Money::from_fen(amount), bgt_pman_id, sup_bgt_doc_no, steps });
    }

    pub async fn forward(&mut self, mut pieces: Vec<Piece>) -> Result<(), DbErr> {
        for _ in 0..MAX_LEVELS {
            if pieces.is_empty() || pieces.len() > MAX_PIECES || self.nodes.len() > MAX_NODES {
                break;
            }
            self.load(pieces.iter().map(|piece| piece.at).collect()).await?;
            let mut next = Vec::new();
            for piece in pieces {
                self.step_forward(piece, &mut next);
            }
            pieces = next;
        }
        for piece in pieces {
            self.is_complete = false;
            let span = Span::of(piece.amount());
            self.use_up(UseKind::NotFollowed, span, None, piece.steps);
        }
        Ok(())
    }

    fn step_forward(&mut self, piece: Piece, next: &mut Vec<Piece>) {
        let Some(node) = self.nodes.get(&piece.at) else { return };
        if !self.reads(node) {
            let (span, mut steps) = (Span::of(piece.amount()), piece.steps);
            steps.retain(|step| self.nodes.get(&step.bgt_id).is_some_and(|one| self.reads(one)));
            return self.use_up(UseKind::OutOfScope, span, None, steps);
        }
        let node = node.clone();
        for (to, part) in node.uses(piece.span_in(&node)) {
            match to {
                To::Indicator(receiver) => {
                    let Some(edge) = node.outflows.get(&receiver) else { continue };
                    let steps = extended(&piece.steps, receiver, edge);
                    next.push(Piece { at: receiver, place: Place::EdgeFrom(piece.at, part), steps });
                }
                To::Spending(index) => {
                    let Some(spending) = node.spendings.get(index) else { continue };
                    self.spend(spending, part, &piece);
                }
                To::Kind(kind) => self.use_up(kind, part, Some(piece.at), piece.steps.clone()),
            }
        }
    }

    fn spend(&mut self, spending: &model::Spending, part: Span, piece: &Piece) {
        let kind = if spending.by.is_paid() { UseKind::Paid } else { UseKind::UnderWay };
        let (id, number) = (Some(spending.id), Some(spending.number.clone()));
        let slice = UseSlice {
            payee_acct_name: Some(spending.payee_acct_name.clone()),
            payee_acct_no: Some(spending.payee_acct_no.clone()),
            ..slice(kind, part, Some(piece.at), piece.steps.clone())
        };
        self.record(match spending.by {
            SpentBy::Payment(status) => {
                UseSlice { pay_app_id: id, pay_app_no: number, pay_status: Some(status), ..slice }
            }
            SpentBy::Allocation(_) => UseSlice { pay_alloc_cert_id: id, pay_alloc_cert_no: number, ..slice },
        });
    }

    pub fn use_up(&mut self, kind: UseKind, span: Span, bgt_id: Option<Uuid>, steps: Vec<FlowStep>) {
        self.record(slice(kind, span, bgt_id, steps));
    }

    fn record(&mut self, slice: UseSlice) {
        let total = self.totals.entry(slice.kind).or_default();
        *total = total.saturating_add(slice.amount.fen());
        if self.uses.len() < self.limit {
            self.uses.push(slice);
        } else {
            self.is_complete = false;
        }
    }

    pub fn answer(self) -> Lineage {
        let used = self.totals.values().fold(0_i64, |sum, amount| sum.saturating_add(*amount));
        let came = self.sources.iter().fold(0_i64, |sum, slice| sum.saturating_add(slice.amount.fen()));
        let nodes = self.nodes.values().filter(|node| self.reads(node)).map(|node| node.shown.clone()).collect();
        let totals = self.totals.iter().map(|(kind, fen)| UseTotal { kind: *kind, amount: Money::from_fen(*fen) });
        Lineage {
            amount: Money::from_fen(used.max(came)),
            nodes,
            totals: totals.collect(),
            sources: self.sources,
            uses: self.uses,
            is_complete: self.is_complete,
        }
    }
}

impl Piece {
    /// Where a lineage starts.
    pub fn at(at: Uuid, place: Place) -> Self {
        Self { at, place, steps: vec![FlowStep { bgt_id: at, by: None, documents: Vec::new() }] }
    }

    /// The positions that it has at its indicator, for the way that it goes.
    fn span_in(&self, node: &Node) -> Span {
        match self.place {
            Place::Own(span) => span,
            Place::All => Span::of(node.total()),
            Place::Root => Span::of(node.root),
            Place::Spending(id, span) => span.moved(node.spending_start(id)),
            Place::EdgeTo(receiver, span) => span.moved(node.outflow_start(receiver)),
            Place::EdgeFrom(giver, span) => span.moved(node.inflow_start(giver)),
        }
    }

    fn amount(&self) -> i64 {
        match self.place {
            Place::Own(span) | Place::Spending(_, span) | Place::EdgeTo(_, span) | Place::EdgeFrom(_, span) => {
                span.len()
            }
            Place::All | Place::Root => 0,
        }
    }
}

fn extended(steps: &[FlowStep], bgt_id: Uuid, edge: &Edge) -> Vec<FlowStep> {
    let step = FlowStep { bgt_id, by: Some(edge.by), documents: edge.documents.clone() };
    steps.iter().cloned().chain([step]).collect()
}

/// A slice that no document spends.
fn slice(kind: UseKind, span: Span, bgt_id: Option<Uuid>, steps: Vec<FlowStep>) -> UseSlice {
    UseSlice {
        kind,
        amount: Money::from_fen(span.len()),
        bgt_id,
        pay_app_id: None,
        pay_app_no: None,
        pay_status: None,
        pay_alloc_cert_id: None,
        pay_alloc_cert_no: None,
        payee_acct_name: None,
        payee_acct_no: None,
        steps,
    }
}
