//! The figures of reports, from what was posted. Pure.

use std::collections::{BTreeMap, BTreeSet};

use common_types::{ExpFuncCode, FiscalYear, FundTypeCode, Money, ProCatCode};
use final_accounts_contract::{CheckResult, ReportFigures, ReportLine, TieOut};

use super::{
    definition::{self, Definition, Line, Measure},
    store::Posted,
};
use crate::{chart, peers::budget_execution::PaidTotal, voucher::view::DEBIT};

/// 人员类 and 公用经费: what 基本支出 consists of; everything else is 项目支出.
const BASIC_KINDS: &str = "1 21";
const BOOKS: &str = "books";
const EVERY_CLASS: &str = "*";
const CLASS_LENGTH: usize = 3;

/// What a scope's books hold, for one year.
pub struct Books<'a> {
    pub year: FiscalYear,
    pub posted: &'a [Posted],
}

/// Everything a report shows; none when a sum is beyond what can be counted.
pub fn compute(report: &Definition, books: &Books<'_>, paid: &[PaidTotal]) -> Option<ReportFigures> {
    let mut tables = BTreeMap::new();
    for one in definition::all() {
        tables.insert(one.report_code.as_str(), table(&one.report_code, books)?);
    }
    let lines = tables.get(report.report_code.as_str())?.clone();
    let checks = definition::checks(&report.report_code).map(|check| {
        let (left, right) = (side(&check.left, &tables, books)?, side(&check.right, &tables, books)?);
        let difference = left.checked_sub(right)?;
        Some(CheckResult {
            check_code: check.check_code.clone(),
            check_name: check.check_name.clone(),
            left,
            right,
            difference,
            is_ok: difference.is_zero(),
        })
    });
    let checks = checks.collect::<Option<Vec<_>>>()?;
    let tie_out = tie_out(report, &lines, paid)?;
    Some(ReportFigures { lines, checks, tie_out })
}

fn tie_out(report: &Definition, lines: &[ReportLine], paid: &[PaidTotal]) -> Option<TieOut> {
    let counts = |one: &&PaidTotal| chart::starts_with_any(one.fund_type_code.as_str(), &report.tie_fund_types);
    let ledger = Money::try_sum(paid.iter().filter(counts).map(|one| one.paid))?;
    let spent = lines.iter().find(|line| line.line_code == report.tie_line)?.total;
    Some(TieOut { ledger, report: spent, difference: spent.checked_sub(ledger)? })
}

fn table(code: &str, books: &Books<'_>) -> Option<Vec<ReportLine>> {
    let mut lines: Vec<ReportLine> = Vec::new();
    let splits = definition::lines(code).any(|line| line.measure == Measure::ByFunction);
    for line in definition::lines(code) {
        match line.measure {
            Measure::Sum => {
                let terms: BTreeSet<&str> = line.terms.split_whitespace().collect();
                let parts = lines.iter().filter(|one| terms.contains(one.line_code.as_str())).map(|one| one.total);
                let total = Money::try_sum(parts)?;
                lines.push(plain(line, total));
            }
            Measure::ByFunction => lines.extend(by_function(line, books)?),
            Measure::Expense if splits => lines.push(split(line, &line.line_code, &line.line_name, &line.functions, books)?),
            Measure::Income | Measure::Expense | Measure::Opening | Measure::Closing => {
                lines.push(plain(line, amount(line, &line.functions, "", books)?));
            }
        }
    }
    Some(lines)
}

fn plain(line: &Line, total: Money) -> ReportLine {
    ReportLine {
        line_code: line.line_code.clone(),
        line_name: line.line_name.clone(),
        total,
        basic: None,
        project: None,
    }
}

/// One line for every class that has any, each below its 类 and 款.
fn by_function(line: &Line, books: &Books<'_>) -> Option<Vec<ReportLine>> {
    let mut classes: BTreeMap<String, &'static str> = BTreeMap::new();
    for one in books.posted.iter().filter(|one| fits(line, "", one) && is_of_the_year(one, books.year)) {
        let mut class: Option<ExpFuncCode> = one.exp_func_code.clone();
        while let Some(code) = class {
            classes.insert(code.as_str().to_owned(), code.name());
            class = code.parent();
        }
    }
    classes.iter().map(|(code, name)| split(line, code, name, code, books)).collect()
}

