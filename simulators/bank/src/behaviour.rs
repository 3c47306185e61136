//! What the bank can be told to do, for rehearsals and tests, and what follows from it for one voucher.

use std::time::Duration;

use budget_execution_contract::{BankAcceptance, BankResult, BankVoucherStatus};
use common_types::AccountNo;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const LONGEST_DELAY_MS: u64 = 60_000;

/// How the bank treats a voucher, or payments to an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Takes, pays, delivers one receipt
    #[default]
    Accept,
    /// Refuses the voucher
    Refuse,
    /// Pays, and delivers its receipt only after `delay_ms`
    Delay,
    /// Delivers the receipt three times
    Repeat,
    /// Takes and pays, does not answer, delivers the receipt after `delay_ms`
    Late,
    /// Takes and pays, but neither answers nor delivers a receipt
    Silent,
    /// Takes and fails, but neither answers nor delivers a receipt
    SilentFail,
    /// Takes, then cannot pay; of a batch, only the payees with this account are not paid
    Fail,
    /// Pays, then the payee's bank sends the money back
    Return,
    /// As `return`, but the receipt of the return sets out before that of the payment
    Reorder,
    /// Delivers first that it paid, then that it failed
    Contradict,
    /// Delivers a receipt that somebody else signed
    Forge,
}

/// Body of `PUT /behaviours`: for an account, or for one voucher.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BehaviourSetting {
    #[serde(default)]
    pub payee_acct_no: Option<AccountNo>,
    #[serde(default)]
    pub pay_cert_no: Option<String>,
    pub behaviour: Behaviour,
    /// At most a minute.
    #[serde(default)]
    pub delay_ms: u64,
}

impl BehaviourSetting {
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms.min(LONGEST_DELAY_MS))
    }
}

impl Behaviour {
    /// The bank's answer, where the voucher ends, and why.
    pub(crate) fn decision(self) -> (BankAcceptance, BankVoucherStatus, &'static str) {
        use BankAcceptance::{Accepted, Rejected};
        match self {
            Self::Refuse => (Rejected, BankVoucherStatus::Rejected, "收款账户状态异常"),
            Self::Fail | Self::SilentFail => (Accepted, BankVoucherStatus::Failed, "收款人账号户名不符"),
            Self::Return | Self::Reorder => (Accepted, BankVoucherStatus::Returned, "收款行退汇"),
            Self::Accept | Self::Delay | Self::Repeat | Self::Late | Self::Silent | Self::Contradict | Self::Forge => {
                (Accepted, BankVoucherStatus::Paid, "")
            }
        }
    }

    pub(crate) fn answers(self) -> bool {
        !matches!(self, Self::Late | Self::Silent | Self::SilentFail)
    }

    /// The receipts that it delivers: each group on its own way, a group in its order.
    pub(crate) fn receipts(self) -> &'static [&'static [BankResult]] {
        use BankResult::{Failed, Paid, Returned};
        match self {
            Self::Refuse | Self::Silent | Self::SilentFail => &[],
            Self::Accept | Self::Delay | Self::Late | Self::Forge => &[&[Paid]],
            Self::Repeat => &[&[Paid], &[Paid], &[Paid]],
            Self::Fail => &[&[Failed]],
            Self::Return => &[&[Paid, Returned]],
            Self::Reorder => &[&[Returned], &[Paid]],
            Self::Contradict => &[&[Paid, Failed]],
        }
    }
}
