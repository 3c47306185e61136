//! 调整与调剂 (adjustment): money is added to a unit, taken back from it or moved between indicators. Nothing moves
//! before the document is final; then all its pairs move in one batch, or none (BA-001). Its reverse is one batch too.

use std::collections::BTreeMap;

use budget_execution_contract::{Adjustment, AdjustmentKind, AdjustmentPair, NewAdjustment, NewAdjustmentLine};
use chrono::{DateTime, Utc};
use common_types::ledger::Account;
use common_types::{AgencyCode, Amount, DivisionCode, FiscalYear, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date};
use uuid::Uuid;
use workflow::{Act, ActionRequest, Document, NewDocument};

use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, PostError, Posting, Slot};
use crate::{CHAINS, Execution, RULES, peers};

mod entity;
pub mod http;
mod model;
mod reservation;
mod store;

pub use reservation::{release, reserve};

use entity::{document::Model as Row, line::Model as Line};
use model::{KeptTarget, Origin, Pair, Receiver};

const OF_UNIT: &str = "adjustment-unit";
const OF_FINANCE: &str = "adjustment-finance";
const FINANCE: &[Role] = &[Role::M1, Role::M2];
const MAX_LINES: usize = 500;
const LONGEST_REASON: usize = 360;
/// Keeps the reverse of a line apart from the line itself.
const REVERSED: i32 = 10_000;

/// Names of the units that receive by new indicators.
pub type Units = BTreeMap<AgencyCode, String>;

/// Asks for the units of a draft's new indicators: only units of this division and year can receive (BA-008).
pub async fn units(execution: &Execution, draft: &NewAdjustment) -> Result<Units, Problem> {
    let mut units = Units::new();
    let base_info = &execution.peers.base_info;
    for (index, line) in draft.lines.iter().take(MAX_LINES).enumerate() {
        let Some(code) = line.target.as_ref().map(|target| &target.agency_code) else { continue };
        if units.contains_key(code) {
            continue;
        }
        let agency = peers::base_info::agency(base_info, &draft.mof_div_code, draft.fiscal_year, code).await?;
        let Some(agency) = agency.filter(|agency| agency.is_enabled) else {
            let (zh, en) = ("调入单位不属于本区划本年度", "the receiving unit is not of this division and year");
            return Err(model::refuse("BA-008", index, zh, en));
        };
        units.insert(code.clone(), agency.agency_name);
    }
    Ok(units)
}

/// Who may make this document; a unit only moves money of its own.
pub fn require_maker(caller: &Caller, draft: &NewAdjustment) -> Result<(), Problem> {
    match &draft.agency_code {
        None => caller.require_in(FINANCE, &draft.mof_div_code, None),
        Some(agency) => {
            caller.require_in(&[Role::U1], &draft.mof_div_code, Some(agency))?;
            if draft.adj_kind == AdjustmentKind::A3 {
                return Ok(());
            }
            let (zh, en) = ("单位只能申请部门预算调剂", "a unit applies for swaps only");
            Err(RULES.refuse("BE-109", zh, en).at("/adj_kind", zh, en))
        }
    }
}

/// Records a draft.
pub async fn draft(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: NewAdjustment,
    units: &Units,
) -> Result<Adjustment, Problem> {
    require_maker(caller, &draft)?;
    require_shape(&draft)?;
    let total_amt =
        Money::try_sum(draft.lines.iter().map(|line| line.add_amount.money())).ok_or(PostError::Overflow)?;
    let row = Row {
        mof_div_code: draft.mof_div_code,
        adj_id: Uuid::now_v7(),
        fiscal_year: draft.fiscal_year,
        adj_kind: model::code_of(draft.adj_kind).to_owned(),
        agency_code: draft.agency_code,
        cor_bgt_doc_no: draft.cor_bgt_doc_no,
        adj_reason: draft.adj_reason,
        total_amt,
        create_time: now,
    };
    let lines = draft.lines.into_iter().map(|line| kept(&row, line, units)).collect::<Result<Vec<_>, _>>()?;
    check(tx, now, caller, &row, &lines).await?;
    indicator::claim_document_number(tx, now, &row.cor_bgt_doc_no, &row.mof_div_code, row.fiscal_year).await?;
    let document_type = document_type(&row);
    let new = NewDocument {
        document_id: row.adj_id,
        document_type,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code.clone(),
        chain: CHAINS.resolve(document_type, &row.mof_div_code, row.total_amt),
    };
    let document = workflow::open(tx, now, caller, new).await?;
    store::insert(tx, row.clone(), lines.clone()).await?;
    view(row, lines, &document)
}

