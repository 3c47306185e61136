//! The rules on the content of an application: amounts that tie (PM-004), lines within their standards (PM-005),
//! leaf codes (BI-007), texts that fit. Pure.

use std::collections::BTreeSet;

use common_types::{ExpCriClass, FiscalYear, Money};
use project_library_contract::{AnnualPlan, Detail, ProjectDraft};
use service_kit::Problem;

use crate::RULES;

const LONGEST_TERM: u16 = 30;
const MOST_LINES: usize = 1000;
const LONGEST_NAME: usize = 180;
const LONGEST_GOAL: usize = 2000;

/// Everything that must hold of a draft whenever it is recorded.
pub(super) fn require_content(draft: &ProjectDraft) -> Result<(), Problem> {
    require_texts(draft)?;
    require_leaves(draft)?;
    require_sizes(draft)?;
    for (index, detail) in draft.details.iter().enumerate() {
        require_line(index, detail)?;
    }
    require_lists(draft)?;
    require_ties(draft)
}

/// The last year of the term.
pub(super) fn end_year(draft: &ProjectDraft) -> Result<FiscalYear, Problem> {
    let last = draft.pro_term.checked_sub(1).and_then(|more| draft.pro_start_year.get().checked_add(more));
    let in_range = draft.pro_term <= LONGEST_TERM;
    last.filter(|_| in_range).and_then(|year| FiscalYear::try_from(year).ok()).ok_or_else(|| {
        let en = format!("the term must lie between 1 and {LONGEST_TERM} years");
        Problem::field("/pro_term", format!("期限应在 1 至 {LONGEST_TERM} 年之间"), en)
    })
}

fn require_texts(draft: &ProjectDraft) -> Result<(), Problem> {
    text("/pro_name", &draft.pro_name, LONGEST_NAME)?;
    optional_text("/leader_name", &draft.leader_name, 100)?;
    optional_text("/approval_file_no", draft.approval_file_no.as_deref().unwrap_or(""), 500)?;
    if let Some(evaluation) = &draft.ex_ante_evaluation {
        text("/ex_ante_evaluation/report_no", &evaluation.report_no, 100)?;
    }
    for (index, detail) in draft.details.iter().enumerate() {
        text(&format!("/details/{index}/task_name"), &detail.task_name, LONGEST_NAME)?;
        optional_text(&format!("/details/{index}/exp_cri_code"), detail.exp_cri_code.as_deref().unwrap_or(""), 40)?;
        optional_text(&format!("/details/{index}/measmt_unit"), &detail.measmt_unit, 40)?;
    }
    for (index, goal) in draft.perf_goals.iter().enumerate() {
        text(&format!("/perf_goals/{index}/kpi_target"), &goal.kpi_target, LONGEST_GOAL)?;
    }
    for (index, indicator) in draft.perf_indicators.iter().enumerate() {
        let at = |field: &str| format!("/perf_indicators/{index}/{field}");
        text(&at("kpi_lv3"), &indicator.kpi_lv3, LONGEST_NAME)?;
        text(&at("kpi_val"), &indicator.kpi_val, 60)?;
        optional_text(&at("meterunit"), &indicator.meterunit, 40)?;
        optional_text(&at("kpi_evalstd"), &indicator.kpi_evalstd, LONGEST_GOAL)?;
        if indicator.kpi_lv2.parent() != Some(indicator.kpi_lv1) {
            let en = format!("{} does not stand below {}", indicator.kpi_lv2, indicator.kpi_lv1);
            return Err(Problem::field(
                at("kpi_lv2"),
                format!("{}不属于{}", indicator.kpi_lv2.name(), indicator.kpi_lv1.name()),
                en,
            ));
        }
    }
    Ok(())
}

fn text(pointer: &str, value: &str, longest: usize) -> Result<(), Problem> {
    if value.trim().is_empty() {
        return Err(Problem::field(pointer, "不能为空", "must not be empty"));
    }
    optional_text(pointer, value, longest)
}

fn optional_text(pointer: &str, value: &str, longest: usize) -> Result<(), Problem> {
    if value.chars().count() <= longest {
        return Ok(());
    }
    Err(Problem::field(pointer, format!("最多 {longest} 个字符"), format!("at most {longest} characters")))
}

