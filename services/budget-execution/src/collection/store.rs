//! All SQL of collection notices.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AccountNo, AgencyCode, DivisionCode, FiscalYear, Money};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Caller, http::Paged};

use crate::{
    payment::{claim::COLLECTION, entity::claim},
    scope,
};

/// PAY_COLLECTION_NOTICE: what a bank collects from a unit (托收通知).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pay_collection_notice")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub notice_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub entpay_app_no: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub pay_amt: Money,
    pub use_des: String,
    pub due_date: NaiveDate,
    pub is_withdrawn: bool,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Records a notice; false when the division has one of that number.
pub async fn insert(tx: &DatabaseTransaction, row: Model) -> Result<bool, DbErr> {
    let on_conflict = OnConflict::columns([Column::MofDivCode, Column::EntpayAppNo]).do_nothing().to_owned();
    Ok(Entity::insert(row.into_active_model()).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

/// Withdraws a notice; false when it was before.
pub async fn withdraw(tx: &DatabaseTransaction, row: &Model) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::IsWithdrawn, Expr::value(true))
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::NoticeId.eq(row.notice_id))
        .filter(Column::IsWithdrawn.eq(false))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Takes the claim on a notice that a payment would take, so that none takes it any more and the two never both do;
/// false when a payment has it.
pub async fn claim(tx: &DatabaseTransaction, row: &Model) -> Result<bool, DbErr> {
    let withdrawn = claim::Model {
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        claim_kind: COLLECTION.to_owned(),
        claim_key: row.entpay_app_no.clone(),
        pay_app_id: row.notice_id,
    };
    let key = [claim::Column::MofDivCode, claim::Column::FiscalYear, claim::Column::ClaimKind, claim::Column::ClaimKey];
    let insert = claim::Entity::insert(withdrawn.into_active_model());
    let insert = insert.on_conflict(OnConflict::columns(key).do_nothing().to_owned());
    Ok(insert.exec_without_returning(tx).await? == 1)
}

/// The payment that has the claim on a notice.
pub async fn claimant(tx: &DatabaseTransaction, row: &Model) -> Result<Option<Uuid>, DbErr> {
    let key = (row.mof_div_code.clone(), row.fiscal_year, COLLECTION.to_owned(), row.entpay_app_no.clone());
    Ok(claim::Entity::find_by_id(key).one(tx).await?.map(|claim| claim.pay_app_id))
}

pub async fn find<C: ConnectionTrait>(db: &C, notice_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::NoticeId.eq(notice_id)).one(db).await
}

/// The notice of that number, if it is one for the unit.
pub async fn numbered<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    agency: &AgencyCode,
    number: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::AgencyCode.eq(agency.clone()))
        .filter(Column::EntpayAppNo.eq(number))
        .one(db)
        .await
}

/// Notices within reach, oldest first.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    (division, agency): (Option<DivisionCode>, Option<AgencyCode>),
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .apply_if(division, |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(agency, |query, code| query.filter(Column::AgencyCode.eq(code)))
        .apply_if(after, |query, id| query.filter(Column::NoticeId.gt(id)))
        .order_by_asc(Column::NoticeId)
        .limit(paged.limit())
        .all(db)
        .await
}
