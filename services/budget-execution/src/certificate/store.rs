//! All SQL of certificates.

use budget_execution_contract::CertificateFilter;
use chrono::NaiveDate;
use common_types::DivisionCode;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::http::Paged;

use super::entity::{Column, Entity, Model, Usage};

/// Records a certificate.
pub async fn insert(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Records a certificate unless its holder has one over the same key.
pub async fn insert_once(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    let key = [Column::MofDivCode, Column::Holder, Column::PublicKey];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    Entity::insert(row.clone().into_active_model()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    Ok(())
}

/// The newest certificates with which this bank may sign on that day.
pub async fn of_bank<C: ConnectionTrait>(db: &C, holder: &str, day: NaiveDate) -> Result<Vec<Model>, DbErr> {
    const MOST_KEYS: u64 = 8;
    Entity::find()
        .filter(Column::Holder.eq(holder))
        .filter(Column::Usage.eq(Usage::Bank))
        .filter(Column::ValidFrom.lte(day))
        .filter(Column::ValidTo.gte(day))
        .filter(Column::RevokeDate.is_null())
        .order_by_desc(Column::CertId)
        .limit(MOST_KEYS)
        .all(db)
        .await
}

/// A certificate by its id; scope is for the caller to check.
pub async fn certificate<C: ConnectionTrait>(db: &C, cert_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::CertId.eq(cert_id)).one(db).await
}

/// The certificates of these ids.
pub async fn of_ids<C: ConnectionTrait>(db: &C, ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::CertId.is_in(ids)).all(db).await
}

/// The newest certificate with which this person may sign in the division on that day.
pub async fn in_force<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    holder: &str,
    day: NaiveDate,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::Holder.eq(holder))
        .filter(Column::Usage.eq(Usage::Signer))
        .filter(Column::ValidFrom.lte(day))
        .filter(Column::ValidTo.gte(day))
        .filter(Column::RevokeDate.is_null())
        .order_by_desc(Column::CertId)
        .one(db)
        .await
}

/// Certificates of a division, of one holder if it is named, oldest first.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    filter: &CertificateFilter,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(filter.mof_div_code.clone()))
        .apply_if(filter.holder.clone(), |query, value| query.filter(Column::Holder.eq(value)))
        .apply_if(after, |query, value| query.filter(Column::CertId.gt(value)))
        .order_by_asc(Column::CertId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// Ends a certificate, once.
pub async fn revoke(tx: &DatabaseTransaction, cert_id: Uuid, day: NaiveDate) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::RevokeDate, Expr::value(day))
        .filter(Column::CertId.eq(cert_id))
        .filter(Column::RevokeDate.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}
