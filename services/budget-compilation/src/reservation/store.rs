//! All SQL on reservations.

use chrono::{DateTime, Utc};
use common_types::{DivisionCode, FiscalYear, Money, ProCode};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};
use uuid::Uuid;

use crate::{
    Context,
    package::entity::{line, package},
};

const BATCH: u64 = 100;

/// BGT_RESERVATION.
pub(super) mod entity {
    use super::{DateTime, DivisionCode, FiscalYear, Money, ProCode, Utc, Uuid};
    use sea_orm::entity::prelude::*;

    /// A reservation that was asked for and not given back.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bgt_reservation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub reservation_id: Uuid,
        pub package_id: Uuid,
        pub pro_code: ProCode,
        pub fiscal_year: FiscalYear,
        pub amt: Money,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Writes a reservation down before it is asked for.
pub(super) async fn note(tx: &DatabaseTransaction, row: entity::Model) -> Result<(), DbErr> {
    let key = [entity::Column::MofDivCode, entity::Column::ReservationId];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    entity::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(on_conflict)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Whether the money of this line was asked for before.
pub(crate) async fn exists<C: ConnectionTrait>(db: &C, line: &line::Model) -> Result<bool, DbErr> {
    let found = entity::Entity::find()
        .filter(entity::Column::MofDivCode.eq(line.mof_div_code.clone()))
        .filter(entity::Column::ReservationId.eq(line.reservation_id))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Reservations of lines that were replaced and of packages that are void.
pub(super) async fn orphans(context: &Context) -> Result<Vec<entity::Model>, DbErr> {
    let line_exists = Query::select()
        .expr(Expr::val(1))
        .from(line::Entity)
        .and_where(
            Expr::col((line::Entity, line::Column::ReservationId))
                .equals((entity::Entity, entity::Column::ReservationId)),
        )
        .to_owned();
    let package_is_void = Query::select()
        .expr(Expr::val(1))
        .from(package::Entity)
        .and_where(
            Expr::col((package::Entity, package::Column::PackageId))
                .equals((entity::Entity, entity::Column::PackageId)),
        )
        .and_where(Expr::col((package::Entity, package::Column::IsVoid)).eq(true))
        .to_owned();
    entity::Entity::find()
        .filter(Expr::exists(line_exists).not().or(Expr::exists(package_is_void)))
        .order_by_asc(entity::Column::ReservationId)
        .limit(BATCH)
        .all(context.database.read())
        .await
}

/// Forgets a reservation that was given back.
pub(super) async fn forget(context: &Context, orphan: &entity::Model) -> Result<(), DbErr> {
    let tx = context.database.begin_write().await?;
    entity::Entity::delete_many()
        .filter(entity::Column::MofDivCode.eq(orphan.mof_div_code.clone()))
        .filter(entity::Column::ReservationId.eq(orphan.reservation_id))
        .exec(&tx)
        .await?;
    tx.commit().await
}
