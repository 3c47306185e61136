//! All SQL on facts.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AccountNo, AgencyCode, DepBgtEcoCode, DivisionCode, FiscalYear, Money};
use monitoring_contract::PaymentFacts;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QuerySelect as _,
    entity::prelude::*, sea_query::OnConflict,
};

const MOST_IN_A_WINDOW: u64 = 1000;

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

/// Payments to the same account since a day.
pub(crate) async fn to_payee<C: ConnectionTrait>(
    db: &C,
    facts: &PaymentFacts,
    since: NaiveDate,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(facts.mof_div_code.clone()))
        .filter(Column::PayeeAcctNo.eq(facts.payee_acct_no.clone()))
        .filter(Column::Kind.eq("paid"))
        .filter(Column::OccurredOn.gte(since))
        .limit(MOST_IN_A_WINDOW)
        .all(db)
        .await
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