fn document_type(row: &Row) -> &'static str {
    if row.agency_code.is_some() { OF_UNIT } else { OF_FINANCE }
}

fn require_shape(draft: &NewAdjustment) -> Result<(), Problem> {
    if draft.adj_reason.trim().is_empty() || draft.adj_reason.chars().count() > LONGEST_REASON {
        let en = "a reason of at most 360 characters is needed";
        return Err(Problem::field("/adj_reason", "请填写 360 字以内的调整原因", en));
    }
    if draft.lines.is_empty() || draft.lines.len() > MAX_LINES {
        let (zh, en) = (format!("明细应为 1 至 {MAX_LINES} 行"), format!("1 to {MAX_LINES} lines are needed"));
        return Err(RULES.refuse("BE-108", zh.clone(), en.clone()).at("/lines", zh, en));
    }
    for (index, line) in draft.lines.iter().enumerate() {
        let sides = usize::from(line.bgt_id.is_some()).saturating_add(usize::from(line.target.is_some()));
        if draft.adj_kind == AdjustmentKind::A2 && sides != 0 {
            let (zh, en) = ("追减只填调出指标", "a reduction names only the indicator that gives");
            return Err(model::refuse("BE-108", index, zh, en));
        }
        if draft.adj_kind != AdjustmentKind::A2 && sides != 1 {
            let (zh, en) = ("请填写一个调入指标或一个新指标", "either a receiving indicator or a new one is needed");
            return Err(model::refuse("BE-108", index, zh, en));
        }
        if line.bgt_id == Some(line.ori_bgt_id) {
            return Err(model::refuse("BE-108", index, "调入与调出指标相同", "both sides are the same indicator"));
        }
    }
    Ok(())
}

fn kept(row: &Row, line: NewAdjustmentLine, units: &Units) -> Result<Line, Problem> {
    let target = line.target.map(|target| {
        let agency_name = units.get(&target.agency_code).cloned().unwrap_or_default();
        serde_json::to_value(KeptTarget { agency_name, target })
    });
    Ok(Line {
        mof_div_code: row.mof_div_code.clone(),
        adj_sub_id: Uuid::now_v7(),
        adj_id: row.adj_id,
        ori_bgt_id: line.ori_bgt_id,
        bgt_id: line.bgt_id,
        target: target.transpose().map_err(|error| Problem::internal(&error))?,
        add_amount: line.add_amount.money(),
    })
}

/// Everything that can be said before the document takes effect.
async fn check<C: ConnectionTrait>(
    db: &C,
    now: DateTime<Utc>,
    caller: &Caller,
    row: &Row,
    lines: &[Line],
) -> Result<Vec<Pair>, Problem> {
    if model::is_past_cut_off(row.fiscal_year, china_date(now)) && !caller.has_any(&[Role::M2]) {
        let zh = "已过本年度调整截止日，只能由预算处办理";
        return Err(RULES.refuse("AD-007", zh, "the adjustments of the year have ended; the budget division may"));
    }
    let (kind, pairs) = (kind_of(row)?, pairs(db, row, lines).await?);
    for (index, pair) in pairs.iter().enumerate() {
        require_kind(&pair.giver, model::gives_executable(kind), index)?;
        if let Receiver::Existing(found) = &pair.receiver {
            require_kind(found, model::receives_executable(kind), index)?;
        }
        require_own(row, pair)?;
        pair.check(index, row.agency_code.is_some())?;
    }
    model::check_three_public(kind, &pairs)?;
    require_not_frozen(db, &pairs).await?;
    Ok(pairs)
}