fn require_leaves(draft: &ProjectDraft) -> Result<(), Problem> {
    leaf("/exp_func_code", draft.exp_func_code.as_str(), draft.exp_func_code.is_leaf())?;
    leaf("/fund_type_code", draft.fund_type_code.as_str(), draft.fund_type_code.is_leaf())?;
    for (index, detail) in draft.details.iter().enumerate() {
        if let Some(code) = &detail.dep_bgt_eco_code {
            leaf(&format!("/details/{index}/dep_bgt_eco_code"), code.as_str(), code.is_leaf())?;
        }
        if let Some(code) = &detail.gov_bgt_eco_code {
            leaf(&format!("/details/{index}/gov_bgt_eco_code"), code.as_str(), code.is_leaf())?;
        }
    }
    Ok(())
}

fn leaf(pointer: &str, code: &str, is_leaf: bool) -> Result<(), Problem> {
    if is_leaf {
        return Ok(());
    }
    let (zh, en) = (format!("{code} 不是末级代码"), format!("{code} is not a leaf code"));
    Err(RULES.refuse("BI-007", zh.clone(), en.clone()).at(pointer, zh, en))
}

fn require_sizes(draft: &ProjectDraft) -> Result<(), Problem> {
    let lists = [
        ("annual_plans", draft.annual_plans.len()),
        ("details", draft.details.len()),
        ("purchases", draft.purchases.len()),
        ("assets", draft.assets.len()),
        ("perf_goals", draft.perf_goals.len()),
        ("perf_indicators", draft.perf_indicators.len()),
    ];
    match lists.into_iter().find(|(_, length)| *length > MOST_LINES) {
        Some((name, _)) => {
            let en = format!("at most {MOST_LINES} lines");
            Err(Problem::field(format!("/{name}"), format!("最多 {MOST_LINES} 行"), en))
        }
        None => Ok(()),
    }
}

/// PM-005: cost = quantity × price, within a statutory or fixed standard; fiscal money at most the cost.
fn require_line(index: usize, detail: &Detail) -> Result<(), Problem> {
    let at = |field: &str| format!("/details/{index}/{field}");
    require_product(&at("est_amt"), detail.qty, detail.price, detail.est_amt)?;
    if detail.check_amt.is_negative() || detail.check_amt > detail.est_amt {
        let zh = format!("财政拨款 {} 应在零与总计 {} 之间", detail.check_amt, detail.est_amt);
        let en = format!("fiscal money {} must lie between zero and the cost {}", detail.check_amt, detail.est_amt);
        return Err(tie("PM-004", at("check_amt"), zh, en));
    }
    match (exceeded_standard(detail), detail.exp_cri_class) {
        (Some(standard), Some(ExpCriClass::Statutory | ExpCriClass::Fixed)) => {
            let zh = format!("“{}”单价 {} 超过标准 {standard}", detail.task_name, detail.price);
            let en = format!("price {} exceeds the standard {standard}", detail.price);
            Err(tie("PM-005", at("price"), zh, en).with("standard", standard).with("requested", detail.price))
        }
        (Some(_), Some(ExpCriClass::Provisional) | None) | (None, _) => Ok(()),
    }
}

/// The standard that the price of a line exceeds, whatever its force.
pub(super) fn exceeded_standard(detail: &Detail) -> Option<Money> {
    detail.exp_cri_amt.filter(|standard| detail.price > *standard)
}

/// quantity × price, or nothing when it does not fit.
pub(super) fn product(quantity: u32, price: Money) -> Option<Money> {
    price.fen().checked_mul(i64::from(quantity)).map(Money::from_fen)
}

fn require_product(pointer: &str, quantity: u32, price: Money, amount: Money) -> Result<(), Problem> {
    if !price.is_negative() && product(quantity, price) == Some(amount) {
        return Ok(());
    }
    let zh = format!("金额 {amount} 不等于数量 {quantity} 乘以单价 {price}");
    let en = format!("amount {amount} is not quantity {quantity} times price {price}");
    Err(tie("PM-005", pointer.to_owned(), zh, en))
}

