//! The schema of `base-info`.

use sea_orm_migration::prelude::*;

use crate::{
    platform,
    shape::{
        big_number, create, day, fen, fiscal_year, flag, id, index, instant, instant_null, json, mof_div_code, number,
        table, text, text_null, unique,
    },
};

/// All migrations of the service, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(platform::Migration), Box::new(BaseData), Box::new(platform::Deliveries), Box::new(PersonsOfUnit)]
    }
}

struct BaseData;

impl MigrationName for BaseData {
    fn name(&self) -> &str {
        "m0002_base_data"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for BaseData {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            bas_div(),
            bas_agency_info(),
            bas_account(),
            bas_payee(),
            bas_person_info(),
            bas_exp_criteria(),
            ele_value(),
            sys_user(),
        ];
        let indexes = vec![
            unique("bas_account", &["mof_div_code", "account_no"]),
            unique("bas_payee", &["mof_div_code", "payee_acct_no", "payee_acct_name"]),
            unique("bas_person_info", &["active_iden"]),
            unique("bas_exp_criteria", &["mof_div_code", "exp_cri_code", "start_date"]),
            unique("bas_agency_info", &["fiscal_year", "active_cred_code"]),
            unique("sys_user", &["username"]),
            index("sys_user", &["person"]),
        ];
        create(manager, tables, indexes).await
    }
}

/// Persons are counted and listed by their unit.
struct PersonsOfUnit;

impl MigrationName for PersonsOfUnit {
    fn name(&self) -> &str {
        "m0003_persons_of_unit"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for PersonsOfUnit {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(index("bas_person_info", &["mof_div_code", "fiscal_year", "agency_code"])).await
    }
}

fn bas_div() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        text("mof_div_name", 120),
        text_null("parent", 9),
        number("level"),
        text("kind", 20),
        flag("is_enabled"),
    ];
    table("bas_div", columns, &["mof_div_code"])
}

fn bas_agency_info() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        fiscal_year(),
        text("agency_code", 21),
        text("agency_name", 300),
        text("agency_type_code", 2),
        text("unifsoc_cred_code", 18),
        // the credit code while the agency is enabled, else null: unique among the enabled (BI-001)
        text_null("active_cred_code", 18),
        text("dept_code", 21),
        text("manage_mof_dep_code", 6),
        text("exp_func_code", 13),
        text("fund_sup_code", 2),
        number("admin_staf_num"),
        flag("is_enabled"),
        big_number("version"),
        instant("update_time"),
    ];
    table("bas_agency_info", columns, &["mof_div_code", "fiscal_year", "agency_code"])
}

fn bas_account() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("account_id"),
        text_null("agency_code", 21),
        text("account_no", 40),
        text("account_name", 300),
        text("bank_code", 12),
        text("bank_name", 180),
        text("acc_type_code", 6),
        text("approve_no", 100),
        flag("is_enabled"),
    ];
    table("bas_account", columns, &["mof_div_code", "account_id"])
}

fn bas_payee() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("payee_id"),
        text("payee_acct_name", 300),
        text("payee_acct_no", 40),
        text("payee_acct_bank_name", 180),
        text("payee_acct_bank_code", 12),
        flag("is_blacklisted"),
        text("basis", 300),
    ];
    table("bas_payee", columns, &["mof_div_code", "payee_id"])
}

fn bas_person_info() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("per_id"),
        fiscal_year(),
        text("agency_code", 21),
        text("per_name", 60),
        text("iden_type_code", 2),
        text("iden_no", 40),
        // type and number while the person is active, else null: unique over the province (BI-003)
        text_null("active_iden", 44),
        text("per_sta_code", 1),
        flag("is_uni_sala"),
        text_null("sala_card_no", 40),
    ];
    table("bas_person_info", columns, &["mof_div_code", "per_id"])
}

fn bas_exp_criteria() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("exp_cri_id"),
        text("exp_cri_code", 40),
        text("exp_cri_name", 180),
        text("exp_cri_class", 1),
        text("form", 1),
        fen("exp_cri_val"),
        text("unit", 40),
        text_null("dep_bgt_eco_code", 20),
        day("start_date"),
    ];
    table("bas_exp_criteria", columns, &["mof_div_code", "exp_cri_id"])
}

fn ele_value() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        fiscal_year(),
        text("ele_catalog_code", 38),
        text("ele_code", 20),
        text("ele_name", 100),
        text_null("parent", 20),
        flag("is_enabled"),
    ];
    table("ele_value", columns, &["mof_div_code", "fiscal_year", "ele_catalog_code", "ele_code"])
}

fn sys_user() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("user_id"),
        text("username", 60),
        text("name", 120),
        text("person", 60),
        json("roles"),
        text_null("agency_code", 21),
        text_null("mof_dep_code", 6),
        text("password_hash", 200),
        flag("is_enabled"),
        number("failures"),
        instant_null("locked_until"),
        text("create_user", 64),
        instant("create_time"),
    ];
    table("sys_user", columns, &["mof_div_code", "user_id"])
}
