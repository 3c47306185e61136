//! All SQL of settings.

use budget_execution_contract::SettingFilter;
use chrono::NaiveDate;
use common_types::DivisionCode;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Caller, http::Paged};

use super::entity::{change, value};
use crate::scope;

/// Values of these divisions that had begun by the day.
pub async fn begun<C: ConnectionTrait>(
    db: &C,
    divisions: &[DivisionCode],
    day: NaiveDate,
) -> Result<Vec<value::Model>, DbErr> {
    value::Entity::find()
        .filter(value::Column::MofDivCode.is_in(divisions.iter().cloned()))
        .filter(value::Column::StartDate.lte(day))
        .all(db)
        .await
}

/// Puts a value in force; false when the day has one already.
pub async fn put_in_force(tx: &DatabaseTransaction, row: value::Model) -> Result<bool, DbErr> {
    let key = [value::Column::MofDivCode, value::Column::SettingKey, value::Column::StartDate];
    let active = value::ActiveModel {
        mof_div_code: Set(row.mof_div_code),
        setting_key: Set(row.setting_key),
        start_date: Set(row.start_date),
        setting_value: Set(row.setting_value),
        setting_id: Set(row.setting_id),
        set_by: Set(row.set_by),
        reason: Set(row.reason),
        create_time: Set(row.create_time),
    };
    let inserted = value::Entity::insert(active)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

pub async fn insert(tx: &DatabaseTransaction, row: change::Model) -> Result<(), DbErr> {
    change::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces the content of a draft.
pub async fn replace(tx: &DatabaseTransaction, row: change::Model) -> Result<(), DbErr> {
    change::Entity::update(row.into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}

pub async fn find<C: ConnectionTrait>(db: &C, setting_id: Uuid) -> Result<Option<change::Model>, DbErr> {
    change::Entity::find().filter(change::Column::SettingId.eq(setting_id)).one(db).await
}

/// Documents within reach, oldest first.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &SettingFilter,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<change::Model>, DbErr> {
    change::Entity::find()
        .filter(scope::divisions(caller, change::Column::MofDivCode))
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(change::Column::MofDivCode.eq(code)))
        .apply_if(filter.setting_key.clone(), |query, key| query.filter(change::Column::SettingKey.eq(key)))
        .apply_if(after, |query, id| query.filter(change::Column::SettingId.gt(id)))
        .order_by_asc(change::Column::SettingId)
        .limit(paged.limit())
        .all(db)
        .await
}
