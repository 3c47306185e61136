//! What is looked at before a submission is put to others: the application with its details, its document, the indicator
//! that bears it and what that holds, its two sides as `base-info` knows them, the settings of the division. Read for many
//! submissions at once; decided by the ledger later, under its locks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use budget_execution_contract::PaymentDetail;
use chrono::{Days, NaiveDate};
use common_types::{Money, ledger::Account};
use sea_orm::{DatabaseExecutor, DbErr};
use service_kit::{Problem, together::ask_each};
use uuid::Uuid;
use workflow::Document;

use super::{entity::application, model::Bearer, not_found, rules::Duplicate, store};
use crate::{
    Execution,
    indicator::{self, Indicator, advance},
    ledger,
    peers::base_info::{self, Parties, PartiesQuestion},
    setting::Settings,
};

/// An application as it stands, and what bears it.
#[derive(Debug, Clone)]
pub struct Sight {
    pub row: application::Model,
    pub document: Document,
    pub bearer: Bearer,
    /// Of the indicator.
    pub balances: BTreeMap<Account, Money>,
    pub details: Vec<PaymentDetail>,
    /// An application like it (PAY-015).
    pub duplicate: Option<Duplicate>,
    /// The advance to be written off before this first use of the indicator (IG-005).
    pub advance: Option<Uuid>,
    /// Or why `base-info` does not tell them.
    pub parties: Result<Parties, Problem>,
    pub settings: Arc<Settings>,
}

/// Looks at those of these applications that are `wanted`. A document is read before its application: whoever changes the
/// application meanwhile leaves the version that was seen behind, and the submission is refused (WF-409).
pub async fn look(
    execution: &Execution,
    db: DatabaseExecutor<'_>,
    ids: &[Uuid],
    wanted: impl Fn(&application::Model) -> bool,
) -> Result<BTreeMap<Uuid, Sight>, Problem> {
    let database = &execution.database;
    let mut documents = workflow::documents(&db, ids.to_vec()).await?;
    let mut rows = store::applications(&db, ids).await?;
    rows.retain(|_, row| wanted(row));
    let mut settings = BTreeMap::new();
    for row in rows.values() {
        if !settings.contains_key(&row.mof_div_code) {
            settings.insert(row.mof_div_code.clone(), execution.settings.today(database, &row.mof_div_code).await?);
        }
    }
    let mut details = store::details_of(&db, &rows.keys().copied().collect::<Vec<_>>()).await?;
    let today = database.clock().today();
    let asked = rows.values().filter_map(|row| Some((row, looks_since(settings.get(&row.mof_div_code)?, today)?)));
    let asked = asked.collect();
    let (known, mut parties) = tokio::try_join!(known(db, &rows, asked), parties(execution, &rows, &details))?;
    let Known { indicators, balances, advances, mut duplicates } = known;
    let sight = |(id, row): (Uuid, application::Model)| {
        let sight = Sight {
            document: documents.remove(&id).ok_or_else(not_found)?,
            bearer: indicators.get(&row.bgt_id).cloned().map(Bearer::from).ok_or_else(not_found)?,
            balances: balances.get(&row.bgt_id).cloned().unwrap_or_default(),
            details: details.remove(&id).unwrap_or_default(),
            duplicate: duplicates.remove(&id),
            advance: advances.get(&row.bgt_id).copied(),
            parties: parties.remove(&id).ok_or_else(not_found)?,
            settings: settings.get(&row.mof_div_code).cloned().ok_or_else(not_found)?,
            row,
        };
        Ok((id, sight))
    };
    rows.into_iter().map(sight).collect()
}

/// What is known here of these applications and of what bears them.
struct Known {
    indicators: BTreeMap<Uuid, Indicator>,
    balances: BTreeMap<Uuid, BTreeMap<Account, Money>>,
    advances: BTreeMap<Uuid, Uuid>,
    duplicates: BTreeMap<Uuid, Duplicate>,
}

/// Gives the connection back before the peers have answered.
async fn known(
    db: DatabaseExecutor<'_>,
    rows: &BTreeMap<Uuid, application::Model>,
    asked: Vec<(&application::Model, NaiveDate)>,
) -> Result<Known, DbErr> {
    let bearers: Vec<Uuid> = rows.values().map(|row| row.bgt_id).collect::<BTreeSet<_>>().into_iter().collect();
    let indicators = indicator::find_many(&db, bearers.clone()).await?;
    let balances = ledger::balances_of_keys(&db, bearers).await?;
    Ok(Known {
        advances: advance::before_first_use(&db, indicators.values(), &balances).await?,
        duplicates: store::likeness::duplicates(&db, asked).await?,
        indicators,
        balances,
    })
}

type Told<T> = BTreeMap<Uuid, Result<T, Problem>>;

/// The two sides of each, as `base-info` knows them; its refusal concerns the application, not the others.
pub async fn parties(
    execution: &Execution,
    rows: &BTreeMap<Uuid, application::Model>,
    details: &BTreeMap<Uuid, Vec<PaymentDetail>>,
) -> Result<Told<Parties>, DbErr> {
    let sides = |row: &application::Model| {
        let of_details = details.get(&row.pay_app_id).into_iter().flatten().map(|detail| &detail.payee_acct_no);
        PartiesQuestion {
            mof_div_code: row.mof_div_code.clone(),
            pay_acct_no: row.pay_acct_no.clone(),
            payee_acct_nos: of_details.chain([&row.payee_acct_no]).cloned().collect(),
        }
    };
    let ask = |questions| base_info::parties(&execution.peers.base_info, questions);
    let told = ask_each(rows.values().map(|row| Ok(sides(row))).collect(), Clone::clone, ask).await;
    Ok(rows.keys().copied().zip(told.into_iter().map(|told| told.map(|(_, parties)| parties))).collect())
}

/// From which day on an application counts as like another; none when the division does not look.
fn looks_since(settings: &Settings, today: NaiveDate) -> Option<NaiveDate> {
    let days = Some(u64::from(settings.duplicate_days)).filter(|days| *days > 0)?;
    today.checked_sub_days(Days::new(days))
}
