//! Rules on the content of one package. Pure.

use std::{collections::BTreeSet, sync::LazyLock};

use common_types::{
    AgencyCode, AgencyType, DepBgtEcoCode, DirectFlag, DivisionCode, ExpFuncCode, FiscalYear, FoundTypeCode,
    FundTypeCode, GovBgtEcoCode, Money, ProCatCode, ProCode, TraType, economic_mapping,
};
use project_library_contract::{ProjectHead, ProjectStatus};
use serde::Deserialize;
use service_kit::Problem;

use super::entity::Kind;
use crate::RULES;

/// 因公出国, 公务接待, 公务用车运行, 公务用车购置 (two classes).
const THREE_PUBLIC: [&str; 5] = ["30212", "30217", "30231", "30913", "31013"];
const TRANSFER_CLASS: &str = "230";
const MAX_LINES: usize = 2000;

/// What a package asks for, before anything is looked up.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub kind: Kind,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub income_amt: Option<Money>,
    pub lines: Vec<DraftLine>,
}

/// One line asked for.
#[derive(Debug, Clone)]
pub(crate) struct DraftLine {
    pub pro_code: ProCode,
    pub exp_func_code: ExpFuncCode,
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    pub fund_type_code: FundTypeCode,
    pub apply_up: Money,
    pub is_gov_pur: bool,
    pub is_scientific: bool,
    pub is_capital: bool,
    pub is_debt: bool,
    pub is_three_ensure: bool,
    pub found_type_code: FoundTypeCode,
    pub transfer: Option<DraftTransfer>,
}

/// What only a transfer line has.
#[derive(Debug, Clone)]
pub(crate) struct DraftTransfer {
    pub sub_mof_div_code: DivisionCode,
    pub tp_func_code: ExpFuncCode,
    pub tra_type: TraType,
    pub is_track: bool,
    pub direct_flag: DirectFlag,
}

impl Draft {
    /// Everything that can be told without asking anybody: lines, BG-004, BG-006, receiving divisions.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        self.check_lines()?;
        self.check_income()?;
        for (index, line) in self.lines.iter().enumerate() {
            check_function(&line.exp_func_code, &line.fund_type_code, &format!("/lines/{index}/exp_func_code"))?;
            if let Some(transfer) = &line.transfer {
                self.check_transfer(index, line, transfer)?;
            }
        }
        Ok(())
    }

    /// Σ 申报数.
    pub(crate) fn apply_up(&self) -> Result<Money, Problem> {
        Money::try_sum(self.lines.iter().map(|line| line.apply_up))
            .ok_or_else(|| Problem::field("/lines", "申报数合计超出范围", "the sum of the lines is out of range"))
    }

    fn check_lines(&self) -> Result<(), Problem> {
        if self.lines.is_empty() || self.lines.len() > MAX_LINES {
            return Err(RULES.refuse(
                "BG-101",
                format!("预算明细应为 1 至 {MAX_LINES} 行，本次 {} 行", self.lines.len()),
                format!("a package holds 1 to {MAX_LINES} lines, this one {}", self.lines.len()),
            ));
        }
        let mut seen = BTreeSet::new();
        for (index, line) in self.lines.iter().enumerate() {
            if !seen.insert(line.dimension()) {
                let (zh, en) = ("与前面的明细维度相同", "has the dimension of an earlier line");
                return Err(RULES
                    .refuse("BG-101", format!("第 {} 行{zh}", index + 1), format!("line {} {en}", index + 1))
                    .at(format!("/lines/{index}"), zh, en));
            }
        }
        Ok(())
    }

    /// BG-004: income, when given, equals expense.
    fn check_income(&self) -> Result<(), Problem> {
        let (Some(income), expense) = (self.income_amt, self.apply_up()?) else { return Ok(()) };
        if income == expense {
            return Ok(());
        }
        let zh = format!("收入预算 {income} 元，支出合计 {expense} 元");
        let en = format!("income is {income}, the lines come to {expense}");
        Err(RULES
            .refuse("BG-004", zh.clone(), en.clone())
            .at("/income_amt", zh, en)
            .with("income", income)
            .with("expense", expense))
    }

    fn check_transfer(&self, index: usize, line: &DraftLine, transfer: &DraftTransfer) -> Result<(), Problem> {
        let receiver = &transfer.sub_mof_div_code;
        let is_below = *receiver != self.mof_div_code && self.mof_div_code.contains(receiver);
        if !is_below || receiver.name().is_none() {
            let zh = format!("{receiver} 不是 {} 的下级财政区划", self.mof_div_code);
            let en = format!("{receiver} is not a division below {}", self.mof_div_code);
            let pointer = format!("/lines/{index}/sub_mof_div_code");
            return Err(RULES.refuse("BG-108", zh.clone(), en.clone()).at(pointer, zh, en));
        }
        let pointer = format!("/lines/{index}/tp_func_code");
        if !transfer.tp_func_code.as_str().starts_with(TRANSFER_CLASS) {
            let zh = format!("{} 不是转移性支出科目", transfer.tp_func_code);
            let en = format!("{} is not a function of class 230", transfer.tp_func_code);
            return Err(RULES.refuse("BG-112", zh.clone(), en.clone()).at(pointer, zh, en));
        }
        check_function(&transfer.tp_func_code, &line.fund_type_code, &pointer)
    }
}

