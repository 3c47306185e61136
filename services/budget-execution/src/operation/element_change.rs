//! 要素调整 (element change, E13): the money of an indicator gets other elements, those that control nothing. What is
//! controlled (unit, project, function, kind of funds …) moves by 调剂, and tracking marks never change (BA-006).

use budget_execution_contract::{ElementChangeDraft, Operation, OperationLine};
use common_types::ledger::{Account, Template};
use common_types::{Amount, DivisionCode, Elements, FiscalYear, Role};
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value};
use service_kit::Problem;
use uuid::Uuid;
use workflow::Work;

use super::{Effect, Header, Kind, REVERSED, Units, model};
use crate::indicator::{self, Indicator};
use crate::ledger::{Entry, Posting, Slot};

/// Elements that may change without a swap.
const FREE: [&str; 10] = [
    "manage_mof_dep_code",
    "bgt_mof_dep_code",
    "income_sort_code",
    "dep_bgt_eco_code",
    "is_gov_pur",
    "pay_type_code",
    "is_uni_sala",
    "is_scientific",
    "is_debt",
    "is_capital",
];

/// 要素调整单.
pub struct ElementChange;

impl Kind for ElementChange {
    type Draft = ElementChangeDraft;

    const DOCUMENT_TYPE: &'static str = "element-change";
    const COLLECTION: &'static str = "element-changes";
    const NAME: [&'static str; 2] = ["要素调整单", "the element change"];
    const MAKERS: &'static [Role] = &[Role::M1, Role::M2];
    const INSUFFICIENT: &'static str = "BA-002";
    const MOVES_PLANS: bool = true;

    fn header(draft: &ElementChangeDraft) -> Header {
        super::plain_header(&draft.mof_div_code, draft.fiscal_year, &draft.reason)
    }

    async fn lines(
        tx: &DatabaseTransaction,
        draft: ElementChangeDraft,
        _: &Units,
    ) -> Result<Vec<OperationLine>, Problem> {
        let mut lines = Vec::with_capacity(draft.lines.len());
        for (index, line) in draft.lines.into_iter().enumerate() {
            let found = model::of_books(tx, (&draft.mof_div_code, draft.fiscal_year), line.bgt_id, index).await?;
            if let Some(name) = line.change.keys().find(|name| !FREE.contains(&name.as_str())) {
                let zh = format!("{name} 是控制要素或追踪标识，须通过调剂办理");
                let en = format!("{name} is controlled or tracked; it moves by a swap");
                return Err(model::refuse("BE-110", index, &zh, &en));
            }
            let after = changed(&found.elements, &line.change, index)?;
            require_marked(&found.elements, &after, index)?;
            let kept = OperationLine {
                ori_bgt_id: Some(found.bgt_id),
                bgt_id: Some(Uuid::now_v7()),
                is_all: line.amt.is_none(),
                amt: line.amt.map(Amount::money).unwrap_or_default(),
                change: Some(line.change),
                ..OperationLine::default()
            };
            let amount = model::to_move(tx, &found, &kept, index).await?;
            lines.push(OperationLine { amt: amount.money(), ..kept });
        }
        Ok(lines)
    }

    async fn effect(work: Work<'_>, operation: &Operation) -> Result<Effect, Problem> {
        let (mut postings, mut lines) = (Vec::new(), Vec::new());
        for (number, line) in operation.lines.iter().enumerate() {
            let found = giver(work, operation, line, number).await?;
            model::require_not_frozen(work.tx, &found, number).await?;
            let amount = model::to_move(work.tx, &found, line, number).await?;
            let change = line.change.clone().unwrap_or_default();
            let elements = changed(&found.elements, &change, number)?;
            let made = made(&found, elements, amount, (operation.operation_id, line.bgt_id));
            indicator::create(work.tx, work.now, &made).await?;
            let accounts = [(found.available_account(), amount)];
            postings.push(moved(work, Self::COLLECTION, operation, (&found, &made), &accounts, number)?);
            lines.push(OperationLine { amt: amount.money(), ..line.clone() });
        }
        Ok(Effect { postings, lines })
    }

    async fn reverse(work: Work<'_>, operation: &Operation) -> Result<Vec<Posting>, Problem> {
        let mut postings = Vec::new();
        for (number, line) in operation.lines.iter().enumerate() {
            let (found, amount) = (giver(work, operation, line, number).await?, model::amount_of(line.amt)?);
            let bgt_id = line.bgt_id.ok_or_else(|| Problem::internal(&"a line without its indicator"))?;
            let account = found.available_account();
            let between = found.slot(Account::AdjustmentClearing);
            let entries = vec![
                Entry::new(between, Slot::new(account, bgt_id), amount),
                Entry::new(found.slot(account), between, amount),
            ];
            let line = (Template::E13, super::line_number(number, REVERSED));
            postings.push(model::posting(work.now, Self::COLLECTION, operation, line, entries));
        }
        Ok(postings)
    }
}

/// What payments are checked by is put on, never taken off: procurement (PAY-009) and bonds (PAY-023).
fn require_marked(before: &Elements, after: &Elements, index: usize) -> Result<(), Problem> {
    let marks = [("is_gov_pur", before.is_gov_pur, after.is_gov_pur), ("is_debt", before.is_debt, after.is_debt)];
    let Some((name, ..)) = marks.into_iter().find(|(_, was, is)| *was && !is) else { return Ok(()) };
    let zh = format!("{name} 用于支付控制，不得取消");
    Err(model::refuse("BE-110", index, &zh, &format!("payments are checked by {name}; it is not taken off")))
}

async fn giver(
    work: Work<'_>,
    operation: &Operation,
    line: &OperationLine,
    index: usize,
) -> Result<Indicator, Problem> {
    let books: (&DivisionCode, FiscalYear) = (&operation.mof_div_code, operation.fiscal_year);
    model::of_books(work.tx, books, line.ori_bgt_id.unwrap_or_default(), index).await
}

/// The elements with these new values; BE-110 when a value is not one of its element, or nothing changes.
pub fn changed(elements: &Elements, change: &Map<String, Value>, index: usize) -> Result<Elements, Problem> {
    let unreadable = |problem: &dyn std::fmt::Display| {
        let en = format!("the new value is not one of its element: {problem}");
        model::refuse("BE-110", index, "新值不是该要素的代码", &en)
    };
    let mut fields = serde_json::to_value(elements).map_err(|error| Problem::internal(&error))?;
    if let Some(fields) = fields.as_object_mut() {
        fields.extend(change.clone());
    }
    let after: Elements = serde_json::from_value(fields).map_err(|error| unreadable(&error))?;
    if after == *elements {
        return Err(model::refuse("BE-110", index, "要素没有变化", "no element changes"));
    }
    Ok(after)
}

/// The indicator that bears the new elements; everything else it keeps from the one that gives.
pub fn made(
    found: &Indicator,
    elements: Elements,
    amount: Amount,
    (origin_id, bgt_id): (Uuid, Option<Uuid>),
) -> Indicator {
    Indicator {
        bgt_id: bgt_id.unwrap_or_else(Uuid::now_v7),
        elements,
        amount: amount.money(),
        ori_bgt_id: Some(found.bgt_id),
        origin_id,
        ..found.clone()
    }
}

/// E13: Dr 8101 / Cr the old; Dr the new / Cr 8101, account by account.
pub fn moved(
    work: Work<'_>,
    collection: &str,
    operation: &Operation,
    (from, to): (&Indicator, &Indicator),
    accounts: &[(Account, Amount)],
    number: usize,
) -> Result<Posting, Problem> {
    let between = from.slot(Account::AdjustmentClearing);
    let entries = accounts.iter().flat_map(|(account, amount)| {
        [Entry::new(between, from.slot(*account), *amount), Entry::new(to.slot(*account), between, *amount)]
    });
    let line = (Template::E13, super::line_number(number, 0));
    Ok(model::posting(work.now, collection, operation, line, entries.collect()))
}
