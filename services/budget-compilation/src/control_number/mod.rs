//! Control numbers (一下): issued by the budget division, taken by submitted two-up packages (BG-002), and last year's
//! 三公经费 as a limit (BG-003).

mod entity;
pub(crate) mod http;
mod model;
mod store;

use budget_compilation_contract::{
    ControlNumber, ControlNumberItem, ControlNumberRequest, ControlNumbers, ThreePublicLimit,
};
use common_types::{Money, Role};
use entity::{number, three_public};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use crate::{
    RULES,
    package::{
        self,
        entity::{line, package as row},
    },
};

/// Issues control numbers; each that exists is set to its new amount.
pub(crate) async fn issue(
    tx: &DatabaseTransaction,
    caller: &Caller,
    request: ControlNumberRequest,
) -> Result<ControlNumbers, Problem> {
    caller.require_in(&[Role::M2], &request.mof_div_code, None)?;
    let mut items = Vec::with_capacity(request.items.len());
    for (index, item) in request.items.iter().enumerate() {
        check_item(item, index)?;
        let wanted = number_of(&request, item);
        if !store::set(tx, &wanted).await? {
            return Err(below_used(tx, &wanted, index).await?);
        }
        items.extend(store::by_key(tx, &wanted).await?.map(view));
    }
    let mut limits = Vec::with_capacity(request.three_public.len());
    for (index, item) in request.three_public.into_iter().enumerate() {
        require_not_negative(item.last_year_amt, &format!("/three_public/{index}/last_year_amt"))?;
        let limit = three_public::Model {
            mof_div_code: request.mof_div_code.clone(),
            fiscal_year: request.fiscal_year,
            agency_code: item.agency_code.clone(),
            last_year_amt: item.last_year_amt,
        };
        store::set_three_public(tx, limit).await?;
        limits.push(ThreePublicLimit { agency_code: item.agency_code, last_year_amt: item.last_year_amt });
    }
    Ok(ControlNumbers { items, three_public: limits })
}

fn check_item(item: &ControlNumberItem, index: usize) -> Result<(), Problem> {
    require_not_negative(item.control_amt, &format!("/items/{index}/control_amt"))?;
    if package::control_kind(item.pro_kind_code) != item.pro_kind_code {
        let pointer = format!("/items/{index}/pro_kind_code");
        let zh = "控制数按人员类(1)、公用经费(21)、其他运转(22)、特定目标(3)下达";
        return Err(Problem::field(pointer, zh, "control numbers are given by kind 1, 21, 22 or 3"));
    }
    if item.agency_code.as_ref().is_some_and(|agency| !item.dept_code.contains(agency)) {
        let pointer = format!("/items/{index}/agency_code");
        return Err(Problem::field(pointer, "单位不属于该部门", "the unit does not belong to the department"));
    }
    Ok(())
}

fn require_not_negative(amount: Money, pointer: &str) -> Result<(), Problem> {
    if amount.is_negative() {
        return Err(Problem::field(pointer, "金额不能为负", "the amount may not be negative"));
    }
    Ok(())
}

fn number_of(request: &ControlNumberRequest, item: &ControlNumberItem) -> number::Model {
    let agency = item.agency_code.as_ref().map_or("-", |agency| agency.as_str());
    number::Model {
        mof_div_code: request.mof_div_code.clone(),
        control_id: Uuid::now_v7(),
        fiscal_year: request.fiscal_year,
        dept_code: item.dept_code.clone(),
        agency_code: item.agency_code.clone(),
        pro_kind_code: item.pro_kind_code,
        fund_type_code: item.fund_type_code.clone(),
        control_key: format!("{}|{agency}|{}|{}", item.dept_code, item.pro_kind_code, item.fund_type_code),
        control_amt: item.control_amt,
        used_amt: Money::ZERO,
    }
}

async fn below_used(tx: &DatabaseTransaction, wanted: &number::Model, index: usize) -> Result<Problem, Problem> {
    let used = store::by_key(tx, wanted).await?.map_or(Money::ZERO, |present| present.used_amt);
    let zh = format!("已申报 {used} 元，控制数 {} 元", wanted.control_amt);
    let en = format!("packages ask for {used}, the control number would be {}", wanted.control_amt);
    let pointer = format!("/items/{index}/control_amt");
    Ok(RULES.refuse("BG-103", zh.clone(), en.clone()).at(pointer, zh, en).with("used_amt", used))
}

