//! Why a batch was not posted.

use common_types::ledger::{Account, Template};
use common_types::{DivisionCode, FiscalYear, Money};
use sea_orm::DbErr;
use service_kit::Problem;
use uuid::Uuid;

use crate::RULES;

/// Nothing of the batch was posted.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The credited balance does not hold the amount (BA-001).
    #[error("balance {account} of {key_id} has {available} available, {requested} was requested")]
    Insufficient { account: Account, key_id: Uuid, available: Money, requested: Money },
    /// The identity stands for another content.
    #[error("event {event_id} {template} line {line} was posted with other content")]
    IdReused { event_id: Uuid, template: Template, line: i32 },
    /// A balance would leave what can be counted.
    #[error("an amount is beyond what can be counted")]
    Overflow,
    /// The books of the year are closed.
    #[error("the books of {mof_div_code} for {fiscal_year} are closed")]
    Closed { mof_div_code: DivisionCode, fiscal_year: FiscalYear },
    #[error("storage failed: {0}")]
    Store(#[from] DbErr),
}

impl PostError {
    /// The refusal under another rule than BA-001 when a balance does not hold the amount.
    pub fn refused_as(self, code: &str) -> Problem {
        match self {
            Self::Insufficient { account, key_id, available, requested } => {
                insufficient(code, account, key_id, available, requested)
            }
            other => other.into(),
        }
    }
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Insufficient { account, key_id, available, requested } => {
                insufficient("BA-001", account, key_id, available, requested)
            }
            PostError::IdReused { event_id, template, line } => RULES.refuse(
                "BE-101",
                format!("业务事件 {event_id} 的分录 {template} 第 {line} 行已按其他内容记账"),
                format!("event {event_id} was posted with other content under {template} line {line}"),
            ),
            PostError::Overflow => {
                RULES.refuse("BE-102", "金额超出可记账范围", "the amount is beyond what the ledger can count")
            }
            PostError::Closed { mof_div_code, fiscal_year } => RULES
                .refuse(
                    "BE-103",
                    format!("{mof_div_code} {fiscal_year} 年度指标账已结账"),
                    format!("the indicator books of {mof_div_code} for {fiscal_year} are closed"),
                )
                .with("mof_div_code", mof_div_code)
                .with("fiscal_year", fiscal_year),
            PostError::Store(error) => error.into(),
        }
    }
}

/// The refusal with its figures and what can be done.
fn insufficient(code: &str, account: Account, key_id: Uuid, available: Money, requested: Money) -> Problem {
    let exceeded = requested.checked_sub(available).unwrap_or(requested);
    RULES
        .refuse(
            code,
            format!("指标 {key_id} {}可用额度 {available}，本次 {requested}，超出 {exceeded}", account.name()),
            format!("indicator {key_id} has {available} available on {account}, {requested} was requested, {exceeded} too much"),
        )
        .with("account", account)
        .with("indicator", key_id)
        .with("available", available)
        .with("requested", requested)
        .with("exceeded", exceeded)
}
