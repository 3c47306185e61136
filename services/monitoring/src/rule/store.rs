//! All SQL on rules and whitelists.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use common_types::{DivisionCode, TriggerClass};
use monitoring_contract::{
    EvaluationRequest, NewRule, NewWhitelistEntry, PaymentFacts, Rule, WhitelistDimension, WhitelistEntry,
};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Problem, store::rows};

/// FI_RULE: a version of a rule.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "fi_rule")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub rule_id: Uuid,
    pub rule_code: String,
    pub rule_version: i32,
    pub content: Json,
    pub trigger_class: TriggerClass,
    pub is_effective: bool,
    pub start_date: NaiveDate,
    pub end_date: Option<NaiveDate>,
}

impl ActiveModelBehavior for ActiveModel {}

/// FI_WHITE.
pub mod white {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fi_white")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub white_id: Uuid,
        pub rule_code: String,
        pub dimension: String,
        pub value: String,
        pub reason: String,
        pub basis: String,
        pub end_date: NaiveDate,
        pub create_user: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// False when the version exists; it stays as it is.
pub(crate) async fn insert(
    tx: &DatabaseTransaction,
    rule_id: Uuid,
    version: i32,
    content: &NewRule,
    is_effective: bool,
) -> Result<bool, Problem> {
    let row = ActiveModel {
        mof_div_code: Set(content.mof_div_code.clone()),
        rule_id: Set(rule_id),
        rule_code: Set(content.rule_code.clone()),
        rule_version: Set(version),
        content: Set(serde_json::to_value(content).map_err(|error| Problem::internal(&error))?),
        trigger_class: Set(content.trigger_class),
        is_effective: Set(is_effective),
        start_date: Set(content.start_date),
        end_date: Set(content.end_date),
    };
    let key = [Column::MofDivCode, Column::RuleCode, Column::RuleVersion];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

pub(crate) async fn latest_version<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    code: &str,
) -> Result<i32, DbErr> {
    let latest = Entity::find()
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::RuleCode.eq(code))
        .order_by_desc(Column::RuleVersion)
        .limit(1)
        .one(db)
        .await?;
    Ok(latest.map_or(0, |row| row.rule_version))
}

/// Writes the new content of a draft that its transaction has revised.
pub(crate) async fn replace(tx: &DatabaseTransaction, rule_id: Uuid, content: &NewRule) -> Result<(), Problem> {
    let json = serde_json::to_value(content).map_err(|error| Problem::internal(&error))?;
    Entity::update_many()
        .col_expr(Column::Content, Expr::value(json))
        .col_expr(Column::TriggerClass, Expr::value(content.trigger_class))
        .col_expr(Column::StartDate, Expr::value(content.start_date))
        .col_expr(Column::EndDate, Expr::value(content.end_date))
        .filter(Column::RuleId.eq(rule_id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) async fn set_effective(tx: &DatabaseTransaction, rule_id: Uuid, is_effective: bool) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::IsEffective, Expr::value(is_effective))
        .filter(Column::RuleId.eq(rule_id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) async fn find<C: ConnectionTrait>(db: &C, rule_id: Uuid) -> Result<Option<Rule>, Problem> {
    Entity::find().filter(Column::RuleId.eq(rule_id)).one(db).await?.map(rule_of).transpose()
}

/// Released rules whose day has come, whether or not they have ended since.
pub(crate) async fn started<C: ConnectionTrait>(
    db: &C,
    day: NaiveDate,
    trigger_class: TriggerClass,
) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::RuleId)
        .filter(Column::IsEffective.eq(true))
        .filter(Column::TriggerClass.eq(trigger_class))
        .filter(Column::StartDate.lte(day))
        .order_by_asc(Column::RuleCode)
        .into_tuple()
        .all(db)
        .await
}

/// What released rules say.
pub(crate) async fn released<C: ConnectionTrait>(db: &C, rule_ids: Vec<Uuid>) -> Result<Vec<Rule>, Problem> {
    let rows =
        Entity::find().filter(Column::RuleId.is_in(rule_ids)).filter(Column::IsEffective.eq(true)).all(db).await?;
    rows.into_iter().map(rule_of).collect()
}

