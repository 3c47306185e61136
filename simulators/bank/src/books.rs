//! The bank's books: what it took, what it paid, what it cleared. In memory and bounded.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use budget_execution_contract::{
    BankAcceptance, BankClearingAnswer, BankClearingRequest, BankReceipt, BankResult, BankVoucher, BankVoucherState,
    BankVoucherStatus, VoucherAnswer,
};
use chrono::NaiveDate;
use common_types::{AccountNo, DivisionCode, Money};
use serde::{Deserialize, Serialize};
use service_kit::{Clock, Problem, http::RULES};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use crate::delivery::Delivery;

const MAX_VOUCHERS: usize = 200_000;
const MAX_BEHAVIOURS: usize = 10_000;
const MAX_CLEARINGS: usize = 50_000;
const LONGEST_DELAY_MS: u64 = 60_000;

/// How the bank treats payments to an account, for rehearsals and tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Takes, pays, delivers one receipt
    #[default]
    Accept,
    /// Refuses the voucher
    Refuse,
    /// Pays only after `delay_ms`
    Delay,
    /// Delivers the receipt three times
    Repeat,
    /// Takes and pays, but neither answers nor delivers a receipt
    Silent,
    /// Takes and fails, but neither answers nor delivers a receipt
    SilentFail,
    /// Takes, then cannot pay
    Fail,
    /// Pays, then the payee's bank sends the money back
    Return,
    /// Delivers first that it paid, then that it failed
    Contradict,
}

/// Body of `PUT /behaviours`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BehaviourSetting {
    pub payee_acct_no: AccountNo,
    pub behaviour: Behaviour,
    /// At most a minute.
    #[serde(default)]
    pub delay_ms: u64,
}

#[derive(Debug, Clone)]
struct Kept {
    voucher: BankVoucher,
    answer: VoucherAnswer,
    behaviour: Behaviour,
    status: BankVoucherStatus,
    xpay_date: Option<NaiveDate>,
    agent_business_no: Option<String>,
}

#[derive(Default)]
struct Books {
    vouchers: BTreeMap<(DivisionCode, String), Kept>,
    behaviours: HashMap<AccountNo, BehaviourSetting>,
    clearings: HashMap<(DivisionCode, String), BankClearingAnswer>,
    next_business_no: u64,
}

/// The bank.
pub struct Bank {
    clock: Clock,
    queue: mpsc::Sender<Delivery>,
    books: Mutex<Books>,
}

impl Bank {
    /// A bank that has seen nothing yet and delivers its receipts through this queue.
    pub fn new(clock: Clock, queue: mpsc::Sender<Delivery>) -> Self {
        Self { clock, queue, books: Mutex::default() }
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
        let setting = books.behaviours.get(&voucher.payee_acct_no).cloned();
        let (behaviour, delay_ms) = setting.map(|setting| (setting.behaviour, setting.delay_ms)).unwrap_or_default();
        books.next_business_no = books.next_business_no.saturating_add(1);
        let business_no = format!("B{}{:08}", today.format("%Y%m%d"), books.next_business_no);
        let kept = decide(voucher, behaviour, today, business_no);
        let deliveries = deliveries_of(&kept, today, Duration::from_millis(delay_ms.min(LONGEST_DELAY_MS)));
        let answer = answer_of(&kept);
        books.vouchers.insert(key, kept);
        Ok((answer, deliveries))
    }

    /// What became of a voucher; none when the bank never got it.
    pub fn state(&self, division: &DivisionCode, pay_cert_no: &str) -> Option<BankVoucherState> {
        self.books().vouchers.get(&(division.clone(), pay_cert_no.to_owned())).map(state_of)
    }