fn kind_of(row: &Row) -> Result<AdjustmentKind, Problem> {
    model::kind_of(&row.adj_kind).ok_or_else(|| Problem::internal(&"an adjustment of an unknown kind"))
}

/// BA-007 for one that waits where units can pay from is needed, BE-104 the other way round.
fn require_kind(found: &Indicator, executable: bool, index: usize) -> Result<(), Problem> {
    let is_waiting = found.available_account() == Account::UnallocatedIndicator;
    match executable {
        true if !found.is_executable() => {
            Err(model::refuse("BA-007", index, "须选择可执行指标", "an executable indicator is needed"))
        }
        false if !is_waiting => {
            Err(model::refuse("BE-104", index, "须选择待分指标", "an indicator that waits is needed"))
        }
        _ => Ok(()),
    }
}

/// A unit moves money only between indicators of its own; others do not exist for it.
fn require_own(row: &Row, pair: &Pair) -> Result<(), Problem> {
    let Some(own) = &row.agency_code else { return Ok(()) };
    let is_own = |agency: Option<&AgencyCode>| agency.is_some_and(|agency| own.contains(agency));
    let receives = match &pair.receiver {
        Receiver::Source(_) => true,
        Receiver::Existing(found) => is_own(found.elements.agency_code.as_ref()),
        Receiver::New(kept) => own.contains(&kept.target.agency_code),
    };
    if receives && is_own(pair.giver.elements.agency_code.as_ref()) {
        return Ok(());
    }
    Err(Problem::not_found("指标", "the indicator"))
}

/// AD-005.
async fn require_not_frozen<C: ConnectionTrait>(db: &C, pairs: &[Pair]) -> Result<(), Problem> {
    for (index, pair) in pairs.iter().enumerate() {
        let receiver = if let Receiver::Existing(found) = &pair.receiver { Some(found) } else { None };
        for found in std::iter::once(&pair.giver).chain(receiver) {
            let frozen = indicator::balances(db, found).await?.get(&Account::Frozen).copied().unwrap_or_default();
            if !frozen.is_zero() {
                let (zh, en) = ("指标有冻结额度，解冻后方可调整", "the indicator has a frozen amount");
                return Err(model::refuse("AD-005", index, zh, en)
                    .with("indicator", found.bgt_id)
                    .with("frozen", frozen));
            }
        }
    }
    Ok(())
}

/// The pairs with their indicators; 404 when one is not of this division and year.
async fn pairs<C: ConnectionTrait>(db: &C, row: &Row, lines: &[Line]) -> Result<Vec<Pair>, Problem> {
    let mut pairs = Vec::with_capacity(lines.len());
    for line in lines {
        let of_books = |bgt_id| indicator::of_books(db, bgt_id, &row.mof_div_code, row.fiscal_year);
        let giver = of_books(line.ori_bgt_id).await?;
        let receiver = match (&line.target, line.bgt_id) {
            (Some(target), _) => Receiver::New(read(target.clone())?),
            (None, Some(bgt_id)) => Receiver::Existing(of_books(bgt_id).await?),
            (None, None) => Receiver::Source(waiting_parent(db, &giver).await?),
        };
        let amount = Amount::try_from(line.add_amount).map_err(|error| Problem::internal(&error))?;
        pairs.push(Pair { giver, receiver, amount });
    }
    Ok(pairs)
}

