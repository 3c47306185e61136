//! A refusal as a document (RFC 9457): which layer does not hold the amount, the equation of what it holds with its terms,
//! and what can be done, in Chinese and English.

use std::collections::BTreeMap;

use budget_execution_contract::{Remedy, WaterfallTerm};
use chrono::{DateTime, Utc};
use common_types::Money;
use common_types::ledger::Account;
use sea_orm::ConnectionTrait;
use service_kit::Problem;
use uuid::Uuid;

use super::{Indicator, all_balances, explanation, find};
use crate::commitment::{Standing, drawing};
use crate::ledger::PostError;

const BASE: &str = "/api/budget-execution/v1";

/// The rules that refuse for want of amounts.
const OF_AMOUNTS: [&str; 3] = ["BA-001", "PAY-025", "BE-114"];

/// A balance that does not hold what was asked for.
#[derive(Debug, Clone, Copy)]
struct Shortfall {
    account: Account,
    key_id: Uuid,
    available: Money,
    requested: Money,
}

impl Shortfall {
    const fn of(error: &PostError) -> Option<Self> {
        match error {
            PostError::Insufficient { account, key_id, available, requested } => {
                Some(Self { account: *account, key_id: *key_id, available: *available, requested: *requested })
            }
            _ => None,
        }
    }

    fn refused_as(self, code: &str) -> Problem {
        let Self { account, key_id, available, requested } = self;
        PostError::Insufficient { account, key_id, available, requested }.refused_as(code)
    }
}

/// The refusal of a posting or of an early answer, under the rule of the caller when an indicator does not hold the
/// amount; the cash plan and commitments have rules of their own.
pub async fn explained<C: ConnectionTrait>(db: &C, error: PostError, code: &'static str) -> Problem {
    match explain(db, &error, code).await {
        Ok(Some(problem)) => problem,
        Ok(None) => error.refused_as(code),
        Err(problem) => problem,
    }
}

/// A refusal for want of amounts, with what changed the indicator since an instant, the draft's for example.
pub async fn with_changes<C: ConnectionTrait>(
    db: &C,
    problem: Problem,
    (bgt_id, since): (Uuid, DateTime<Utc>),
) -> Problem {
    if !OF_AMOUNTS.contains(&problem.code()) {
        return problem;
    }
    let Ok(Some(indicator)) = find(db, bgt_id).await else { return problem };
    match explanation::changes_since(db, &indicator, since).await {
        Ok(changes) if !changes.is_empty() => problem.with("changes", changes),
        Ok(_) => problem,
        Err(failure) => failure,
    }
}

async fn explain<C: ConnectionTrait>(
    db: &C,
    error: &PostError,
    code: &'static str,
) -> Result<Option<Problem>, Problem> {
    let Some(shortfall) = Shortfall::of(error) else { return Ok(None) };
    if shortfall.account == Account::Committed {
        let Some(standing) = drawing::standing(db, shortfall.key_id).await? else { return Ok(None) };
        return Ok(Some(of_commitment(shortfall, &standing)?));
    }
    let Some(indicator) = find(db, shortfall.key_id).await? else { return Ok(None) };
    Ok(Some(match shortfall.account {
        Account::PlanAvailable | Account::PlanOfLaterMonths => of_plan(db, shortfall, &indicator).await?,
        account if account == indicator.available_account() => of_indicator(db, shortfall, &indicator, code).await?,
        _ => return Ok(None),
    }))
}

async fn of_indicator<C: ConnectionTrait>(
    db: &C,
    shortfall: Shortfall,
    indicator: &Indicator,
    code: &'static str,
) -> Result<Problem, Problem> {
    let terms = explanation::equation(db, indicator).await?;
    let has = |name: &str| terms.iter().any(|term| term.name == name && !term.amount.is_zero());
    let id = indicator.bgt_id;
    let mut remedies = vec![
        remedy("reduce_amount", "减少金额", "reduce the amount", None),
        remedy("choose_other_indicator", "改用其他指标", "use another indicator", Some(others(indicator))),
        remedy(
            "apply_for_adjustment",
            "申请追加或调剂",
            "apply for an adjustment",
            Some(format!("{BASE}/adjustments")),
        ),
    ];
    if has("reserved") {
        let href = Some(format!("{BASE}/payments?bgt_id={id}"));
        remedies.push(remedy("wait_for_release", "撤回或等待在途支付", "recall or wait for payments under way", href));
    }
    if has("frozen") {
        remedies.push(remedy("thaw", "申请解冻", "ask for a thaw", Some(format!("{BASE}/freezes"))));
    }
    if has("committed") {
        let href = Some(format!("{BASE}/commitments?bgt_id={id}"));
        remedies.push(remedy("close_commitment", "关闭或减少采购占用", "close or reduce a commitment", href));
    }
    let node = format!("{BASE}/indicators/{id}");
    Ok(told(shortfall, code, ("indicator", node), (terms, remedies)))
}

