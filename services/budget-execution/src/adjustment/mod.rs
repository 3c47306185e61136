//! 调整与调剂 (adjustment): money is added to a unit, taken back from it or moved between indicators. Nothing moves
//! before the document is final; then all its pairs move in one batch, or none (BA-001). Its reverse is one batch too.

use std::collections::BTreeMap;

use budget_execution_contract::{Adjustment, AdjustmentKind, AdjustmentPair, NewAdjustment, NewAdjustmentLine};
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{Amount, Money};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, clock::china_date, http::Paged};
use uuid::Uuid;
use workflow::{ActionRequest, BooksFilter, Document, Heading, Noun, Transition, Work};

use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, PostError, Posting, Slot};
use crate::{CHAINS, Execution, cash_plan};

mod checks;
mod coming;
pub mod entity;
pub mod http;
mod model;
mod plan;
mod reservation;
mod store;

use checks::{Units, check, require_available, require_maker, require_not_frozen, require_shape, units};
use entity::{document::Model as Row, line::Model as Line};
use model::{KeptTarget, Making, Origin, Pair, Receiver};
use reservation::{keep, release};

const OF_UNIT: &str = "adjustment-unit";
const OF_FINANCE: &str = "adjustment-finance";
/// Keeps the reverse of a line apart from the line itself.
const REVERSED: i32 = 10_000;
/// Stands for an amount that is known when the document becomes final.
const ONE_FEN: Money = Money::from_fen(1);

/// A document with its pairs.
#[derive(Clone)]
pub struct Kept {
    document: Row,
    lines: Vec<Line>,
    /// Known while it is drafted: a unit's swap within one economic item takes a shorter path.
    is_same_item: bool,
}

/// 调整单.
pub struct Adjustments;

impl Noun for Adjustments {
    type Service = Execution;
    type Draft = NewAdjustment;
    type Known = Units;
    type Row = Kept;
    type View = Adjustment;
    type Filter = BooksFilter;

    const COLLECTION: &'static str = "adjustments";
    const ID: &'static str = "adj_id";
    const NAME: [&'static str; 2] = ["调整单", "the adjustment"];

    async fn ask(execution: &Execution, caller: &Caller, draft: &NewAdjustment) -> Result<Units, Problem> {
        require_maker(caller, draft)?;
        units(execution, draft).await
    }

    async fn check(work: Work<'_>, adj_id: Uuid, draft: NewAdjustment, units: Units) -> Result<Kept, Problem> {
        let Work { tx, now, caller, .. } = work;
        require_maker(caller, &draft)?;
        require_shape(&draft)?;
        let kept = kept(now, adj_id, draft, &units)?;
        let pairs = check(tx, now, caller, &kept.document, &kept.lines).await?;
        let is_same_item = !pairs.is_empty() && pairs.iter().all(Pair::is_same_item);
        let kept = with_all_that_is_left(kept, &pairs)?;
        let Row { cor_bgt_doc_no, mof_div_code, fiscal_year, .. } = &kept.document;
        indicator::claim_document_number(tx, now, cor_bgt_doc_no, mof_div_code, *fiscal_year).await?;
        Ok(Kept { is_same_item, ..kept })
    }

    fn heading(kept: &Kept) -> Heading {
        let document = &kept.document;
        Heading {
            document_type: document_type(document),
            mof_div_code: document.mof_div_code.clone(),
            fiscal_year: document.fiscal_year,
            agency_code: document.agency_code.clone(),
            chain: CHAINS.resolve(path(kept), &document.mof_div_code, document.total_amt),
        }
    }

    async fn insert(tx: &DatabaseTransaction, row: Kept) -> Result<(), Problem> {
        Ok(store::insert(tx, row.document, row.lines).await?)
    }

    async fn replace(tx: &DatabaseTransaction, earlier: Kept, row: Kept) -> Result<Kept, Problem> {
        let document = Row { create_time: earlier.document.create_time, ..row.document };
        store::replace(tx, document.clone(), row.lines.clone()).await?;
        Ok(Kept { document, ..row })
    }

    async fn find<C: ConnectionTrait>(db: &C, adj_id: Uuid) -> Result<Option<Kept>, Problem> {
        let Some(document) = store::find(db, adj_id).await? else { return Ok(None) };
        let lines = store::lines(db, vec![adj_id]).await?;
        Ok(Some(Kept { document, lines, is_same_item: false }))
    }

    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &BooksFilter,
        paged: &Paged,
    ) -> Result<Vec<Kept>, Problem> {
        let documents = store::page(db, caller, filter, paged.after_as()?, paged).await?;
        let mut lines = BTreeMap::<Uuid, Vec<Line>>::new();
        for line in store::lines(db, documents.iter().map(|document| document.adj_id).collect()).await? {
            lines.entry(line.adj_id).or_default().push(line);
        }
        let mut own = |adj_id| lines.remove(&adj_id).unwrap_or_default();
        let kept = |document: Row| Kept { lines: own(document.adj_id), document, is_same_item: false };
        Ok(documents.into_iter().map(kept).collect())
    }

