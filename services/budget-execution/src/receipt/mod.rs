//! Receipts of the agent bank (回单): each settles its voucher once, however often and in whatever order it is delivered.
//! A receipt that says otherwise than an earlier one changes nothing and opens a ticket (CLR-101).

use budget_execution_contract::{
    BankReceipt, BankResult, BankVoucherState, BankVoucherStatus, ReceiptAnswer, ReceiptOutcome,
};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, Money, Role};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use crate::{
    Execution, RULES, certificate, refund,
    voucher::{
        self,
        entity::{Model as VoucherRow, Stage},
        model::{SPENT, WITH_THE_BANK},
        settlement,
        store::PaidFacts,
    },
};

pub mod entity;
pub mod http;
pub mod store;

use entity::{Ended, Handling, Kind, difference};

/// Code of a receipt that contradicts an earlier result.
pub const CONTRADICTION: &str = "CLR-101";
const LONGEST_NUMBER: usize = 100;
const LONGEST_WORD: usize = 300;

/// Takes a receipt: settles its voucher, or finds that it was settled so before.
pub async fn take(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    receipt: &BankReceipt,
) -> Result<ReceiptAnswer, Problem> {
    require_takeable(caller, receipt)?;
    let today = service_kit::clock::china_date(now);
    certificate::require_signed_by_bank(tx, (caller, today), receipt).await?;
    settle(tx, now, receipt).await
}

/// Whether this caller may deliver such a receipt at all.
pub fn require_takeable(caller: &Caller, receipt: &BankReceipt) -> Result<(), Problem> {
    caller.require(&[Role::B1])?;
    caller.require_readable(&receipt.mof_div_code, None, "支付凭证", "the voucher")?;
    require_lengths(receipt)
}

/// Settles the voucher of a receipt that is known to be the bank's.
async fn settle(tx: &DatabaseTransaction, now: DateTime<Utc>, receipt: &BankReceipt) -> Result<ReceiptAnswer, Problem> {
    let found = voucher::store::locked_by_number(tx, &receipt.mof_div_code, &receipt.pay_cert_no).await?;
    let Some(row) = found else {
        store::open_ticket(tx, ticket(receipt, Kind::Unmatched, "无此凭证".to_owned(), now)).await?;
        return Ok(answer(receipt, ReceiptOutcome::Unmatched, None));
    };
    let outcome = match receipt.result {
        BankResult::Paid => paid(tx, now, &row, receipt).await?,
        BankResult::Failed => failed(tx, now, &row, receipt).await?,
        BankResult::Returned => returned(tx, now, &row, receipt).await?,
    };
    Ok(answer(receipt, outcome, Some(row.pay_cert_id)))
}

/// Whether the voucher was paid just as this receipt says.
pub fn is_as_settled(row: &VoucherRow, receipt: &BankReceipt) -> bool {
    SPENT.contains(&row.voucher_status)
        && row.xpay_amt == receipt.xpay_amt
        && row.xpay_date == Some(receipt.xpay_date)
        && row.agent_business_no.as_deref() == Some(receipt.agent_business_no.as_str())
}

async fn paid(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &VoucherRow,
    receipt: &BankReceipt,
) -> Result<ReceiptOutcome, Problem> {
    if SPENT.contains(&row.voucher_status) {
        return if is_as_settled(row, receipt) { Ok(ReceiptOutcome::Already) } else { Err(contradicts(row, receipt)) };
    }
    let facts = PaidFacts {
        xpay_amt: receipt.xpay_amt,
        xpay_date: receipt.xpay_date,
        agent_business_no: receipt.agent_business_no.clone(),
        receipt_add_word: receipt.receipt_add_word.clone(),
        details: receipt.details.clone(),
    };
    if !WITH_THE_BANK.contains(&row.voucher_status) || !settlement::is_payable(tx, row, &facts).await? {
        return Err(contradicts(row, receipt));
    }
    store::insert(tx, now, receipt).await?;
    settlement::pay(tx, now, row, &facts).await?;
    Ok(ReceiptOutcome::Settled)
}

async fn failed(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &VoucherRow,
    receipt: &BankReceipt,
) -> Result<ReceiptOutcome, Problem> {
    if matches!(row.voucher_status, Stage::Failed | Stage::BankRejected) {
        return Ok(ReceiptOutcome::Already);
    }
    if !WITH_THE_BANK.contains(&row.voucher_status) {
        return Err(contradicts(row, receipt));
    }
    store::insert(tx, now, receipt).await?;
    settlement::fail(tx, now, row, Stage::Failed, &receipt.receipt_add_word).await?;
    Ok(ReceiptOutcome::Settled)
}

/// 退票: what was paid came back. Before the payment itself is known it cannot be taken; the bank delivers again.
async fn returned(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &VoucherRow,
    receipt: &BankReceipt,
) -> Result<ReceiptOutcome, Problem> {
    if let Some(earlier) = store::earlier(tx, receipt, Ended::Returned).await? {
        let is_same = earlier.xpay_amt == receipt.xpay_amt;
        return if is_same { Ok(ReceiptOutcome::Already) } else { Err(contradicts(row, receipt)) };
    }
    if WITH_THE_BANK.contains(&row.voucher_status) {
        return Err(voucher::model::not_possible(row));
    }
    let is_refundable = row.xpay_amt.checked_sub(row.ref_app_amt).is_some_and(|left| receipt.xpay_amt <= left);
    if !SPENT.contains(&row.voucher_status) || !is_refundable {
        return Err(contradicts(row, receipt));
    }
    store::insert(tx, now, receipt).await?;
    refund::return_by_bank(tx, now, row, receipt.xpay_amt, &receipt.receipt_add_word).await?;
    Ok(ReceiptOutcome::Settled)
}