/// BG-002: a submitted package takes what it asks for of the control numbers it falls under.
pub(crate) async fn take(tx: &DatabaseTransaction, package: &row::Model, lines: &[line::Model]) -> Result<(), Problem> {
    let Some(agency) = &package.agency_code else { return Ok(()) };
    let department = package.dept_code.clone().unwrap_or_else(|| agency.department());
    let numbers = store::of_department(tx, &package.mof_div_code, package.fiscal_year, &department).await?;
    let usage = model::usage_of(&numbers, agency, lines).map_err(|(kind, fund)| {
        let zh = format!("部门 {department} 的 {}、资金性质 {fund} 没有下达控制数", kind.name());
        let en = format!("department {department} has no control number for kind {kind} and funds {fund}");
        RULES.refuse("BG-002", zh, en).with("pro_kind_code", kind).with("fund_type_code", fund)
    })?;
    for number in &numbers {
        let Some(&amount) = usage.get(&number.control_id) else { continue };
        if !store::take(tx, number, package.package_id, amount).await? {
            return Err(over_control(tx, number, amount).await?);
        }
    }
    Ok(())
}

async fn over_control(tx: &DatabaseTransaction, number: &number::Model, asked: Money) -> Result<Problem, Problem> {
    let now = store::find(tx, number).await?.unwrap_or_else(|| number.clone());
    let available = now.control_amt.checked_sub(now.used_amt).unwrap_or(Money::ZERO);
    let exceeded = asked.checked_sub(available).unwrap_or(asked);
    let kind = now.pro_kind_code;
    let zh = format!("{} 超控制数 {exceeded} 元：申报 {asked} 元，可用 {available} 元", kind.name());
    let en = format!("kind {kind} is {exceeded} over the control number: asked {asked}, available {available}");
    Ok(RULES
        .refuse("BG-002", zh, en)
        .with("available", available)
        .with("requested", asked)
        .with("exceeded", exceeded)
        .with("pro_kind_code", kind)
        .with("fund_type_code", now.fund_type_code))
}

/// Gives back what a package took.
pub(crate) async fn give_back(tx: &DatabaseTransaction, package: &row::Model) -> Result<(), Problem> {
    Ok(store::give_back(tx, &package.mof_div_code, package.package_id).await?)
}

/// BG-003: 三公经费 of the unit at most last year's.
pub(crate) async fn check_three_public(
    tx: &DatabaseTransaction,
    package: &row::Model,
    lines: &[line::Model],
) -> Result<(), Problem> {
    let Some(agency) = &package.agency_code else { return Ok(()) };
    let of_three = lines.iter().filter(|line| package::is_three_public(line.dep_bgt_eco_code.as_ref()));
    let asked = Money::try_sum(of_three.map(line::Model::amount)).unwrap_or(Money::from_fen(i64::MAX));
    if asked.is_zero() {
        return Ok(());
    }
    let limit = store::three_public(tx, &package.mof_div_code, package.fiscal_year, agency).await?;
    let available = limit.unwrap_or(Money::ZERO);
    if asked <= available {
        return Ok(());
    }
    let exceeded = asked.checked_sub(available).unwrap_or(asked);
    let zh = format!("单位 {agency} 三公经费 {asked} 元，上年 {available} 元，超 {exceeded} 元");
    let en = format!("unit {agency} asks for {asked} of three public expenses, last year was {available}");
    Err(RULES.refuse("BG-003", zh, en).with("available", available).with("requested", asked).with("exceeded", exceeded))
}

fn view(row: number::Model) -> ControlNumber {
    ControlNumber {
        control_id: row.control_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        dept_code: row.dept_code,
        agency_code: row.agency_code,
        pro_kind_code: row.pro_kind_code,
        fund_type_code: row.fund_type_code,
        control_amt: row.control_amt,
        used_amt: row.used_amt,
    }
}
