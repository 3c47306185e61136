//! All SQL on facts.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AccountNo, AgencyCode, DepBgtEcoCode, DivisionCode, FiscalYear, Money};
use monitoring_contract::{EvaluationRequest, PaymentFacts, Window, WindowField, WindowMeasure};
use sea_orm::{
    ActiveValue::Set,
    Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait as _, QueryFilter as _,
    QuerySelect as _,
    entity::prelude::*,
    sea_query::{Func, OnConflict},
};

/// Kind of a fact: a voucher was paid.
pub(crate) const PAID: &str = "paid";
/// Kind of a fact: money of a voucher came back.
pub(crate) const REFUNDED: &str = "refunded";

/// FI_FACT: one payment or refund.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fi_fact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fact_id: Uuid,
    pub fiscal_year: FiscalYear,
    /// `paid` or `refunded`.
    pub kind: String,
    pub document_id: Uuid,
    pub agency_code: AgencyCode,
    pub bgt_id: Uuid,
    pub dep_bgt_eco_code: DepBgtEcoCode,
    pub payee_acct_no: AccountNo,
    pub payee_acct_name: String,
    pub use_des: String,
    pub amount: Money,
    pub occurred_on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// FI_INDICATOR: an indicator that was issued.
pub mod indicator {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fi_indicator")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bgt_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub agency_code: AgencyCode,
        pub amount: Money,
        pub issued_on: NaiveDate,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) async fn record(tx: &DatabaseTransaction, fact: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(fact.mof_div_code),
        fact_id: Set(fact.fact_id),
        fiscal_year: Set(fact.fiscal_year),
        kind: Set(fact.kind),
        document_id: Set(fact.document_id),
        agency_code: Set(fact.agency_code),
        bgt_id: Set(fact.bgt_id),
        dep_bgt_eco_code: Set(fact.dep_bgt_eco_code),
        payee_acct_no: Set(fact.payee_acct_no),
        payee_acct_name: Set(fact.payee_acct_name),
        use_des: Set(fact.use_des),
        amount: Set(fact.amount),
        occurred_on: Set(fact.occurred_on),
        recorded_at: Set(fact.recorded_at),
    };
    let on_conflict = OnConflict::columns([Column::MofDivCode, Column::FactId]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn record_indicator(tx: &DatabaseTransaction, issued: indicator::Model) -> Result<(), DbErr> {
    let row = indicator::ActiveModel {
        mof_div_code: Set(issued.mof_div_code),
        bgt_id: Set(issued.bgt_id),
        fiscal_year: Set(issued.fiscal_year),
        agency_code: Set(issued.agency_code),
        amount: Set(issued.amount),
        issued_on: Set(issued.issued_on),
    };
    let key = [indicator::Column::MofDivCode, indicator::Column::BgtId];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    indicator::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    Ok(())
}

/// How many payments, or how much, since a day; the document itself does not count.
pub(crate) async fn measure<C: ConnectionTrait>(
    db: &C,
    request: &EvaluationRequest,
    window: &Window,
    since: NaiveDate,
) -> Result<i64, DbErr> {
    let facts = &request.facts;
    let same = window.same.iter().fold(Condition::all(), |all, field| all.add(equals(*field, facts)));
    let other = window.other.iter().fold(Condition::all(), |all, field| all.add(equals(*field, facts).not()));
    let measured = match window.measure {
        WindowMeasure::Count => Column::FactId.count(),
        WindowMeasure::Sum => Func::coalesce([Column::Amount.sum(), Expr::value(0_i64)]).cast_as("BIGINT"),
    };
    let query = Entity::find()
        .select_only()
        .column_as(measured, "measured")
        .filter(Column::MofDivCode.eq(facts.mof_div_code.clone()))
        .filter(Column::Kind.eq(PAID))
        .filter(Column::OccurredOn.gte(since))
        .filter(Column::DocumentId.ne(request.document_id))
        .filter(same)
        .filter(other);
    Ok(query.into_tuple::<i64>().one(db).await?.unwrap_or(0))
}

fn equals(field: WindowField, facts: &PaymentFacts) -> Expr {
    match field {
        WindowField::AgencyCode => Column::AgencyCode.eq(facts.agency_code.clone()),
        WindowField::BgtId => Column::BgtId.eq(facts.bgt_id),
        WindowField::DepBgtEcoCode => Column::DepBgtEcoCode.eq(facts.dep_bgt_eco_code.clone()),
        WindowField::PayeeAcctNo => Column::PayeeAcctNo.eq(facts.payee_acct_no.clone()),
        WindowField::PayeeAcctName => Column::PayeeAcctName.eq(facts.payee_acct_name.as_str()),
        WindowField::UseDes => Column::UseDes.eq(facts.use_des.as_str()),
        WindowField::PayAppAmt => Column::Amount.eq(facts.pay_app_amt),
    }
}

/// Divisions of which anything is known for a year.
pub(crate) async fn divisions<C: ConnectionTrait>(db: &C, year: FiscalYear) -> Result<BTreeSet<DivisionCode>, DbErr> {
    let paid = Entity::find().select_only().column(Column::MofDivCode).distinct().filter(Column::FiscalYear.eq(year));
    let issued = indicator::Entity::find()
        .select_only()
        .column(indicator::Column::MofDivCode)
        .distinct()
        .filter(indicator::Column::FiscalYear.eq(year));
    let mut divisions: BTreeSet<DivisionCode> = paid.into_tuple().all(db).await?.into_iter().collect();
    divisions.extend(issued.into_tuple::<DivisionCode>().all(db).await?);
    Ok(divisions)
}

pub(crate) async fn of_year<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    year: FiscalYear,
    until: NaiveDate,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::FiscalYear.eq(year))
        .filter(Column::OccurredOn.lte(until))
        .all(db)
        .await
}

pub(crate) async fn indicators_of_year<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    year: FiscalYear,
) -> Result<Vec<indicator::Model>, DbErr> {
    indicator::Entity::find()
        .filter(indicator::Column::MofDivCode.eq(division.clone()))
        .filter(indicator::Column::FiscalYear.eq(year))
        .all(db)
        .await
}
