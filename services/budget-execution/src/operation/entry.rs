//! 指标录入 (entry): indicators with a document behind them, from income (E01), from the higher level (E02), from debt,
//! carry-over or a fund (E03), or in advance of the approval (E26). Each carries all its elements (IG-004).

use budget_execution_contract::{
    EntryDraft, EntryLine, EntrySource, INDICATOR_ISSUED, IndicatorIssued, IssuedIndicator, Operation, OperationLine,
};
use common_types::ledger::{Account, Template};
use common_types::{AgencyCode, BgtTypeCode, Elements, Role};
use sea_orm::DatabaseTransaction;
use service_kit::{Problem, store::outbox};
use uuid::Uuid;
use workflow::Work;

use super::{Effect, Header, Kind, REVERSED, Units, model};
use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry as Movement, Posting};

/// 指标录入单.
pub struct Entry;

impl Kind for Entry {
    type Draft = EntryDraft;

    const DOCUMENT_TYPE: &'static str = "entry";
    const COLLECTION: &'static str = "entries";
    const NAME: [&'static str; 2] = ["指标录入单", "the entry"];
    const MAKERS: &'static [Role] = &[Role::M1, Role::M2];
    const INSUFFICIENT: &'static str = "BA-001";

    fn header(draft: &EntryDraft) -> Header {
        Header {
            mof_div_code: draft.mof_div_code.clone(),
            fiscal_year: draft.fiscal_year,
            reason: draft.reason.clone(),
            entry_source: Some(draft.entry_source),
            cor_bgt_doc_no: Some(draft.cor_bgt_doc_no.clone()),
            bgt_doc_title: Some(draft.bgt_doc_title.clone()),
            doc_date: Some(draft.doc_date),
        }
    }

    fn units(draft: &EntryDraft) -> Vec<(usize, AgencyCode)> {
        let unit = |(index, line): (usize, &EntryLine)| Some((index, line.elements.agency_code.clone()?));
        draft.lines.iter().enumerate().filter_map(unit).collect()
    }

    async fn lines(_: &DatabaseTransaction, draft: EntryDraft, units: &Units) -> Result<Vec<OperationLine>, Problem> {
        let mut lines = Vec::with_capacity(draft.lines.len());
        for (index, line) in draft.lines.iter().enumerate() {
            check(&draft, line, index)?;
            let mut entry = line.clone();
            entry.elements.cor_bgt_doc_no = Some(draft.cor_bgt_doc_no.clone());
            let agency_name = entry.elements.agency_code.as_ref().and_then(|code| units.get(code).cloned());
            lines.push(OperationLine {
                bgt_id: Some(Uuid::now_v7()),
                amt: line.amt.money(),
                entry: Some(entry),
                agency_name,
                ..OperationLine::default()
            });
        }
        Ok(lines)
    }

    async fn effect(work: Work<'_>, operation: &Operation) -> Result<Effect, Problem> {
        for made in indicators(operation) {
            indicator::create(work.tx, work.now, &made).await?;
        }
        tell(work, operation).await?;
        Ok(Effect { postings: postings(work, operation, 0).await?, lines: operation.lines.clone() })
    }

    async fn reverse(work: Work<'_>, operation: &Operation) -> Result<Vec<Posting>, Problem> {
        let mut postings = postings(work, operation, REVERSED).await?;
        for entry in postings.iter_mut().flat_map(|posting| &mut posting.entries) {
            *entry = entry.reversed();
        }
        Ok(postings)
    }
}

/// IG-004 and what the source asks for.
fn check(draft: &EntryDraft, line: &EntryLine, index: usize) -> Result<(), Problem> {
    let has = &line.elements;
    if has.mof_div_code != draft.mof_div_code || has.fiscal_year != draft.fiscal_year {
        let (zh, en) = ("要素的区划、年度与单据不一致", "elements are not of the division and year of the document");
        return Err(model::refuse("BE-108", index, zh, en));
    }
    let mut missing = has.missing_mandatory(line.bgt_exe_flag);
    if ledger::expense_account(&has.fund_type_code).is_none() || ledger::income_account(&has.fund_type_code).is_none() {
        missing.push("fund_type_code");
    }
    if draft.entry_source == EntrySource::HigherLevel && has.sup_bgt_doc_no.is_none() {
        missing.push("sup_bgt_doc_no");
    }
    if line.is_track && line.track_pro_code.is_none() {
        missing.push("track_pro_code");
    }
    if let Some(first) = missing.first() {
        let zh = format!("缺少必填要素 {}", missing.join("、"));
        let en = format!("{} is missing", missing.join(", "));
        let pointer = format!("/lines/{index}/elements/{first}");
        return Err(crate::RULES.refuse("IG-004", zh.clone(), en.clone()).at(pointer, zh, en).with("missing", missing));
    }
    let is_advance = has.bgt_type_code == BgtTypeCode::Advance;
    if is_advance != (draft.entry_source == EntrySource::Advance) {
        let (zh, en) = ("预拨须使用指标类型 11，其他来源不得使用", "type 11 is for advances and for nothing else");
        return Err(model::refuse("IG-005", index, zh, en));
    }
    Ok(())
}

fn indicators(operation: &Operation) -> Vec<Indicator> {
    operation.lines.iter().filter_map(|line| indicator_of(operation, line)).collect()
}

fn indicator_of(operation: &Operation, line: &OperationLine) -> Option<Indicator> {
    let (bgt_id, entry) = (line.bgt_id?, line.entry.clone()?);
    Some(Indicator {
        bgt_id,
        source_type_code: source_type(operation.entry_source, &entry.elements),
        elements: entry.elements,
        bgt_doc_title: operation.bgt_doc_title.clone(),
        doc_date: operation.doc_date,
        bgt_dec: entry.bgt_dec,
        bgt_exe_flag: entry.bgt_exe_flag,
        amount: line.amt,
        ori_bgt_id: None,
        bgt_pman_id: None,
        adj_batch_no: None,
        is_track: entry.is_track,
        track_pro_code: entry.track_pro_code,
        is_three_ensure: entry.is_three_ensure,
        pro_kind_code: Some(entry.pro_kind_code),
        found_type_code: entry.found_type_code,
        pro_name: Some(entry.pro_name),
        agency_name: line.agency_name.clone(),
        origin_id: operation.operation_id,
    })
}

fn source_type(source: Option<EntrySource>, elements: &Elements) -> common_types::SourceTypeCode {
    use common_types::{BgtSource, SourceTypeCode};
    match (source, elements.bgt_source_code) {
        (Some(EntrySource::HigherLevel), _) => SourceTypeCode::HigherLevelTransfer,
        (Some(EntrySource::CarryOver), _) => SourceTypeCode::CarriedOver,
        (_, BgtSource::InitialBudget) => SourceTypeCode::InitialBudget,
        (_, BgtSource::Adjustment) => SourceTypeCode::Adjustment,
        (_, BgtSource::Reallocation) => SourceTypeCode::Reallocation,
    }
}

/// Dr 3x01 / Cr the source; Dr the indicator / Cr 3x01.
async fn postings(work: Work<'_>, operation: &Operation, first_line: i32) -> Result<Vec<Posting>, Problem> {
    let mut postings = Vec::with_capacity(operation.lines.len().saturating_mul(2));
    for (number, made) in (first_line..).zip(indicators(operation)) {
        let elements = &made.elements;
        let unknown = || Problem::internal(&"an entry holds only known kinds of funds");
        let expense = ledger::expense_account(&elements.fund_type_code).ok_or_else(unknown)?;
        let income = ledger::income_account(&elements.fund_type_code).ok_or_else(unknown)?;
        let (template, source) = match operation.entry_source {
            Some(EntrySource::HigherLevel) => (Template::E02, Account::HigherLevelGrantSource),
            Some(EntrySource::Debt) => (Template::E03, Account::DebtSource),
            Some(EntrySource::CarryOver) => (Template::E03, Account::CarryOverSource),
            Some(EntrySource::TransferIn) => (Template::E03, Account::TransferInSource),
            Some(EntrySource::Income | EntrySource::Advance) | None => (Template::E01, income),
        };
        let available = made.available_account();
        let given = match (operation.entry_source, available) {
            (Some(EntrySource::Advance), _) => Template::E26,
            (_, Account::Executable) => Template::E07,
            (_, Account::PendingTransfer) => Template::E24,
            _ => Template::E04,
        };
        let budget = ledger::budget_slot(work.tx, expense, elements).await?;
        let source = ledger::budget_slot(work.tx, source, elements).await?;
        let amount = model::amount_of(made.amount)?;
        let post = |template, debit, credit| {
            let entries = vec![Movement::new(debit, credit, amount)];
            model::posting(work.now, Entry::COLLECTION, operation, (template, number), entries)
        };
        postings.push(post(template, budget, source));
        postings.push(post(given, made.slot(available), budget));
    }
    Ok(postings)
}

/// Tells of what units can pay from now.
async fn tell(work: Work<'_>, operation: &Operation) -> Result<(), Problem> {
    let executable = indicators(operation).into_iter().filter(Indicator::is_executable);
    let items: Vec<IssuedIndicator> = executable
        .map(|made| IssuedIndicator {
            bgt_id: made.bgt_id,
            amt: made.amount,
            is_three_ensure: made.is_three_ensure,
            elements: made.elements,
        })
        .collect();
    if items.is_empty() {
        return Ok(());
    }
    let event = IndicatorIssued {
        issue_id: operation.operation_id,
        mof_div_code: operation.mof_div_code.clone(),
        fiscal_year: operation.fiscal_year,
        cor_bgt_doc_no: operation.cor_bgt_doc_no.clone(),
        doc_date: operation.doc_date,
        items,
    };
    Ok(outbox::append(work.tx, work.now, INDICATOR_ISSUED, operation.operation_id, &event).await?)
}