/// What makes two lines the same line: project, function, economic class, kind of funds, receiver.
pub(crate) type Dimension =
    (ProCode, ExpFuncCode, Option<DepBgtEcoCode>, FundTypeCode, FoundTypeCode, Option<DivisionCode>);

impl DraftLine {
    fn dimension(&self) -> Dimension {
        (
            self.pro_code.clone(),
            self.exp_func_code.clone(),
            self.dep_bgt_eco_code.clone(),
            self.fund_type_code.clone(),
            self.found_type_code,
            self.transfer.as_ref().map(|transfer| transfer.sub_mof_div_code.clone()),
        )
    }
}

#[derive(Deserialize)]
struct FunctionFund {
    exp_func_prefix: String,
    /// Separated by blanks.
    fund_type_prefixes: String,
}

/// BG-006: the kind of funds must be one that the function is for; the longest prefix of the table decides.
fn check_function(function: &ExpFuncCode, fund: &FundTypeCode, pointer: &str) -> Result<(), Problem> {
    static TABLE: LazyLock<Vec<FunctionFund>> = LazyLock::new(|| {
        csv::Reader::from_reader(include_str!("../../exp_func_fund.csv").as_bytes())
            .deserialize()
            .map(|row| row.expect("exp_func_fund.csv is part of the program and well formed"))
            .collect()
    });
    let row = TABLE
        .iter()
        .filter(|row| function.as_str().starts_with(&row.exp_func_prefix))
        .max_by_key(|row| row.exp_func_prefix.len());
    let prefixes = row.map_or("", |row| row.fund_type_prefixes.as_str());
    if prefixes.split(' ').any(|prefix| fund.as_str().starts_with(prefix)) {
        return Ok(());
    }
    let zh = format!("功能科目 {function} {} 不能使用资金性质 {fund} {}", function.name(), fund.name());
    let en = format!("function {function} may not be paid from funds of kind {fund}");
    Err(RULES.refuse("BG-006", zh.clone(), en.clone()).at(pointer, zh, en).with("allowed", prefixes))
}

/// BG-005: the government class of a unit's line, derived, or checked when given.
pub(crate) fn gov_class_of_unit(line: &DraftLine, kind: AgencyType, index: usize) -> Result<GovBgtEcoCode, Problem> {
    let pointer = format!("/lines/{index}/dep_bgt_eco_code");
    let Some(dep) = &line.dep_bgt_eco_code else {
        return Err(Problem::field(
            pointer,
            "单位预算必须填写部门支出经济分类",
            "a unit's line needs a department class",
        ));
    };
    let derived = economic_mapping::gov_for(dep, kind).ok_or_else(|| {
        let zh = format!("{} 单位不能使用部门经济分类 {dep} {}", kind.name(), dep.name());
        let en = format!("a unit of type {kind} may not use department class {dep}");
        RULES.refuse("BG-005", zh.clone(), en.clone()).at(pointer, zh, en)
    })?;
    match &line.gov_bgt_eco_code {
        Some(given) if *given != derived => {
            let zh = format!("部门经济分类 {dep} 对应政府经济分类 {derived}，填写的是 {given}");
            let en = format!("department class {dep} belongs to {derived}, given is {given}");
            let pointer = format!("/lines/{index}/gov_bgt_eco_code");
            Err(RULES.refuse("BG-005", zh.clone(), en.clone()).at(pointer, zh, en).with("expected", derived))
        }
        _ => Ok(derived),
    }
}

