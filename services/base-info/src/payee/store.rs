//! All SQL on payees.

use base_info_contract::{Payee, PayeeFilter};
use common_types::{AccountNo, DivisionCode};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Page, PageQuery, Problem};

/// BAS_PAYEE.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bas_payee")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub payee_id: Uuid,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub payee_acct_bank_code: String,
    pub is_blacklisted: bool,
    pub basis: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// False when that name and number are registered in the division.
pub(crate) async fn insert(tx: &DatabaseTransaction, payee: &Payee) -> Result<bool, DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(payee.mof_div_code.clone()),
        payee_id: Set(payee.payee_id),
        payee_acct_name: Set(payee.payee_acct_name.clone()),
        payee_acct_no: Set(payee.payee_acct_no.clone()),
        payee_acct_bank_name: Set(payee.payee_acct_bank_name.clone()),
        payee_acct_bank_code: Set(payee.payee_acct_bank_code.clone()),
        is_blacklisted: Set(payee.is_blacklisted),
        basis: Set(payee.basis.clone()),
    };
    let key = [Column::MofDivCode, Column::PayeeAcctNo, Column::PayeeAcctName];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

pub(crate) async fn find<C: ConnectionTrait>(db: &C, payee_id: Uuid) -> Result<Option<Payee>, DbErr> {
    Ok(Entity::find().filter(Column::PayeeId.eq(payee_id)).one(db).await?.map(payee_of))
}

pub(crate) async fn change_blacklist(tx: &DatabaseTransaction, payee: &Payee) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::IsBlacklisted, Expr::value(payee.is_blacklisted))
        .col_expr(Column::Basis, Expr::value(payee.basis.as_str()))
        .filter(Column::MofDivCode.eq(payee.mof_div_code.clone()))
        .filter(Column::PayeeId.eq(payee.payee_id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) async fn list<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    filter: &PayeeFilter,
) -> Result<Page<Payee>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() }.paged()?;
    let mut query = Entity::find().filter(Column::MofDivCode.eq(division.clone()));
    if let Some(number) = &filter.payee_acct_no {
        query = query.filter(Column::PayeeAcctNo.eq(number.clone()));
    }
    if let Some(after) = paged.after_as::<Uuid>()? {
        query = query.filter(Column::PayeeId.gt(after));
    }
    let rows = query.order_by_asc(Column::PayeeId).limit(paged.limit()).all(db).await?;
    Ok(Page::of(rows.into_iter().map(payee_of).collect(), &paged, |one: &Payee| one.payee_id.to_string()))
}

fn payee_of(row: Model) -> Payee {
    Payee {
        payee_id: row.payee_id,
        mof_div_code: row.mof_div_code,
        payee_acct_name: row.payee_acct_name,
        payee_acct_no: row.payee_acct_no,
        payee_acct_bank_name: row.payee_acct_bank_name,
        payee_acct_bank_code: row.payee_acct_bank_code,
        is_blacklisted: row.is_blacklisted,
        basis: row.basis,
    }
}
