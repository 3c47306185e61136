//! What is refused before a document takes effect: who may make it, its shape, and the rules of its kind.

use std::collections::BTreeMap;

use budget_execution_contract::{AdjustmentKind, GoalAdjustment, NewAdjustment, NewAdjustmentLine};
use chrono::{DateTime, Utc};
use common_types::ledger::Account;
use common_types::{AgencyCode, Amount, Money, ProCode, Role};
use sea_orm::ConnectionTrait;
use service_kit::{Caller, Problem, clock::china_date};
use uuid::Uuid;

use super::entity::{document::Model as Row, line::Model as Line};
use super::model::{self, Pair, Receiver};
use super::{kind_of, pairs, plan};
use crate::indicator::{self, Indicator};
use crate::ledger::{self, PostError};
use crate::{Execution, RULES, peers, setting};

const FINANCE: &[Role] = &[Role::M1, Role::M2];
const MAX_LINES: usize = 500;
const LONGEST_REASON: usize = 360;

/// Names of the units that receive by new indicators.
pub type Units = BTreeMap<AgencyCode, String>;

/// Asks for the units of a draft's new indicators: only units of this division and year can receive (BA-008).
pub async fn units(execution: &Execution, draft: &NewAdjustment) -> Result<Units, Problem> {
    let mut units = Units::new();
    let base_info = &execution.peers.base_info;
    for (index, line) in draft.lines.iter().take(MAX_LINES).enumerate() {
        let of_target = line.target.as_ref().and_then(|target| target.agency_code.as_ref());
        let of_entry = line.entry.as_ref().and_then(|entry| entry.elements.agency_code.as_ref());
        let Some(code) = of_target.or(of_entry) else { continue };
        if units.contains_key(code) {
            continue;
        }
        let agency = peers::base_info::agency(base_info, &draft.mof_div_code, draft.fiscal_year, code).await?;
        let Some(agency) = agency.filter(|agency| agency.is_enabled) else {
            let (zh, en) = ("调入单位不属于本区划本年度", "the receiving unit is not of this division and year");
            return Err(model::refuse("BA-008", index, zh, en));
        };
        units.insert(code.clone(), agency.agency_name);
    }
    Ok(units)
}

/// Who may make this document; a unit only moves money of its own.
pub fn require_maker(caller: &Caller, draft: &NewAdjustment) -> Result<(), Problem> {
    match &draft.agency_code {
        None => caller.require_in(FINANCE, &draft.mof_div_code, None),
        Some(agency) => {
            caller.require_in(&[Role::U1], &draft.mof_div_code, Some(agency))?;
            if draft.adj_kind == AdjustmentKind::A3 {
                return Ok(());
            }
            let (zh, en) = ("单位只能申请部门预算调剂", "a unit applies for swaps only");
            Err(RULES.refuse("BE-109", zh, en).at("/adj_kind", zh, en))
        }
    }
}

pub fn require_shape(draft: &NewAdjustment) -> Result<(), Problem> {
    if draft.adj_reason.trim().is_empty() || draft.adj_reason.chars().count() > LONGEST_REASON {
        let en = "a reason of at most 360 characters is needed";
        return Err(Problem::field("/adj_reason", "请填写 360 字以内的调整原因", en));
    }
    if draft.lines.is_empty() || draft.lines.len() > MAX_LINES {
        let (zh, en) = (format!("明细应为 1 至 {MAX_LINES} 行"), format!("1 to {MAX_LINES} lines are needed"));
        return Err(RULES.refuse("BE-108", zh.clone(), en.clone()).at("/lines", zh, en));
    }
    let is_six_digits = |text: &String| text.len() == 6 && text.bytes().all(|digit| digit.is_ascii_digit());
    if !draft.adj_batch_no.as_ref().is_none_or(is_six_digits) {
        return Err(Problem::field("/adj_batch_no", "调整批次号应为六位数字", "a round has six digits"));
    }
    for (index, line) in draft.lines.iter().enumerate() {
        require_line(draft.adj_kind, line, index)?;
    }
    Ok(())
}

