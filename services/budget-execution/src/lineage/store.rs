//! All SQL of lineage: reads many indicators at once, one set of queries per level.

use std::collections::{BTreeMap, BTreeSet};

use budget_execution_contract::{FlowKind, FlowNode};
use common_types::Money;
use common_types::ledger::{Account, Template};
use sea_orm::{
    Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, entity::prelude::*,
};

use super::model::{Edges, Node, Spending, SpentBy};
use crate::allocation::entity as allocation;
use crate::indicator::entity as indicator;
use crate::ledger::entity::{detail, head};
use crate::ledger::{self, query};
use crate::payment::entity::{Standing, application};
use crate::transfer::store::line;
use crate::voucher::entity as voucher;

/// Ids per statement.
const CHUNK: usize = 500;
/// Entries between indicators that one level reads.
const MAX_ENTRIES: u64 = 20_000;
/// Payments, and direct allocations, that one level reads.
const MAX_PAYMENTS: u64 = 5_000;

/// Entries that bring money from the budget.
const FROM_BUDGET: [Template; 10] = [
    Template::E01,
    Template::E02,
    Template::E03,
    Template::E04,
    Template::E05,
    Template::E07,
    Template::E09,
    Template::E23,
    Template::E24,
    Template::E25,
];
/// Entries that move money between indicators, or between one and the budget.
const BETWEEN: [Template; 6] =
    [Template::E08, Template::E10, Template::E11, Template::E12, Template::E13, Template::E26];
const UNSPENT: [Account; 6] = [
    Account::UnallocatedIndicator,
    Account::PendingIssue,
    Account::PendingTransfer,
    Account::Executable,
    Account::Frozen,
    Account::Committed,
];

/// Indicators with what came in and went out.
#[derive(Debug, Default)]
pub struct Level {
    pub nodes: BTreeMap<Uuid, Node>,
    /// Whether a limit cut something off.
    pub is_cut: bool,
}

#[derive(FromQueryResult)]
struct Turnover {
    key_id: Uuid,
    acct_cls_code: Account,
    template: Template,
    dr_amt: i64,
    cr_amt: i64,
}

/// Reads these indicators; those that do not exist are absent.
pub async fn level<C: ConnectionTrait>(db: &C, ids: &BTreeSet<Uuid>) -> Result<Level, DbErr> {
    let mut level = Level::default();
    for chunk in ids.iter().copied().collect::<Vec<_>>().chunks(CHUNK) {
        let part = part(db, chunk.to_vec()).await?;
        level.nodes.extend(part.nodes);
        level.is_cut |= part.is_cut;
    }
    Ok(level)
}

async fn part<C: ConnectionTrait>(db: &C, ids: Vec<Uuid>) -> Result<Level, DbErr> {
    let rows = indicator::Entity::find().filter(indicator::Column::BgtId.is_in(ids.clone())).all(db).await?;
    let keys = query::keys_of_indicators(db, ids.clone()).await?;
    let mut edges = Edges::default();
    let (mut roots, is_cut) = between(db, &keys, &mut edges).await?;
    let carried = from_outside(db, &keys, &mut roots).await?;
    carry_over(db, &rows, &carried, &mut edges).await?;
    let accepted = transfers(db, &ids, &mut edges).await?;
    let balances = ledger::balances_of_indicators(db, ids.clone()).await?;
    let (mut spendings, has_more) = spendings(db, &rows).await?;
    let mut level = Level { nodes: BTreeMap::new(), is_cut: is_cut || has_more };
    for row in rows {
        let id = row.bgt_id;
        let (inflows, outflows) = edges.of(id);
        let own = balances.get(&id);
        let on = |account| own.and_then(|own| own.get(&account)).map_or(0, |money: &Money| money.fen());
        let root = roots.get(&id).copied().unwrap_or_default();
        let (taken, given) = accepted.get(&id).copied().unwrap_or_default();
        let node = Node {
            root: root.saturating_sub(taken),
            inflows,
            outflows,
            spendings: spendings.remove(&id).unwrap_or_default(),
            has_more,
            remaining: UNSPENT.into_iter().fold(0, |sum: i64, account| sum.saturating_add(on(account))),
            in_transit: on(Account::IssuedTransfer).saturating_sub(given).max(0),
            shown: shown(row),
        };
        level.nodes.insert(id, node);
    }
    Ok(level)
}

fn shown(row: indicator::Model) -> FlowNode {
    FlowNode {
        bgt_id: row.bgt_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        cor_bgt_doc_no: row.cor_bgt_doc_no,
        sup_bgt_doc_no: row.sup_bgt_doc_no,
        bgt_pman_id: row.bgt_pman_id,
    }
}

