//! SQL of claims.

use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QuerySelect as _,
    entity::prelude::*, sea_query::OnConflict,
};

use crate::payment::entity::{application, claim};

const CHUNK: usize = 500;

/// Takes these claims; how many of them were free.
pub async fn insert(
    tx: &DatabaseTransaction,
    row: &application::Model,
    kind: &str,
    mut keys: Vec<String>,
) -> Result<u64, DbErr> {
    keys.sort_unstable();
    let mut taken = 0_u64;
    for chunk in keys.chunks(CHUNK) {
        let rows = chunk.iter().map(|key| claim::ActiveModel {
            mof_div_code: Set(row.mof_div_code.clone()),
            fiscal_year: Set(row.fiscal_year),
            claim_kind: Set(kind.to_owned()),
            claim_key: Set(key.clone()),
            pay_app_id: Set(row.pay_app_id),
        });
        let key =
            [claim::Column::MofDivCode, claim::Column::FiscalYear, claim::Column::ClaimKind, claim::Column::ClaimKey];
        let insert = claim::Entity::insert_many(rows).on_conflict(OnConflict::columns(key).do_nothing().to_owned());
        taken = taken.saturating_add(insert.exec_without_returning(tx).await?);
    }
    Ok(taken)
}

/// Gives back what an application claimed.
pub async fn delete(tx: &DatabaseTransaction, row: &application::Model) -> Result<(), DbErr> {
    claim::Entity::delete_many()
        .filter(claim::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(claim::Column::PayAppId.eq(row.pay_app_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives back these of what an application claimed.
pub async fn delete_keys(
    tx: &DatabaseTransaction,
    row: &application::Model,
    kind: &str,
    keys: &[String],
) -> Result<(), DbErr> {
    for chunk in keys.chunks(CHUNK) {
        claim::Entity::delete_many()
            .filter(claim::Column::MofDivCode.eq(row.mof_div_code.clone()))
            .filter(claim::Column::FiscalYear.eq(row.fiscal_year))
            .filter(claim::Column::ClaimKind.eq(kind))
            .filter(claim::Column::ClaimKey.is_in(chunk.iter().cloned()))
            .filter(claim::Column::PayAppId.eq(row.pay_app_id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Which of these keys are claimed by another application.
pub async fn claimed<C: ConnectionTrait>(
    db: &C,
    row: &application::Model,
    kind: &str,
    keys: &[String],
) -> Result<Vec<String>, DbErr> {
    let mut found = Vec::new();
    for chunk in keys.chunks(CHUNK) {
        let rows: Vec<String> = claim::Entity::find()
            .select_only()
            .column(claim::Column::ClaimKey)
            .filter(claim::Column::MofDivCode.eq(row.mof_div_code.clone()))
            .filter(claim::Column::FiscalYear.eq(row.fiscal_year))
            .filter(claim::Column::ClaimKind.eq(kind))
            .filter(claim::Column::ClaimKey.is_in(chunk.iter().cloned()))
            .filter(claim::Column::PayAppId.ne(row.pay_app_id))
            .into_tuple()
            .all(db)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}
