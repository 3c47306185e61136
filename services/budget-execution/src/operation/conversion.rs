//! 要素转换 (conversion, E13): a code is replaced by another on every indicator that has something left under it. What
//! is frozen or under way keeps its indicator; what is left moves, account by account.

use budget_execution_contract::{ConversionDraft, Operation, OperationLine};
use common_types::ledger::Account;
use common_types::{Amount, Money, Role};
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value};
use service_kit::Problem;
use uuid::Uuid;
use workflow::Work;

use super::{Effect, Header, Kind, Units, element_change, model};
use crate::RULES;
use crate::indicator::{self, Indicator};
use crate::ledger::{PostError, Posting};

/// Elements whose codes are converted; division, year, kind of funds and tracking marks are not.
const CONVERTIBLE: [&str; 8] = [
    "exp_func_code",
    "gov_bgt_eco_code",
    "dep_bgt_eco_code",
    "pro_code",
    "agency_code",
    "manage_mof_dep_code",
    "bgt_mof_dep_code",
    "income_sort_code",
];
/// The accounts on which something can be left.
const LEFT: [Account; 4] =
    [Account::UnallocatedIndicator, Account::PendingIssue, Account::PendingTransfer, Account::Executable];

/// 要素转换单.
pub struct Conversion;

impl Kind for Conversion {
    type Draft = ConversionDraft;

    const DOCUMENT_TYPE: &'static str = "conversion";
    const COLLECTION: &'static str = "conversions";
    const NAME: [&'static str; 2] = ["要素转换单", "the conversion"];
    const MAKERS: &'static [Role] = &[Role::M2];
    const INSUFFICIENT: &'static str = "BA-002";
    const MOVES_PLANS: bool = true;

    fn header(draft: &ConversionDraft) -> Header {
        super::plain_header(&draft.mof_div_code, draft.fiscal_year, &draft.reason)
    }

    async fn lines(tx: &DatabaseTransaction, draft: ConversionDraft, _: &Units) -> Result<Vec<OperationLine>, Problem> {
        if !CONVERTIBLE.contains(&draft.element.as_str()) {
            let zh = format!("{} 不能转换", draft.element);
            let en = format!("{} cannot be converted", draft.element);
            return Err(RULES.refuse("BE-110", zh.clone(), en.clone()).at("/element", zh, en));
        }
        let mut change = Map::new();
        change.insert(draft.element.clone(), Value::String(draft.to_code.clone()));
        let mut lines = Vec::new();
        for found in indicator::of_year(tx, &draft.mof_div_code, draft.fiscal_year).await? {
            let is_inside = draft
                .agency_code
                .as_ref()
                .is_none_or(|above| found.elements.agency_code.as_ref().is_some_and(|agency| above.contains(agency)));
            if !is_inside || !bears(&found, &draft.element, &draft.from_code)? {
                continue;
            }
            let left = sum(&left(tx, &found).await?)?;
            if left.is_zero() {
                continue;
            }
            element_change::changed(&found.elements, &change, lines.len())?;
            lines.push(OperationLine {
                ori_bgt_id: Some(found.bgt_id),
                bgt_id: Some(Uuid::now_v7()),
                is_all: true,
                amt: left,
                change: Some(change.clone()),
                ..OperationLine::default()
            });
        }
        Ok(lines)
    }

    async fn effect(work: Work<'_>, operation: &Operation) -> Result<Effect, Problem> {
        let (mut postings, mut lines) = (Vec::new(), Vec::new());
        for (number, line) in operation.lines.iter().enumerate() {
            let books = (&operation.mof_div_code, operation.fiscal_year);
            let found = model::of_books(work.tx, books, line.ori_bgt_id.unwrap_or_default(), number).await?;
            let accounts = left(work.tx, &found).await?;
            let amt = sum(&accounts)?;
            lines.push(OperationLine { amt, ..line.clone() });
            let Ok(amount) = Amount::try_from(amt) else { continue };
            let change = line.change.clone().unwrap_or_default();
            let elements = element_change::changed(&found.elements, &change, number)?;
            let made = element_change::made(&found, elements, amount, (operation.operation_id, line.bgt_id));
            indicator::create(work.tx, work.now, &made).await?;
            let pair = (&found, &made);
            postings.push(element_change::moved(work, Self::COLLECTION, operation, pair, &accounts, number)?);
        }
        Ok(Effect { postings, lines })
    }

    /// A conversion is taken back by the opposite conversion.
    async fn reverse(_: Work<'_>, _: &Operation) -> Result<Vec<Posting>, Problem> {
        Err(Problem::conflict("要素转换请以相反的转换恢复", "a conversion is undone by the opposite one"))
    }
}

/// Whether this element of an indicator has this code.
fn bears(found: &Indicator, element: &str, code: &str) -> Result<bool, Problem> {
    let fields = serde_json::to_value(&found.elements).map_err(|error| Problem::internal(&error))?;
    Ok(fields.get(element).and_then(Value::as_str) == Some(code))
}

async fn left(tx: &DatabaseTransaction, found: &Indicator) -> Result<Vec<(Account, Amount)>, Problem> {
    let balances = indicator::balances(tx, found).await?;
    let on = |account| balances.get(&account).and_then(|left| Amount::try_from(*left).ok());
    Ok(LEFT.into_iter().filter_map(|account| Some((account, on(account)?))).collect())
}

fn sum(accounts: &[(Account, Amount)]) -> Result<Money, Problem> {
    Ok(Money::try_sum(accounts.iter().map(|(_, amount)| amount.money())).ok_or(PostError::Overflow)?)
}