    fn id(row: &Kept) -> Uuid {
        row.document.adj_id
    }

    fn view(row: Kept, document: &Document) -> Result<Adjustment, Problem> {
        view(row, document)
    }

    async fn before_action(
        execution: &Execution,
        caller: &Caller,
        adj_id: Uuid,
        request: &ActionRequest,
        is_dry_run: bool,
    ) -> Result<(), Problem> {
        coming::ask(execution, caller, (adj_id, request), is_dry_run).await
    }

    /// The last approval moves the money, the voiding of a final document moves it back.
    async fn effect(work: Work<'_>, row: Kept, transition: &Transition) -> Result<Kept, Problem> {
        if transition.was_submitted() {
            checks::require_arranged(&row.document, &row.lines)?;
            let pairs = check(work.tx, work.now, work.caller, &row.document, &row.lines).await?;
            require_available(work.tx, &pairs).await?;
        }
        if transition.became_final() {
            move_money(work, &row).await?;
        }
        if transition.became_void() {
            move_back(work, &row).await?;
        }
        let lines = store::lines(work.tx, vec![row.document.adj_id]).await?;
        let document =
            if transition.became_final() { with_what_moved(work, row.document, &lines).await? } else { row.document };
        Ok(Kept { document, lines, ..row })
    }

    /// The answer stands, whatever the library says now; what it did not take back yet is asked again.
    async fn after_action(execution: &Execution, adj_id: Uuid, _: &ActionRequest, _: bool) -> Result<(), Problem> {
        if let Err(later) = release(execution, adj_id).await {
            tracing::warn!(%later, %adj_id, "library money waits to be given back");
        }
        Ok(())
    }
}

fn kept(now: DateTime<Utc>, adj_id: Uuid, draft: NewAdjustment, units: &Units) -> Result<Kept, Problem> {
    let amounts = draft.lines.iter().map(|line| line.add_amount.map_or(ONE_FEN, Amount::money));
    let document = Row {
        mof_div_code: draft.mof_div_code,
        adj_id,
        fiscal_year: draft.fiscal_year,
        adj_kind: model::code_of(draft.adj_kind).to_owned(),
        agency_code: draft.agency_code,
        cor_bgt_doc_no: draft.cor_bgt_doc_no,
        adj_reason: draft.adj_reason,
        total_amt: Money::try_sum(amounts).ok_or(PostError::Overflow)?,
        create_time: now,
        adj_batch_no: Some(draft.adj_batch_no.unwrap_or_else(|| china_date(now).format("%Y%m").to_string())),
        approval_doc_no: draft.approval_doc_no,
        approval_doc_date: draft.approval_doc_date,
        perf_goals: Some(serde_json::to_value(draft.perf_goals).map_err(|error| Problem::internal(&error))?),
    };
    let lines = draft.lines.into_iter().map(|line| kept_line(&document, line, units));
    let lines = lines.collect::<Result<_, Problem>>()?;
    Ok(Kept { document, lines, is_same_item: false })
}

fn document_type(row: &Row) -> &'static str {
    if row.agency_code.is_some() { OF_UNIT } else { OF_FINANCE }
}

/// Who decides, by kind and maker: the chain in `workflow.csv`.
fn path(kept: &Kept) -> &'static str {
    match (kept.document.agency_code.is_some(), model::kind_of(&kept.document.adj_kind)) {
        (true, _) if kept.is_same_item => "adjustment-item",
        (true, _) => OF_UNIT,
        (false, Some(AdjustmentKind::A5)) => "adjustment-transfer",
        (false, Some(AdjustmentKind::A6)) => "adjustment-reserve",
        (false, Some(AdjustmentKind::A7)) => "adjustment-plan",
        (false, _) => OF_FINANCE,
    }
}

