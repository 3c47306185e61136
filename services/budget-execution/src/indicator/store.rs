//! All SQL of indicators.

use std::collections::BTreeSet;

use budget_execution_contract::IndicatorFilter;
use chrono::{DateTime, Utc};
use common_types::{
    BgtExeFlag, BgtTypeCode, DirectFlag, DivisionCode, DocNo, Elements, FiscalYear, ProCode, SourceTypeCode,
};
use sea_orm::{
    ActiveValue::Set, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Caller, http::Paged, store::rows};
use workflow::BooksFilter;

use super::entity::{ActiveModel, Column, Entity, Model, doc_no};
use super::model::Indicator;
use crate::scope;

pub async fn insert<C: ConnectionTrait>(tx: &C, now: DateTime<Utc>, indicator: &Indicator) -> Result<(), DbErr> {
    Entity::insert(row_of(now, indicator)).exec_without_returning(tx).await?;
    Ok(())
}

fn row_of(now: DateTime<Utc>, indicator: &Indicator) -> ActiveModel {
    let Indicator { elements, .. } = indicator.clone();
    let indicator = indicator.clone();
    ActiveModel {
        mof_div_code: Set(elements.mof_div_code),
        bgt_id: Set(indicator.bgt_id),
        fiscal_year: Set(elements.fiscal_year),
        bgt_doc_title: Set(indicator.bgt_doc_title),
        doc_date: Set(indicator.doc_date),
        bgt_dec: Set(indicator.bgt_dec),
        bgt_exe_flag: Set(indicator.bgt_exe_flag),
        amount: Set(indicator.amount),
        ori_bgt_id: Set(indicator.ori_bgt_id),
        bgt_pman_id: Set(indicator.bgt_pman_id),
        adj_batch_no: Set(indicator.adj_batch_no),
        is_track: Set(indicator.is_track),
        track_pro_code: Set(indicator.track_pro_code),
        source_type_code: Set(indicator.source_type_code),
        is_three_ensure: Set(indicator.is_three_ensure),
        pro_kind_code: Set(indicator.pro_kind_code),
        found_type_code: Set(indicator.found_type_code),
        pro_name: Set(indicator.pro_name),
        agency_name: Set(indicator.agency_name),
        origin_id: Set(indicator.origin_id),
        create_time: Set(now),
        cor_bgt_doc_no: Set(elements.cor_bgt_doc_no),
        pro_code: Set(elements.pro_code),
        agency_code: Set(elements.agency_code),
        fund_type_code: Set(elements.fund_type_code),
        manage_mof_dep_code: Set(elements.manage_mof_dep_code),
        bgt_mof_dep_code: Set(elements.bgt_mof_dep_code),
        income_sort_code: Set(elements.income_sort_code),
        tp_func_code: Set(elements.tp_func_code),
        exp_func_code: Set(elements.exp_func_code),
        gov_bgt_eco_code: Set(elements.gov_bgt_eco_code),
        dep_bgt_eco_code: Set(elements.dep_bgt_eco_code),
        bgt_type_code: Set(elements.bgt_type_code),
        bgt_source_code: Set(elements.bgt_source_code),
        is_advance: Set(elements.is_advance),
        rec_div_code: Set(elements.rec_div_code),
        budget_level_code: Set(elements.budget_level_code),
        sup_bgt_doc_no: Set(elements.sup_bgt_doc_no),
        is_gov_pur: Set(elements.is_gov_pur),
        pay_type_code: Set(elements.pay_type_code),
        is_uni_sala: Set(elements.is_uni_sala),
        direct_flag: Set(elements.direct_flag),
        is_scientific: Set(elements.is_scientific),
        is_debt: Set(elements.is_debt),
        is_capital: Set(elements.is_capital),
    }
}

