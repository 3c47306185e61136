//! Transfers as their receiver sees and accepts them (接收上级转移支付).

use budget_execution_contract::{Acceptance, IncomingTransfer};
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{Amount, BgtExeFlag, BgtTypeCode, Elements, FiscalYear, FoundTypeCode, Role, SourceTypeCode};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date};
use uuid::Uuid;

use super::store;
use crate::{
    RULES,
    indicator::{self, Indicator},
    ledger::{self, Entry, Posting},
};

/// Takes a transfer into the receiver's own books, once (V-002), mapped to its own project (V-001).
pub async fn accept(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    line_id: Uuid,
    acceptance: Acceptance,
) -> Result<IncomingTransfer, Problem> {
    let line = store::issued_line(tx, line_id).await?.ok_or_else(not_found)?;
    if !caller.acts_in(&line.rec_div_code, None) {
        return Err(not_found());
    }
    caller.require(&[Role::M1, Role::M2])?;
    let document = store::find(tx, line.transfer_id).await?.ok_or_else(not_found)?;
    let upper = indicator::find(tx, line.bgt_id).await?.ok_or_else(not_found)?;
    let own = indicator_of(&line, &document, upper.clone(), acceptance);
    if !store::accept(tx, &line, own.bgt_id, &caller.subject, now).await? {
        return Err(RULES
            .refuse("V-002", "该转移支付已接收，不能重复接收", "this transfer was accepted before")
            .with("accept_bgt_id", line.accept_bgt_id));
    }
    indicator::create(tx, now, &own).await?;
    ledger::post(tx, now, &postings(tx, now, &line, &own).await?).await?;
    let line = store::issued_line(tx, line_id).await?.ok_or_else(not_found)?;
    Ok(view(line, document, &upper))
}

/// The receiver's unallocated indicator; what tracks the money stays as it is (BA-006).
fn indicator_of(
    line: &store::line::Model,
    document: &store::Model,
    upper: Indicator,
    acceptance: Acceptance,
) -> Indicator {
    let track_pro_code =
        if upper.is_track { upper.track_pro_code.clone().or(upper.elements.pro_code.clone()) } else { None };
    let elements = Elements {
        mof_div_code: line.rec_div_code.clone(),
        cor_bgt_doc_no: None,
        pro_code: Some(acceptance.pro_code),
        agency_code: None,
        manage_mof_dep_code: Some(acceptance.manage_mof_dep_code.clone()),
        bgt_mof_dep_code: Some(acceptance.manage_mof_dep_code),
        exp_func_code: Some(acceptance.exp_func_code),
        gov_bgt_eco_code: Some(acceptance.gov_bgt_eco_code),
        dep_bgt_eco_code: None,
        tp_func_code: None,
        bgt_type_code: BgtTypeCode::CurrentYear,
        rec_div_code: None,
        sup_bgt_doc_no: Some(document.cor_bgt_doc_no.clone()),
        ..upper.elements.clone()
    };
    Indicator {
        bgt_id: Uuid::now_v7(),
        elements,
        bgt_doc_title: Some(document.bgt_doc_title.clone()),
        doc_date: Some(document.doc_date),
        bgt_exe_flag: BgtExeFlag::Unallocated,
        amount: line.amount,
        ori_bgt_id: Some(line.bgt_id),
        bgt_pman_id: None,
        source_type_code: SourceTypeCode::HigherLevelTransfer,
        found_type_code: Some(FoundTypeCode::HigherLevelGrant),
        agency_name: None,
        track_pro_code,
        origin_id: line.line_id,
        ..upper
    }
}

/// E02: Dr 3x01 / Cr 2101; E04: Dr 4101 / Cr 3x01, all in the receiver's books.
async fn postings(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    line: &store::line::Model,
    own: &Indicator,
) -> Result<Vec<Posting>, Problem> {
    let unknown_fund = || Problem::internal(&"the kind of funds has no expenditure budget");
    let expense = ledger::expense_account(&own.elements.fund_type_code).ok_or_else(unknown_fund)?;
    let budget = ledger::budget_slot(tx, expense, &own.elements).await?;
    let source = ledger::budget_slot(tx, Account::HigherLevelGrantSource, &own.elements).await?;
    let amount = Amount::try_from(line.amount).map_err(|error| Problem::internal(&error))?;
    let posting = |template, entry| Posting {
        event_id: line.line_id,
        template,
        line: 0,
        mof_div_code: line.rec_div_code.clone(),
        fiscal_year: line.fiscal_year,
        vou_date: china_date(now),
        source_doc: format!("incoming-transfers/{}", line.line_id),
        entries: vec![entry],
    };
    Ok(vec![
        posting(Template::E02, Entry::new(budget, source, amount)),
        posting(Template::E04, Entry::new(own.slot(Account::UnallocatedIndicator), budget, amount)),
    ])
}

/// Transfers to the caller's division and those below it.
pub async fn incoming<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    fiscal_year: Option<FiscalYear>,
    page: &PageQuery,
) -> Result<Page<IncomingTransfer>, Problem> {
    let paged = page.paged()?;
    let rows = store::incoming(db, caller, fiscal_year, paged.after_as()?, &paged).await?;
    let page = Page::of(rows, &paged, |line| line.line_id.to_string());
    let mut items = Vec::with_capacity(page.items.len());
    for line in page.items {
        let document = store::find(db, line.transfer_id).await?.ok_or_else(not_found)?;
        let upper = indicator::find(db, line.bgt_id).await?.ok_or_else(not_found)?;
        items.push(view(line, document, &upper));
    }
    Ok(Page { items, next_page_token: page.next_page_token })
}

fn view(line: store::line::Model, document: store::Model, upper: &Indicator) -> IncomingTransfer {
    IncomingTransfer {
        line_id: line.line_id,
        mof_div_code: line.mof_div_code,
        rec_div_code: line.rec_div_code,
        fiscal_year: line.fiscal_year,
        sup_bgt_doc_no: document.cor_bgt_doc_no,
        bgt_doc_title: document.bgt_doc_title,
        doc_date: document.doc_date,
        amount: line.amount,
        fund_type_code: upper.elements.fund_type_code.clone(),
        cen_tra_pro_code: upper.elements.pro_code.clone(),
        exp_func_code: upper.elements.exp_func_code.clone(),
        tp_func_code: upper.elements.tp_func_code.clone(),
        is_track: upper.is_track,
        direct_flag: upper.elements.direct_flag,
        accept_bgt_id: line.accept_bgt_id,
        accept_time: line.accept_time,
    }
}

fn not_found() -> Problem {
    Problem::not_found("转移支付", "the transfer")
}
