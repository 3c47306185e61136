//! All SQL on users.

use base_info_contract::{User, UserFilter};
use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, MofDepCode};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{CaseStatement, ExprTrait, OnConflict},
};
use service_kit::{Page, PageQuery, Problem};

/// SYS_USER.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sys_user")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    pub username: String,
    pub name: String,
    pub person: String,
    pub roles: Json,
    pub agency_code: Option<AgencyCode>,
    pub mof_dep_code: Option<MofDepCode>,
    pub password_hash: String,
    pub is_enabled: bool,
    pub failures: i32,
    pub locked_until: Option<DateTime<Utc>>,
    pub create_user: String,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// False when the user name is taken.
pub(crate) async fn insert(
    tx: &DatabaseTransaction,
    user: &User,
    password_hash: String,
    create_user: &str,
    now: DateTime<Utc>,
) -> Result<bool, Problem> {
    let row = ActiveModel {
        mof_div_code: Set(user.mof_div_code.clone()),
        user_id: Set(user.user_id),
        username: Set(user.username.clone()),
        name: Set(user.name.clone()),
        person: Set(user.person.clone()),
        roles: Set(serde_json::to_value(&user.roles).map_err(|error| Problem::internal(&error))?),
        agency_code: Set(user.agency_code.clone()),
        mof_dep_code: Set(user.mof_dep_code.clone()),
        password_hash: Set(password_hash),
        is_enabled: Set(user.is_enabled),
        failures: Set(0),
        locked_until: Set(None),
        create_user: Set(create_user.to_owned()),
        create_time: Set(now),
    };
    let on_conflict = OnConflict::column(Column::Username).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

pub(crate) async fn by_username<C: ConnectionTrait>(db: &C, username: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Username.eq(username)).one(db).await
}

pub(crate) async fn of_person<C: ConnectionTrait>(db: &C, person: &str) -> Result<Vec<User>, Problem> {
    Entity::find().filter(Column::Person.eq(person)).all(db).await?.into_iter().map(user_of).collect()
}

pub(crate) async fn exists_any<C: ConnectionTrait>(db: &C) -> Result<bool, DbErr> {
    Ok(Entity::find().limit(1).one(db).await?.is_some())
}

/// Counts a wrong password; the last one allowed locks the account, in the same statement.
pub(crate) async fn note_failure(
    tx: &DatabaseTransaction,
    user_id: Uuid,
    most: i32,
    locked_until: DateTime<Utc>,
) -> Result<(), DbErr> {
    let is_last = Expr::col(Column::Failures).add(1).gte(most);
    let lock = CaseStatement::new().case(is_last, Expr::value(locked_until)).finally(Expr::col(Column::LockedUntil));
    Entity::update_many()
        .col_expr(Column::LockedUntil, lock.into())
        .col_expr(Column::Failures, Expr::col(Column::Failures).add(1))
        .filter(Column::UserId.eq(user_id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) async fn forget_failures(tx: &DatabaseTransaction, user_id: Uuid) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::LockedUntil, Expr::value(Option::<DateTime<Utc>>::None))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Failures.gt(0))
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) async fn list<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    filter: &UserFilter,
) -> Result<Page<User>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() }.paged()?;
    let mut query = Entity::find().filter(Column::MofDivCode.eq(division.clone()));
    if let Some(after) = paged.after_as::<Uuid>()? {
        query = query.filter(Column::UserId.gt(after));
    }
    let rows = query.order_by_asc(Column::UserId).limit(paged.limit()).all(db).await?;
    let users = rows.into_iter().map(user_of).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(users, &paged, |user| user.user_id.to_string()))
}

fn user_of(row: Model) -> Result<User, Problem> {
    Ok(User {
        user_id: row.user_id,
        username: row.username,
        name: row.name,
        person: row.person,
        roles: serde_json::from_value(row.roles).map_err(|error| Problem::internal(&error))?,
        mof_div_code: row.mof_div_code,
        agency_code: row.agency_code,
        mof_dep_code: row.mof_dep_code,
        is_enabled: row.is_enabled,
    })
}