/// A line that takes all that is left shows what that is today.
fn with_all_that_is_left(mut kept: Kept, pairs: &[Pair]) -> Result<Kept, Problem> {
    for pair in pairs {
        if let Some(line) = kept.lines.get_mut(pair.index) {
            line.add_amount = pair.amount.money();
        }
    }
    let amounts = kept.lines.iter().map(|line| line.add_amount);
    kept.document.total_amt = Money::try_sum(amounts).ok_or(PostError::Overflow)?;
    Ok(kept)
}

/// A line that took all that was left may have moved another amount than the draft showed.
async fn with_what_moved(work: Work<'_>, document: Row, lines: &[Line]) -> Result<Row, Problem> {
    let total_amt = Money::try_sum(lines.iter().map(|line| line.add_amount)).ok_or(PostError::Overflow)?;
    if total_amt != document.total_amt {
        store::note_total(work.tx, document.adj_id, total_amt).await?;
    }
    Ok(Row { total_amt, ..document })
}

fn kept_line(row: &Row, line: NewAdjustmentLine, units: &Units) -> Result<Line, Problem> {
    let of_target = line.target.as_ref().and_then(|target| target.agency_code.as_ref());
    let of_entry = line.entry.as_ref().and_then(|entry| entry.elements.agency_code.as_ref());
    let agency_name = of_target.or(of_entry).and_then(|code| units.get(code).cloned());
    let rec_div_code = line.target.as_ref().and_then(|target| target.rec_div_code.clone());
    let making = (line.target.is_some() || line.entry.is_some())
        .then(|| serde_json::to_value(Making { agency_name, target: line.target, entry: line.entry }));
    Ok(Line {
        mof_div_code: row.mof_div_code.clone(),
        adj_sub_id: Uuid::now_v7(),
        adj_id: row.adj_id,
        ori_bgt_id: line.ori_bgt_id,
        bgt_id: line.bgt_id,
        target: making.transpose().map_err(|error| Problem::internal(&error))?,
        add_amount: line.add_amount.map_or(ONE_FEN, Amount::money),
        is_all: line.add_amount.is_none(),
        cor_bgt_doc_no: Some(row.cor_bgt_doc_no.clone()),
        bat_num: row.adj_batch_no.clone(),
        adj_date: None,
        source_type_code: None,
        rec_div_code,
    })
}

fn kind_of(row: &Row) -> Result<AdjustmentKind, Problem> {
    model::kind_of(&row.adj_kind).ok_or_else(|| Problem::internal(&"an adjustment of an unknown kind"))
}

/// The pairs with their indicators; 404 when one is not of this division and year. A line without the one that gives
/// makes no pair.
async fn pairs<C: ConnectionTrait>(db: &C, row: &Row, lines: &[Line]) -> Result<Vec<Pair>, Problem> {
    let (kind, mut pairs) = (kind_of(row)?, Vec::with_capacity(lines.len()));
    for (index, line) in lines.iter().enumerate() {
        let Some(ori_bgt_id) = line.ori_bgt_id else { continue };
        let of_books = |bgt_id| indicator::of_books(db, bgt_id, &row.mof_div_code, row.fiscal_year);
        let giver = of_books(ori_bgt_id).await?;
        let making: Option<Making> = line.target.clone().map(read).transpose()?;
        let receiver = match (making, line.bgt_id) {
            (Some(Making { agency_name, target: Some(target), .. }), _) => {
                Receiver::New(KeptTarget { agency_name, target })
            }
            (_, Some(bgt_id)) if !is_given_back(kind, &giver) => Receiver::Existing(of_books(bgt_id).await?),
            _ if kind == AdjustmentKind::A7 => Receiver::Source(None),
            _ => Receiver::Source(indicator::waiting_parent(db, &giver).await?),
        };
        let left = indicator::balances(db, &giver).await?.get(&giver.available_account()).copied();
        let amount = match left.filter(|left| line.is_all && line.adj_date.is_none() && left.is_positive()) {
            Some(left) => left,
            None => line.add_amount,
        };
        let amount = Amount::try_from(amount).map_err(|error| Problem::internal(&error))?;
        pairs.push(Pair { index, giver, receiver, amount });
    }
    Ok(pairs)
}

