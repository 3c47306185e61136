//! From package lines to approved lines, and the rules on a whole budget. Pure.

use budget_compilation_contract::{
    AnnualLine, AnnualLineView, ApprovalWarning, BudgetRow, TransferLine, TransferLineView,
};
use common_types::{AgencyCode, BudgetLevelCode, DivisionCode, DivisionLevel, FundTypeCode, Money, ProCatCode};
use uuid::Uuid;

use super::entity::{annual, approval, transfer};
use crate::package::entity::{Kind, line, package};

/// 预备费.
const RESERVE_CLASS: &str = "227";
/// 一般公共预算资金.
const GENERAL_FUNDS: &str = "11";
const LEAST_PERCENT: i128 = 1;
const MOST_PERCENT: i128 = 3;
const HUNDRED: i128 = 100;

/// What earlier approvals granted under one `bgt_pman_id`.
#[derive(Debug, Clone)]
pub(crate) struct Granted {
    pub bgt_pman_id: Uuid,
    pub reply_amt: Money,
    last: annual::Model,
}

impl Granted {
    /// Adds up the versions of each line; `rows` in order of `bgt_pman_id`.
    pub(crate) fn of(rows: Vec<annual::Model>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for row in rows {
            match all.last_mut().filter(|granted| granted.bgt_pman_id == row.bgt_pman_id) {
                Some(granted) => {
                    granted.reply_amt = granted.reply_amt.checked_add(row.reply_amt).unwrap_or(granted.reply_amt);
                }
                None => all.push(Self { bgt_pman_id: row.bgt_pman_id, reply_amt: row.reply_amt, last: row }),
            }
        }
        all
    }

    /// Whether a line of a package is the same line.
    pub(crate) fn is_same_dimension(&self, line: &line::Model) -> bool {
        let own = &self.last;
        (&own.pro_code, &own.exp_func_code, &own.dep_bgt_eco_code, &own.fund_type_code, own.found_type_code)
            == (&line.pro_code, &line.exp_func_code, &line.dep_bgt_eco_code, &line.fund_type_code, line.found_type_code)
    }

    /// The line that takes all of it back.
    pub(crate) fn into_line_of_nothing(self, package_id: Uuid) -> line::Model {
        let line_id = Uuid::now_v7();
        let row = self.last;
        line::Model {
            mof_div_code: row.mof_div_code,
            line_id,
            package_id,
            bgt_pman_id: self.bgt_pman_id,
            pro_code: row.pro_code,
            pro_name: row.pro_name,
            pro_kind_code: row.pro_kind_code,
            exp_func_code: row.exp_func_code,
            dep_bgt_eco_code: row.dep_bgt_eco_code,
            gov_bgt_eco_code: row.gov_bgt_eco_code,
            fund_type_code: row.fund_type_code,
            manage_mof_dep_code: row.manage_mof_dep_code,
            apply_up: Money::ZERO,
            fin_audit_money: None,
            prior_amt: self.reply_amt,
            reservation_id: line_id,
            is_gov_pur: row.is_gov_pur,
            is_scientific: row.is_scientific,
            is_capital: row.is_capital,
            is_debt: row.is_debt,
            is_three_ensure: row.is_three_ensure,
            found_type_code: row.found_type_code,
            sub_mof_div_code: None,
            tp_func_code: None,
            tra_type: None,
            is_track: false,
            direct_flag: common_types::DirectFlag::NotDirect,
        }
    }
}

/// The lines of an approval: whatever changes something against earlier versions.
pub(crate) fn lines_of(
    approval: &approval::Model,
    packages: &[package::Model],
    lines: Vec<line::Model>,
) -> Option<(Vec<annual::Model>, Vec<transfer::Model>)> {
    let (mut annual, mut transfers) = (Vec::new(), Vec::new());
    for line in lines.into_iter().filter(|line| !line.difference().is_zero()) {
        let package = packages.iter().find(|package| package.package_id == line.package_id)?;
        match package.stage {
            Kind::Transfer => transfers.push(transfer_line(approval, line)?),
            Kind::OneUp | Kind::TwoUp | Kind::Unallocated => annual.push(annual_line(approval, package, line)),
        }
    }
    Some((annual, transfers))
}

