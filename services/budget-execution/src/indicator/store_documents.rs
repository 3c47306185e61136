//! All SQL that finds the documents behind the amounts of an indicator.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use common_types::Money;
use common_types::ledger::{Account, Template};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*,
};

use super::waterfall::Turnover;
use crate::commitment::entity as commitment;
use crate::ledger::entity::{detail, head};
use crate::ledger::query;
use crate::payment::entity::application;

/// Groups of entries that are read to find documents.
pub const MAX_GROUPS: u64 = 1_000;

#[derive(FromQueryResult)]
struct Group {
    source_doc: String,
    acct_cls_code: Account,
    template: Template,
    dr_amt: i64,
    cr_amt: i64,
}

/// Turnovers of an indicator by document, latest first; only those recorded after an instant when one is given.
pub async fn turnovers<C: ConnectionTrait>(
    db: &C,
    bgt_id: Uuid,
    after: Option<DateTime<Utc>>,
) -> Result<Vec<(String, Turnover)>, DbErr> {
    let keys: Vec<Uuid> = query::keys_of_indicators(db, vec![bgt_id]).await?.into_keys().collect();
    let of_head = detail::Entity::belongs_to(head::Entity)
        .from((detail::Column::MofDivCode, detail::Column::VouId))
        .to((head::Column::MofDivCode, head::Column::VouId))
        .into();
    let groups: Vec<Group> = detail::Entity::find()
        .select_only()
        .column_as(head::Column::SourceDoc, "source_doc")
        .columns([detail::Column::AcctClsCode, detail::Column::Template])
        .column_as(query::side(1), "dr_amt")
        .column_as(query::side(-1), "cr_amt")
        .join(JoinType::InnerJoin, of_head)
        .filter(detail::Column::KeyId.is_in(keys))
        .apply_if(after, |query, instant| query.filter(detail::Column::PostTime.gt(instant)))
        .group_by(head::Column::SourceDoc)
        .group_by(detail::Column::AcctClsCode)
        .group_by(detail::Column::Template)
        .order_by(detail::Column::PostTime.max(), Order::Desc)
        .limit(MAX_GROUPS)
        .into_model()
        .all(db)
        .await?;
    let turnover = |group: Group| {
        let turnover = Turnover {
            account: group.acct_cls_code,
            template: group.template,
            dr_amt: Money::from_fen(group.dr_amt),
            cr_amt: Money::from_fen(group.cr_amt),
        };
        (group.source_doc, turnover)
    };
    Ok(groups.into_iter().map(turnover).collect())
}

/// The numbers of these documents, by the document as the ledger names it.
pub async fn numbers<C: ConnectionTrait>(
    db: &C,
    documents: &BTreeSet<(String, Uuid)>,
) -> Result<BTreeMap<Uuid, String>, DbErr> {
    let of_kind =
        |kind: &str| -> Vec<Uuid> { documents.iter().filter(|(found, _)| found == kind).map(|(_, id)| *id).collect() };
    let payments: Vec<(Uuid, String)> = application::Entity::find()
        .select_only()
        .columns([application::Column::PayAppId, application::Column::PayAppNo])
        .filter(application::Column::PayAppId.is_in(of_kind("payments")))
        .into_tuple()
        .all(db)
        .await?;
    let contracts: Vec<(Uuid, Option<String>)> = commitment::Entity::find()
        .select_only()
        .columns([commitment::Column::CommitmentId, commitment::Column::ContractNo])
        .filter(commitment::Column::CommitmentId.is_in(of_kind("commitments")))
        .into_tuple()
        .all(db)
        .await?;
    let contracts = contracts.into_iter().filter_map(|(id, number)| Some((id, number?)));
    Ok(payments.into_iter().chain(contracts).collect())
}