/// Money that goes back where it came from; the line then notes where that was.
fn is_given_back(kind: AdjustmentKind, giver: &Indicator) -> bool {
    match kind {
        AdjustmentKind::A2 | AdjustmentKind::A7 => true,
        AdjustmentKind::A5 => giver.available_account() == Account::PendingTransfer,
        AdjustmentKind::A1 | AdjustmentKind::A3 | AdjustmentKind::A4 | AdjustmentKind::A6 => false,
    }
}

fn read<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|error| Problem::internal(&error))
}

async fn move_money(work: Work<'_>, kept: &Kept) -> Result<(), Problem> {
    let (Work { tx, now, .. }, Kept { document, lines, .. }) = (work, kept);
    let pairs = pairs(tx, document, lines).await?;
    require_not_frozen(tx, &pairs).await?;
    keep(work, document.adj_id, pairs.iter().filter(|pair| pair.reserves().is_some()).count()).await?;
    let slots = receive(work, kept, &pairs).await?;
    let mut postings = postings(work, document, &pairs, &slots, 0).await?;
    if kind_of(document)? == AdjustmentKind::A7 {
        let raises = plan::raises(tx, document, lines).await?;
        plan::make(work, kept, &raises).await?;
        postings.extend(
            plan::postings(tx, &raises, |template, index, entries| {
                posting(work, document, template, line_number(index, 0), entries)
            })
            .await?,
        );
    }
    ledger::post(tx, now, &postings).await?;
    cash_plan::require_within(tx, &postings).await
}

async fn move_back(work: Work<'_>, Kept { document, lines, .. }: &Kept) -> Result<(), Problem> {
    let Work { tx, now, .. } = work;
    let (pairs, mut slots) = (pairs(tx, document, lines).await?, Vec::with_capacity(lines.len()));
    for pair in &pairs {
        let made = lines.get(pair.index).and_then(|line| line.bgt_id);
        slots.push(receiver_slot(tx, pair, made).await?);
    }
    let mut postings = postings(work, document, &pairs, &slots, REVERSED).await?;
    if kind_of(document)? == AdjustmentKind::A7 {
        let raises = plan::raises(tx, document, lines).await?;
        postings.extend(
            plan::postings(tx, &raises, |template, index, entries| {
                posting(work, document, template, line_number(index, REVERSED), entries)
            })
            .await?,
        );
    }
    for entry in postings.iter_mut().flat_map(|posting| &mut posting.entries) {
        *entry = entry.reversed();
    }
    ledger::post(tx, now, &postings).await.map_err(|error| error.refused_as("BA-009"))?;
    cash_plan::require_within(tx, &postings).await
}

/// Makes the new indicators, notes on each pair what became of it, and says where each receives.
async fn receive(work: Work<'_>, kept: &Kept, pairs: &[Pair]) -> Result<Vec<Slot>, Problem> {
    let (Work { tx, now, .. }, Kept { document, lines, .. }) = (work, kept);
    let kind = kind_of(document)?;
    let origin = Origin {
        adj_id: document.adj_id,
        kind,
        doc_no: &document.cor_bgt_doc_no,
        batch_no: document.adj_batch_no.as_deref(),
        day: china_date(now),
    };
    let mut slots = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let Some(line) = lines.get(pair.index).cloned() else { continue };
        let bgt_id = match &pair.receiver {
            Receiver::New(kept) => {
                let made = model::made(&pair.giver, kept, pair.amount.money(), origin);
                require_complete(&made, pair.index)?;
                indicator::create(tx, now, &made).await?;
                Some(made.bgt_id)
            }
            Receiver::Existing(found) => Some(found.bgt_id),
            Receiver::Source(parent) => parent.as_ref().map(|parent| parent.bgt_id),
        };
        slots.push(receiver_slot(tx, pair, bgt_id).await?);
        let line = Line {
            bgt_id,
            add_amount: pair.amount.money(),
            adj_date: Some(china_date(now)),
            source_type_code: Some(model::source_type(kind)),
            ..line
        };
        store::settle(tx, line).await?;
    }
    Ok(slots)
}

