//! The common case of a day file, set by set: receipts that say of a voucher with the bank that it was paid in full.
//! A few statements settle a whole chunk; whatever is not so plain goes the way of a single receipt.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use budget_execution_contract::{BankReceipt, BankResult, PAYMENT_PAID};
use chrono::{DateTime, Utc};
use common_types::{DivisionCode, Money};
use sea_orm::DatabaseTransaction;
use service_kit::{Problem, store::outbox};
use uuid::Uuid;

use super::model::Read;
use crate::{
    Execution, ledger,
    payment::{
        self,
        entity::{Standing, application},
        posting::{self, Movement},
    },
    receipt,
    voucher::{self, entity::Model as Voucher, model::WITH_THE_BANK, settlement, store::PaidFacts},
};

/// The numbers of the lines that were dealt with together.
#[derive(Debug, Default)]
pub struct Together {
    pub settled: BTreeSet<i32>,
    /// They had been settled so before.
    pub already: BTreeSet<i32>,
}

/// Deals with the plain lines together; none when they could not be, and each must go its own way.
pub async fn settle(execution: &Execution, now: DateTime<Utc>, lines: &[Read]) -> Result<Option<Together>, Problem> {
    let tx = execution.database.begin_write().await?;
    match settle_in(&tx, now, lines).await {
        Ok(settled) => {
            tx.commit().await?;
            Ok(Some(settled))
        }
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(_) => {
            tx.rollback().await?;
            Ok(None)
        }
    }
}

async fn settle_in(tx: &DatabaseTransaction, now: DateTime<Utc>, lines: &[Read]) -> Result<Together, Problem> {
    let plain = first_of_each(lines);
    let vouchers = voucher::store::locked_by_numbers(tx, plain.keys().cloned().collect()).await?;
    let (mut payable, mut already) = (Vec::new(), BTreeSet::new());
    for row in vouchers {
        let Some(line) = plain.get(&(row.mof_div_code.clone(), row.pay_cert_no.clone())) else { continue };
        if WITH_THE_BANK.contains(&row.voucher_status) && row.pay_amt == line.receipt.xpay_amt {
            payable.push((*line, row));
        } else if receipt::is_as_settled(&row, &line.receipt) {
            already.insert(line.number);
        }
    }
    let settled = pay_all(tx, now, &payable).await?;
    Ok(Together { settled, already })
}

/// Pays the vouchers of these lines in a few statements.
async fn pay_all(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    payable: &[(&Read, Voucher)],
) -> Result<BTreeSet<i32>, Problem> {
    if payable.is_empty() {
        return Ok(BTreeSet::new());
    }
    let app_ids: Vec<Uuid> = payable.iter().map(|(_, row)| row.pay_app_id).collect();
    let applications: HashMap<Uuid, application::Model> = payment::store::locked_all(tx, app_ids)
        .await?
        .into_iter()
        .filter(|row| row.pay_status == Standing::Vouchered)
        .map(|row| (row.pay_app_id, row))
        .collect();
    let (mut postings, mut events, mut settled, mut receipts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut lines = BTreeSet::new();
    let today = service_kit::clock::china_date(now);
    for (line, row) in payable {
        let Some(application) = applications.get(&row.pay_app_id) else { continue };
        let moved = (Movement::Settle, row.pay_amt);
        postings.push(posting::posting(application, row.reservation_id, moved, today)?);
        let event = settlement::paid_event(row, application.clone(), &facts_of(&line.receipt))?;
        events.push((row.pay_cert_id, event));
        settled.push(row.clone());
        receipts.push(&line.receipt);
        lines.insert(line.number);
    }
    receipt::store::insert_all(tx, now, &receipts).await?;
    let ids: Vec<Uuid> = settled.iter().map(|row| row.pay_cert_id).collect();
    let app_ids: Vec<Uuid> = settled.iter().map(|row| row.pay_app_id).collect();
    let paid = voucher::store::mark_all_paid(tx, now, &ids).await?;
    let noted = payment::store::note_all_paid(tx, now, &app_ids).await?;
    if usize::try_from(paid).ok() != Some(ids.len()) || paid != noted {
        return Err(Problem::conflict("凭证同时被其他回单处理", "another receipt took some of the vouchers"));
    }
    ledger::post(tx, now, &postings).await?;
    outbox::append_many(tx, now, PAYMENT_PAID, events).await?;
    Ok(lines)
}

/// The first plain receipt for each voucher.
fn first_of_each(lines: &[Read]) -> BTreeMap<(DivisionCode, String), &Read> {
    let mut first = BTreeMap::new();
    let is_plain = |line: &&Read| {
        line.receipt.result == BankResult::Paid
            && line.receipt.details.is_empty()
            && line.receipt.xpay_amt > Money::ZERO
    };
    for line in lines.iter().filter(is_plain) {
        first.entry((line.receipt.mof_div_code.clone(), line.receipt.pay_cert_no.clone())).or_insert(line);
    }
    first
}

fn facts_of(receipt: &BankReceipt) -> PaidFacts {
    PaidFacts {
        xpay_amt: receipt.xpay_amt,
        xpay_date: receipt.xpay_date,
        agent_business_no: receipt.agent_business_no.clone(),
        receipt_add_word: receipt.receipt_add_word.clone(),
        details: Vec::new(),
    }
}
