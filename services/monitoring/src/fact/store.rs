//! All SQL on facts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AccountNo, AgencyCode, DepBgtEcoCode, DivisionCode, FiscalYear, Money};
use monitoring_contract::{EvaluationRequest, Window, WindowField, WindowMeasure};
use sea_orm::{
    Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExprTrait as _, IntoActiveModel,
    QueryFilter as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{
        Asterisk, CommonTableExpression, Func, OnConflict, Query, SelectStatement, UnionType, value::ValueTuple,
    },
};
use service_kit::store::rows;

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

/// Rows of one statement: stays below the limits of both databases on bound values.
const CHUNK: usize = 1_000;

/// Records facts; those that are there stay as they are.
pub(crate) async fn record(tx: &DatabaseTransaction, facts: Vec<Model>) -> Result<(), DbErr> {
    for chunk in facts.chunks(CHUNK) {
        let rows = chunk.iter().cloned().map(IntoActiveModel::into_active_model);
        let on_conflict = OnConflict::columns([Column::MofDivCode, Column::FactId]).do_nothing().to_owned();
        Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Records indicators that were issued; those that are there stay as they are.
pub(crate) async fn record_indicators(tx: &DatabaseTransaction, issued: Vec<indicator::Model>) -> Result<(), DbErr> {
    for chunk in issued.chunks(CHUNK) {
        let rows = chunk.iter().cloned().map(IntoActiveModel::into_active_model);
        let key = [indicator::Column::MofDivCode, indicator::Column::BgtId];
        let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
        indicator::Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

const ASKED: &str = "asked";
const PLACE: &str = "place";
const DIVISION: &str = "division";
const DOCUMENT: &str = "document";

/// How many payments, or how much, each window shows for each payment since its day, by window and payment; what is not
/// there is nothing. The document itself does not count.
pub(crate) async fn measure<C: ConnectionTrait>(
    db: &C,
    requests: &[&EvaluationRequest],
    windows: &[(&Window, NaiveDate)],
) -> Result<BTreeMap<(usize, usize), i64>, DbErr> {
    let mut queries = windows.iter().enumerate().map(|(position, (window, since))| view(position, window, *since));
    let Some(mut query) = queries.next().filter(|_| !requests.is_empty()) else { return Ok(BTreeMap::new()) };
    query.unions(queries.map(|other| (UnionType::All, other)));
    query.with_cte(asked(db, requests));
    let mut values = BTreeMap::new();
    for row in db.query_all(&query).await? {
        let place = |name: &str| row.try_get::<i64>("", name).map(|place| usize::try_from(place).unwrap_or(usize::MAX));
        values.insert((place("view")?, place(PLACE)?), row.try_get("", "measured")?);
    }
    Ok(values)
}

/// The payments as a table of their own, bound once for all windows.
fn asked<C: ConnectionTrait>(db: &C, requests: &[&EvaluationRequest]) -> CommonTableExpression {
    let rows = requests.iter().enumerate().map(|(place, request)| {
        let facts = &request.facts;
        vec![
            i64::try_from(place).unwrap_or(i64::MAX).into(),
            facts.mof_div_code.clone().into(),
            request.document_id.into(),
            facts.agency_code.clone().into(),
            facts.bgt_id.into(),
            facts.dep_bgt_eco_code.clone().into(),
            facts.payee_acct_no.clone().into(),
            facts.payee_acct_name.as_str().into(),
            facts.use_des.as_str().into(),
            facts.pay_app_amt.into(),
        ]
    });
    let given = match db.get_database_backend() {
        DbBackend::Postgres => Query::select().column(Asterisk).from_function(rows::of_table(rows), "given").to_owned(),
        _ => Query::select().column(Asterisk).from_values(rows.map(ValueTuple::Many), "given").to_owned(),
    };
    CommonTableExpression::new()
        .table_name(ASKED)
        .columns([PLACE, DIVISION, DOCUMENT])
        .columns(WindowField::ALL.map(name_of))
        .query(given)
        .to_owned()
}

/// One window over all payments.
fn view(position: usize, window: &Window, since: NaiveDate) -> SelectStatement {
    let asked = |name: &'static str| Expr::col((ASKED, name));
    let fact = |column: Column| Expr::col((Entity, column));
    let agrees = |field: &WindowField| fact(column_of(*field)).eq(asked(name_of(*field)));
    let differs = |field: &WindowField| fact(column_of(*field)).ne(asked(name_of(*field)));
    let measured = match window.measure {
        WindowMeasure::Count => fact(Column::FactId).count(),
        WindowMeasure::Sum => Func::coalesce([fact(Column::Amount).sum(), Expr::value(0_i64)]).cast_as("BIGINT"),
    };
    let matching = Condition::all()
        .add(fact(Column::MofDivCode).eq(asked(DIVISION)))
        .add(fact(Column::Kind).eq(PAID))
        .add(fact(Column::OccurredOn).gte(since))
        .add(fact(Column::DocumentId).ne(asked(DOCUMENT)));
    let matching =
        window.same.iter().map(agrees).chain(window.other.iter().map(differs)).fold(matching, Condition::add);
    Query::select()
        .expr_as(Expr::value(i64::try_from(position).unwrap_or(i64::MAX)), "view")
        .column((ASKED, PLACE))
        .expr_as(measured, "measured")
        .from(ASKED)
        .inner_join(Entity, matching)
        .group_by_col((ASKED, PLACE))
        .to_owned()
}

fn column_of(field: WindowField) -> Column {
    match field {
        WindowField::AgencyCode => Column::AgencyCode,
        WindowField::BgtId => Column::BgtId,
        WindowField::DepBgtEcoCode => Column::DepBgtEcoCode,
        WindowField::PayeeAcctNo => Column::PayeeAcctNo,
        WindowField::PayeeAcctName => Column::PayeeAcctName,
        WindowField::UseDes => Column::UseDes,
        WindowField::PayAppAmt => Column::Amount,
    }
}

fn name_of(field: WindowField) -> &'static str {
    match field {
        WindowField::AgencyCode => "agency_code",
        WindowField::BgtId => "bgt_id",
        WindowField::DepBgtEcoCode => "dep_bgt_eco_code",
        WindowField::PayeeAcctNo => "payee_acct_no",
        WindowField::PayeeAcctName => "payee_acct_name",
        WindowField::UseDes => "use_des",
        WindowField::PayAppAmt => "pay_app_amt",
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
