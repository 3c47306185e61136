//! All SQL on persons.

use base_info_contract::{Agency, NewPerson, Person, PersonFilter};
use common_types::{AgencyCode, DivisionCode, FiscalYear, PerSta};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Page, PageQuery, Problem};

use super::{is_active, masked};

/// BAS_PERSON_INFO.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bas_person_info")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub per_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub per_name: String,
    pub iden_type_code: String,
    pub iden_no: String,
    pub active_iden: Option<String>,
    pub per_sta_code: PerSta,
    pub is_uni_sala: bool,
    pub sala_card_no: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// False when an active person with that number exists anywhere in the province.
pub(crate) async fn insert(tx: &DatabaseTransaction, per_id: Uuid, new: &NewPerson) -> Result<bool, DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(new.mof_div_code.clone()),
        per_id: Set(per_id),
        fiscal_year: Set(new.fiscal_year),
        agency_code: Set(new.agency_code.clone()),
        per_name: Set(new.per_name.clone()),
        iden_type_code: Set(new.iden_type_code.clone()),
        iden_no: Set(new.iden_no.clone()),
        active_iden: Set(is_active(new.per_sta_code).then(|| format!("{}:{}", new.iden_type_code, new.iden_no))),
        per_sta_code: Set(new.per_sta_code),
        is_uni_sala: Set(new.is_uni_sala),
        sala_card_no: Set(new.sala_card_no.clone()),
    };
    let on_conflict = OnConflict::column(Column::ActiveIden).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

/// Whether more persons serve in the unit than its staffing allows.
pub(crate) async fn is_over_staffed<C: ConnectionTrait>(db: &C, owner: &Agency) -> Result<bool, DbErr> {
    let beyond: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::PerId)
        .filter(Column::MofDivCode.eq(owner.mof_div_code.clone()))
        .filter(Column::FiscalYear.eq(owner.fiscal_year))
        .filter(Column::AgencyCode.eq(owner.agency_code.clone()))
        .filter(Column::ActiveIden.is_not_null())
        .offset(u64::from(owner.admin_staf_num))
        .into_tuple()
        .one(db)
        .await?;
    Ok(beyond.is_some())
}

pub(crate) async fn list<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    within: Option<&AgencyCode>,
    filter: &PersonFilter,
) -> Result<Page<Person>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() }.paged()?;
    let mut query = Entity::find().filter(Column::MofDivCode.eq(division.clone()));
    for prefix in [within, filter.agency_code.as_ref()].into_iter().flatten() {
        query = query.filter(Column::AgencyCode.starts_with(prefix.as_str()));
    }
    if let Some(after) = paged.after_as::<Uuid>()? {
        query = query.filter(Column::PerId.gt(after));
    }
    let rows = query.order_by_asc(Column::PerId).limit(paged.limit()).all(db).await?;
    Ok(Page::of(rows.into_iter().map(person_of).collect(), &paged, |one: &Person| one.per_id.to_string()))
}

fn person_of(row: Model) -> Person {
    Person {
        per_id: row.per_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        per_name: row.per_name,
        iden_type_code: row.iden_type_code,
        iden_no: masked(&row.iden_no),
        per_sta_code: row.per_sta_code,
        is_uni_sala: row.is_uni_sala,
        is_over_staffed: false,
    }
}