/// Entries between indicators become edges; what the budget gave by such an entry is counted per indicator.
async fn between<C: ConnectionTrait>(
    db: &C,
    keys: &BTreeMap<Uuid, Uuid>,
    edges: &mut Edges,
) -> Result<(BTreeMap<Uuid, i64>, bool), DbErr> {
    let touching: Vec<Uuid> = detail::Entity::find()
        .select_only()
        .column(detail::Column::VouId)
        .distinct()
        .filter(detail::Column::KeyId.is_in(keys.keys().copied()))
        .filter(detail::Column::Template.is_in(BETWEEN))
        .limit(MAX_ENTRIES)
        .into_tuple()
        .all(db)
        .await?;
    let mut entries = Vec::new();
    let mut documents = BTreeMap::new();
    for chunk in touching.chunks(CHUNK) {
        let rows = detail::Entity::find()
            .filter(detail::Column::VouId.is_in(chunk.to_vec()))
            .order_by_asc(detail::Column::VouId)
            .order_by_asc(detail::Column::Seq)
            .limit(MAX_ENTRIES)
            .all(db)
            .await?;
        entries.extend(rows);
        let heads = head::Entity::find().filter(head::Column::VouId.is_in(chunk.to_vec())).all(db).await?;
        documents.extend(heads.into_iter().map(|head| (head.vou_id, head.source_doc)));
    }
    let limit = usize::try_from(MAX_ENTRIES).unwrap_or(usize::MAX);
    let is_cut = touching.len() >= limit || entries.len() >= limit;
    let others: BTreeSet<Uuid> = entries.iter().map(|row| row.key_id).collect();
    let bearers = bearers(db, others).await?;
    let mut roots = BTreeMap::<Uuid, i64>::new();
    // An entry is a debit and the credit after it.
    for sides in entries.chunk_by(|one, next| one.vou_id == next.vou_id && one.seq % 2 == 1 && next.seq % 2 == 0) {
        let [debit, credit] = sides else { continue };
        let document = documents.get(&debit.vou_id).map(String::as_str).unwrap_or_default();
        match (bearers.get(&credit.key_id), bearers.get(&debit.key_id)) {
            (Some(giver), Some(receiver)) if giver != receiver => {
                let by = if debit.template == Template::E08 { FlowKind::Split } else { FlowKind::Adjustment };
                edges.add((*giver, *receiver), debit.amt.fen(), by, document);
            }
            (None, Some(receiver)) => {
                let sum = roots.entry(*receiver).or_default();
                *sum = sum.saturating_add(debit.amt.fen());
            }
            _ => {}
        }
    }
    Ok((roots, is_cut))
}

/// The indicators that keys stand for; budget-level keys stand for none.
async fn bearers<C: ConnectionTrait>(db: &C, keys: BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Uuid>, DbErr> {
    use crate::ledger::entity::key;
    let mut found = BTreeMap::new();
    for chunk in keys.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let rows: Vec<(Uuid, Option<Uuid>)> = key::Entity::find()
            .select_only()
            .columns([key::Column::KeyId, key::Column::BgtId])
            .filter(key::Column::KeyId.is_in(chunk.to_vec()))
            .into_tuple()
            .all(db)
            .await?;
        found.extend(rows.into_iter().filter_map(|(key_id, bgt_id)| Some((key_id, bgt_id?))));
    }
    Ok(found)
}

/// Adds what the budget gave; says what was carried into each from the year before.
async fn from_outside<C: ConnectionTrait>(
    db: &C,
    keys: &BTreeMap<Uuid, Uuid>,
    roots: &mut BTreeMap<Uuid, i64>,
) -> Result<BTreeMap<Uuid, i64>, DbErr> {
    let rows: Vec<Turnover> = detail::Entity::find()
        .select_only()
        .columns([detail::Column::KeyId, detail::Column::AcctClsCode, detail::Column::Template])
        .column_as(query::side(1), "dr_amt")
        .column_as(query::side(-1), "cr_amt")
        .filter(detail::Column::KeyId.is_in(keys.keys().copied()))
        .filter(detail::Column::Template.is_in(FROM_BUDGET.into_iter().chain([Template::E30])))
        .group_by(detail::Column::KeyId)
        .group_by(detail::Column::AcctClsCode)
        .group_by(detail::Column::Template)
        .into_model()
        .all(db)
        .await?;
    let mut carried = BTreeMap::<Uuid, i64>::new();
    for row in rows.into_iter().filter(|row| (4..=7).contains(&row.acct_cls_code.class())) {
        let Some(bgt_id) = keys.get(&row.key_id) else { continue };
        let sums = if row.template == Template::E30 { &mut carried } else { &mut *roots };
        let sum = sums.entry(*bgt_id).or_default();
        *sum = sum.saturating_add(row.dr_amt).saturating_sub(row.cr_amt);
    }
    Ok(carried)
}

