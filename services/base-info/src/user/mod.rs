//! Users: one account, one person, roles that do not exclude each other.

pub mod http;
pub mod store;

use std::collections::BTreeSet;

use base_info_contract::{NewUser, User, UserFilter};
use common_types::Role;
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, Problem};
use uuid::Uuid;

use crate::{BaseInfo, RULES, scope, token};

const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 10..=128;
const USERNAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=60;
const LONGEST_NAME: usize = 120;
const LONGEST_PERSON: usize = 60;
const MACHINE_ROLES: [Role; 4] = [Role::S1, Role::B1, Role::B2, Role::B3];
/// Roles that reach one unit or department, never a whole division.
const UNIT_ROLES: [Role; 4] = [Role::U1, Role::U2, Role::U3, Role::D1];
const PROVINCE: &str = "360000000";
const TOXIC_ROLES: &str = include_str!("../../toxic_roles.csv");

/// Grants an account. The hash is made before the transaction.
pub async fn create(
    tx: &DatabaseTransaction,
    base_info: &BaseInfo,
    caller: &Caller,
    new: NewUser,
    password_hash: String,
) -> Result<User, Problem> {
    caller.require(&[Role::M7])?;
    scope::require_maintains(caller, &new.mof_div_code)?;
    let others = store::of_person(tx, &new.person).await?;
    let mut roles: BTreeSet<Role> = new.roles.iter().copied().collect();
    for other in &others {
        roles.extend(other.roles.iter().copied());
    }
    refuse_toxic(&roles, &new.person)?;
    let user = User {
        user_id: Uuid::now_v7(),
        username: new.username,
        name: new.name,
        person: new.person,
        roles: new.roles,
        mof_div_code: new.mof_div_code,
        agency_code: new.agency_code,
        mof_dep_code: new.mof_dep_code,
        is_enabled: true,
    };
    let now = base_info.database.clock().now();
    if store::insert(tx, &user, password_hash, &caller.subject, now).await? {
        return Ok(user);
    }
    let name = &user.username;
    Err(RULES.refuse("BI-104", format!("用户名 {name} 已存在"), format!("{name} is taken")).at(
        "/username",
        "已存在",
        "is taken",
    ))
}

/// What does not need the database: names and a password worth the name, at least one role.
pub fn check(new: &NewUser) -> Result<(), Problem> {
    if !PASSWORD_LENGTH.contains(&new.password.chars().count()) {
        let (least, most) = (PASSWORD_LENGTH.start(), PASSWORD_LENGTH.end());
        let en = format!("a password has {least} to {most} characters");
        return Err(RULES.refuse("BI-103", format!("密码应为 {least} 至 {most} 位"), en));
    }
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    if !USERNAME_LENGTH.contains(&new.username.len()) || !new.username.bytes().all(is_plain) {
        let zh = "用户名为 3 至 60 位小写字母、数字、点、横线或下划线";
        return Err(Problem::field("/username", zh, "3 to 60 of a-z, 0-9, dot, hyphen, underscore"));
    }
    if new.name.trim().is_empty() || new.name.chars().count() > LONGEST_NAME {
        let en = format!("a name has 1 to {LONGEST_NAME} characters");
        return Err(Problem::field("/name", format!("姓名为 1 至 {LONGEST_NAME} 个字"), en));
    }
    if new.person.chars().count() > LONGEST_PERSON {
        let en = format!("at most {LONGEST_PERSON} characters");
        return Err(Problem::field("/person", format!("人员标识最多 {LONGEST_PERSON} 个字符"), en));
    }
    if new.roles.is_empty() || new.person.trim().is_empty() || new.username.trim().is_empty() {
        return Err(Problem::field("/roles", "用户名、人员和岗位均不能为空", "user name, person and roles are needed"));
    }
    if new.roles.iter().any(|role| MACHINE_ROLES.contains(role)) {
        return Err(Problem::field("/roles", "机器岗位不能授予人员", "a machine's role is not for a person"));
    }
    if new.roles.iter().any(|role| UNIT_ROLES.contains(role)) && new.agency_code.is_none() {
        let (zh, en) = ("单位和部门岗位须指明单位", "a role of a unit or department names it");
        return Err(Problem::field("/agency_code", zh, en));
    }
    Ok(())
}

fn refuse_toxic(roles: &BTreeSet<Role>, person: &str) -> Result<(), Problem> {
    for pair in csv::Reader::from_reader(TOXIC_ROLES.as_bytes()).deserialize::<(Role, Role)>() {
        let (one, other) = pair.map_err(|error| Problem::internal(&error))?;
        if roles.contains(&one) && roles.contains(&other) {
            let zh = format!("{person} 不能同时担任{}和{}", one.name_zh(), other.name_zh());
            let en = format!("{person} cannot hold both {one} and {other}");
            return Err(RULES.refuse("BI-110", zh.clone(), en.clone()).at("/roles", zh, en));
        }
    }
    Ok(())
}

/// Makes the first administrator when there is nobody yet.
pub async fn bootstrap(base_info: &BaseInfo) -> Result<(), Problem> {
    let admin = &base_info.config.bootstrap_admin;
    if admin.password.is_empty() || admin.username.is_empty() {
        return Ok(());
    }
    if store::exists_any(base_info.database.read()).await? {
        return Ok(());
    }
    let password_hash = token::hash(admin.password.reveal().to_owned()).await?;
    let user = User {
        user_id: Uuid::now_v7(),
        username: admin.username.clone(),
        name: "系统管理员".to_owned(),
        person: format!("person:{}", admin.username),
        roles: vec![Role::M7],
        mof_div_code: PROVINCE.parse().map_err(|error| Problem::internal(&error))?,
        agency_code: None,
        mof_dep_code: None,
        is_enabled: true,
    };
    let tx = base_info.database.begin_write().await?;
    store::insert(&tx, &user, password_hash, "bootstrap", base_info.database.clock().now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Users of a division.
pub async fn list(base_info: &BaseInfo, caller: &Caller, filter: &UserFilter) -> Result<Page<User>, Problem> {
    caller.require(&[Role::M7, Role::X2])?;
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    store::list(base_info.database.read(), &division, filter).await
}
