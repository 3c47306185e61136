//! All SQL of bookings.

use chrono::NaiveDate;
use common_types::{AgencyCode, DivisionCode};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
    entity::prelude::*,
    sea_query::{OnConflict, Query},
};

use crate::voucher::{entity as voucher, model::SPENT};

/// PAY_BOOKING: the unit has booked the receipt of a voucher (入账).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pay_booking")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub agency_code: AgencyCode,
    pub book_date: NaiveDate,
    pub booked_by: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// Books a receipt; false when it was booked before.
pub async fn insert(tx: &DatabaseTransaction, row: Model) -> Result<bool, DbErr> {
    let on_conflict = OnConflict::columns([Column::MofDivCode, Column::PayCertId]).do_nothing().to_owned();
    Ok(Entity::insert(row.into_active_model()).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

/// The day of the oldest receipt of a unit, paid before a day, that is not booked.
pub async fn unbooked_since<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    agency: &AgencyCode,
    before: NaiveDate,
) -> Result<Option<NaiveDate>, DbErr> {
    let booked = Query::select()
        .column(Column::PayCertId)
        .from(Entity)
        .and_where(Column::MofDivCode.eq(division.clone()))
        .and_where(Column::AgencyCode.eq(agency.clone()))
        .to_owned();
    voucher::Entity::find()
        .select_only()
        .column(voucher::Column::XpayDate)
        .filter(voucher::Column::MofDivCode.eq(division.clone()))
        .filter(voucher::Column::AgencyCode.eq(agency.clone()))
        .filter(voucher::Column::XpayDate.lt(before))
        .filter(voucher::Column::VoucherStatus.is_in(SPENT))
        .filter(voucher::Column::PayCertId.not_in_subquery(booked))
        .order_by_asc(voucher::Column::XpayDate)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}
