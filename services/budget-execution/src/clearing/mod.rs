//! Clearing (清算): what was paid until a day is listed by kind of funds and mode (汇总清单), finance gives the bank a
//! quota for each list (5106, 5108), and the transfer is requested (2301) beside the return of the day's refunds (2302); cleared
//! when the bank confirms the same amounts (CLR-002). No ledger posting: E19 is a date.

use std::collections::BTreeMap;

use budget_execution_contract::{
    BankAcceptance, BankClearingAnswer, BankClearingRequest, Clearing, ClearingLine, ClearingRequest, ClearingSum,
};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, FundTypeCode, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem};
use uuid::Uuid;

use crate::{
    Execution, RULES,
    peers::bank::{AgentBank, HttpBank},
};

pub mod day;
pub mod entity;
pub mod http;
pub mod model;
pub mod notice;
pub mod reconciliation;
pub mod store;
pub mod ticket;
pub mod unit;

use entity::{Progress, certificate, sum};
use model::{Bundle, Kind};
use store::Day;

const NUMBER_RULE: &str = "QS";
/// A request for the return of refunds has the number of its day's transfer, so marked.
const REFUND_RULE: &str = "QT";
const TRANSFER: &str = "2301";
const REFUND: &str = "2302";

/// What the bank said to the requests of a day: 2301 for what was paid, 2302 for what came back.
pub struct Answers {
    lqd_cert_no: String,
    transfer: Option<BankClearingAnswer>,
    refund: Option<BankClearingAnswer>,
}

/// Bundles the day and asks the bank to clear it. A request that was not answered is asked again.
pub async fn request(execution: &Execution, caller: &Caller, asked: &ClearingRequest) -> Result<Answers, Problem> {
    caller.require_in(&[Role::M3], &asked.mof_div_code, None)?;
    let now = execution.database.clock().now();
    let tx = execution.database.begin_write().await?;
    let row = prepare(&tx, now, asked).await?;
    let (transfer, refund) = (transfer_of(&tx, &row).await?, refund_of(&tx, &row).await?);
    tx.commit().await?;
    let bank = HttpBank(execution.peers.bank.clone());
    let mut answers = Answers { lqd_cert_no: row.lqd_cert_no, transfer: None, refund: None };
    if let Some(transfer) = transfer {
        answers.transfer = Some(bank.clear(&transfer).await?);
    }
    if let Some(refund) = refund {
        answers.refund = Some(bank.clear(&refund).await?);
    }
    Ok(answers)
}

/// The open request of the day, or a new one over what is not bundled yet; CLR-102 when there is nothing, CLR-105 when the
/// day is closed.
pub async fn prepare(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    asked: &ClearingRequest,
) -> Result<certificate::Model, Problem> {
    let day = day::begun(now, asked)?;
    day::hold_open(tx, &day).await?;
    if let Some(open) = store::open_certificate(tx, &day).await? {
        return Ok(open);
    }
    let vouchers = store::uncleared(tx, &day).await?;
    let refunds = store::uncleared_refunds(tx, &day).await?;
    let ref_ids: Vec<Uuid> = refunds.iter().map(|refund| refund.ref_id).collect();
    if vouchers.is_empty() && refunds.is_empty() {
        return Err(RULES.refuse(
            "CLR-102",
            format!("{} 没有可清算的凭证", day.day),
            format!("{} has nothing to clear", day.day),
        ));
    }
    let funds = funds_of(tx, refunds.iter().map(|refund| refund.pay_cert_id).collect()).await?;
    let refunds: Vec<_> =
        refunds.into_iter().filter_map(|row| Some((row.clone(), funds.get(&row.pay_cert_id)?.clone()))).collect();
    let paid = vouchers.iter().map(|row| row.pay_cert_id).chain(refunds.iter().map(|(row, _)| row.pay_cert_id));
    let direct = store::direct(tx, paid.collect()).await?;
    let bundles = model::bundles(&vouchers, &refunds, &direct).ok_or_else(too_large)?;
    let (row, mut sums) = rows_of(tx, now, &day, &bundles).await?;
    notice::issue(tx, now, &row, &mut sums, &bundles).await?;
    store::insert(tx, &row, &sums).await?;
    let mut bundled = store::bundle_refunds(tx, ref_ids, &row.lqd_cert_no).await?;
    for (sum, bundle) in sums.iter().zip(bundles.into_values()) {
        bundled = bundled.saturating_add(store::bundle_vouchers(tx, bundle.vouchers, sum).await?);
    }
    if usize::try_from(bundled).ok() != Some(vouchers.len().saturating_add(refunds.len())) {
        return Err(Problem::conflict("凭证同时被其他清算处理", "another clearing took some of the vouchers"));
    }
    Ok(row)
}

