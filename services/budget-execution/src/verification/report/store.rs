//! All SQL of kept reports.

use budget_execution_contract::{Verification, VerificationFilter};
use chrono::NaiveDate;
use common_types::DivisionCode;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*, sea_query::ExprTrait as _,
};
use service_kit::{Caller, http::Paged};

use super::{
    Position,
    entity::{ActiveModel, Column, Entity, Model},
};
use crate::scope;

/// Records a report.
pub async fn insert(
    tx: &DatabaseTransaction,
    of: (&DivisionCode, NaiveDate),
    report: &Verification,
    json: Json,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(of.0.clone()),
        verification_id: Set(report.verification_id),
        day: Set(of.1),
        ok: Set(report.ok),
        report: Set(json),
        verify_time: Set(report.verify_time),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// A page of reports after a position: failing ones first, then the latest.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &VerificationFilter,
    after: Option<Position>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::divisions(caller, Column::MofDivCode))
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.day, |query, day| query.filter(Column::Day.eq(day)))
        .apply_if(filter.ok, |query, ok| query.filter(Column::Ok.eq(ok)))
        .apply_if(after, |query, Position { ok, verification_id }| {
            let later = Column::Ok.eq(ok).and(Column::VerificationId.lt(verification_id));
            query.filter(Column::Ok.gt(ok).or(later))
        })
        .order_by_asc(Column::Ok)
        .order_by_desc(Column::VerificationId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// A report by its id, whatever its division.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::VerificationId.eq(id)).one(db).await
}
