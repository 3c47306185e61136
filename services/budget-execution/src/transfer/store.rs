//! All SQL of transfers between levels.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, DocNo, FiscalYear, Money};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*,
};
use service_kit::{Caller, http::Paged};
use workflow::BooksFilter;

use crate::scope;

/// BA_TRANSFER: a transfer document.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ba_transfer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub transfer_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub cor_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// BA_TRANSFER_LINE: what one division gives to another.
pub mod line {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ba_transfer_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_id: Uuid,
        pub transfer_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub bgt_id: Uuid,
        pub rec_div_code: DivisionCode,
        pub amount: Money,
        /// Set when the document is final; from then on the receiver sees it.
        pub issue_time: Option<DateTime<Utc>>,
        pub accept_bgt_id: Option<Uuid>,
        pub accept_time: Option<DateTime<Utc>>,
        pub accept_user: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub async fn insert(tx: &DatabaseTransaction, row: Model, lines: Vec<line::Model>) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let lines = lines.into_iter().map(sea_orm::IntoActiveModel::into_active_model);
    line::Entity::insert_many(lines).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces a draft and its lines.
pub async fn replace(tx: &DatabaseTransaction, row: Model, lines: Vec<line::Model>) -> Result<(), DbErr> {
    line::Entity::delete_many().filter(line::Column::TransferId.eq(row.transfer_id)).exec(tx).await?;
    Entity::update(row.into_active_model().reset_all()).exec(tx).await?;
    let lines = lines.into_iter().map(sea_orm::IntoActiveModel::into_active_model);
    line::Entity::insert_many(lines).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn find<C: ConnectionTrait>(db: &C, transfer_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::TransferId.eq(transfer_id)).one(db).await
}

pub async fn lines<C: ConnectionTrait>(db: &C, transfer_ids: Vec<Uuid>) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::TransferId.is_in(transfer_ids))
        .order_by_asc(line::Column::LineId)
        .all(db)
        .await
}

pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &BooksFilter,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::divisions(caller, Column::MofDivCode))
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(after, |query, id| query.filter(Column::TransferId.gt(id)))
        .order_by_asc(Column::TransferId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// Shows the lines of a document to their receivers, or hides them again while none is accepted.
pub async fn set_issued(
    tx: &DatabaseTransaction,
    transfer_id: Uuid,
    issue_time: Option<DateTime<Utc>>,
) -> Result<u64, DbErr> {
    let result = line::Entity::update_many()
        .col_expr(line::Column::IssueTime, Expr::value(issue_time))
        .filter(line::Column::TransferId.eq(transfer_id))
        .filter(line::Column::AcceptBgtId.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// A line that was issued.
pub async fn issued_line<C: ConnectionTrait>(db: &C, line_id: Uuid) -> Result<Option<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::LineId.eq(line_id))
        .filter(line::Column::IssueTime.is_not_null())
        .one(db)
        .await
}

/// Marks a line accepted; false when it was accepted before (V-002).
pub async fn accept(
    tx: &DatabaseTransaction,
    line: &line::Model,
    bgt_id: Uuid,
    user: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let result = line::Entity::update_many()
        .col_expr(line::Column::AcceptBgtId, Expr::value(bgt_id))
        .col_expr(line::Column::AcceptTime, Expr::value(now))
        .col_expr(line::Column::AcceptUser, Expr::value(user))
        .filter(line::Column::MofDivCode.eq(line.mof_div_code.clone()))
        .filter(line::Column::LineId.eq(line.line_id))
        .filter(line::Column::IssueTime.is_not_null())
        .filter(line::Column::AcceptBgtId.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Issued lines that these receivers see.
pub async fn incoming<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    fiscal_year: Option<FiscalYear>,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(scope::divisions(caller, line::Column::RecDivCode))
        .filter(line::Column::IssueTime.is_not_null())
        .apply_if(fiscal_year, |query, year| query.filter(line::Column::FiscalYear.eq(year)))
        .apply_if(after, |query, id| query.filter(line::Column::LineId.gt(id)))
        .order_by_asc(line::Column::LineId)
        .limit(paged.limit())
        .all(db)
        .await
}
