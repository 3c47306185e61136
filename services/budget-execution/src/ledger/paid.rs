//! What the ledger counts as paid in a year, net of refunds and after corrections: the figure that final accounts tie to.

use std::collections::BTreeMap;

use budget_execution_contract::{PaidTotal, PaidTotalFilter};
use common_types::ledger::{Account, Template};
use common_types::{Elements, Money};
use sea_orm::{Condition, ConnectionTrait, entity::prelude::*};
use service_kit::Problem;

use super::{entity::detail, query, store};

/// Payment, refund and correction; the closing of the year is not a payment.
const COUNTED: [Template; 3] = [Template::E18, Template::E20, Template::E21];

/// Paid by unit, project, functional class and kind of funds.
pub async fn totals<C: ConnectionTrait>(db: &C, filter: &PaidTotalFilter) -> Result<Vec<PaidTotal>, Problem> {
    let condition = Condition::all()
        .add(detail::Column::MofDivCode.eq(filter.mof_div_code.clone()))
        .add(detail::Column::FiscalYear.eq(filter.fiscal_year))
        .add(detail::Column::AcctClsCode.eq(Account::Paid))
        .add(detail::Column::Template.is_in(COUNTED));
    let mut totals = BTreeMap::new();
    for sum in query::sums_within(db, condition).await? {
        let elements = store::elements_of(db, &filter.mof_div_code, sum.key_id).await?;
        let elements: Elements = serde_json::from_value(elements).map_err(|error| Problem::internal(&error))?;
        let Some(agency_code) = elements.agency_code else { continue };
        if filter.agency_code.as_ref().is_some_and(|own| !own.contains(&agency_code)) {
            continue;
        }
        let fen = sum.dr_amt.checked_sub(sum.cr_amt).ok_or_else(|| Problem::internal(&"a paid total does not fit"))?;
        let key = (agency_code, elements.pro_code, elements.exp_func_code, elements.fund_type_code);
        let total: &mut Money = totals.entry(key).or_default();
        *total =
            total.checked_add(Money::from_fen(fen)).ok_or_else(|| Problem::internal(&"a paid total does not fit"))?;
    }
    let view = |((agency_code, pro_code, exp_func_code, fund_type_code), paid)| PaidTotal {
        agency_code,
        pro_code,
        exp_func_code,
        fund_type_code,
        paid,
    };
    Ok(totals.into_iter().map(view).collect())
}