fn require_line(kind: AdjustmentKind, line: &NewAdjustmentLine, index: usize) -> Result<(), Problem> {
    use AdjustmentKind::{A1, A2, A3, A4, A5, A6, A7};
    let count = |there: bool| usize::from(there);
    let receivers = count(line.bgt_id.is_some()).saturating_add(count(line.target.is_some()));
    let receivers = receivers.saturating_add(count(line.entry.is_some()));
    let gives = line.ori_bgt_id.is_some();
    let refused = |zh, en| Err(model::refuse("BE-108", index, zh, en));
    match kind {
        A2 if !gives || receivers != 0 => refused("追减只填调出指标", "a reduction names only the one that gives"),
        A7 if count(gives).saturating_add(receivers) != 1 || line.target.is_some() => {
            refused("每行只填一个追加或追减的指标", "a line either raises an indicator or cuts one")
        }
        A5 if !gives || receivers > 1 => refused("请填写调出指标", "the one that gives is needed"),
        A3 | A4 | A6 if !gives => refused("请填写调出指标", "the one that gives is needed"),
        A1 | A3 | A4 | A6 if receivers != 1 => {
            refused("请填写一个调入指标或一个新指标", "either a receiving indicator or a new one is needed")
        }
        A1 | A3 | A4 | A5 | A6 if line.entry.is_some() => {
            refused("全要素新指标只用于预算调整方案", "an indicator with all its elements is for a plan only")
        }
        A1 | A3 if line.target.as_ref().is_some_and(|target| target.agency_code.is_none()) => {
            refused("新指标须有单位", "the new indicator needs its unit")
        }
        A5 if line.target.as_ref().is_some_and(|target| target.rec_div_code.is_none()) => {
            refused("新指标须有接收区划", "the new indicator needs the division that it is for")
        }
        A1 | A3 | A4 | A6 if line.target.as_ref().is_some_and(|target| target.rec_div_code.is_some()) => {
            refused("接收区划只用于转移支付", "only a transfer is for another division")
        }
        _ if gives && line.bgt_id == line.ori_bgt_id => {
            refused("调入与调出指标相同", "both sides are the same indicator")
        }
        _ if line.add_amount.is_none() && kind != A2 => refused("请填写金额", "an amount is needed"),
        _ => Ok(()),
    }
}

/// Everything that can be said before the document takes effect.
pub async fn check<C: ConnectionTrait>(
    db: &C,
    now: DateTime<Utc>,
    caller: &Caller,
    row: &Row,
    lines: &[Line],
) -> Result<Vec<Pair>, Problem> {
    let today = china_date(now);
    let settings = setting::on(db, &row.mof_div_code, today).await?;
    if settings.is_past_adjustments(row.fiscal_year, today) && !caller.has_any(&[Role::M2]) {
        let zh = "已过本年度调整截止日，只能由预算处办理";
        return Err(RULES.refuse("AD-007", zh, "the adjustments of the year have ended; the budget division may"));
    }
    let (kind, pairs) = (kind_of(row)?, pairs(db, row, lines).await?);
    for pair in &pairs {
        let at = |(code, zh, en)| model::refuse(code, pair.index, zh, en);
        model::may_give(kind, &pair.giver).map_err(at)?;
        if let Receiver::Existing(found) = &pair.receiver {
            model::may_receive(kind, found).map_err(at)?;
        }
        require_own(row, pair)?;
        pair.check(kind, row.agency_code.is_some())?;
    }
    model::check_three_public(kind, &pairs)?;
    require_not_frozen(db, &pairs).await?;
    require_approval(row, kind, &pairs)?;
    if kind == AdjustmentKind::A7 {
        require_raises(db, row, lines).await?;
    }
    require_goals(db, row, &pairs, settings.goal_change_percent).await?;
    Ok(pairs)
}

/// AD-008: what only the government or the people's congress decides needs their document.
fn require_approval(row: &Row, kind: AdjustmentKind, pairs: &[Pair]) -> Result<(), Problem> {
    use AdjustmentKind::{A2, A6, A7};
    if row.approval_doc_no.is_some() && row.approval_doc_date.is_some() {
        return Ok(());
    }
    let refused = |zh, en| Err(RULES.refuse("AD-008", zh, en).at("/approval_doc_no", zh, en));
    match kind {
        A7 => refused("预算总额调整须有人大常委会批准文件", "a change of the total needs the approval of the congress"),
        A6 => refused("动用预备费须有本级政府批准文件", "use of the reserve needs the approval of the government"),
        A2 if pairs.iter().any(|pair| pair.giver.is_three_ensure) => {
            refused("调减“三保”等重点支出须有批准文件", "a cut of key spending needs its approval")
        }
        _ => Ok(()),
    }
}

/// A raise has its elements complete, in the books of its document (IG-004).
async fn require_raises<C: ConnectionTrait>(db: &C, row: &Row, lines: &[Line]) -> Result<(), Problem> {
    for raise in plan::raises(db, row, lines).await? {
        let has = &raise.receiver.elements;
        let mut missing = has.missing_mandatory(raise.receiver.bgt_exe_flag);
        if ledger::expense_account(&has.fund_type_code).is_none()
            || ledger::income_account(&has.fund_type_code).is_none()
        {
            missing.push("fund_type_code");
        }
        if let Some(name) = missing.first() {
            let (zh, en) = (format!("缺少必填要素 {name}"), format!("{name} is missing"));
            return Err(model::refuse("IG-004", raise.index, &zh, &en));
        }
        if has.mof_div_code != row.mof_div_code || has.fiscal_year != row.fiscal_year {
            let (zh, en) =
                ("要素的区划、年度与单据不一致", "elements are not of the division and year of the document");
            return Err(model::refuse("BE-108", raise.index, zh, en));
        }
    }
    Ok(())
}

