//! All SQL of unit accounts.

use chrono::{DateTime, Utc};
use common_types::{AccountNo, DivisionCode, Money};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, OnConflict},
};
use service_kit::{Caller, http::Paged};

use crate::scope;

/// INC_ACCOUNT: what a deposit account of a unit holds, and what is reserved on it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inc_account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_no: AccountNo,
    pub balance_amt: Money,
    pub reserved_amt: Money,
    pub as_of: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Notes what the bank says; false when it said something later before.
pub async fn report(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    (division, number): (&DivisionCode, &AccountNo),
    (balance, as_of): (Money, DateTime<Utc>),
) -> Result<bool, DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(division.clone()),
        account_no: Set(number.clone()),
        balance_amt: Set(balance),
        reserved_amt: Set(Money::ZERO),
        as_of: Set(as_of),
        update_time: Set(now),
    };
    let on_conflict = OnConflict::columns([Column::MofDivCode, Column::AccountNo]).do_nothing().to_owned();
    if Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1 {
        return Ok(true);
    }
    let result = Entity::update_many()
        .col_expr(Column::BalanceAmt, Expr::value(balance))
        .col_expr(Column::AsOf, Expr::value(as_of))
        .col_expr(Column::UpdateTime, Expr::value(now))
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::AccountNo.eq(number.clone()))
        .filter(Column::AsOf.lt(as_of))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Reserves an amount; false when the account has not that much left.
pub async fn reserve(
    tx: &DatabaseTransaction,
    (division, number): (&DivisionCode, &AccountNo),
    amount: Money,
) -> Result<bool, DbErr> {
    let left = Expr::col(Column::BalanceAmt).sub(Expr::col(Column::ReservedAmt));
    let result = Entity::update_many()
        .col_expr(Column::ReservedAmt, Expr::col(Column::ReservedAmt).add(amount.fen()))
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::AccountNo.eq(number.clone()))
        .filter(left.gte(amount.fen()))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Ends a reservation, taking off the balance what was paid of it; false when that much is not reserved.
pub async fn end(
    tx: &DatabaseTransaction,
    (division, number): (&DivisionCode, &AccountNo),
    (reserved, paid): (Money, Money),
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::ReservedAmt, Expr::col(Column::ReservedAmt).sub(reserved.fen()))
        .col_expr(Column::BalanceAmt, Expr::col(Column::BalanceAmt).sub(paid.fen()))
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::AccountNo.eq(number.clone()))
        .filter(Column::ReservedAmt.gte(reserved))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Adds to the balance what came back; false when there is no such account.
pub async fn take_back(
    tx: &DatabaseTransaction,
    (division, number): (&DivisionCode, &AccountNo),
    amount: Money,
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::BalanceAmt, Expr::col(Column::BalanceAmt).add(amount.fen()))
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::AccountNo.eq(number.clone()))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

pub async fn find<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    number: &AccountNo,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((division.clone(), number.clone())).one(db).await
}

/// Accounts within reach of a finance bureau, by number.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    division: &DivisionCode,
    after: Option<String>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find()
        .filter(scope::divisions(caller, Column::MofDivCode))
        .filter(Column::MofDivCode.eq(division.clone()));
    if let Some(number) = after {
        query = query.filter(Column::AccountNo.gt(number));
    }
    query.order_by_asc(Column::AccountNo).limit(paged.limit()).all(db).await
}