/// The indicator that waits from which this one was split.
async fn waiting_parent<C: ConnectionTrait>(db: &C, child: &Indicator) -> Result<Option<Indicator>, Problem> {
    let Some(ori_bgt_id) = child.ori_bgt_id else { return Ok(None) };
    let (has, parent) = (&child.elements, indicator::find(db, ori_bgt_id).await?);
    Ok(parent.filter(|parent| {
        parent.available_account() == Account::UnallocatedIndicator
            && parent.elements.mof_div_code == has.mof_div_code
            && parent.elements.fiscal_year == has.fiscal_year
    }))
}

fn read(target: serde_json::Value) -> Result<KeptTarget, Problem> {
    serde_json::from_value(target).map_err(|error| Problem::internal(&error))
}

/// An early answer for people; the ledger decides.
async fn require_available<C: ConnectionTrait>(db: &C, pairs: &[Pair]) -> Result<(), Problem> {
    let mut sums = BTreeMap::<Uuid, (&Indicator, Money)>::new();
    for pair in pairs {
        let (_, sum) = sums.entry(pair.giver.bgt_id).or_insert((&pair.giver, Money::ZERO));
        *sum = sum.checked_add(pair.amount.money()).ok_or(PostError::Overflow)?;
    }
    for (giver, sum) in sums.into_values() {
        let sum = Amount::try_from(sum).map_err(|error| Problem::internal(&error))?;
        indicator::require_available(db, giver, sum).await?;
    }
    Ok(())
}

