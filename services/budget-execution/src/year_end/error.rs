//! Why a year is not closed.

use common_types::{DivisionCode, FiscalYear};
use service_kit::Problem;
use uuid::Uuid;

use super::model::Obstacle;
use crate::RULES;
use crate::ledger::PostError;

impl From<Obstacle> for Problem {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::InFlight { total, indicators } => RULES
                .refuse(
                    "CL-006",
                    format!("尚有在途支付 {total}，不能结账"),
                    format!("payments of {total} are under way, the year cannot be closed"),
                )
                .with("in_payment", total)
                .with("indicators", indicators),
            Obstacle::Unbalanced { fund, sources, uses } => RULES
                .refuse(
                    "CL-005",
                    format!("资金性质 {fund} 来源合计 {sources}，去向合计 {uses}，不平"),
                    format!("funds {fund} have sources of {sources} and uses of {uses}"),
                )
                .with("fund_type_code", fund)
                .with("sources", sources)
                .with("uses", uses),
            Obstacle::Stranded { slot, bgt_id, balance } => {
                let account = slot.account;
                RULES
                    .refuse(
                        "CL-005",
                        format!("科目 {account} {} 余额 {balance} 不能结转", account.name()),
                        format!("account {account} stands at {balance}, which no closing entry takes away"),
                    )
                    .with("account", account)
                    .with("key_id", slot.key_id)
                    .with("indicator", bgt_id)
                    .with("balance", balance)
            }
            Obstacle::Overflow => PostError::Overflow.into(),
        }
    }
}

/// CL-101: the year has not ended.
pub fn too_early(fiscal_year: FiscalYear) -> Problem {
    RULES.refuse(
        "CL-101",
        format!("{fiscal_year} 年度尚未结束，{} 起方可结账", fiscal_year.last_day()),
        format!("{fiscal_year} can be closed from {} on", fiscal_year.last_day()),
    )
}

/// CL-007: the year is closed, and by which closing.
pub fn closed_already(mof_div_code: &DivisionCode, fiscal_year: FiscalYear, year_end_id: Uuid) -> Problem {
    RULES
        .refuse(
            "CL-007",
            format!("{mof_div_code} {fiscal_year} 年度已结账"),
            format!("{fiscal_year} of {mof_div_code} is closed"),
        )
        .with("year_end_id", year_end_id)
}
