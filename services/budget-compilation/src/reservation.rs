//! Library money of packages (PM-010). It is written down before it is asked for, and given back when its line or its
//! package is gone: whatever fails in between, nothing stays reserved for ever.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use common_types::{DivisionCode, FiscalYear, Money, ProCode};
use project_library_contract::ReserveAmount;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};
use service_kit::{PeerError, Problem};
use uuid::Uuid;

use crate::{
    Context,
    package::entity::{line, package},
};

const IDLE: Duration = Duration::from_secs(2);
const BATCH: u64 = 100;

mod entity {
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

impl entity::Model {
    fn asked(&self) -> ReserveAmount {
        ReserveAmount {
            reservation_id: self.reservation_id,
            mof_div_code: self.mof_div_code.clone(),
            pro_code: self.pro_code.clone(),
            fiscal_year: self.fiscal_year,
            amt: self.amt,
            reason: format!("预算 {}", self.package_id),
        }
    }

    fn given_back(&self) -> ReserveAmount {
        ReserveAmount {
            reservation_id: Uuid::new_v5(&self.reservation_id, b"release"),
            amt: self.amt.checked_neg().unwrap_or(Money::ZERO),
            reason: format!("预算 {} 退回", self.package_id),
            ..self.asked()
        }
    }
}

/// Takes the library money of every line that changes something; the same lines twice take once.
pub(crate) async fn take(context: &Context, row: &package::Model, lines: &[line::Model]) -> Result<(), Problem> {
    let wanted: Vec<_> = lines
        .iter()
        .filter(|line| !line.difference().is_zero())
        .map(|line| entity::Model {
            mof_div_code: row.mof_div_code.clone(),
            reservation_id: line.reservation_id,
            package_id: row.package_id,
            pro_code: line.pro_code.clone(),
            fiscal_year: row.fiscal_year,
            amt: line.difference(),
            create_time: context.database.clock().now(),
        })
        .collect();
    let tx = context.database.begin_write().await?;
    for reservation in &wanted {
        note(&tx, reservation.clone()).await?;
    }
    tx.commit().await?;
    for reservation in &wanted {
        context.peers.reserve(&reservation.asked()).await?;
    }
    Ok(())
}

async fn note(tx: &DatabaseTransaction, row: entity::Model) -> Result<(), DbErr> {
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

/// Gives back, until the process ends, what lines that are gone had taken.
pub(crate) async fn release_orphans(context: Arc<Context>) -> Result<(), DbErr> {
    loop {
        for orphan in orphans(&context).await? {
            match release(&context, &orphan).await {
                Ok(()) => forget(&context, &orphan).await?,
                Err(error) => {
                    tracing::warn!(reservation = %orphan.reservation_id, %error, "reservation not released yet");
                }
            }
        }
        let _ = tokio::time::timeout(IDLE, context.release.notified()).await;
    }
}

/// Whether the first request arrived is not known, so it is repeated before it is undone.
async fn release(context: &Context, orphan: &entity::Model) -> Result<(), PeerError> {
    match context.peers.reserve(&orphan.asked()).await {
        Ok(()) => context.peers.reserve(&orphan.given_back()).await,
        Err(PeerError::Refused(problem)) if problem.status().is_client_error() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Reservations of lines that were replaced and of packages that are void.
async fn orphans(context: &Context) -> Result<Vec<entity::Model>, DbErr> {
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

async fn forget(context: &Context, orphan: &entity::Model) -> Result<(), DbErr> {
    let tx = context.database.begin_write().await?;
    entity::Entity::delete_many()
        .filter(entity::Column::MofDivCode.eq(orphan.mof_div_code.clone()))
        .filter(entity::Column::ReservationId.eq(orphan.reservation_id))
        .exec(&tx)
        .await?;
    tx.commit().await
}