pub(crate) async fn all<C: ConnectionTrait>(db: &C, code: Option<&str>) -> Result<Vec<Rule>, Problem> {
    let mut query = Entity::find().order_by_asc(Column::RuleCode).order_by_asc(Column::RuleVersion);
    if let Some(code) = code {
        query = query.filter(Column::RuleCode.eq(code));
    }
    query.all(db).await?.into_iter().map(rule_of).collect()
}

fn rule_of(row: Model) -> Result<Rule, Problem> {
    let content = serde_json::from_value(row.content).map_err(|error| Problem::internal(&error))?;
    Ok(Rule { rule_id: row.rule_id, rule_version: row.rule_version, content, state: None })
}

pub(crate) async fn insert_white(
    tx: &DatabaseTransaction,
    entry: &WhitelistEntry,
    create_user: &str,
) -> Result<(), DbErr> {
    let NewWhitelistEntry { mof_div_code, rule_code, dimension, value, reason, basis, end_date } =
        entry.content.clone();
    let row = white::ActiveModel {
        mof_div_code: Set(mof_div_code),
        white_id: Set(entry.white_id),
        rule_code: Set(rule_code),
        dimension: Set(name_of(dimension).to_owned()),
        value: Set(value),
        reason: Set(reason),
        basis: Set(basis),
        end_date: Set(end_date),
        create_user: Set(create_user.to_owned()),
    };
    white::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

fn name_of(dimension: WhitelistDimension) -> &'static str {
    match dimension {
        WhitelistDimension::AgencyCode => "agency_code",
        WhitelistDimension::ProCode => "pro_code",
        WhitelistDimension::PayeeAcctNo => "payee_acct_no",
        WhitelistDimension::PayeeAcctName => "payee_acct_name",
    }
}

/// What lets payments pass a rule.
pub(crate) struct Exceptions(BTreeSet<(DivisionCode, String, String, String)>);

impl Exceptions {
    /// Whether the unit, the project or the payee of a payment passes this rule.
    pub(crate) fn let_pass(&self, facts: &PaymentFacts, rule_code: &str) -> bool {
        dimensions(facts).into_iter().any(|(dimension, value)| {
            let entry = (facts.mof_div_code.clone(), dimension.to_owned(), value, rule_code.to_owned());
            self.0.contains(&entry)
        })
    }
}

fn dimensions(facts: &PaymentFacts) -> [(&'static str, String); 4] {
    [
        (name_of(WhitelistDimension::AgencyCode), facts.agency_code.to_string()),
        (name_of(WhitelistDimension::ProCode), facts.pro_code.to_string()),
        (name_of(WhitelistDimension::PayeeAcctNo), facts.payee_acct_no.to_string()),
        (name_of(WhitelistDimension::PayeeAcctName), facts.payee_acct_name.clone()),
    ]
}

/// The entries of the whitelist that could let these payments pass on that day.
pub(crate) async fn exceptions<C: ConnectionTrait>(
    db: &C,
    requests: &[&EvaluationRequest],
    day: NaiveDate,
) -> Result<Exceptions, DbErr> {
    let divisions: BTreeSet<_> = requests.iter().map(|request| request.facts.mof_div_code.clone()).collect();
    let values: BTreeSet<String> =
        requests.iter().flat_map(|request| dimensions(&request.facts)).map(|(_, value)| value).collect();
    let rows = white::Entity::find()
        .select_only()
        .columns([white::Column::MofDivCode, white::Column::Dimension, white::Column::Value, white::Column::RuleCode])
        .filter(rows::one_of(db, white::Column::MofDivCode, divisions))
        .filter(white::Column::EndDate.gte(day))
        .filter(rows::one_of(db, white::Column::Value, values))
        .into_tuple()
        .all(db)
        .await?;
    Ok(Exceptions(rows.into_iter().collect()))
}
