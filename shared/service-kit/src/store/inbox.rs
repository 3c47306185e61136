//! Events received: each is handled once, however often it is delivered.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, entity::prelude::*, sea_query::OnConflict};

use super::outbox::CloudEvent;

/// An event that was handled.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: String,
    pub event_type: String,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Notes the event in the transaction of its effect; false when it was handled before.
pub async fn accept(tx: &DatabaseTransaction, event: &CloudEvent, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let row = ActiveModel {
        source: Set(event.source.clone()),
        event_id: Set(event.id.clone()),
        event_type: Set(event.r#type.clone()),
        create_time: Set(now),
    };
    let on_conflict = OnConflict::columns([Column::Source, Column::EventId]).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}