/// Carries out an action; the last approval moves the money, the voiding of a final document moves it back.
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    adj_id: Uuid,
    request: &ActionRequest,
) -> Result<Adjustment, Problem> {
    let row = store::find(tx, adj_id).await?.ok_or_else(not_found)?;
    let act = Act { document_type: document_type(&row), document_id: adj_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    let lines = store::lines(tx, vec![adj_id]).await?;
    if transition.was_submitted() {
        let pairs = check(tx, now, caller, &row, &lines).await?;
        require_available(tx, &pairs).await?;
    }
    if transition.became_final() {
        let pairs = pairs(tx, &row, &lines).await?;
        require_not_frozen(tx, &pairs).await?;
        let slots = receive(tx, now, &row, &lines, &pairs).await?;
        ledger::post(tx, now, &postings(now, &row, &pairs, &slots, 0)?).await?;
    }
    if transition.became_void() {
        let (pairs, mut slots) = (pairs(tx, &row, &lines).await?, Vec::with_capacity(lines.len()));
        for (line, pair) in lines.iter().zip(&pairs) {
            slots.push(receiver_slot(tx, kind_of(&row)?, pair, line.bgt_id).await?);
        }
        let mut postings = postings(now, &row, &pairs, &slots, REVERSED)?;
        for posting in &mut postings {
            for entry in &mut posting.entries {
                *entry = entry.reversed();
            }
        }
        ledger::post(tx, now, &postings).await.map_err(|error| error.refused_as("BA-009"))?;
    }
    let lines = store::lines(tx, vec![adj_id]).await?;
    view(row, lines, &transition.after)
}

/// Makes the new indicators and says where each pair receives.
async fn receive(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &Row,
    lines: &[Line],
    pairs: &[Pair],
) -> Result<Vec<Slot>, Problem> {
    let kind = kind_of(row)?;
    let origin = Origin { adj_id: row.adj_id, kind, doc_no: &row.cor_bgt_doc_no, day: china_date(now) };
    let mut slots = Vec::with_capacity(pairs.len());
    for (line, pair) in lines.iter().zip(pairs) {
        let mut bgt_id = line.bgt_id;
        if let Receiver::New(kept) = &pair.receiver {
            let made = model::made(&pair.giver, kept, line.add_amount, origin);
            indicator::create(tx, now, &made).await?;
            store::set_receiver(tx, line, made.bgt_id).await?;
            bgt_id = Some(made.bgt_id);
        }
        slots.push(receiver_slot(tx, kind, pair, bgt_id).await?);
    }
    Ok(slots)
}

async fn receiver_slot(
    tx: &DatabaseTransaction,
    kind: AdjustmentKind,
    pair: &Pair,
    bgt_id: Option<Uuid>,
) -> Result<Slot, Problem> {
    match (&pair.receiver, bgt_id) {
        (Receiver::Source(Some(parent)), _) => Ok(parent.slot(Account::UnallocatedIndicator)),
        (Receiver::Source(None), _) => {
            let elements = &pair.giver.elements;
            let account = ledger::expense_account(&elements.fund_type_code)
                .ok_or_else(|| Problem::internal(&"an indicator of funds without a budget"))?;
            Ok(ledger::budget_slot(tx, account, elements).await?)
        }
        (Receiver::Existing(_) | Receiver::New(_), Some(bgt_id)) => {
            let executable = model::receives_executable(kind);
            Ok(Slot::new(if executable { Account::Executable } else { Account::UnallocatedIndicator }, bgt_id))
        }
        (Receiver::Existing(_) | Receiver::New(_), None) => {
            Err(Problem::internal(&"an adjustment whose receiving indicator was not made"))
        }
    }
}

fn postings(
    now: DateTime<Utc>,
    row: &Row,
    pairs: &[Pair],
    slots: &[Slot],
    first_line: i32,
) -> Result<Vec<Posting>, Problem> {
    let kind = kind_of(row)?;
    let posting = |line: i32, entries: Vec<Entry>| Posting {
        event_id: row.adj_id,
        template: model::template_of(kind),
        line,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        vou_date: china_date(now),
        source_doc: format!("adjustments/{}", row.adj_id),
        entries,
    };
    Ok((first_line..)
        .zip(pairs.iter().zip(slots))
        .map(|(line, (pair, slot))| posting(line, pair.entries(kind, *slot)))
        .collect())
}

fn view(row: Row, lines: Vec<Line>, document: &Document) -> Result<Adjustment, Problem> {
    let pair = |line: Line| {
        Ok(AdjustmentPair {
            adj_sub_id: line.adj_sub_id,
            ori_bgt_id: line.ori_bgt_id,
            bgt_id: line.bgt_id,
            target: line.target.map(read).transpose()?.map(|kept| kept.target),
            add_amount: line.add_amount,
        })
    };
    Ok(Adjustment {
        adj_kind: kind_of(&row)?,
        adj_id: row.adj_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        cor_bgt_doc_no: row.cor_bgt_doc_no,
        adj_reason: row.adj_reason,
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

/// One document within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, adj_id: Uuid) -> Result<Adjustment, Problem> {
    let (row, document) = document(db, adj_id).await?;
    caller.require_readable(&row.mof_div_code, row.agency_code.as_ref(), "调整单", "the adjustment")?;
    let lines = store::lines(db, vec![adj_id]).await?;
    view(row, lines, &document)
}

/// A page of documents within reach.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    mof_div_code: Option<DivisionCode>,
    fiscal_year: Option<FiscalYear>,
    page: &PageQuery,
) -> Result<Page<Adjustment>, Problem> {
    let paged = page.paged()?;
    let rows = store::page(db, caller, mof_div_code, fiscal_year, paged.after_as()?, &paged).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.adj_id).collect();
    let documents = workflow::documents(db, ids.clone()).await?;
    let mut lines = BTreeMap::<Uuid, Vec<Line>>::new();
    for line in store::lines(db, ids).await? {
        lines.entry(line.adj_id).or_default().push(line);
    }
    let page = Page::of(rows, &paged, |row| row.adj_id.to_string());
    let views = page.items.into_iter().map(|row| {
        let document = documents.get(&row.adj_id).ok_or_else(not_found)?;
        let lines = lines.remove(&row.adj_id).unwrap_or_default();
        view(row, lines, document)
    });
    Ok(Page { items: views.collect::<Result<_, _>>()?, next_page_token: page.next_page_token })
}

fn not_found() -> Problem {
    Problem::not_found("调整单", "the adjustment")
}