async fn carry_over<C: ConnectionTrait>(
    db: &C,
    rows: &[indicator::Model],
    carried: &BTreeMap<Uuid, i64>,
    edges: &mut Edges,
) -> Result<(), DbErr> {
    for row in rows {
        if let (Some(giver), Some(amount)) = (row.ori_bgt_id, carried.get(&row.bgt_id)) {
            edges.add((giver, row.bgt_id), *amount, FlowKind::CarryOver, &format!("year-ends/{}", row.origin_id));
        }
    }
    let years: BTreeMap<Uuid, _> = rows.iter().map(|row| (row.bgt_id, row.fiscal_year)).collect();
    let ids: Vec<Uuid> = years.keys().copied().collect();
    let children = indicator::Entity::find().filter(indicator::Column::OriBgtId.is_in(ids)).all(db).await?;
    for child in children {
        let Some(giver) =
            child.ori_bgt_id.filter(|giver| years.get(giver).is_some_and(|year| *year < child.fiscal_year))
        else {
            continue;
        };
        if !carried.contains_key(&child.bgt_id) {
            let document = format!("year-ends/{}", child.origin_id);
            edges.add((giver, child.bgt_id), child.amount.fen(), FlowKind::CarryOver, &document);
        }
    }
    Ok(())
}

/// Accepted transfers; says what each indicator took from above and gave below by them.
async fn transfers<C: ConnectionTrait>(
    db: &C,
    ids: &[Uuid],
    edges: &mut Edges,
) -> Result<BTreeMap<Uuid, (i64, i64)>, DbErr> {
    let touching = Condition::any()
        .add(line::Column::BgtId.is_in(ids.to_vec()))
        .add(line::Column::AcceptBgtId.is_in(ids.to_vec()));
    let lines = line::Entity::find().filter(touching).filter(line::Column::AcceptBgtId.is_not_null()).all(db).await?;
    let mut moved = BTreeMap::<Uuid, (i64, i64)>::new();
    for line in lines {
        let Some(receiver) = line.accept_bgt_id else { continue };
        let amount = line.amount.fen();
        edges.add((line.bgt_id, receiver), amount, FlowKind::Transfer, &format!("transfers/{}", line.transfer_id));
        let taken = &mut moved.entry(receiver).or_default().0;
        *taken = taken.saturating_add(amount);
        let given = &mut moved.entry(line.bgt_id).or_default().1;
        *given = given.saturating_add(amount);
    }
    Ok(moved)
}

/// Payments and direct allocations that these indicators bear, in the order of their drafts.
async fn spendings<C: ConnectionTrait>(
    db: &C,
    rows: &[indicator::Model],
) -> Result<(BTreeMap<Uuid, Vec<Spending>>, bool), DbErr> {
    let (mut spendings, has_more_payments) = payments(db, rows).await?;
    let allocated = allocation::Entity::find()
        .filter(allocation::Column::BgtId.is_in(rows.iter().map(|row| row.bgt_id)))
        .filter(allocation::Column::Status.is_in([allocation::Standing::Reserved, allocation::Standing::Allocated]))
        .order_by_asc(allocation::Column::PayAllocCertId)
        .limit(MAX_PAYMENTS)
        .all(db)
        .await?;
    let has_more = has_more_payments || allocated.len() >= usize::try_from(MAX_PAYMENTS).unwrap_or(usize::MAX);
    for row in allocated {
        spendings.entry(row.bgt_id).or_default().push(Spending {
            id: row.pay_alloc_cert_id,
            number: row.pay_alloc_cert_no,
            by: SpentBy::Allocation(row.status.into()),
            payee_acct_name: row.payee_acct_name,
            payee_acct_no: row.payee_acct_no,
            amount: row.pay_amt.fen(),
        });
    }
    for of_indicator in spendings.values_mut() {
        of_indicator.sort_by_key(|spent| spent.id);
    }
    Ok((spendings, has_more))
}

