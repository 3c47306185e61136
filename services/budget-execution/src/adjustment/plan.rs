//! 预算调整方案 (A7): the total changes, and income with it. A raise has no indicator that gives; a cut has none that
//! receives.

use common_types::Amount;
use common_types::ledger::Template;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Problem, clock::china_date};
use uuid::Uuid;
use workflow::Work;

use super::model::{self, Making};
use super::{Kept, Line, Row, read, store};
use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, Posting, Slot};

/// What a line adds to the total.
pub struct Raise {
    pub index: usize,
    pub receiver: Indicator,
    /// The receiver is made by the line.
    pub is_new: bool,
    pub amount: Amount,
}

/// The lines that raise the total, with their indicators.
pub async fn raises<C: ConnectionTrait>(db: &C, row: &Row, lines: &[Line]) -> Result<Vec<Raise>, Problem> {
    let mut raises = Vec::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.ori_bgt_id.is_none()) {
        let amount = Amount::try_from(line.add_amount).map_err(|error| Problem::internal(&error))?;
        let made = line.target.clone().map(read).transpose()?;
        let (receiver, is_new) = match (made, line.bgt_id) {
            (Some(making), bgt_id) => match made_of(row, line, making, bgt_id.unwrap_or_else(Uuid::now_v7)) {
                Some(made) => (made, true),
                None => continue,
            },
            (None, Some(bgt_id)) => (indicator::of_books(db, bgt_id, &row.mof_div_code, row.fiscal_year).await?, false),
            (None, None) => continue,
        };
        raises.push(Raise { index, receiver, is_new, amount });
    }
    Ok(raises)
}

fn made_of(row: &Row, line: &Line, making: Making, bgt_id: Uuid) -> Option<Indicator> {
    let entry = making.entry?;
    let mut elements = entry.elements;
    elements.cor_bgt_doc_no = Some(row.cor_bgt_doc_no.clone());
    Some(Indicator {
        bgt_id,
        elements,
        bgt_doc_title: None,
        doc_date: row.approval_doc_date,
        bgt_dec: entry.bgt_dec,
        bgt_exe_flag: entry.bgt_exe_flag,
        amount: line.add_amount,
        ori_bgt_id: None,
        bgt_pman_id: None,
        adj_batch_no: row.adj_batch_no.clone(),
        is_track: entry.is_track,
        track_pro_code: entry.track_pro_code,
        source_type_code: model::source_type(budget_execution_contract::AdjustmentKind::A7),
        is_three_ensure: entry.is_three_ensure,
        pro_kind_code: Some(entry.pro_kind_code),
        found_type_code: entry.found_type_code,
        pro_name: Some(entry.pro_name),
        agency_name: making.agency_name,
        origin_id: row.adj_id,
    })
}

/// Makes the new indicators of the raises and notes them on their lines.
pub async fn make(work: Work<'_>, kept: &Kept, raises: &[Raise]) -> Result<(), Problem> {
    for raise in raises.iter().filter(|raise| raise.is_new) {
        indicator::create(work.tx, work.now, &raise.receiver).await?;
    }
    for raise in raises {
        let Some(line) = kept.lines.get(raise.index).cloned() else { continue };
        let line = Line {
            bgt_id: Some(raise.receiver.bgt_id),
            adj_date: Some(china_date(work.now)),
            source_type_code: Some(raise.receiver.source_type_code),
            ..line
        };
        store::settle(work.tx, line).await?;
    }
    Ok(())
}

/// E01 and E10 of the raises: Dr 3x01 / Cr 1x01; Dr the indicator / Cr 3x01.
pub async fn postings(
    tx: &DatabaseTransaction,
    raises: &[Raise],
    posting: impl Fn(Template, usize, Vec<Entry>) -> Posting,
) -> Result<Vec<Posting>, Problem> {
    let mut postings = Vec::with_capacity(raises.len().saturating_mul(2));
    for raise in raises {
        let (budget, income) = totals(tx, &raise.receiver).await?;
        let receiver = raise.receiver.slot(raise.receiver.available_account());
        postings.push(posting(Template::E01, raise.index, vec![Entry::new(budget, income, raise.amount)]));
        postings.push(posting(Template::E10, raise.index, vec![Entry::new(receiver, budget, raise.amount)]));
    }
    Ok(postings)
}

/// The expenditure budget and the income budget behind an indicator.
pub async fn totals(tx: &DatabaseTransaction, of: &Indicator) -> Result<(Slot, Slot), Problem> {
    let unknown = || Problem::internal(&"an indicator of funds without a budget");
    let expense = ledger::expense_account(&of.elements.fund_type_code).ok_or_else(unknown)?;
    let income = ledger::income_account(&of.elements.fund_type_code).ok_or_else(unknown)?;
    let budget = ledger::budget_slot(tx, expense, &of.elements).await?;
    Ok((budget, ledger::budget_slot(tx, income, &of.elements).await?))
}