    /// The vouchers of a division and day.
    pub fn statement(&self, division: &DivisionCode, day: NaiveDate) -> Vec<BankVoucherState> {
        let is_of_day = |kept: &&Kept| {
            kept.voucher.mof_div_code == *division && kept.xpay_date.unwrap_or(kept.voucher.vou_date) == day
        };
        self.books().vouchers.values().filter(is_of_day).map(state_of).collect()
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

    /// Sets how payments to an account are treated from now on.
    pub fn behave(&self, setting: BehaviourSetting) -> Result<(), Problem> {
        let mut books = self.books();
        if books.behaviours.len() >= MAX_BEHAVIOURS {
            return Err(busy());
        }
        books.behaviours.insert(setting.payee_acct_no.clone(), setting);
        Ok(())
    }
}

impl Books {
    fn knows_as_paid(&self, division: &DivisionCode, pay_cert_no: &str) -> bool {
        let kept = self.vouchers.get(&(division.clone(), pay_cert_no.to_owned()));
        kept.is_some_and(|kept| matches!(kept.status, BankVoucherStatus::Paid | BankVoucherStatus::Returned))
    }
}

/// What the bank makes of a voucher, once and for all.
fn decide(voucher: BankVoucher, behaviour: Behaviour, today: NaiveDate, business_no: String) -> Kept {
    let (answer, status, reason) = match behaviour {
        Behaviour::Refuse => (BankAcceptance::Rejected, BankVoucherStatus::Rejected, "收款账户状态异常"),
        Behaviour::Fail | Behaviour::SilentFail => {
            (BankAcceptance::Accepted, BankVoucherStatus::Failed, "收款人账号户名不符")
        }
        Behaviour::Return => (BankAcceptance::Accepted, BankVoucherStatus::Returned, "收款行退汇"),
        Behaviour::Accept | Behaviour::Delay | Behaviour::Repeat | Behaviour::Silent | Behaviour::Contradict => {
            (BankAcceptance::Accepted, BankVoucherStatus::Paid, "")
        }
    };
    let was_paid = matches!(status, BankVoucherStatus::Paid | BankVoucherStatus::Returned);
    let answer = VoucherAnswer { pay_cert_no: voucher.pay_cert_no.clone(), answer, reason: reason.to_owned() };
    Kept {
        voucher,
        answer,
        behaviour,
        status,
        xpay_date: was_paid.then_some(today),
        agent_business_no: Some(business_no),
    }
}

fn answer_of(kept: &Kept) -> Option<VoucherAnswer> {
    let is_silent = matches!(kept.behaviour, Behaviour::Silent | Behaviour::SilentFail);
    (!is_silent).then(|| kept.answer.clone())
}

fn deliveries_of(kept: &Kept, today: NaiveDate, delay: Duration) -> Vec<Delivery> {
    let receipt = |result: BankResult| BankReceipt {
        mof_div_code: kept.voucher.mof_div_code.clone(),
        pay_cert_no: kept.voucher.pay_cert_no.clone(),
        result,
        xpay_amt: if result == BankResult::Failed { Money::ZERO } else { kept.voucher.pay_amt },
        xpay_date: today,
        agent_business_no: kept.agent_business_no.clone().unwrap_or_default(),
        receipt_add_word: kept.answer.reason.clone(),
    };
    let results: &[BankResult] = match kept.behaviour {
        Behaviour::Refuse | Behaviour::Silent | Behaviour::SilentFail => &[],
        Behaviour::Accept | Behaviour::Delay => &[BankResult::Paid],
        Behaviour::Repeat => &[BankResult::Paid, BankResult::Paid, BankResult::Paid],
        Behaviour::Fail => &[BankResult::Failed],
        Behaviour::Return => &[BankResult::Paid, BankResult::Returned],
        Behaviour::Contradict => &[BankResult::Paid, BankResult::Failed],
    };
    if results.is_empty() {
        return Vec::new();
    }
    vec![Delivery { receipts: results.iter().map(|result| receipt(*result)).collect(), delay }]
}

fn state_of(kept: &Kept) -> BankVoucherState {
    let was_paid = kept.xpay_date.is_some();
    BankVoucherState {
        mof_div_code: kept.voucher.mof_div_code.clone(),
        pay_cert_no: kept.voucher.pay_cert_no.clone(),
        status: kept.status,
        pay_amt: kept.voucher.pay_amt,
        xpay_amt: if was_paid { kept.voucher.pay_amt } else { Money::ZERO },
        xpay_date: kept.xpay_date,
        agent_business_no: kept.agent_business_no.clone(),
        reason: kept.answer.reason.clone(),
    }
}

/// The bank cannot take more for now.
pub fn busy() -> Problem {
    RULES.refuse("HTTP-503", "模拟银行暂不受理", "the simulated bank takes nothing for now")
}
