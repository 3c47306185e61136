//! The reports, their lines and their checks, as data in `reports.csv`, `report_lines.csv` and `report_checks.csv`.

use std::sync::LazyLock;

use serde::{Deserialize, de::DeserializeOwned};
use service_kit::Problem;

use crate::RULES;

/// One report (报表).
#[derive(Debug, Deserialize)]
pub(super) struct Definition {
    pub(super) report_code: String,
    pub(super) report_name: String,
    /// Funds whose spending the report shows; empty for all.
    pub(super) fund_prefix: String,
    /// Lengths of the functional classes shown, separated by blanks: 3 类, 5 款, 7 项.
    class_digits: String,
    /// Whether income is shown and summed.
    pub(super) income: bool,
}

/// One line that sums accounts by fund.
#[derive(Debug, Deserialize)]
pub(super) struct AccountLine {
    report_code: String,
    pub(super) line_code: String,
    pub(super) line_name: String,
    /// `cr` for income, `dr` for spending.
    pub(super) side: String,
    pub(super) account_prefix: String,
    pub(super) fund_prefix: String,
}

/// One check formula (勾稽关系): terms such as `class3.total` with plus signs between.
#[derive(Debug, Deserialize)]
pub(super) struct Check {
    report_code: String,
    pub(super) code: String,
    pub(super) name_zh: String,
    pub(super) left: String,
    pub(super) right: String,
}

static DEFINITIONS: LazyLock<Vec<Definition>> = LazyLock::new(|| rows(include_str!("../../reports.csv")));
static LINES: LazyLock<Vec<AccountLine>> = LazyLock::new(|| rows(include_str!("../../report_lines.csv")));
static CHECKS: LazyLock<Vec<Check>> = LazyLock::new(|| rows(include_str!("../../report_checks.csv")));

fn rows<T: DeserializeOwned>(source: &'static str) -> Vec<T> {
    csv::Reader::from_reader(source.as_bytes())
        .deserialize()
        .map(|row| row.expect("the tables of reports are part of the program and well formed"))
        .collect()
}

impl Definition {
    /// The definition of a report; RP-101 when there is none.
    pub(super) fn of(code: &str) -> Result<&'static Self, Problem> {
        DEFINITIONS.iter().find(|definition| definition.report_code == code).ok_or_else(|| {
            let (zh, en) = (format!("报表 {code} 不存在"), format!("report {code} is not defined"));
            RULES.refuse("RP-101", zh.clone(), en.clone()).at("/report_code", zh, en)
        })
    }

    /// Lines that sum accounts.
    pub(super) fn account_lines(&self) -> impl Iterator<Item = &'static AccountLine> {
        LINES.iter().filter(|line| line.report_code == self.report_code)
    }

    /// Check formulas.
    pub(super) fn checks(&self) -> impl Iterator<Item = &'static Check> {
        CHECKS.iter().filter(|check| check.report_code == self.report_code)
    }

    /// Lengths of the functional classes shown.
    pub(super) fn class_digits(&self) -> impl Iterator<Item = usize> {
        self.class_digits.split_whitespace().filter_map(|digits| digits.parse().ok())
    }
}
