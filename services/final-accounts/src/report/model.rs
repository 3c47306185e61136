//! The figures of a report, from the sums of the books. Pure; `None` stands for amounts beyond 64 bits of fen.

use std::collections::BTreeMap;

use common_types::{Money, classification};
use final_accounts_contract::{CheckResult, EntrySide, ReportFigures, ReportLine, TieOut};

use super::definition::{AccountLine, Definition};
use crate::books::store::Sum;

const INCOME: &str = "INCOME";
const EXPENDITURE: &str = "EXPENDITURE";
const SPENDING: &str = "7";
const PUBLIC_USE: &str = "21";

/// An amount with its split into 基本支出 and 项目支出.
#[derive(Debug, Clone, Copy, Default)]
struct Split {
    total: Money,
    basic: Money,
    project: Money,
}

impl Split {
    fn add(&mut self, sum: &Sum, side: EntrySide) -> Option<()> {
        let amt = if sum.side() == side { sum.amt } else { sum.amt.checked_neg()? };
        self.total = self.total.checked_add(amt)?;
        let kind = sum.pro_kind_code.as_deref().unwrap_or_default();
        let part = if is_basic(kind) { &mut self.basic } else { &mut self.project };
        *part = part.checked_add(amt)?;
        Some(())
    }

    fn of<'a>(sums: impl Iterator<Item = &'a Sum>, side: EntrySide) -> Option<Self> {
        let mut split = Self::default();
        for sum in sums {
            split.add(sum, side)?;
        }
        Some(split)
    }

    fn line(self, code: &str, name: &str) -> ReportLine {
        let Self { total, basic, project } = self;
        ReportLine { line_code: code.to_owned(), line_name: name.to_owned(), total, basic, project }
    }
}

/// Personnel and public use are 基本支出, all else is 项目支出.
fn is_basic(kind: &str) -> bool {
    kind.starts_with('1') || kind == PUBLIC_USE
}

fn has_fund(sum: &Sum, prefix: &str) -> bool {
    sum.fund_type_code.as_deref().unwrap_or_default().starts_with(prefix)
}

/// Computes a report from the sums of the books without those of the year end.
pub(super) fn compute(definition: &Definition, sums: &[Sum], ledger: Money) -> Option<ReportFigures> {
    let spent = || {
        let of_report = |sum: &&Sum| has_fund(sum, &definition.fund_prefix);
        sums.iter().filter(|sum| sum.gov_acct_cls_code.starts_with(SPENDING)).filter(of_report)
    };
    let mut lines = Vec::new();
    for line in definition.account_lines() {
        lines.push(account_line(line, sums)?);
    }
    if definition.income {
        let parts = lines.iter().filter(|line| line.line_code.starts_with('I')).map(|line| line.total);
        let total = Money::try_sum(parts)?;
        lines.push(Split { total, ..Split::default() }.line(INCOME, "本年收入合计"));
    }
    lines.extend(class_lines(definition, spent())?);
    let expenditure = Split::of(spent(), EntrySide::Debit)?;
    lines.push(expenditure.line(EXPENDITURE, "本年支出合计"));
    let report = expenditure.total;
    let tie_out = TieOut { ledger, report, difference: report.checked_sub(ledger)? };
    let checks = checks(definition, &lines)?;
    Some(ReportFigures { lines, tie_out, checks })
}

fn account_line(line: &AccountLine, sums: &[Sum]) -> Option<ReportLine> {
    let fits = |sum: &&Sum| sum.gov_acct_cls_code.starts_with(&line.account_prefix) && has_fund(sum, &line.fund_prefix);
    let side = EntrySide::of(&line.side)?;
    let mut split = Split::of(sums.iter().filter(fits), side)?;
    if side == EntrySide::Credit {
        split = Split { total: split.total, ..Split::default() };
    }
    Some(split.line(&line.line_code, &line.line_name))
}

/// Spending by functional class, each class before what is below it.
fn class_lines<'a>(definition: &Definition, spent: impl Iterator<Item = &'a Sum>) -> Option<Vec<ReportLine>> {
    let mut classes: BTreeMap<&str, Split> = BTreeMap::new();
    for sum in spent {
        let code = sum.exp_func_code.as_deref().unwrap_or_default();
        for class in definition.class_digits().filter_map(|digits| code.get(..digits)) {
            classes.entry(class).or_default().add(sum, EntrySide::Debit)?;
        }
    }
    let name = |code| classification::exp_func().find(code).map(|row| row.name.as_str()).unwrap_or_default();
    Some(classes.into_iter().map(|(code, split)| split.line(code, name(code))).collect())
}

fn checks(definition: &Definition, lines: &[ReportLine]) -> Option<Vec<CheckResult>> {
    definition
        .checks()
        .map(|check| {
            let (left, right) = (value(&check.left, lines)?, value(&check.right, lines)?);
            let (code, name_zh) = (check.code.clone(), check.name_zh.clone());
            Some(CheckResult { code, name_zh, ok: left == right, left, right })
        })
        .collect()
}

fn value(formula: &str, lines: &[ReportLine]) -> Option<Money> {
    let mut sum = Money::ZERO;
    for term in formula.split('+') {
        let (code, column) = term.split_once('.')?;
        let digits: Option<usize> = code.strip_prefix("class").and_then(|digits| digits.parse().ok());
        for line in lines.iter().filter(|line| is_meant(line, code, digits)) {
            sum = sum.checked_add(match column {
                "basic" => line.basic,
                "project" => line.project,
                _ => line.total,
            })?;
        }
    }
    Some(sum)
}

fn is_meant(line: &ReportLine, code: &str, digits: Option<usize>) -> bool {
    match digits {
        Some(digits) => line.line_code.len() == digits && line.line_code.bytes().all(|byte| byte.is_ascii_digit()),
        None => line.line_code == code,
    }
}
