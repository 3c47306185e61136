//! All SQL on expenditure standards.

use base_info_contract::{Criterion, CriterionFilter};
use chrono::NaiveDate;
use common_types::{DepBgtEcoCode, DivisionCode, ExpCriClass, ExpCriForm, Money};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Page, PageQuery, Problem};

/// BAS_EXP_CRITERIA.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bas_exp_criteria")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub exp_cri_id: Uuid,
    pub exp_cri_code: String,
    pub exp_cri_name: String,
    pub exp_cri_class: ExpCriClass,
    pub form: ExpCriForm,
    pub exp_cri_val: Money,
    pub unit: String,
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    pub start_date: NaiveDate,
}

impl ActiveModelBehavior for ActiveModel {}

/// False when a version from that day exists.
pub(crate) async fn insert(tx: &DatabaseTransaction, criterion: &Criterion) -> Result<bool, DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(criterion.mof_div_code.clone()),
        exp_cri_id: Set(criterion.exp_cri_id),
        exp_cri_code: Set(criterion.exp_cri_code.clone()),
        exp_cri_name: Set(criterion.exp_cri_name.clone()),
        exp_cri_class: Set(criterion.exp_cri_class),
        form: Set(criterion.form),
        exp_cri_val: Set(criterion.exp_cri_val),
        unit: Set(criterion.unit.clone()),
        dep_bgt_eco_code: Set(criterion.dep_bgt_eco_code.clone()),
        start_date: Set(criterion.start_date),
    };
    let key = [Column::MofDivCode, Column::ExpCriCode, Column::StartDate];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

pub(crate) async fn list<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    filter: &CriterionFilter,
) -> Result<Page<Criterion>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() }.paged()?;
    let mut query = Entity::find().filter(Column::MofDivCode.eq(division.clone()));
    if let Some(code) = &filter.exp_cri_code {
        query = query.filter(Column::ExpCriCode.eq(code));
    }
    if let Some(after) = paged.after_as::<Uuid>()? {
        query = query.filter(Column::ExpCriId.gt(after));
    }
    let rows = query.order_by_asc(Column::ExpCriId).limit(paged.limit()).all(db).await?;
    Ok(Page::of(rows.into_iter().map(criterion_of).collect(), &paged, |one: &Criterion| one.exp_cri_id.to_string()))
}

fn criterion_of(row: Model) -> Criterion {
    Criterion {
        exp_cri_id: row.exp_cri_id,
        mof_div_code: row.mof_div_code,
        exp_cri_code: row.exp_cri_code,
        exp_cri_name: row.exp_cri_name,
        exp_cri_class: row.exp_cri_class,
        form: row.form,
        exp_cri_val: row.exp_cri_val,
        unit: row.unit,
        dep_bgt_eco_code: row.dep_bgt_eco_code,
        start_date: row.start_date,
    }
}
