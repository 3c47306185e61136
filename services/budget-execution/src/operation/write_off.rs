//! 预拨核销 (write-off, E26): what an advance gave is counted against the formal indicator (IG-005). What was paid and
//! what is left change their key to the formal indicator; the formal indicator gives up as much of its own money, and
//! the budget that the advance had taken goes back where it came from. So the year has given out what was approved.

use budget_execution_contract::{ChargedTo, Operation, OperationLine, WriteOffDraft};
use common_types::ledger::{Account, Template};
use common_types::{Amount, BgtTypeCode, Elements, Money, Role};
use sea_orm::DatabaseTransaction;
use service_kit::Problem;
use workflow::Work;

use super::{Effect, Header, Kind, Units, model};
use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, PostError, Posting};
use crate::{payment::view, voucher};

/// Money under way; it must come to rest before a write-off.
const UNDER_WAY: [Account; 3] = [Account::InPayment, Account::Frozen, Account::Committed];

/// What was spent of an advance.
const SPENT: [Account; 3] = [Account::Paid, Account::Allocated, Account::UnitFundsSpent];

/// 预拨核销单.
pub struct WriteOff;

impl Kind for WriteOff {
    type Draft = WriteOffDraft;

    const DOCUMENT_TYPE: &'static str = "write-off";
    const COLLECTION: &'static str = "write-offs";
    const NAME: [&'static str; 2] = ["预拨核销单", "the write-off"];
    const MAKERS: &'static [Role] = &[Role::M1, Role::M2];
    const INSUFFICIENT: &'static str = "IG-005";

    fn header(draft: &WriteOffDraft) -> Header {
        super::plain_header(&draft.mof_div_code, draft.fiscal_year, &draft.reason)
    }

    async fn lines(tx: &DatabaseTransaction, draft: WriteOffDraft, _: &Units) -> Result<Vec<OperationLine>, Problem> {
        let mut lines = Vec::with_capacity(draft.lines.len());
        for (index, line) in draft.lines.iter().enumerate() {
            let books = (&draft.mof_div_code, draft.fiscal_year);
            let advance = model::of_books(tx, books, line.advance_bgt_id, index).await?;
            let formal = model::of_books(tx, books, line.bgt_id, index).await?;
            require_pair(&advance, &formal, index)?;
            let standing = standing(tx, &advance, index).await?;
            lines.push(OperationLine {
                ori_bgt_id: Some(advance.bgt_id),
                bgt_id: Some(formal.bgt_id),
                is_all: true,
                amt: standing.total()?,
                used_amt: Some(standing.used()?),
                ..OperationLine::default()
            });
        }
        Ok(lines)
    }

    async fn effect(work: Work<'_>, operation: &Operation) -> Result<Effect, Problem> {
        let (mut postings, mut lines) = (Vec::new(), Vec::new());
        for (number, line) in operation.lines.iter().enumerate() {
            let books = (&operation.mof_div_code, operation.fiscal_year);
            let advance = model::of_books(work.tx, books, line.ori_bgt_id.unwrap_or_default(), number).await?;
            let formal = model::of_books(work.tx, books, line.bgt_id.unwrap_or_default(), number).await?;
            require_pair(&advance, &formal, number)?;
            recharge(work, &advance, &formal).await?;
            let standing = standing(work.tx, &advance, number).await?;
            postings.extend(postings_of(work, operation, (&advance, &formal), &standing, number).await?);
            lines.push(OperationLine { amt: standing.total()?, used_amt: Some(standing.used()?), ..line.clone() });
        }
        Ok(Effect { postings, lines })
    }

    async fn reverse(_: Work<'_>, _: &Operation) -> Result<Vec<Posting>, Problem> {
        Err(Problem::conflict("核销已生效，不能作废", "a write-off that took effect cannot be voided"))
    }
}

/// Only an advance, and only against a formal indicator for the same purpose.
fn require_pair(advance: &Indicator, formal: &Indicator, index: usize) -> Result<(), Problem> {
    let is_advance = |one: &Indicator| one.elements.bgt_type_code == BgtTypeCode::Advance;
    let purpose = |one: &Elements| {
        (one.agency_code.clone(), one.pro_code.clone(), one.exp_func_code.clone(), one.fund_type_code.clone())
    };
    if !is_advance(advance) || is_advance(formal) || !formal.is_executable() {
        let (zh, en) =
            ("须以预拨指标核销到正式可执行指标", "an advance is written off against a formal executable one");
        return Err(model::refuse("IG-005", index, zh, en));
    }
    if purpose(&advance.elements) != purpose(&formal.elements) {
        let zh = "预拨与正式指标的单位、项目、功能分类、资金性质须一致";
        return Err(model::refuse("IG-005", index, zh, "unit, project, function and kind of funds must be the same"));
    }
    Ok(())
}

/// The formal indicator bears what was paid from the advance, so that a refund finds its money there. Locks the vouchers
/// before their sum is looked at.
async fn recharge(work: Work<'_>, advance: &Indicator, formal: &Indicator) -> Result<(), Problem> {
    for row in voucher::store::borne_by(work.tx, advance).await? {
        let charged_to = voucher::model::charged_to(&row)?;
        let bgt_type_code = formal.elements.bgt_type_code;
        let charged_to = view::write(&ChargedTo { bgt_id: formal.bgt_id, bgt_type_code, ..charged_to })?;
        voucher::store::recharge(work.tx, work.now, row.pay_cert_id, charged_to).await?;
    }
    Ok(())
}

/// What an advance was used for and what is left of it.
struct Standing {
    /// By account.
    spent: [(Account, Money); SPENT.len()],
    unused: Money,
    /// What payments used of its cash plan (用款计划).
    plan_used: Money,
}

impl Standing {
    fn used(&self) -> Result<Money, PostError> {
        Money::try_sum(self.spent.iter().map(|(_, amount)| *amount)).ok_or(PostError::Overflow)
    }