fn require_complete(made: &Indicator, index: usize) -> Result<(), Problem> {
    match made.elements.missing_mandatory(made.bgt_exe_flag).first() {
        None => Ok(()),
        Some(name) => {
            let (zh, en) = (format!("缺少必填要素 {name}"), format!("{name} is missing"));
            Err(model::refuse("IG-004", index, &zh, &en))
        }
    }
}

async fn receiver_slot(tx: &DatabaseTransaction, pair: &Pair, bgt_id: Option<Uuid>) -> Result<Slot, Problem> {
    match (&pair.receiver, bgt_id) {
        (Receiver::Source(Some(parent)), _) => Ok(parent.slot(Account::UnallocatedIndicator)),
        (Receiver::Source(None), _) => Ok(plan::totals(tx, &pair.giver).await?.0),
        (Receiver::Existing(found), _) => Ok(found.slot(found.available_account())),
        (Receiver::New(_), Some(bgt_id)) => {
            let made = indicator::find(tx, bgt_id).await?;
            let made = made.ok_or_else(|| Problem::internal(&"an adjustment whose receiver was not made"))?;
            Ok(made.slot(made.available_account()))
        }
        (Receiver::New(_), None) => Err(Problem::internal(&"an adjustment whose receiver was not made")),
    }
}

async fn postings(
    work: Work<'_>,
    row: &Row,
    pairs: &[Pair],
    slots: &[Slot],
    first_line: i32,
) -> Result<Vec<Posting>, Problem> {
    let (kind, mut postings) = (kind_of(row)?, Vec::with_capacity(pairs.len()));
    for (pair, slot) in pairs.iter().zip(slots) {
        let line = line_number(pair.index, first_line);
        postings.push(posting(work, row, model::template_of(kind, pair), line, pair.entries(kind, *slot)));
        if kind == AdjustmentKind::A7 {
            let (budget, income) = plan::totals(work.tx, &pair.giver).await?;
            let entries = vec![Entry::new(income, budget, pair.amount)];
            postings.push(posting(work, row, Template::E01, line, entries));
        }
    }
    Ok(postings)
}

fn posting(work: Work<'_>, row: &Row, template: Template, line: i32, entries: Vec<Entry>) -> Posting {
    Posting {
        event_id: row.adj_id,
        template,
        line,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        vou_date: china_date(work.now),
        source_doc: format!("adjustments/{}", row.adj_id),
        entries,
    }
}

fn line_number(index: usize, first: i32) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX).saturating_add(first)
}

fn view(Kept { document: row, lines, .. }: Kept, document: &Document) -> Result<Adjustment, Problem> {
    let kind = kind_of(&row)?;
    let pair = |line: Line| {
        let making: Option<Making> = line.target.map(read).transpose()?;
        let (target, entry) = making.map(|making| (making.target, making.entry)).unwrap_or_default();
        Ok(AdjustmentPair {
            adj_sub_id: line.adj_sub_id,
            ori_bgt_id: line.ori_bgt_id,
            bgt_id: line.bgt_id,
            target,
            entry,
            is_all: line.is_all,
            add_amount: line.add_amount,
            adj_date: line.adj_date,
            source_type_code: line.source_type_code,
            rec_div_code: line.rec_div_code,
        })
    };
    Ok(Adjustment {
        adj_kind: kind,
        is_arranged: kind == AdjustmentKind::A7 || lines.iter().all(|line| line.ori_bgt_id.is_some()),
        perf_goals: checks::goals_of(&row)?,
        adj_id: row.adj_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        cor_bgt_doc_no: row.cor_bgt_doc_no,
        adj_reason: row.adj_reason,
        adj_batch_no: row.adj_batch_no.unwrap_or_default(),
        approval_doc_no: row.approval_doc_no,
        approval_doc_date: row.approval_doc_date,
        total_amt: row.total_amt,
        lines: lines.into_iter().map(pair).collect::<Result<_, Problem>>()?,
        state: document.state(),
    })
}

async fn document<C: ConnectionTrait>(db: &C, adj_id: Uuid) -> Result<(Row, Document), Problem> {
    let row = store::find(db, adj_id).await?.ok_or_else(not_found)?;
    let document = workflow::document(db, document_type(&row), adj_id).await?.ok_or_else(not_found)?;
    Ok((row, document))
}

fn not_found() -> Problem {
    workflow::noun::not_found::<Adjustments>()
}