/// The government class of a line without unit; a department class, when given, must be able to lead there (BG-005).
pub(crate) fn gov_class_of_finance(line: &DraftLine, index: usize) -> Result<GovBgtEcoCode, Problem> {
    let pointer = format!("/lines/{index}/gov_bgt_eco_code");
    let Some(gov) = &line.gov_bgt_eco_code else {
        return Err(Problem::field(
            pointer,
            "待分配预算必须填写政府支出经济分类",
            "a line without unit needs a government class",
        ));
    };
    let leads_there = |dep: &DepBgtEcoCode| {
        let kinds = [AgencyType::Administrative, AgencyType::Institution];
        kinds.into_iter().any(|kind| economic_mapping::gov_for(dep, kind).as_ref() == Some(gov))
    };
    if line.dep_bgt_eco_code.as_ref().is_none_or(leads_there) {
        return Ok(gov.clone());
    }
    let (zh, en) = ("部门经济分类与政府经济分类不匹配", "the department class never leads to this government class");
    Err(RULES.refuse("BG-005", zh, en).at(pointer, zh, en))
}

/// BG-001: the project is in the library; and it is this unit's.
pub(crate) fn check_project<'a>(
    project: Option<&'a ProjectHead>,
    pro_code: &ProCode,
    agency: Option<&AgencyCode>,
    index: usize,
) -> Result<&'a ProjectHead, Problem> {
    let pointer = format!("/lines/{index}/pro_code");
    let stored = project.filter(|project| project.status != ProjectStatus::OnTheWay && !project.is_end);
    let Some(project) = stored else {
        let zh = format!("项目 {pro_code} 未入库，不得安排预算");
        let en = format!("project {pro_code} is not in the library");
        return Err(RULES.refuse("BG-001", zh.clone(), en.clone()).at(pointer, zh, en));
    };
    if agency.is_some_and(|agency| !project.agency_code.contains(agency)) {
        let zh = format!("项目 {pro_code} 属于单位 {}", project.agency_code);
        let en = format!("project {pro_code} belongs to unit {}", project.agency_code);
        return Err(RULES.refuse("BG-107", zh.clone(), en.clone()).at(pointer, zh, en));
    }
    Ok(project)
}

/// The kind under which control numbers are given: 人员类, 公用经费, 其他运转, 特定目标.
pub(crate) fn control_kind(kind: ProCatCode) -> ProCatCode {
    match kind {
        ProCatCode::Personnel | ProCatCode::ServingStaff | ProCatCode::Retirees | ProCatCode::OtherPersonnel => {
            ProCatCode::Personnel
        }
        ProCatCode::PublicUse => ProCatCode::PublicUse,
        ProCatCode::Operating | ProCatCode::OtherOperating => ProCatCode::OtherOperating,
        ProCatCode::SpecialPurpose | ProCatCode::OwnLevel | ProCatCode::Transfer => ProCatCode::SpecialPurpose,
    }
}

/// Whether the class belongs to the 三公经费 (BG-003).
pub(crate) fn is_three_public(class: Option<&DepBgtEcoCode>) -> bool {
    class.is_some_and(|class| THREE_PUBLIC.contains(&class.as_str()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    fn allowed(function: &str, fund: &str) -> bool {
        check_function(&function.parse().unwrap(), &fund.parse().unwrap(), "/x").is_ok()
    }

    #[test]
    fn a_land_sale_function_takes_only_government_funds() {
        assert!(allowed("21208", "121"));
        assert!(!allowed("21208", "111"));
        assert!(!allowed("21201", "121"));
    }

    #[test]
    fn a_state_capital_function_takes_only_state_capital() {
        assert!(allowed("22301", "131"));
        assert!(!allowed("22301", "111"));
        assert!(!allowed("2050202", "131"));
    }

    #[test]
    fn an_ordinary_function_takes_general_and_unit_money() {
        for fund in ["111", "21", "31"] {
            assert!(allowed("2050202", fund), "{fund}");
        }
    }

    #[test]
    fn travel_abroad_vehicles_and_reception_are_three_public() {
        let class = |code: &str| Some(code.parse::<DepBgtEcoCode>().unwrap());
        assert!(["30212", "30217", "30231", "30913", "31013"].iter().all(|code| is_three_public(class(code).as_ref())));
        assert!(!is_three_public(class("30201").as_ref()));
        assert!(!is_three_public(None));
    }
}
