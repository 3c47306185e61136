//! The bank's books: what it took, what it paid, what it cleared. In memory and bounded.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use budget_execution_contract::{
    BankAcceptance, BankClearingAnswer, BankClearingRequest, BankReceipt, BankResult, BankVoucher, BankVoucherState,
    BankVoucherStatus, ReceiptDetail, VoucherAnswer,
};
use chrono::NaiveDate;
use common_types::{AccountNo, DivisionCode, Money};
use service_kit::{Clock, Problem, http::RULES};
use tokio::sync::mpsc;

use crate::{
    behaviour::{Behaviour, BehaviourSetting},
    delivery::Delivery,
    seal::Seal,
};

const MAX_VOUCHERS: usize = 200_000;
const MAX_BEHAVIOURS: usize = 10_000;
const TRANSFER: &str = "2301";
const MAX_CLEARINGS: usize = 50_000;
/// Base64 of something that is no signature.
const FORGED: &str = "Zm9yZ2Vk";

#[derive(Debug, Clone)]
struct Kept {
    voucher: BankVoucher,
    answer: VoucherAnswer,
    behaviour: Behaviour,
    status: BankVoucherStatus,
    xpay_amt: Money,
    details: Vec<ReceiptDetail>,
    xpay_date: Option<NaiveDate>,
    agent_business_no: Option<String>,
}

#[derive(Default)]
struct Books {
    vouchers: BTreeMap<(DivisionCode, String), Kept>,
    of_accounts: HashMap<AccountNo, BehaviourSetting>,
    of_vouchers: HashMap<String, BehaviourSetting>,
    clearings: HashMap<(DivisionCode, String), BankClearingAnswer>,
    next_business_no: u64,
}

/// The bank.
pub struct Bank {
    clock: Clock,
    queue: mpsc::Sender<Delivery>,
    seal: Seal,
    books: Mutex<Books>,
}