fn split(line: &Line, code: &str, name: &str, functions: &str, books: &Books<'_>) -> Option<ReportLine> {
    let total = amount(line, functions, "", books)?;
    let basic = amount(line, functions, BASIC_KINDS, books)?;
    let project = amount(line, functions, "-", books)?;
    Some(ReportLine {
        line_code: code.to_owned(),
        line_name: name.to_owned(),
        total,
        basic: Some(basic),
        project: Some(project),
    })
}

/// What a line measures of these classes: of all kinds of projects, of the basic ones, or with `-` of the others.
fn amount(line: &Line, functions: &str, kinds: &str, books: &Books<'_>) -> Option<Money> {
    let of_kind = |one: &Posted| {
        let kind = one.pro_kind_code.map(ProCatCode::code).unwrap_or_default();
        let is_basic = chart::starts_with_any(kind, BASIC_KINDS);
        match kinds {
            "" => true,
            "-" => !is_basic,
            _ => is_basic,
        }
    };
    let of_time = |one: &Posted| {
        let is_earlier = one.fiscal_year < i32::from(books.year.get());
        match line.measure {
            Measure::Income | Measure::Expense | Measure::ByFunction => is_of_the_year(one, books.year),
            Measure::Opening => is_earlier,
            Measure::Closing => true,
            Measure::Sum => false,
        }
    };
    let debits_count = matches!(line.measure, Measure::Expense | Measure::ByFunction);
    let counted = books.posted.iter().filter(|one| fits(line, functions, one) && of_kind(one) && of_time(one));
    net(counted, debits_count)
}

fn is_of_the_year(one: &Posted, year: FiscalYear) -> bool {
    one.fiscal_year == i32::from(year.get()) && !one.is_carry_over
}

fn fits(line: &Line, functions: &str, one: &Posted) -> bool {
    chart::starts_with_any(&one.gov_acct_cls_code, &line.accounts)
        && chart::starts_with_any(one.fund_type_code.as_ref().map_or("", FundTypeCode::as_str), &line.fund_types)
        && chart::starts_with_any(one.exp_func_code.as_ref().map_or("", ExpFuncCode::as_str), functions)
}

fn net<'a>(posted: impl Iterator<Item = &'a Posted>, debits_count: bool) -> Option<Money> {
    posted.into_iter().try_fold(Money::default(), |sum, one| {
        if (one.dr_cr == DEBIT) == debits_count { sum.checked_add(one.sum) } else { sum.checked_sub(one.sum) }
    })
}

/// One side of a formula.
fn side(terms: &str, tables: &BTreeMap<&str, Vec<ReportLine>>, books: &Books<'_>) -> Option<Money> {
    let amounts = terms.split_whitespace().map(|term| {
        let (table, line) = term.split_once(':')?;
        if table == BOOKS {
            let of_account = |one: &&Posted| {
                chart::starts_with_any(&one.gov_acct_cls_code, line) && is_of_the_year(one, books.year)
            };
            return net(books.posted.iter().filter(of_account), true);
        }
        cell(tables.get(table)?, line)
    });
    Money::try_sum(amounts.collect::<Option<Vec<_>>>()?)
}

fn cell(lines: &[ReportLine], term: &str) -> Option<Money> {
    if term == EVERY_CLASS {
        let is_class = |line: &&ReportLine| {
            line.line_code.len() == CLASS_LENGTH && line.line_code.bytes().all(|byte| byte.is_ascii_digit())
        };
        return Money::try_sum(lines.iter().filter(is_class).map(|line| line.total));
    }
    let (code, column) = term.split_once('.').unwrap_or((term, "total"));
    let line = lines.iter().find(|line| line.line_code == code)?;
    match column {
        "basic" => line.basic,
        "project" => line.project,
        _ => Some(line.total),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    #[test]
    fn every_term_of_every_formula_exists() {
        let books = Books { year: FiscalYear::try_from(2026).unwrap(), posted: &[] };
        for report in definition::all() {
            let figures = compute(report, &books, &[]).unwrap();
            assert!(figures.checks.iter().all(|check| check.is_ok));
            assert!(!figures.checks.is_empty());
        }
    }
}
