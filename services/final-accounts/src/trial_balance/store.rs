//! All SQL of trial balances.

use common_types::Money;
use final_accounts_contract::UnitTrialBalanceQuery;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter as _, QuerySelect as _, entity::prelude::*,
};

use crate::voucher::{
    entity::detail::{Column, Entity},
    store::sum_of_amounts,
};

/// What was posted to one side of an account in one period of one year.
#[derive(Debug, FromQueryResult)]
pub struct Turnover {
    pub gov_acct_cls_code: String,
    pub fiscal_year: i32,
    pub acct_period: i32,
    pub dr_cr: i32,
    pub sum: Money,
}

/// Everything posted for a unit and those below it, up to the year.
pub async fn turnovers<C: ConnectionTrait>(db: &C, query: &UnitTrialBalanceQuery) -> Result<Vec<Turnover>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::GovAcctClsCode, Column::FiscalYear, Column::AcctPeriod, Column::DrCr])
        .column_as(sum_of_amounts(), "sum")
        .filter(Column::MofDivCode.eq(query.mof_div_code.clone()))
        .filter(Column::AgencyCode.starts_with(query.agency_code.as_str()))
        .filter(Column::FiscalYear.lte(query.fiscal_year))
        .filter(Column::IsPosted.eq(true))
        .group_by(Column::GovAcctClsCode)
        .group_by(Column::FiscalYear)
        .group_by(Column::AcctPeriod)
        .group_by(Column::DrCr)
        .into_model::<Turnover>()
        .all(db)
        .await
}