fn annual_line(approval: &approval::Model, package: &package::Model, line: line::Model) -> annual::Model {
    annual::Model {
        reply_amt: line.difference(),
        budget_level_code: level_of(&line.mof_div_code),
        mof_div_code: line.mof_div_code,
        bgt_pman_id: line.bgt_pman_id,
        version: approval.version,
        fiscal_year: approval.fiscal_year,
        approval_id: approval.approval_id,
        is_granted: false,
        agency_code: package.agency_code.clone(),
        dept_code: package.dept_code.clone(),
        pro_code: line.pro_code,
        pro_name: line.pro_name,
        pro_kind_code: line.pro_kind_code,
        exp_func_code: line.exp_func_code,
        gov_bgt_eco_code: line.gov_bgt_eco_code,
        dep_bgt_eco_code: line.dep_bgt_eco_code,
        fund_type_code: line.fund_type_code,
        manage_mof_dep_code: line.manage_mof_dep_code,
        apply_up: line.apply_up,
        fin_audit_money: line.fin_audit_money,
        is_gov_pur: line.is_gov_pur,
        is_scientific: line.is_scientific,
        is_capital: line.is_capital,
        is_debt: line.is_debt,
        is_three_ensure: line.is_three_ensure,
        found_type_code: line.found_type_code,
        is_assigned: package.agency_code.is_none(),
    }
}

fn transfer_line(approval: &approval::Model, line: line::Model) -> Option<transfer::Model> {
    Some(transfer::Model {
        reply_amt: line.difference(),
        mof_div_code: line.mof_div_code,
        bgt_pman_id: line.bgt_pman_id,
        version: approval.version,
        fiscal_year: approval.fiscal_year,
        approval_id: approval.approval_id,
        is_granted: false,
        pro_code: line.pro_code,
        pro_name: line.pro_name,
        pro_kind_code: line.pro_kind_code,
        sub_mof_div_code: line.sub_mof_div_code?,
        tp_func_code: line.tp_func_code?,
        exp_func_code: line.exp_func_code,
        gov_bgt_eco_code: line.gov_bgt_eco_code,
        fund_type_code: line.fund_type_code,
        manage_mof_dep_code: line.manage_mof_dep_code,
        tra_type: line.tra_type?,
        apply_up: line.apply_up,
        is_track: line.is_track,
        direct_flag: line.direct_flag,
    })
}

fn level_of(division: &DivisionCode) -> BudgetLevelCode {
    match division.level() {
        DivisionLevel::Central => BudgetLevelCode::Central,
        DivisionLevel::Province => BudgetLevelCode::Province,
        DivisionLevel::City => BudgetLevelCode::City,
        DivisionLevel::County => BudgetLevelCode::County,
        DivisionLevel::Township => BudgetLevelCode::Township,
    }
}

/// One group of the budget in a total: department or receiver, kind, fund nature, amount.
pub(crate) type AnnualGroup = (Option<AgencyCode>, ProCatCode, FundTypeCode, Money);
/// The same of transfers.
pub(crate) type TransferGroup = (DivisionCode, ProCatCode, FundTypeCode, Money);

pub(crate) fn annual_row((dept_code, pro_kind_code, fund_type_code, reply_amt): AnnualGroup) -> BudgetRow {
    BudgetRow { dept_code, sub_mof_div_code: None, pro_kind_code, fund_type_code, reply_amt }
}

pub(crate) fn transfer_row((receiver, pro_kind_code, fund_type_code, reply_amt): TransferGroup) -> BudgetRow {
    BudgetRow { dept_code: None, sub_mof_div_code: Some(receiver), pro_kind_code, fund_type_code, reply_amt }
}

