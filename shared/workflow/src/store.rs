//! All SQL of the workflow.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, entity::prelude::*};
use service_kit::Problem;

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

pub(crate) async fn insert(tx: &DatabaseTransaction, document: &Document) -> Result<(), Problem> {
    Entity::insert(row_of(document)?).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes the new state only if the document is still at the version that was read.
pub(crate) async fn advance(tx: &DatabaseTransaction, version: i64, after: &Document) -> Result<bool, Problem> {
    let result = Entity::update_many()
        .set(row_of(after)?)
        .filter(Column::MofDivCode.eq(after.mof_div_code.clone()))
        .filter(Column::DocumentId.eq(after.document_id))
        .filter(Column::Version.eq(version))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
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
    let rows = Entity::find().filter(Column::DocumentId.is_in(ids)).all(db).await?;
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