    fn total(&self) -> Result<Money, PostError> {
        self.used()?.checked_add(self.unused).ok_or(PostError::Overflow)
    }
}

async fn standing(tx: &DatabaseTransaction, advance: &Indicator, index: usize) -> Result<Standing, Problem> {
    let balances = indicator::balances(tx, advance).await?;
    let on = |account: Account| balances.get(&account).copied().unwrap_or_default();
    if let Some(account) = UNDER_WAY.into_iter().find(|account| !on(*account).is_zero()) {
        let zh = "预拨指标有在途支付、冻结或采购占用，了结后方可核销";
        let refused = model::refuse("IG-005", index, zh, "the advance has money under way or set aside");
        return Err(refused.with("account", account).with("amount", on(account)));
    }
    let (spent, unused) = (SPENT.map(|account| (account, on(account))), on(Account::Executable));
    if unused.is_zero() && spent.iter().all(|(_, amount)| amount.is_zero()) {
        return Err(model::refuse("IG-005", index, "没有可核销金额", "nothing is left to write off"));
    }
    Ok(Standing { spent, unused, plan_used: on(Account::PlanUsed) })
}

async fn postings_of(
    work: Work<'_>,
    operation: &Operation,
    (advance, formal): (&Indicator, &Indicator),
    standing: &Standing,
    number: usize,
) -> Result<Vec<Posting>, Problem> {
    let unknown = || Problem::internal(&"an advance of funds without a budget");
    let fund = &advance.elements.fund_type_code;
    let expense = ledger::expense_account(fund).ok_or_else(unknown)?;
    let income = ledger::income_account(fund).ok_or_else(unknown)?;
    let budget = ledger::budget_slot(work.tx, expense, &advance.elements).await?;
    let income = ledger::budget_slot(work.tx, income, &advance.elements).await?;
    let mut entries = Vec::new();
    for (account, amount) in standing.spent.into_iter().chain([(Account::Executable, standing.unused)]) {
        let (to, from) = (formal.slot(account), advance.slot(account));
        if amount.is_positive() {
            entries.push(Entry::new(to, from, model::amount_of(amount)?));
        }
        if amount.is_negative() {
            // books in which a refund landed on an advance that was written off before
            let size = amount.checked_neg().ok_or(PostError::Overflow)?;
            entries.push(Entry::new(from, to, model::amount_of(size)?));
        }
    }
    let total = standing.total()?;
    let mut taken_back = Vec::new();
    if total.is_positive() {
        let amount = model::amount_of(total)?;
        entries.push(Entry::new(budget, formal.slot(Account::Executable), amount));
        taken_back.push(Entry::new(income, budget, amount));
    }
    if let Ok(planned) = Amount::try_from(standing.plan_used) {
        // payments take the plan that they used with them; what else was planned is lowered first (I2)
        entries.push(Entry::new(advance.slot(Account::PlanGranted), advance.slot(Account::PlanUsed), planned));
        entries.push(Entry::new(formal.slot(Account::PlanUsed), formal.slot(Account::PlanGranted), planned));
    }
    let line = super::line_number(number, 0);
    let post = |template, entries| model::posting(work.now, WriteOff::COLLECTION, operation, (template, line), entries);
    let mut postings = vec![post(Template::E26, entries)];
    if !taken_back.is_empty() {
        postings.push(post(Template::E01, taken_back));
    }
    Ok(postings)
}
