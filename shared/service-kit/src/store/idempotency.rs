//! The record that a command was carried out, written in the transaction of its effect.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IntoActiveModel as _,
    QueryFilter as _, entity::prelude::*, sea_query::OnConflict,
};

use super::{Writes, rows};
use crate::Problem;

/// One command of one caller.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub idempotency_key: String,
    pub operation: String,
    pub body_hash: String,
    /// 0 until the effect is complete; never seen outside the transaction.
    pub status: i32,
    pub body: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whose key it is.
    pub(crate) fn name(&self) -> (&str, &str) {
        (&self.subject, &self.idempotency_key)
    }
}

/// What a command claims to be.
pub(crate) struct Claim<'a> {
    pub subject: &'a str,
    pub key: &'a str,
    pub operation: &'a str,
    pub body_hash: &'a str,
}

/// Claims the key for this transaction; false when it is taken. A racing claim waits for the other to end.
pub(crate) async fn claim(tx: &DatabaseTransaction, claim: Claim<'_>) -> Result<bool, DbErr> {
    let row = ActiveModel {
        subject: Set(claim.subject.to_owned()),
        idempotency_key: Set(claim.key.to_owned()),
        operation: Set(claim.operation.to_owned()),
        body_hash: Set(claim.body_hash.to_owned()),
        status: Set(0),
        body: Set(None),
    };
    let on_conflict = OnConflict::columns([Column::Subject, Column::IdempotencyKey]).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

/// Stores the answer beside the effect.
pub(crate) async fn complete(
    tx: &DatabaseTransaction,
    subject: &str,
    key: &str,
    status: u16,
    body: &str,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(i32::from(status)))
        .col_expr(Column::Body, Expr::value(body))
        .filter(Column::Subject.eq(subject))
        .filter(Column::IdempotencyKey.eq(key))
        .exec(tx)
        .await?;
    Ok(())
}

/// The record of a caller's key.
pub(crate) async fn find<C: ConnectionTrait>(db: &C, subject: &str, key: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((subject.to_owned(), key.to_owned())).one(db).await
}

/// The records of these callers' keys.
pub(crate) async fn find_many<C: ConnectionTrait>(db: &C, names: &[(&str, &str)]) -> Result<Vec<Model>, DbErr> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    if db.get_database_backend() == DbBackend::Postgres {
        let sql = |r: &str| {
            format!(
                "SELECT b.* FROM idempotency_record b JOIN {r} \
                 ON b.subject = r.subject AND b.idempotency_key = r.idempotency_key"
            )
        };
        let name = |(subject, key): &(&str, &str)| ActiveModel {
            subject: Set((*subject).to_owned()),
            idempotency_key: Set((*key).to_owned()),
            ..Default::default()
        };
        let names: Vec<_> = names.iter().map(name).collect();
        return rows::select(db, &names, sql).await;
    }
    let (subjects, keys): (BTreeSet<&str>, Vec<&str>) = names.iter().copied().unzip();
    let found = Entity::find()
        .filter(Column::Subject.is_in(subjects))
        .filter(Column::IdempotencyKey.is_in(keys))
        .all(db)
        .await?;
    Ok(found.into_iter().filter(|record| names.contains(&record.name())).collect())
}

/// Keeps complete records, whose keys have to be free.
pub(crate) fn keep(writes: &mut Writes, records: impl Iterator<Item = Model>, otherwise: Problem) -> Result<(), DbErr> {
    let mut records: Vec<Model> = records.collect();
    records.sort_unstable_by(|one, other| one.name().cmp(&other.name()));
    let records: Vec<_> = records.into_iter().map(|record| record.into_active_model().reset_all()).collect();
    writes.insert_free(&records, otherwise)
}