/// The advances of the units of these indicators, oldest first.
pub async fn advances<C: ConnectionTrait>(db: &C, indicators: &[&Indicator]) -> Result<Vec<Indicator>, DbErr> {
    let unit = |one: &&Indicator| {
        let Elements { mof_div_code, fiscal_year, agency_code, .. } = &one.elements;
        Some((mof_div_code.clone(), *fiscal_year, agency_code.clone()?))
    };
    let units: BTreeSet<_> = indicators.iter().filter_map(unit).collect();
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let rows = if db.get_database_backend() == DbBackend::Postgres {
        // spelt out: how few they are decides how they are found
        let advance = BgtTypeCode::Advance;
        let sql = |r: &str| {
            format!(
                "SELECT b.* FROM ba_bgt_info b JOIN {r} ON b.mof_div_code = r.mof_div_code \
                 AND b.fiscal_year = r.fiscal_year AND b.agency_code = r.agency_code \
                 WHERE b.bgt_type_code = '{advance}' ORDER BY b.bgt_id"
            )
        };
        let unit = |(mof_div_code, fiscal_year, agency_code)| ActiveModel {
            mof_div_code: Set(mof_div_code),
            fiscal_year: Set(fiscal_year),
            agency_code: Set(Some(agency_code)),
            ..Default::default()
        };
        rows::select(db, &units.into_iter().map(unit).collect::<Vec<_>>(), sql).await?
    } else {
        let advances = Entity::find().filter(Column::BgtTypeCode.eq(BgtTypeCode::Advance));
        let of_units = units.iter().fold(Condition::any(), |any, (division, year, agency)| {
            any.add(
                Column::MofDivCode
                    .eq(division.clone())
                    .and(Column::FiscalYear.eq(*year))
                    .and(Column::AgencyCode.eq(agency.clone())),
            )
        });
        advances.filter(of_units).order_by_asc(Column::BgtId).all(db).await?
    };
    Ok(rows.into_iter().map(indicator_of).collect())
}

/// The indicator that a row describes.
pub fn indicator_of(row: Model) -> Indicator {
    Indicator {
        bgt_id: row.bgt_id,
        elements: Elements {
            fiscal_year: row.fiscal_year,
            mof_div_code: row.mof_div_code,
            cor_bgt_doc_no: row.cor_bgt_doc_no,
            pro_code: row.pro_code,
            agency_code: row.agency_code,
            fund_type_code: row.fund_type_code,
            manage_mof_dep_code: row.manage_mof_dep_code,
            bgt_mof_dep_code: row.bgt_mof_dep_code,
            income_sort_code: row.income_sort_code,
            tp_func_code: row.tp_func_code,
            exp_func_code: row.exp_func_code,
            gov_bgt_eco_code: row.gov_bgt_eco_code,
            dep_bgt_eco_code: row.dep_bgt_eco_code,
            bgt_type_code: row.bgt_type_code,
            bgt_source_code: row.bgt_source_code,
            is_advance: row.is_advance,
            rec_div_code: row.rec_div_code,
            budget_level_code: row.budget_level_code,
            sup_bgt_doc_no: row.sup_bgt_doc_no,
            is_gov_pur: row.is_gov_pur,
            pay_type_code: row.pay_type_code,
            is_uni_sala: row.is_uni_sala,
            direct_flag: row.direct_flag,
            is_scientific: row.is_scientific,
            is_debt: row.is_debt,
            is_capital: row.is_capital,
        },
        bgt_doc_title: row.bgt_doc_title,
        doc_date: row.doc_date,
        bgt_dec: row.bgt_dec,
        bgt_exe_flag: row.bgt_exe_flag,
        amount: row.amount,
        ori_bgt_id: row.ori_bgt_id,
        bgt_pman_id: row.bgt_pman_id,
        adj_batch_no: row.adj_batch_no,
        is_track: row.is_track,
        track_pro_code: row.track_pro_code,
        source_type_code: row.source_type_code,
        is_three_ensure: row.is_three_ensure,
        pro_kind_code: row.pro_kind_code,
        found_type_code: row.found_type_code,
        pro_name: row.pro_name,
        agency_name: row.agency_name,
        origin_id: row.origin_id,
    }
}

pub async fn row<C: ConnectionTrait>(db: &C, bgt_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::BgtId.eq(bgt_id)).one(db).await
}

pub async fn rows<C: ConnectionTrait>(db: &C, bgt_ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(rows::one_of(db, Column::BgtId, bgt_ids)).all(db).await
}

