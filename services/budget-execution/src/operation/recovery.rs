//! 收回 (recovery, E11): within the year, money of a unit goes back to the finance division and waits to be distributed
//! again: on the indicator that it was split from, or on a new one with the same elements and no unit. Marks of tracking
//! and direct funds stay (BA-006). What nobody used at the year end is recovered by the closing (E27), not here.

use budget_execution_contract::{Operation, OperationLine, RecoveryDraft};
use common_types::ledger::{Account, Template};
use common_types::{Amount, BgtExeFlag, BgtTypeCode, Role};
use sea_orm::DatabaseTransaction;
use service_kit::Problem;
use uuid::Uuid;
use workflow::Work;

use super::{Effect, Header, Kind, REVERSED, Units, model};
use crate::indicator::{self, Indicator};
use crate::ledger::{Entry, Posting, Slot};

/// 指标收回单.
pub struct Recovery;

impl Kind for Recovery {
    type Draft = RecoveryDraft;

    const DOCUMENT_TYPE: &'static str = "recovery";
    const COLLECTION: &'static str = "recoveries";
    const NAME: [&'static str; 2] = ["指标收回单", "the recovery"];
    const MAKERS: &'static [Role] = &[Role::M1, Role::M2];
    const INSUFFICIENT: &'static str = "BA-002";

    fn header(draft: &RecoveryDraft) -> Header {
        let header = super::plain_header(&draft.mof_div_code, draft.fiscal_year, &draft.reason);
        Header { cor_bgt_doc_no: Some(draft.cor_bgt_doc_no.clone()), ..header }
    }

    async fn lines(tx: &DatabaseTransaction, draft: RecoveryDraft, _: &Units) -> Result<Vec<OperationLine>, Problem> {
        let mut lines = Vec::with_capacity(draft.lines.len());
        for (index, line) in draft.lines.into_iter().enumerate() {
            let found = model::of_books(tx, (&draft.mof_div_code, draft.fiscal_year), line.bgt_id, index).await?;
            if !found.is_executable() {
                let (zh, en) = ("须选择可执行指标", "an executable indicator is needed");
                return Err(model::refuse("BA-007", index, zh, en));
            }
            model::require_not_frozen(tx, &found, index).await?;
            let kept = OperationLine {
                ori_bgt_id: Some(found.bgt_id),
                is_all: line.amt.is_none(),
                amt: line.amt.map(Amount::money).unwrap_or_default(),
                ..OperationLine::default()
            };
            let amount = model::to_move(tx, &found, &kept, index).await?;
            lines.push(OperationLine { amt: amount.money(), ..kept });
        }
        Ok(lines)
    }

    async fn effect(work: Work<'_>, operation: &Operation) -> Result<Effect, Problem> {
        let (mut postings, mut lines) = (Vec::new(), Vec::new());
        for (number, line) in operation.lines.iter().enumerate() {
            let books = (&operation.mof_div_code, operation.fiscal_year);
            let found = model::of_books(work.tx, books, line.ori_bgt_id.unwrap_or_default(), number).await?;
            model::require_not_frozen(work.tx, &found, number).await?;
            let amount = model::to_move(work.tx, &found, line, number).await?;
            let waiting = match indicator::waiting_parent(work.tx, &found).await? {
                Some(parent) => parent.bgt_id,
                None => {
                    let made = waiting(&found, amount, operation);
                    indicator::create(work.tx, work.now, &made).await?;
                    made.bgt_id
                }
            };
            let line = OperationLine { bgt_id: Some(waiting), amt: amount.money(), ..line.clone() };
            postings.push(posting(work, operation, &line, (number, 0))?);
            lines.push(line);
        }
        Ok(Effect { postings, lines })
    }

    async fn reverse(work: Work<'_>, operation: &Operation) -> Result<Vec<Posting>, Problem> {
        let mut postings = Vec::with_capacity(operation.lines.len());
        for (number, line) in operation.lines.iter().enumerate() {
            let mut posting = posting(work, operation, line, (number, REVERSED))?;
            posting.entries = posting.entries.into_iter().map(Entry::reversed).collect();
            postings.push(posting);
        }
        Ok(postings)
    }
}

/// Dr 4101 / Cr 6101.
fn posting(
    work: Work<'_>,
    operation: &Operation,
    line: &OperationLine,
    (number, first): (usize, i32),
) -> Result<Posting, Problem> {
    let (Some(from), Some(to)) = (line.ori_bgt_id, line.bgt_id) else {
        return Err(Problem::internal(&"a recovery without its indicators"));
    };
    let debit = Slot::new(Account::UnallocatedIndicator, to);
    let entry = Entry::new(debit, Slot::new(Account::Executable, from), model::amount_of(line.amt)?);
    let line = (Template::E11, super::line_number(number, first));
    Ok(model::posting(work.now, Recovery::COLLECTION, operation, line, vec![entry]))
}

fn waiting(found: &Indicator, amount: Amount, operation: &Operation) -> Indicator {
    let mut elements = found.elements.clone();
    elements.agency_code = None;
    elements.bgt_type_code = BgtTypeCode::Reduction;
    elements.cor_bgt_doc_no = operation.cor_bgt_doc_no.clone();
    Indicator {
        bgt_id: Uuid::now_v7(),
        elements,
        bgt_exe_flag: BgtExeFlag::Unallocated,
        amount: amount.money(),
        ori_bgt_id: Some(found.bgt_id),
        agency_name: None,
        origin_id: operation.operation_id,
        ..found.clone()
    }
}
