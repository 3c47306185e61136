//! All SQL on the books of a unit's year.

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use final_accounts_contract::{EntrySide, VoucherStatus};
use sea_orm::{
    ActiveValue::Set,
    Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait as _, FromQueryResult,
    QueryFilter as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Alias, Func, OnConflict, Query, SimpleExpr},
};

use super::Unit;
use crate::voucher::entity::{detail, head};

/// A row of `gla_period_lock`: the books of one unit and year.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gla_period_lock")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fiscal_year: FiscalYear,
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_code: AgencyCode,
    pub is_locked: bool,
    pub last_no: i32,
    pub lock_time: Option<DateTime<Utc>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What was posted to an account, by side and auxiliary elements.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct Sum {
    pub(crate) gov_acct_cls_code: String,
    dr_cr: String,
    pub(crate) exp_func_code: Option<String>,
    pub(crate) fund_type_code: Option<String>,
    pub(crate) pro_kind_code: Option<String>,
    pub(crate) amt: Money,
}

impl Sum {
    /// 借 or 贷.
    pub(crate) fn side(&self) -> EntrySide {
        EntrySide::of(&self.dr_cr).unwrap_or(EntrySide::Debit)
    }
}

fn of_unit(unit: &Unit) -> Condition {
    Condition::all()
        .add(Column::MofDivCode.eq(unit.mof_div_code.clone()))
        .add(Column::FiscalYear.eq(unit.fiscal_year))
        .add(Column::AgencyCode.eq(unit.agency_code.clone()))
}

/// Holds the books until the transaction ends, so that postings and the year end of one unit take turns.
pub(crate) async fn hold(tx: &DatabaseTransaction, unit: &Unit) -> Result<Model, DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(unit.mof_div_code.clone()),
        fiscal_year: Set(unit.fiscal_year),
        agency_code: Set(unit.agency_code.clone()),
        is_locked: Set(false),
        last_no: Set(0),
        lock_time: Set(None),
    };
    let key = [Column::MofDivCode, Column::FiscalYear, Column::AgencyCode];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    let itself = Expr::col(Column::LastNo);
    Entity::update_many().col_expr(Column::LastNo, itself).filter(of_unit(unit)).exec(tx).await?;
    one(tx, unit).await
}

/// The number of the next voucher; call it with the books held.
pub(crate) async fn next_no(tx: &DatabaseTransaction, unit: &Unit) -> Result<i32, DbErr> {
    let next = Expr::col(Column::LastNo).add(1);
    Entity::update_many().col_expr(Column::LastNo, next).filter(of_unit(unit)).exec(tx).await?;
    Ok(one(tx, unit).await?.last_no)
}

/// Locks the year; false when it is locked already.
pub(crate) async fn lock(tx: &DatabaseTransaction, unit: &Unit, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::IsLocked, Expr::value(true))
        .col_expr(Column::LockTime, Expr::value(Some(now)))
        .filter(of_unit(unit))
        .filter(Column::IsLocked.eq(false))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

async fn one(tx: &DatabaseTransaction, unit: &Unit) -> Result<Model, DbErr> {
    let row = Entity::find().filter(of_unit(unit)).one(tx).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(format!("books of {}", unit.agency_code)))
}

/// Sums of the posted vouchers of a unit's year, with or without those of the year end.
pub(crate) async fn sums<C: ConnectionTrait>(db: &C, unit: &Unit, with_carry_over: bool) -> Result<Vec<Sum>, DbErr> {
    let mut posted = Query::select();
    posted
        .column(head::Column::VouId)
        .from(head::Entity)
        .and_where(head::Column::MofDivCode.eq(unit.mof_div_code.clone()))
        .and_where(head::Column::FiscalYear.eq(unit.fiscal_year))
        .and_where(head::Column::AgencyCode.eq(unit.agency_code.clone()))
        .and_where(head::Column::VouStatus.eq(VoucherStatus::Posted.word()));
    if !with_carry_over {
        posted.and_where(head::Column::IsCarryOver.eq(false));
    }
    let keys = [
        detail::Column::GovAcctClsCode,
        detail::Column::DrCr,
        detail::Column::ExpFuncCode,
        detail::Column::FundTypeCode,
        detail::Column::ProKindCode,
    ];
    let total = Func::sum(Expr::col(detail::Column::Amt));
    let amount: SimpleExpr = Func::cast_as(total, Alias::new("BIGINT")).into();
    let mut query = detail::Entity::find().select_only();
    for key in keys {
        query = query.column(key).group_by(key);
    }
    query
        .column_as(amount, "amt")
        .filter(detail::Column::MofDivCode.eq(unit.mof_div_code.clone()))
        .filter(detail::Column::VouId.in_subquery(posted))
        .into_model::<Sum>()
        .all(db)
        .await
}