/// Indicators that were split from these.
pub async fn children<C: ConnectionTrait>(db: &C, bgt_ids: Vec<Uuid>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::OriBgtId.is_in(bgt_ids)).order_by_asc(Column::BgtId).all(db).await
}

/// A page of what the caller may read.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &IndicatorFilter,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    let agency = filter.agency_code.as_ref().map(ToString::to_string);
    Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(agency, |query, code| query.filter(Column::AgencyCode.starts_with(code)))
        .apply_if(filter.pro_code.clone(), |query, code| query.filter(Column::ProCode.eq(code)))
        .apply_if(filter.bgt_exe_flag, |query, flag| query.filter(Column::BgtExeFlag.eq(flag)))
        .apply_if(filter.fund_type_code.clone(), |query, code| query.filter(Column::FundTypeCode.eq(code)))
        .apply_if(filter.exp_func_code.clone(), |query, code| query.filter(Column::ExpFuncCode.eq(code)))
        .apply_if(filter.cor_bgt_doc_no.clone(), |query, no| query.filter(Column::CorBgtDocNo.eq(no)))
        .apply_if(filter.ori_bgt_id, |query, id| query.filter(Column::OriBgtId.eq(id)))
        .apply_if(filter.bgt_pman_id.clone(), |query, id| query.filter(Column::BgtPmanId.eq(id)))
        .apply_if(filter.origin_id, |query, id| query.filter(Column::OriginId.eq(id)))
        .apply_if(after, |query, id| query.filter(Column::BgtId.gt(id)))
        .order_by_asc(Column::BgtId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// Completes the document number of an indicator that is being issued.
pub async fn set_document<C: ConnectionTrait>(
    tx: &C,
    indicator: &Indicator,
    cor_bgt_doc_no: &DocNo,
    bgt_doc_title: &str,
    doc_date: chrono::NaiveDate,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::CorBgtDocNo, Expr::value(cor_bgt_doc_no.clone()))
        .col_expr(Column::BgtDocTitle, Expr::value(bgt_doc_title))
        .col_expr(Column::DocDate, Expr::value(doc_date))
        .filter(Column::MofDivCode.eq(indicator.elements.mof_div_code.clone()))
        .filter(Column::BgtId.eq(indicator.bgt_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Claims a document number for a division and year; the owner, who may be another (BA-005).
pub async fn claim_document_number(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    number: &DocNo,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<(DivisionCode, FiscalYear), DbErr> {
    let row = doc_no::ActiveModel {
        cor_bgt_doc_no: Set(number.clone()),
        mof_div_code: Set(mof_div_code.clone()),
        fiscal_year: Set(fiscal_year),
        create_time: Set(now),
    };
    let on_conflict = OnConflict::column(doc_no::Column::CorBgtDocNo).do_nothing().to_owned();
    doc_no::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    let owner = doc_no::Entity::find_by_id(number.clone()).one(tx).await?;
    Ok(owner.map_or((mof_div_code.clone(), fiscal_year), |row| (row.mof_div_code, row.fiscal_year)))
}

/// The indicators of one division and year.
pub async fn of_year<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(mof_div_code.clone()))
        .filter(Column::FiscalYear.eq(fiscal_year))
        .order_by_asc(Column::BgtId)
        .all(db)
        .await
}

/// The indicators of one project in one division and year.
pub async fn of_project<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
    pro_code: &ProCode,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(mof_div_code.clone()))
        .filter(Column::FiscalYear.eq(fiscal_year))
        .filter(Column::ProCode.eq(pro_code.clone()))
        .all(db)
        .await
}

/// Direct funds of the higher level that were accepted and are meant for units.
pub async fn direct_funds<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &BooksFilter,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::divisions(caller, Column::MofDivCode))
        .filter(Column::SourceTypeCode.eq(SourceTypeCode::HigherLevelTransfer))
        .filter(Column::BgtExeFlag.eq(BgtExeFlag::Unallocated))
        .filter(Column::DirectFlag.ne(DirectFlag::NotDirect))
        .filter(Column::RecDivCode.is_null())
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(after, |query, id| query.filter(Column::BgtId.gt(id)))
        .order_by_asc(Column::BgtId)
        .limit(paged.limit())
        .all(db)
        .await
}