async fn funds_of(tx: &DatabaseTransaction, ids: Vec<Uuid>) -> Result<BTreeMap<Uuid, FundTypeCode>, Problem> {
    let rows = store::vouchers(tx, ids).await?;
    Ok(rows.into_iter().map(|row| (row.pay_cert_id, row.fund_type_code)).collect())
}

async fn rows_of(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    day: &Day,
    bundles: &BTreeMap<Kind, Bundle>,
) -> Result<(certificate::Model, Vec<sum::Model>), Problem> {
    let number = crate::payment::store::next_number(tx, &day.mof_div_code, NUMBER_RULE, day.day).await?;
    let lqd_cert_no = format!("QS{}{}{number:05}", day.mof_div_code.six(), day.day.format("%Y%m%d"));
    let mut sums = Vec::with_capacity(bundles.len());
    for ((fund_type_code, mode), bundle) in bundles {
        sums.push(sum::Model {
            mof_div_code: day.mof_div_code.clone(),
            pay_cert_sum_no: format!("{lqd_cert_no}-{fund_type_code}-{}", mode.vt_code()),
            lqd_cert_no: lqd_cert_no.clone(),
            lqd_quota_notice_no: None,
            fund_type_code: fund_type_code.clone(),
            vt_code: mode.vt_code().to_owned(),
            voucher_count: i32::try_from(bundle.vouchers.len()).map_err(|_| too_large())?,
            paid_amt: bundle.paid_amt,
            ref_amt: bundle.ref_amt,
            lqd_amt: bundle.lqd_amt().ok_or_else(too_large)?,
        });
    }
    let total = |part: fn(&sum::Model) -> Money| Money::try_sum(sums.iter().map(part)).ok_or_else(too_large);
    let ref_amt = total(|sum| sum.ref_amt)?;
    let row = certificate::Model {
        mof_div_code: day.mof_div_code.clone(),
        clearing_id: Uuid::now_v7(),
        ref_cert_no: ref_amt.is_positive().then(|| lqd_cert_no.replacen(NUMBER_RULE, REFUND_RULE, 1)),
        lqd_cert_no,
        fiscal_year: day.fiscal_year,
        day: day.day,
        status: Progress::Requested,
        voucher_count: sums.iter().map(|sum| sum.voucher_count).sum(),
        paid_amt: total(|sum| sum.paid_amt)?,
        ref_amt,
        lqd_amt: total(|sum| sum.lqd_amt)?,
        act_lqd_date: None,
        create_time: now,
        update_time: now,
    };
    Ok((row, sums))
}

fn too_large() -> Problem {
    Problem::internal(&"the sums of a clearing do not fit")
}

async fn transfer_of(
    tx: &DatabaseTransaction,
    row: &certificate::Model,
) -> Result<Option<BankClearingRequest>, Problem> {
    let vouchers = store::bundled(tx, &row.mof_div_code, &row.lqd_cert_no).await?;
    let notices = store::notices_of(tx, &row.mof_div_code, &row.lqd_cert_no).await?;
    let lines: Vec<_> =
        vouchers.into_iter().map(|row| ClearingLine { pay_cert_no: row.pay_cert_no, amount: row.xpay_amt }).collect();
    let request = BankClearingRequest {
        notices: notices.into_iter().map(notice::of_bank).collect(),
        ..request_of(row, (TRANSFER, row.lqd_cert_no.clone()), row.paid_amt, lines)
    };
    Ok((!request.lines.is_empty()).then_some(request))
}

async fn refund_of(tx: &DatabaseTransaction, row: &certificate::Model) -> Result<Option<BankClearingRequest>, Problem> {
    let Some(ref_cert_no) = row.ref_cert_no.clone() else { return Ok(None) };
    let refunds = store::bundled_refunds(tx, &row.mof_div_code, &row.lqd_cert_no).await?;
    let lines =
        refunds.into_iter().map(|row| ClearingLine { pay_cert_no: row.pay_cert_no, amount: row.ref_amt }).collect();
    Ok(Some(request_of(row, (REFUND, ref_cert_no), row.ref_amt, lines)))
}

fn request_of(
    row: &certificate::Model,
    (vt_code, lqd_cert_no): (&str, String),
    lqd_amt: Money,
    lines: Vec<ClearingLine>,
) -> BankClearingRequest {
    BankClearingRequest {
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        vt_code: vt_code.to_owned(),
        lqd_cert_no,
        day: row.day,
        lqd_amt,
        notices: Vec::new(),
        lines,
    }
}

