//! All SQL on divisions.

use base_info_contract::Division;
use common_types::DivisionCode;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryOrder as _, entity::prelude::*,
    sea_query::OnConflict,
};

const ROWS_PER_STATEMENT: usize = 100;

/// BAS_DIV.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bas_div")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    pub mof_div_name: String,
    pub parent: Option<DivisionCode>,
    pub level: i32,
    pub kind: String,
    pub is_enabled: bool,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn upsert(tx: &DatabaseTransaction, divisions: &[Division]) -> Result<(), DbErr> {
    let rows = divisions.iter().map(|division| ActiveModel {
        mof_div_code: Set(division.mof_div_code.clone()),
        mof_div_name: Set(division.mof_div_name.clone()),
        parent: Set(division.parent.clone()),
        level: Set(division.level),
        kind: Set(division.kind.clone()),
        is_enabled: Set(true),
    });
    let rows: Vec<_> = rows.collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let on_conflict = OnConflict::column(Column::MofDivCode)
            .update_columns([Column::MofDivName, Column::Parent, Column::Level, Column::Kind])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

pub(crate) async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Division>, DbErr> {
    let rows = Entity::find().order_by_asc(Column::MofDivCode).all(db).await?;
    Ok(rows.into_iter().map(division_of).collect())
}

pub(crate) async fn find<C: ConnectionTrait>(db: &C, division: &DivisionCode) -> Result<Option<Division>, DbErr> {
    Ok(Entity::find_by_id(division.clone()).one(db).await?.map(division_of))
}

fn division_of(row: Model) -> Division {
    Division {
        mof_div_code: row.mof_div_code,
        mof_div_name: row.mof_div_name,
        parent: row.parent,
        level: row.level,
        kind: row.kind,
    }
}