fn require_lists(draft: &ProjectDraft) -> Result<(), Problem> {
    for (index, line) in draft.purchases.iter().enumerate() {
        let at = |field: &str| format!("/purchases/{index}/{field}");
        text(&at("pur_class"), &line.pur_class, LONGEST_NAME)?;
        optional_text(&at("purorgform"), &line.purorgform, LONGEST_NAME)?;
        optional_text(&at("measmt_unit"), &line.measmt_unit, 40)?;
        require_product(&at("pur_amt"), line.pur_qua, line.price, line.pur_amt)?;
    }
    for (index, line) in draft.assets.iter().enumerate() {
        let at = |field: &str| format!("/assets/{index}/{field}");
        text(&at("asset_class"), &line.asset_class, LONGEST_NAME)?;
        text(&at("asset_name"), &line.asset_name, LONGEST_NAME)?;
        optional_text(&at("usage"), &line.usage, 360)?;
        require_product(&at("sum_amt"), line.asset_qua, line.price, line.sum_amt)?;
    }
    if !draft.purchases.is_empty() && !draft.is_govpur {
        return Err(Problem::field(
            "/is_govpur",
            "有采购明细的项目应标记政府采购",
            "a project with purchases is a purchase project",
        ));
    }
    Ok(())
}

/// PM-004: total = Σ yearly plans, yearly plan = Σ its details, fiscal money ≤ total, years within the term.
fn require_ties(draft: &ProjectDraft) -> Result<(), Problem> {
    if !draft.pro_total_amt.is_positive() {
        return Err(tie("PM-004", "/pro_total_amt", "项目总额应大于零", "the total must be above zero"));
    }
    if draft.support_amount.is_negative() || draft.support_amount > draft.pro_total_amt {
        let zh = format!("财政拨款 {} 超过项目总额 {}", draft.support_amount, draft.pro_total_amt);
        let en = format!("fiscal money {} exceeds the total {}", draft.support_amount, draft.pro_total_amt);
        return Err(tie("PM-004", "/support_amount", zh, en));
    }
    let (first, last) = (draft.pro_start_year, end_year(draft)?);
    let outside = |year: FiscalYear| year < first || year > last;
    let mut years = BTreeSet::new();
    for (index, plan) in draft.annual_plans.iter().enumerate() {
        let pointer = format!("/annual_plans/{index}/fiscal_year");
        if outside(plan.fiscal_year) {
            let zh = format!("{} 年不在项目期限 {first} 至 {last} 年之内", plan.fiscal_year);
            return Err(tie(
                "PM-004",
                pointer,
                zh,
                format!("{} is outside the term {first} to {last}", plan.fiscal_year),
            ));
        }
        if !years.insert(plan.fiscal_year) {
            let zh = format!("{} 年的计划重复", plan.fiscal_year);
            return Err(tie("PM-004", pointer, zh, format!("{} is planned twice", plan.fiscal_year)));
        }
        require_year_ties(index, plan, &draft.details)?;
    }
    if let Some(index) = draft.details.iter().position(|detail| !years.contains(&detail.fiscal_year)) {
        let pointer = format!("/details/{index}/fiscal_year");
        return Err(tie("PM-004", pointer, "该年度没有支出计划", "the year has no plan"));
    }
    let plans = draft.annual_plans.iter();
    require_sum("/pro_total_amt", draft.pro_total_amt, plans.clone().map(|plan| plan.plan_amt))?;
    require_sum("/support_amount", draft.support_amount, plans.map(|plan| plan.support_amount))
}

fn require_year_ties(index: usize, plan: &AnnualPlan, details: &[Detail]) -> Result<(), Problem> {
    let of_year = || details.iter().filter(|detail| detail.fiscal_year == plan.fiscal_year);
    let at = |field: &str| format!("/annual_plans/{index}/{field}");
    require_sum(&at("plan_amt"), plan.plan_amt, of_year().map(|detail| detail.est_amt))?;
    require_sum(&at("support_amount"), plan.support_amount, of_year().map(|detail| detail.check_amt))
}

fn require_sum(pointer: &str, stated: Money, parts: impl Iterator<Item = Money>) -> Result<(), Problem> {
    let sum = Money::try_sum(parts);
    if sum == Some(stated) {
        return Ok(());
    }
    let shown = sum.map_or_else(|| "?".to_owned(), |sum| sum.to_string());
    let zh = format!("金额 {stated} 不等于下级合计 {shown}");
    let en = format!("amount {stated} differs from the sum {shown} below it");
    Err(tie("PM-004", pointer, zh, en).with("stated", stated).with("sum", sum))
}

fn tie(code: &str, pointer: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Problem {
    let (zh, en) = (zh.into(), en.into());
    RULES.refuse(code, zh.clone(), en.clone()).at(pointer, zh, en)
}