/// Keeps the contradiction for somebody to settle; in a transaction of its own, because the receipt itself is refused.
pub async fn keep_contradiction(
    execution: &Execution,
    receipt: &BankReceipt,
    problem: &Problem,
) -> Result<(), Problem> {
    let tx = execution.database.begin_write().await?;
    let ours = problem.document().extensions.get("voucher_status").map_or_else(String::new, ToString::to_string);
    let ours = ours.trim_matches('"').to_owned();
    store::open_ticket(&tx, ticket(receipt, Kind::Contradiction, ours, execution.database.clock().now())).await?;
    Ok(tx.commit().await?)
}

/// Keeps what the bank said to an inquiry and what contradicts an earlier result.
pub async fn keep_contradicting_state(
    execution: &Execution,
    state: &BankVoucherState,
    problem: &Problem,
) -> Result<(), Problem> {
    let result = match state.status {
        BankVoucherStatus::Paid | BankVoucherStatus::Accepted => BankResult::Paid,
        BankVoucherStatus::Failed | BankVoucherStatus::Rejected => BankResult::Failed,
        BankVoucherStatus::Returned => BankResult::Returned,
    };
    let said = BankReceipt {
        mof_div_code: state.mof_div_code.clone(),
        pay_cert_no: state.pay_cert_no.clone(),
        result,
        xpay_amt: state.xpay_amt,
        xpay_date: state.xpay_date.unwrap_or_else(|| execution.database.clock().today()),
        agent_business_no: state.agent_business_no.clone().unwrap_or_default(),
        receipt_add_word: state.reason.clone(),
        details: Vec::new(),
        signature: None,
    };
    keep_contradiction(execution, &said, problem).await
}

fn contradicts(row: &VoucherRow, receipt: &BankReceipt) -> Problem {
    contradiction(row, &format!("{:?}", receipt.result).to_uppercase(), receipt.xpay_amt)
}

/// CLR-101: the bank says otherwise than before.
pub fn contradiction(row: &VoucherRow, theirs: &str, amount: Money) -> Problem {
    let stage: budget_execution_contract::VoucherStatus = row.voucher_status.into();
    RULES
        .refuse(
            CONTRADICTION,
            format!("凭证 {} 为 {stage:?} {}，银行回单为 {theirs} {amount}", row.pay_cert_no, row.pay_amt),
            format!("voucher {} is {stage:?} {}, the bank says {theirs} {amount}", row.pay_cert_no, row.pay_amt),
        )
        .with("voucher_status", stage)
        .with("pay_amt", row.pay_amt)
        .with("xpay_amt", amount)
}

fn require_lengths(receipt: &BankReceipt) -> Result<(), Problem> {
    let texts = [
        ("/pay_cert_no", &receipt.pay_cert_no, LONGEST_NUMBER),
        ("/agent_business_no", &receipt.agent_business_no, LONGEST_NUMBER),
        ("/receipt_add_word", &receipt.receipt_add_word, LONGEST_WORD),
    ];
    let words = receipt.details.iter().map(|detail| ("/details", &detail.receipt_add_word, LONGEST_WORD));
    match texts.into_iter().chain(words).find(|(_, text, longest)| text.chars().count() > *longest) {
        Some((pointer, _, longest)) => {
            Err(Problem::field(pointer, format!("不得超过 {longest} 字"), format!("at most {longest} characters")))
        }
        None => Ok(()),
    }
}

fn ticket(receipt: &BankReceipt, kind: Kind, ours: String, now: DateTime<Utc>) -> difference::Model {
    let theirs = format!("{:?} {} {}", receipt.result, receipt.xpay_amt, receipt.agent_business_no);
    let subject = (receipt.mof_div_code.clone(), receipt.xpay_date, receipt.pay_cert_no.clone());
    open_difference(subject, kind, (ours, theirs), now)
}

/// A new difference that nobody has looked at.
pub fn open_difference(
    (mof_div_code, day, pay_cert_no): (DivisionCode, NaiveDate, String),
    kind: Kind,
    (ours, theirs): (String, String),
    now: DateTime<Utc>,
) -> difference::Model {
    difference::Model {
        mof_div_code,
        diff_id: Uuid::now_v7(),
        recon_id: None,
        day,
        pay_cert_no,
        kind,
        ours,
        theirs,
        diff_status: Handling::Open,
        explained_by: None,
        explained_person: None,
        explanation: String::new(),
        settled_by: None,
        opinion: String::new(),
        create_time: now,
        update_time: None,
    }
}

fn answer(receipt: &BankReceipt, outcome: ReceiptOutcome, pay_cert_id: Option<Uuid>) -> ReceiptAnswer {
    ReceiptAnswer { pay_cert_no: receipt.pay_cert_no.clone(), outcome, pay_cert_id }
}
