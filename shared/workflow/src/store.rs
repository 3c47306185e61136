//! All SQL of the workflow.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, entity::prelude::*,
};
use service_kit::{
    Problem,
    store::{Writes, rows},
};

use crate::{Document, Node, Status};

/// A row of `workflow_document`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workflow_document")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub document_id: Uuid,
    pub document_type: String,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub status: Status,
    pub node: i32,
    pub chain: Json,
    pub version: i64,
    pub maker: String,
    pub maker_person: String,
    pub last_person: String,
    pub hung_from: Option<Status>,
    pub update_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) fn insert(writes: &mut Writes, document: &Document) -> Result<(), Problem> {
    Ok(writes.insert(&[row_of(document)?])?)
}

/// Adds the new states, only where the documents are still at the version before.
pub(crate) fn advance(writes: &mut Writes, after: &[&Document], otherwise: Problem) -> Result<(), Problem> {
    let rows = after.iter().map(|document| row_of(document)).collect::<Result<Vec<_>, Problem>>()?;
    let sql = |r: &str| {
        format!(
            "UPDATE workflow_document b SET status = r.status, node = r.node, chain = r.chain, version = r.version, \
             agency_code = r.agency_code, last_person = r.last_person, hung_from = r.hung_from, \
             update_time = r.update_time FROM {r} WHERE b.mof_div_code = r.mof_div_code \
             AND b.document_id = r.document_id AND b.version = r.version - 1"
        )
    };
    let one_by_one = rows.iter().zip(after).map(|(row, document)| {
        Entity::update_many()
            .set(row.clone())
            .filter(Column::MofDivCode.eq(document.mof_div_code.clone()))
            .filter(Column::DocumentId.eq(document.document_id))
            .filter(Column::Version.eq(document.version.saturating_sub(1)))
    });
    Ok(writes.update(&rows, sql, one_by_one, otherwise)?)
}

/// Documents that nobody else changes until this transaction ends, locked in the order of their ids.
pub(crate) async fn locked(
    tx: &DatabaseTransaction,
    document_type: &str,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Document>, Problem> {
    let rows = if tx.get_database_backend() == DbBackend::Postgres {
        let sql = |r: &str| {
            format!(
                "SELECT b.* FROM workflow_document b JOIN {r} ON b.document_id = r.document_id \
                 ORDER BY b.document_id FOR UPDATE OF b"
            )
        };
        let id_row = |id: &Uuid| ActiveModel { document_id: Set(*id), ..Default::default() };
        let ids: Vec<_> = ids.iter().map(id_row).collect();
        rows::select(tx, &ids, sql).await?
    } else {
        Entity::find().filter(Column::DocumentId.is_in(ids.iter().copied())).all(tx).await?
    };
    let of_type = rows.into_iter().filter(|row| row.document_type == document_type);
    of_type.map(|row| document_of(row).map(|document| (document.document_id, document))).collect()
}

/// A document by type and id, whatever its division; scope is for the caller to check.
pub async fn document<C: ConnectionTrait>(
    db: &C,
    document_type: &str,
    document_id: Uuid,
) -> Result<Option<Document>, Problem> {
    let row = Entity::find()
        .filter(Column::DocumentId.eq(document_id))
        .filter(Column::DocumentType.eq(document_type))
        .one(db)
        .await?;
    row.map(document_of).transpose()
}

/// Documents by their ids, for list views.
pub async fn documents<C: ConnectionTrait>(db: &C, ids: Vec<Uuid>) -> Result<BTreeMap<Uuid, Document>, Problem> {
    let rows = Entity::find().filter(rows::one_of(db, Column::DocumentId, ids)).all(db).await?;
    rows.into_iter().map(|row| document_of(row).map(|document| (document.document_id, document))).collect()
}

fn row_of(document: &Document) -> Result<ActiveModel, Problem> {
    let chain = serde_json::to_value(&document.chain).map_err(|error| Problem::internal(&error))?;
    Ok(ActiveModel {
        mof_div_code: Set(document.mof_div_code.clone()),
        document_id: Set(document.document_id),
        document_type: Set(document.document_type.clone()),
        fiscal_year: Set(document.fiscal_year),
        agency_code: Set(document.agency_code.clone()),
        status: Set(document.status),
        node: Set(i32::try_from(document.node).unwrap_or(i32::MAX)),
        chain: Set(chain),
        version: Set(document.version),
        maker: Set(document.maker.clone()),
        maker_person: Set(document.maker_person.clone()),
        last_person: Set(document.last_person.clone()),
        hung_from: Set(document.hung_from),
        update_time: Set(document.update_time),
    })
}

fn document_of(row: Model) -> Result<Document, Problem> {
    let chain: Vec<Node> = serde_json::from_value(row.chain).map_err(|error| Problem::internal(&error))?;
    let node = usize::try_from(row.node).map_err(|error| Problem::internal(&DbErr::Custom(error.to_string())))?;
    Ok(Document {
        document_id: row.document_id,
        document_type: row.document_type,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        status: row.status,
        node,
        chain,
        version: row.version,
        maker: row.maker,
        maker_person: row.maker_person,
        last_person: row.last_person,
        hung_from: row.hung_from,
        update_time: row.update_time,
    })
}
