//! All SQL on accounts.

use base_info_contract::{Account, AccountFilter};
use common_types::{AccTypeCode, AccountNo, AgencyCode, DivisionCode};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Page, PageQuery, Problem};

/// BAS_ACCOUNT.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bas_account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub agency_code: Option<AgencyCode>,
    pub account_no: AccountNo,
    pub account_name: String,
    pub bank_code: String,
    pub bank_name: String,
    pub acc_type_code: AccTypeCode,
    pub approve_no: String,
    pub is_enabled: bool,
}

impl ActiveModelBehavior for ActiveModel {}

/// False when the number is registered in the division.
pub(crate) async fn insert(tx: &DatabaseTransaction, account: &Account) -> Result<bool, DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(account.mof_div_code.clone()),
        account_id: Set(account.account_id),
        agency_code: Set(account.agency_code.clone()),
        account_no: Set(account.account_no.clone()),
        account_name: Set(account.account_name.clone()),
        bank_code: Set(account.bank_code.clone()),
        bank_name: Set(account.bank_name.clone()),
        acc_type_code: Set(account.acc_type_code),
        approve_no: Set(account.approve_no.clone()),
        is_enabled: Set(account.is_enabled),
    };
    let on_conflict = OnConflict::columns([Column::MofDivCode, Column::AccountNo]).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

pub(crate) async fn find<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<Option<Account>, DbErr> {
    Ok(Entity::find().filter(Column::AccountId.eq(account_id)).one(db).await?.map(account_of))
}

pub(crate) async fn stop(tx: &DatabaseTransaction, account: &Account) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::IsEnabled, Expr::value(false))
        .filter(Column::MofDivCode.eq(account.mof_div_code.clone()))
        .filter(Column::AccountId.eq(account.account_id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) async fn list<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    within: Option<&AgencyCode>,
    filter: &AccountFilter,
) -> Result<Page<Account>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() }.paged()?;
    let mut query = Entity::find().filter(Column::MofDivCode.eq(division.clone()));
    for prefix in [within, filter.agency_code.as_ref()].into_iter().flatten() {
        query = query.filter(Column::AgencyCode.starts_with(prefix.as_str()));
    }
    if let Some(number) = &filter.account_no {
        query = query.filter(Column::AccountNo.eq(number.clone()));
    }
    if let Some(after) = paged.after_as::<Uuid>()? {
        query = query.filter(Column::AccountId.gt(after));
    }
    let rows = query.order_by_asc(Column::AccountId).limit(paged.limit()).all(db).await?;
    Ok(Page::of(rows.into_iter().map(account_of).collect(), &paged, |one: &Account| one.account_id.to_string()))
}

pub(crate) fn account_of(row: Model) -> Account {
    Account {
        account_id: row.account_id,
        mof_div_code: row.mof_div_code,
        agency_code: row.agency_code,
        account_no: row.account_no,
        account_name: row.account_name,
        bank_code: row.bank_code,
        bank_name: row.bank_name,
        acc_type_code: row.acc_type_code,
        approve_no: row.approve_no,
        is_enabled: row.is_enabled,
    }
}