impl Bank {
    /// A bank that has seen nothing yet and delivers its receipts through this queue.
    pub fn new(clock: Clock, queue: mpsc::Sender<Delivery>, seal: Seal) -> Self {
        Self { clock, queue, seal, books: Mutex::default() }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a voucher once; a repeat gets the first answer (PAY-020). None when the bank stays silent.
    pub async fn take(&self, voucher: BankVoucher) -> Result<Option<VoucherAnswer>, Problem> {
        let (answer, deliveries) = self.book(voucher)?;
        for delivery in deliveries {
            self.queue.send(delivery).await.map_err(|_| busy())?;
        }
        Ok(answer)
    }

    fn book(&self, voucher: BankVoucher) -> Result<(Option<VoucherAnswer>, Vec<Delivery>), Problem> {
        let today = self.clock.today();
        let mut books = self.books();
        let key = (voucher.mof_div_code.clone(), voucher.pay_cert_no.clone());
        if let Some(kept) = books.vouchers.get(&key) {
            if kept.voucher != voucher {
                return Err(Problem::conflict("凭证号已用于其他内容", "the voucher number was used for other content"));
            }
            return Ok((answer_of(kept), Vec::new()));
        }
        if books.vouchers.len() >= MAX_VOUCHERS {
            return Err(busy());
        }
        let setting = books.setting(&voucher);
        books.next_business_no = books.next_business_no.saturating_add(1);
        let business_no = format!("B{}{:08}", today.format("%Y%m%d"), books.next_business_no);
        let kept = books.decide(voucher, setting.behaviour, today, business_no);
        let deliveries = self.deliveries_of(&kept, today, &setting);
        let answer = answer_of(&kept);
        books.vouchers.insert(key, kept);
        Ok((answer, deliveries))
    }

    /// What became of a voucher; none when the bank never got it.
    pub fn state(&self, division: &DivisionCode, pay_cert_no: &str) -> Option<BankVoucherState> {
        self.books().vouchers.get(&(division.clone(), pay_cert_no.to_owned())).map(state_of)
    }

    /// The vouchers of a division and of these days, the last one included.
    pub fn statement(&self, division: &DivisionCode, (day, until): (NaiveDate, NaiveDate)) -> Vec<BankVoucherState> {
        let is_of_days = |kept: &&Kept| {
            let own = kept.xpay_date.unwrap_or(kept.voucher.vou_date);
            kept.voucher.mof_div_code == *division && (day..=until).contains(&own)
        };
        self.books().vouchers.values().filter(is_of_days).map(state_of).collect()
    }

    /// Clears a request when its lines are what the bank paid and sent back; a repeat gets the first confirmation.
    pub fn clear(&self, request: &BankClearingRequest) -> Result<BankClearingAnswer, Problem> {
        let today = self.clock.today();
        let mut books = self.books();
        let key = (request.mof_div_code.clone(), request.lqd_cert_no.clone());
        if let Some(answer) = books.clearings.get(&key) {
            return Ok(answer.clone());
        }
        if books.clearings.len() >= MAX_CLEARINGS {
            return Err(busy());
        }
        let sum = Money::try_sum(request.lines.iter().map(|line| line.amount)).ok_or_else(busy)?;
        let wrong = request.lines.iter().find(|line| !books.knows_as_paid(&request.mof_div_code, &line.pay_cert_no));
        let reason = match wrong {
            Some(line) => format!("凭证 {} 未支付", line.pay_cert_no),
            None if !is_covered(request) => "清算额度不足".to_owned(),
            None if sum != request.lqd_amt => format!("明细合计 {sum} 与申请金额 {} 不符", request.lqd_amt),
            None => String::new(),
        };
        let is_right = reason.is_empty();
        let answer = BankClearingAnswer {
            lqd_cert_no: request.lqd_cert_no.clone(),
            answer: if is_right { BankAcceptance::Accepted } else { BankAcceptance::Rejected },
            lqd_amt: sum,
            act_lqd_date: is_right.then_some(today),
            reason,
        };
        if is_right {
            books.clearings.insert(key, answer.clone());
        }
        Ok(answer)
    }

    /// Sets how payments to an account, or one voucher, are treated from now on.
    pub fn behave(&self, setting: BehaviourSetting) -> Result<(), Problem> {
        let mut books = self.books();
        if books.of_accounts.len().saturating_add(books.of_vouchers.len()) >= MAX_BEHAVIOURS {
            return Err(busy());
        }
        if let Some(pay_cert_no) = setting.pay_cert_no.clone() {
            books.of_vouchers.insert(pay_cert_no, setting);
        } else if let Some(payee_acct_no) = setting.payee_acct_no.clone() {
            books.of_accounts.insert(payee_acct_no, setting);
        }
        Ok(())
    }

    fn deliveries_of(&self, kept: &Kept, today: NaiveDate, setting: &BehaviourSetting) -> Vec<Delivery> {
        let receipt = |(number, result): (usize, &BankResult)| {
            let receipt = self.seal.sign(receipt_of(kept, today, *result, number));
            let is_forged = kept.behaviour == Behaviour::Forge;
            let signature = if is_forged { Some(FORGED.to_owned()) } else { receipt.signature.clone() };
            BankReceipt { signature, ..receipt }
        };
        let group = |results: &&[BankResult]| Delivery {
            receipts: results.iter().enumerate().map(receipt).collect(),
            delay: setting.delay(),
        };
        kept.behaviour.receipts().iter().map(group).collect()
    }
}

impl Books {
    /// A setting of the voucher goes before one of its payee.
    fn setting(&self, voucher: &BankVoucher) -> BehaviourSetting {
        let of_account = || self.of_accounts.get(&voucher.payee_acct_no).cloned();
        let plain =
            BehaviourSetting { payee_acct_no: None, pay_cert_no: None, behaviour: Behaviour::Accept, delay_ms: 0 };
        self.of_vouchers.get(&voucher.pay_cert_no).cloned().or_else(of_account).unwrap_or(plain)
    }

