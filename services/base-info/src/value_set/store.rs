//! All SQL on local values.

use base_info_contract::{NewValue, Value};
use common_types::{DivisionCode, FiscalYear};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _,
    entity::prelude::*, sea_query::OnConflict,
};

/// ELE_*: values that divisions added.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ele_value")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fiscal_year: FiscalYear,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ele_catalog_code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ele_code: String,
    pub ele_name: String,
    pub parent: Option<String>,
    pub is_enabled: bool,
}

impl ActiveModelBehavior for ActiveModel {}

/// False when the division has that value already.
pub(crate) async fn insert(tx: &DatabaseTransaction, set: &str, new: &NewValue) -> Result<bool, DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(new.mof_div_code.clone()),
        fiscal_year: Set(new.fiscal_year),
        ele_catalog_code: Set(set.to_owned()),
        ele_code: Set(new.ele_code.clone()),
        ele_name: Set(new.ele_name.clone()),
        parent: Set(Some(new.parent.clone())),
        is_enabled: Set(true),
    };
    let on_conflict = OnConflict::new().do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

pub(crate) async fn of<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    year: FiscalYear,
    set: &str,
) -> Result<Vec<Value>, DbErr> {
    let rows = Entity::find()
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::FiscalYear.eq(year))
        .filter(Column::EleCatalogCode.eq(set))
        .filter(Column::IsEnabled.eq(true))
        .order_by_asc(Column::EleCode)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(value_of).collect())
}

fn value_of(row: Model) -> Value {
    Value {
        ele_catalog_code: row.ele_catalog_code,
        ele_code: row.ele_code,
        ele_name: row.ele_name,
        parent: row.parent,
        is_leaf: true,
        is_standard: false,
    }
}