/// AD-006: a project whose money changes by this share or more gets a new goal in the same document.
async fn require_goals<C: ConnectionTrait>(
    db: &C,
    row: &Row,
    pairs: &[Pair],
    goal_percent: u32,
) -> Result<(), Problem> {
    let mut changes = BTreeMap::<ProCode, i128>::new();
    for pair in pairs.iter().filter(|pair| pair.giver.pro_kind_code.is_some_and(|kind| kind.code().starts_with('3'))) {
        let fen = i128::from(pair.amount.money().fen());
        let (from, to) = pair.projects();
        for (project, change) in [(from, fen.saturating_neg()), (to, fen)] {
            let Some(project) = project else { continue };
            let sum = changes.entry(project.clone()).or_default();
            *sum = sum.saturating_add(change);
        }
    }
    let goals: Vec<GoalAdjustment> = goals_of(row)?;
    let has_goal =
        |project: &ProCode| goals.iter().any(|goal| goal.pro_code == *project && !goal.kpi_target.trim().is_empty());
    for (project, change) in changes.into_iter().filter(|(project, change)| *change != 0 && !has_goal(project)) {
        let has = i128::from(indicator::project_total(db, &row.mof_div_code, row.fiscal_year, &project).await?.fen());
        let is_large =
            has > 0 && change.saturating_abs().saturating_mul(100) >= has.saturating_mul(goal_percent.into());
        if is_large {
            let zh = format!("项目 {project} 变动达到 {goal_percent}%，须同时调整绩效目标");
            let en = format!("project {project} changes by {goal_percent} percent or more and needs a new goal");
            return Err(RULES.refuse("AD-006", zh.clone(), en.clone()).at("/perf_goals", zh, en));
        }
    }
    Ok(())
}

/// The goals that a document sets.
pub fn goals_of(row: &Row) -> Result<Vec<GoalAdjustment>, Problem> {
    let goals = row.perf_goals.clone().map(serde_json::from_value).transpose();
    Ok(goals.map_err(|error| Problem::internal(&error))?.unwrap_or_default())
}

/// An addition is submitted only when each line knows its money (待分安排).
pub fn require_arranged(row: &Row, lines: &[Line]) -> Result<(), Problem> {
    if kind_of(row)? == AdjustmentKind::A7 {
        return Ok(());
    }
    match lines.iter().position(|line| line.ori_bgt_id.is_none()) {
        Some(index) => {
            let (zh, en) = ("尚未安排资金，请选择待分指标", "no money is arranged yet; choose an indicator that waits");
            Err(model::refuse("BE-117", index, zh, en))
        }
        None => Ok(()),
    }
}

/// A unit moves money only between indicators of its own; others do not exist for it.
fn require_own(row: &Row, pair: &Pair) -> Result<(), Problem> {
    let Some(own) = &row.agency_code else { return Ok(()) };
    let is_own = |agency: Option<&AgencyCode>| agency.is_some_and(|agency| own.contains(agency));
    let receives = match &pair.receiver {
        Receiver::Source(_) => true,
        Receiver::Existing(found) => is_own(found.elements.agency_code.as_ref()),
        Receiver::New(kept) => is_own(kept.target.agency_code.as_ref()),
    };
    if receives && is_own(pair.giver.elements.agency_code.as_ref()) {
        return Ok(());
    }
    Err(Problem::not_found("指标", "the indicator"))
}

/// AD-005.
pub async fn require_not_frozen<C: ConnectionTrait>(db: &C, pairs: &[Pair]) -> Result<(), Problem> {
    for pair in pairs {
        let index = pair.index;
        let receiver = if let Receiver::Existing(found) = &pair.receiver { Some(found) } else { None };
        for found in std::iter::once(&pair.giver).chain(receiver) {
            let frozen = indicator::balances(db, found).await?.get(&Account::Frozen).copied().unwrap_or_default();
            if !frozen.is_zero() {
                let (zh, en) = ("指标有冻结额度，解冻后方可调整", "the indicator has a frozen amount");
                return Err(model::refuse("AD-005", index, zh, en)
                    .with("indicator", found.bgt_id)
                    .with("frozen", frozen));
            }
        }
    }
    Ok(())
}

/// An early answer for people; the ledger decides.
pub async fn require_available<C: ConnectionTrait>(db: &C, pairs: &[Pair]) -> Result<(), Problem> {
    let mut sums = BTreeMap::<Uuid, (&Indicator, Money)>::new();
    for pair in pairs {
        let (_, sum) = sums.entry(pair.giver.bgt_id).or_insert((&pair.giver, Money::ZERO));
        *sum = sum.checked_add(pair.amount.money()).ok_or(PostError::Overflow)?;
    }
    for (giver, sum) in sums.into_values() {
        let sum = Amount::try_from(sum).map_err(|error| Problem::internal(&error))?;
        indicator::require_available(db, giver, sum).await?;
    }
    Ok(())
}