/// BG-008: 预备费, when there is one, is 1 % to 3 % of the own general public budget expenditure. Warns only.
pub(crate) fn reserve_warning<'a>(
    lines: impl Iterator<Item = (&'a common_types::ExpFuncCode, &'a FundTypeCode, Money)>,
) -> Option<ApprovalWarning> {
    let (mut reserve, mut total) = (0_i128, 0_i128);
    for (function, _, amount) in lines.filter(|(_, fund, _)| fund.as_str().starts_with(GENERAL_FUNDS)) {
        total += i128::from(amount.fen());
        if function.as_str().starts_with(RESERVE_CLASS) {
            reserve += i128::from(amount.fen());
        }
    }
    let hundredfold = reserve * HUNDRED;
    let is_fitting = hundredfold >= total * LEAST_PERCENT && hundredfold <= total * MOST_PERCENT;
    if reserve == 0 || is_fitting {
        return None;
    }
    let yuan = |fen: i128| Money::from_fen(i64::try_from(fen).unwrap_or(i64::MAX));
    let (reserve, total) = (yuan(reserve), yuan(total));
    Some(ApprovalWarning {
        rule_code: "BG-008".to_owned(),
        message_zh: format!("预备费 {reserve} 元，应在本级一般公共预算支出 {total} 元的 1%至3% 之间"),
        message_en: format!("the reserve of {reserve} is not 1 to 3 percent of the general public budget of {total}"),
    })
}

impl annual::Model {
    /// As the line that leaves the service.
    pub(crate) fn line(self) -> AnnualLine {
        AnnualLine {
            bgt_pman_id: self.bgt_pman_id,
            agency_code: self.agency_code,
            dept_code: self.dept_code,
            pro_code: self.pro_code,
            pro_name: self.pro_name,
            pro_kind_code: self.pro_kind_code,
            exp_func_code: self.exp_func_code,
            gov_bgt_eco_code: self.gov_bgt_eco_code,
            dep_bgt_eco_code: self.dep_bgt_eco_code,
            fund_type_code: self.fund_type_code,
            manage_mof_dep_code: self.manage_mof_dep_code,
            reply_amt: self.reply_amt,
            is_gov_pur: self.is_gov_pur,
            is_scientific: self.is_scientific,
            is_capital: self.is_capital,
            is_debt: self.is_debt,
            is_three_ensure: self.is_three_ensure,
            budget_level_code: self.budget_level_code,
            found_type_code: self.found_type_code,
            is_assigned: self.is_assigned,
        }
    }

    /// With where it stands.
    pub(crate) fn view(self) -> AnnualLineView {
        AnnualLineView {
            mof_div_code: self.mof_div_code.clone(),
            fiscal_year: self.fiscal_year,
            version: self.version,
            approval_id: self.approval_id,
            line: self.line(),
        }
    }
}

impl transfer::Model {
    /// As the line that leaves the service.
    pub(crate) fn line(self) -> TransferLine {
        TransferLine {
            bgt_pman_id: self.bgt_pman_id,
            pro_code: self.pro_code,
            pro_name: self.pro_name,
            sub_mof_div_code: self.sub_mof_div_code,
            tp_func_code: self.tp_func_code,
            exp_func_code: self.exp_func_code,
            gov_bgt_eco_code: self.gov_bgt_eco_code,
            fund_type_code: self.fund_type_code,
            manage_mof_dep_code: self.manage_mof_dep_code,
            tra_type: self.tra_type,
            reply_amt: self.reply_amt,
            is_track: self.is_track,
            direct_flag: self.direct_flag,
        }
    }

    /// With where it stands.
    pub(crate) fn view(self) -> TransferLineView {
        TransferLineView {
            mof_div_code: self.mof_div_code.clone(),
            fiscal_year: self.fiscal_year,
            version: self.version,
            approval_id: self.approval_id,
            line: self.line(),
        }
    }
}