fn others(indicator: &Indicator) -> String {
    let elements = &indicator.elements;
    let agency = elements.agency_code.as_ref().map(|code| format!("&agency_code={code}")).unwrap_or_default();
    format!(
        "{BASE}/indicators?mof_div_code={}&fiscal_year={}&bgt_exe_flag=1{agency}",
        elements.mof_div_code, elements.fiscal_year
    )
}

async fn of_plan<C: ConnectionTrait>(db: &C, shortfall: Shortfall, indicator: &Indicator) -> Result<Problem, Problem> {
    let balances = all_balances(db, indicator).await?;
    let plan = explanation::planned(&balances, due_of(shortfall, &balances))?;
    let terms = vec![
        term("granted", "批复用款计划", plan.granted),
        term("of_later_months", "未到期月份", negative(plan.of_later_months)?),
        term("in_payment", "在途占用", negative(plan.in_payment)?),
        term("used", "已用", negative(plan.used)?),
    ];
    let href = || Some(format!("{BASE}/cash-plans?bgt_id={}", indicator.bgt_id));
    let mut remedies = vec![
        remedy("reduce_amount", "减少金额", "reduce the amount", None),
        remedy("enlarge_plan", "申请调增用款计划", "apply for a larger plan", href()),
    ];
    if plan.of_later_months.is_positive() {
        remedies.push(remedy("wait_for_month", "待下月计划到期", "wait for the plan of a later month", href()));
    }
    if plan.in_payment.is_positive() {
        let href = Some(format!("{BASE}/payments?bgt_id={}", indicator.bgt_id));
        remedies.push(remedy("wait_for_release", "撤回或等待在途支付", "recall or wait for payments under way", href));
    }
    let node = format!("{BASE}/indicators/{}", indicator.bgt_id);
    Ok(told(shortfall, "PAY-025", ("plan", node), (terms, remedies)))
}

/// What the one who was refused had counted as due and not yet posted: the early answer counts it, the ledger does not.
fn due_of(shortfall: Shortfall, balances: &BTreeMap<Account, Money>) -> Money {
    let posted = balances.get(&Account::PlanAvailable).copied().unwrap_or_default();
    let later = balances.get(&Account::PlanOfLaterMonths).copied().unwrap_or_default();
    shortfall.available.checked_sub(posted).unwrap_or_default().max(Money::ZERO).min(later)
}

fn of_commitment(shortfall: Shortfall, standing: &Standing) -> Result<Problem, Problem> {
    let id = standing.commitment_id;
    let node = format!("{BASE}/commitments/{id}");
    let released = standing.contract_amt.checked_sub(standing.drawn_amt);
    let released = released.and_then(|rest| rest.checked_sub(standing.remaining_amt)).unwrap_or_default();
    let terms = vec![
        term("contract", "合同金额", standing.contract_amt),
        term("drawn", "已支付及在途", negative(standing.drawn_amt)?),
        term("released", "已退回指标", negative(released)?),
    ];
    let remedies = vec![
        remedy("reduce_amount", "减少金额", "reduce the amount", None),
        remedy("amend_contract", "登记合同变更", "amend the contract", Some(format!("{BASE}/commitments"))),
        remedy("pay_from_indicator", "直接使用指标支付", "pay from the indicator", None),
    ];
    Ok(told(shortfall, "BE-114", ("commitment", node), (terms, remedies)))
}

/// The figures follow the equation: what was freed or taken since the guard looked is told as it is now.
fn told(
    mut shortfall: Shortfall,
    code: &'static str,
    (layer, node): (&str, String),
    (equation, remedies): (Vec<WaterfallTerm>, Vec<Remedy>),
) -> Problem {
    let sum = Money::try_sum(equation.iter().map(|term| term.amount));
    shortfall.available = sum.filter(|sum| *sum < shortfall.requested).unwrap_or(shortfall.available);
    let equation: Vec<serde_json::Value> = equation
        .into_iter()
        .map(|term| serde_json::json!({"name": term.name, "name_zh": term.name_zh, "amount": term.amount}))
        .collect();
    shortfall
        .refused_as(code)
        .with("rule", code)
        .with("layer", layer)
        .with("node", node)
        .with("equation", equation)
        .with("remedies", remedies)
}

fn remedy(action: &str, zh: &str, en: &str, href: Option<String>) -> Remedy {
    Remedy { action: action.to_owned(), name_zh: zh.to_owned(), name_en: en.to_owned(), href }
}

fn term(name: &str, name_zh: &str, amount: Money) -> WaterfallTerm {
    WaterfallTerm { name: name.to_owned(), name_zh: name_zh.to_owned(), amount, documents: Vec::new(), has_more: false }
}

fn negative(amount: Money) -> Result<Money, Problem> {
    amount.checked_neg().ok_or_else(|| PostError::Overflow.into())
}