    /// What the bank makes of a voucher, once and for all.
    fn decide(&self, voucher: BankVoucher, behaviour: Behaviour, today: NaiveDate, business_no: String) -> Kept {
        let (answer, mut status, mut reason) = behaviour.decision();
        let details: Vec<ReceiptDetail> = match status {
            BankVoucherStatus::Paid | BankVoucherStatus::Returned => self.details_of(&voucher),
            BankVoucherStatus::Accepted | BankVoucherStatus::Rejected | BankVoucherStatus::Failed => Vec::new(),
        };
        let paid = Money::try_sum(details.iter().map(|detail| detail.xpay_amt)).unwrap_or_default();
        let mut xpay_amt = if details.is_empty() { voucher.pay_amt } else { paid };
        if xpay_amt.is_zero() {
            (_, status, reason) = Behaviour::Fail.decision();
        }
        let was_paid = matches!(status, BankVoucherStatus::Paid | BankVoucherStatus::Returned);
        if !was_paid {
            xpay_amt = Money::ZERO;
        }
        let answer = VoucherAnswer { pay_cert_no: voucher.pay_cert_no.clone(), answer, reason: reason.to_owned() };
        Kept {
            voucher,
            answer,
            behaviour,
            status,
            xpay_amt,
            details,
            xpay_date: was_paid.then_some(today),
            agent_business_no: Some(business_no),
        }
    }

    /// What becomes of the payees of a batch: those whose account fails get 0.00 with the reason.
    fn details_of(&self, voucher: &BankVoucher) -> Vec<ReceiptDetail> {
        let fails = |account: &AccountNo| {
            self.of_accounts.get(account).is_some_and(|setting| setting.behaviour == Behaviour::Fail)
        };
        let result = |detail: &budget_execution_contract::BankVoucherDetail| match fails(&detail.payee_acct_no) {
            true => ReceiptDetail {
                pay_detail_id: detail.pay_detail_id,
                xpay_amt: Money::ZERO,
                receipt_add_word: Behaviour::Fail.decision().2.to_owned(),
            },
            false => ReceiptDetail {
                pay_detail_id: detail.pay_detail_id,
                xpay_amt: detail.pay_amt,
                receipt_add_word: String::new(),
            },
        };
        voucher.details.iter().map(result).collect()
    }

    fn knows_as_paid(&self, division: &DivisionCode, pay_cert_no: &str) -> bool {
        let kept = self.vouchers.get(&(division.clone(), pay_cert_no.to_owned()));
        kept.is_some_and(|kept| matches!(kept.status, BankVoucherStatus::Paid | BankVoucherStatus::Returned))
    }
}

/// A transfer (2301) is covered by quota notices; a return of refunds needs none.
fn is_covered(request: &BankClearingRequest) -> bool {
    let quota = Money::try_sum(request.notices.iter().map(|notice| notice.notice_amt));
    request.vt_code != TRANSFER || quota.is_some_and(|quota| request.lqd_amt <= quota)
}

fn answer_of(kept: &Kept) -> Option<VoucherAnswer> {
    kept.behaviour.answers().then(|| kept.answer.clone())
}

fn receipt_of(kept: &Kept, today: NaiveDate, result: BankResult, number: usize) -> BankReceipt {
    let business_no = kept.agent_business_no.clone().unwrap_or_default();
    BankReceipt {
        mof_div_code: kept.voucher.mof_div_code.clone(),
        pay_cert_no: kept.voucher.pay_cert_no.clone(),
        result,
        xpay_amt: if result == BankResult::Failed { Money::ZERO } else { kept.xpay_amt },
        xpay_date: today,
        agent_business_no: if number == 0 { business_no } else { format!("{business_no}-{number}") },
        receipt_add_word: kept.answer.reason.clone(),
        details: if result == BankResult::Paid { kept.details.clone() } else { Vec::new() },
        signature: None,
    }
}

fn state_of(kept: &Kept) -> BankVoucherState {
    BankVoucherState {
        mof_div_code: kept.voucher.mof_div_code.clone(),
        pay_cert_no: kept.voucher.pay_cert_no.clone(),
        status: kept.status,
        pay_amt: kept.voucher.pay_amt,
        xpay_amt: kept.xpay_amt,
        xpay_date: kept.xpay_date,
        agent_business_no: kept.agent_business_no.clone(),
        reason: kept.answer.reason.clone(),
        details: kept.details.clone(),
    }
}

/// The bank cannot take more for now.
pub fn busy() -> Problem {
    RULES.refuse("HTTP-503", "模拟银行暂不受理", "the simulated bank takes nothing for now")
}