/// Payments that these indicators bear, under way or paid net of refunds.
async fn payments<C: ConnectionTrait>(
    db: &C,
    rows: &[indicator::Model],
) -> Result<(BTreeMap<Uuid, Vec<Spending>>, bool), DbErr> {
    let ids: BTreeSet<Uuid> = rows.iter().map(|row| row.bgt_id).collect();
    let alive = Condition::any()
        .add(application::Column::ReservationId.is_not_null())
        .add(application::Column::PayStatus.eq(Standing::Paid));
    let mut found = application::Entity::find()
        .filter(application::Column::BgtId.is_in(ids.clone()))
        .filter(alive)
        .order_by_asc(application::Column::PayAppId)
        .limit(MAX_PAYMENTS)
        .all(db)
        .await?;
    let has_more = found.len() >= usize::try_from(MAX_PAYMENTS).unwrap_or(usize::MAX);
    let corrected = corrected(db, rows).await?;
    let missing: Vec<Uuid> = corrected.iter().filter(|(_, to)| ids.contains(to)).map(|(id, _)| *id).collect();
    let received = application::Entity::find().filter(application::Column::PayAppId.is_in(missing)).all(db).await?;
    found.extend(received.into_iter().filter(|row| !ids.contains(&row.bgt_id)));
    let refunded = refunded(db, found.iter().map(|row| row.pay_app_id).collect()).await?;
    let mut payments = BTreeMap::<Uuid, Vec<Spending>>::new();
    for row in found {
        let bearer = corrected.get(&row.pay_app_id).copied().unwrap_or(row.bgt_id);
        if ids.contains(&bearer) {
            payments.entry(bearer).or_default().push(payment(row, &refunded));
        }
    }
    Ok((payments, has_more))
}

fn payment(row: application::Model, refunded: &BTreeMap<Uuid, i64>) -> Spending {
    let amount = match row.pay_status {
        Standing::Paid => row.xpay_amt.fen().saturating_sub(refunded.get(&row.pay_app_id).copied().unwrap_or_default()),
        _ => row.pay_app_amt.fen(),
    };
    Spending {
        id: row.pay_app_id,
        number: row.pay_app_no,
        by: SpentBy::Payment(row.pay_status.into()),
        payee_acct_name: row.payee_acct_name,
        payee_acct_no: row.payee_acct_no,
        amount,
    }
}

/// Applications whose voucher was corrected or whose advance was written off, with the indicator that bears them now.
async fn corrected<C: ConnectionTrait>(db: &C, rows: &[indicator::Model]) -> Result<BTreeMap<Uuid, Uuid>, DbErr> {
    let agencies: BTreeSet<_> = rows.iter().filter_map(|row| row.agency_code.clone()).collect();
    let years: BTreeSet<_> = rows.iter().map(|row| row.fiscal_year).collect();
    let vouchers = voucher::Entity::find()
        .filter(voucher::Column::AgencyCode.is_in(agencies))
        .filter(voucher::Column::FiscalYear.is_in(years))
        .filter(voucher::Column::CorrectedTo.is_not_null())
        .limit(MAX_PAYMENTS)
        .all(db)
        .await?;
    let bearer = |row: voucher::Model| {
        let to = row.corrected_to?.get("bgt_id")?.as_str()?.parse().ok()?;
        Some((row.pay_app_id, to))
    };
    Ok(vouchers.into_iter().filter_map(bearer).collect())
}

async fn refunded<C: ConnectionTrait>(db: &C, pay_app_ids: Vec<Uuid>) -> Result<BTreeMap<Uuid, i64>, DbErr> {
    let mut refunded = BTreeMap::<Uuid, i64>::new();
    for chunk in pay_app_ids.chunks(CHUNK) {
        let rows: Vec<(Uuid, Money)> = voucher::Entity::find()
            .select_only()
            .columns([voucher::Column::PayAppId, voucher::Column::RefAmt])
            .filter(voucher::Column::PayAppId.is_in(chunk.to_vec()))
            .filter(voucher::Column::RefAmt.gt(Money::ZERO))
            .into_tuple()
            .all(db)
            .await?;
        refunded.extend(rows.into_iter().map(|(id, amount)| (id, amount.fen())));
    }
    Ok(refunded)
}

/// Indicators of a budget line, or made by an approval or document; without those of other years that continue them.
pub async fn made_by<C: ConnectionTrait>(db: &C, made: Condition, limit: u64) -> Result<Vec<indicator::Model>, DbErr> {
    indicator::Entity::find().filter(made).order_by_asc(indicator::Column::BgtId).limit(limit).all(db).await
}

/// Of a budget line.
pub fn of_line(bgt_pman_id: &str) -> Condition {
    Condition::all().add(indicator::Column::BgtPmanId.eq(bgt_pman_id))
}

/// Of an approval or document.
pub fn of_origin(origin_id: Uuid) -> Condition {
    Condition::all().add(indicator::Column::OriginId.eq(origin_id))
}