/// Records the bank's answers: cleared only when both sums are ours (CLR-002).
pub async fn record(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    division: &DivisionCode,
    answers: &Answers,
) -> Result<Clearing, Problem> {
    let unknown = || Problem::not_found("清算单", "the clearing");
    let row = store::certificate(tx, division, &answers.lqd_cert_no).await?.ok_or_else(unknown)?;
    if row.status != Progress::Cleared {
        let transfer = accepted(&row, answers.transfer.as_ref(), row.paid_amt)?;
        let refund = accepted(&row, answers.refund.as_ref(), row.ref_amt)?;
        match (transfer, refund) {
            (Accepted::Refused, _) | (_, Accepted::Refused) => {
                store::note_answer(tx, now, &row, (Progress::Refused, None)).await?;
            }
            (Accepted::On(day), _) | (Accepted::NotAsked, Accepted::On(day)) => {
                store::note_answer(tx, now, &row, (Progress::Cleared, Some(day))).await?;
                store::mark_cleared(tx, now, &row, day).await?;
            }
            (Accepted::NotAsked, Accepted::NotAsked) => {}
        }
    }
    let row = store::certificate(tx, division, &answers.lqd_cert_no).await?.ok_or_else(unknown)?;
    view(tx, row).await
}

enum Accepted {
    NotAsked,
    Refused,
    On(NaiveDate),
}

fn accepted(row: &certificate::Model, answer: Option<&BankClearingAnswer>, ours: Money) -> Result<Accepted, Problem> {
    let Some(answer) = answer else { return Ok(Accepted::NotAsked) };
    match (answer.answer, answer.act_lqd_date) {
        (BankAcceptance::Accepted, Some(_)) if answer.lqd_amt != ours => Err(unequal(row, (ours, answer.lqd_amt))),
        (BankAcceptance::Accepted, Some(day)) => Ok(Accepted::On(day)),
        (BankAcceptance::Accepted, None) | (BankAcceptance::Rejected, _) => Ok(Accepted::Refused),
    }
}

fn unequal(row: &certificate::Model, (ours, theirs): (Money, Money)) -> Problem {
    RULES
        .refuse(
            "CLR-002",
            format!("清算单 {} 我方 {ours}，银行 {theirs}", row.lqd_cert_no),
            format!("clearing {} is {ours} here and {theirs} at the bank", row.lqd_cert_no),
        )
        .with("lqd_amt", ours)
        .with("bank_amt", theirs)
}

/// Clearings of a division that the caller may read.
pub async fn list(
    execution: &Execution,
    caller: &Caller,
    filter: &budget_execution_contract::DayFilter,
) -> Result<Page<Clearing>, Problem> {
    caller.require_readable(&filter.mof_div_code, None, "清算单", "the clearings")?;
    let query = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() };
    let (paged, db) = (query.paged()?, execution.database.read());
    let after = paged.after_as::<Uuid>()?;
    let rows = store::certificates(db, &filter.mof_div_code, filter.day, &paged, after).await?;
    let page = Page::of(rows, &paged, |row| row.clearing_id.to_string());
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        items.push(view(db, row).await?);
    }
    Ok(Page { items, next_page_token: page.next_page_token })
}

/// The clearing as callers see it.
pub async fn view<C: ConnectionTrait>(db: &C, row: certificate::Model) -> Result<Clearing, Problem> {
    let sums = store::sums(db, &row.mof_div_code, &row.lqd_cert_no).await?;
    let count = |number: i32| u32::try_from(number).unwrap_or_default();
    Ok(Clearing {
        lqd_cert_no: row.lqd_cert_no,
        ref_cert_no: row.ref_cert_no,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        day: row.day,
        status: row.status.into(),
        voucher_count: count(row.voucher_count),
        paid_amt: row.paid_amt,
        ref_amt: row.ref_amt,
        lqd_amt: row.lqd_amt,
        act_lqd_date: row.act_lqd_date,
        sums: sums
            .into_iter()
            .map(|sum| ClearingSum {
                pay_cert_sum_no: sum.pay_cert_sum_no,
                lqd_quota_notice_no: sum.lqd_quota_notice_no,
                fund_type_code: sum.fund_type_code.to_string(),
                vt_code: sum.vt_code,
                voucher_count: count(sum.voucher_count),
                paid_amt: sum.paid_amt,
                ref_amt: sum.ref_amt,
                lqd_amt: sum.lqd_amt,
            })
            .collect(),
    })
}
