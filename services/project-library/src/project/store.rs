//! All SQL of projects.

use common_types::{DivisionCode, DivisionLevel, FiscalYear, Money, ProCode};
use project_library_contract::{Detail, Project, ProjectDraft, ProjectFilter};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait as _, IntoActiveModel, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{OnConflict, Order},
};
use service_kit::{Caller, Problem, http::Paged};
use workflow::Document;

use super::{
    children::{annual_plan, asset, detail, perf_goal, perf_indicator, purchase},
    entity::{ActiveModel, Column, Entity, LibraryStatus, Model},
    mapping::{self, Line},
    numbering, warning,
};

const HIGHEST_NUMBER: i32 = 999_999;
const MOST_SIMILAR: u64 = 500;

/// Takes `count` serial numbers of a division and year and gives the last of them; `None` when they are used up.
/// Whoever takes numbers holds the row, so that two generations of one unit wait for each other.
pub(super) async fn take_numbers(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    year: FiscalYear,
    count: i32,
) -> Result<Option<i32>, DbErr> {
    let first = numbering::ActiveModel { mof_div_code: Set(division.clone()), fiscal_year: Set(year), last_no: Set(0) };
    let on_conflict =
        OnConflict::columns([numbering::Column::MofDivCode, numbering::Column::FiscalYear]).do_nothing().to_owned();
    numbering::Entity::insert(first).on_conflict(on_conflict).exec_without_returning(tx).await?;
    let of_year = || numbering::Column::MofDivCode.eq(division.clone()).and(numbering::Column::FiscalYear.eq(year));
    let taken = numbering::Entity::update_many()
        .col_expr(numbering::Column::LastNo, Expr::col(numbering::Column::LastNo).add(count))
        .filter(of_year())
        .filter(Expr::col(numbering::Column::LastNo).add(count).lte(HIGHEST_NUMBER))
        .exec(tx)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(None);
    }
    let row = numbering::Entity::find().filter(of_year()).one(tx).await?;
    Ok(row.map(|row| row.last_no))
}

/// Writes a new project with its lines.
pub(super) async fn insert(tx: &DatabaseTransaction, row: Model, draft: &ProjectDraft) -> Result<(), DbErr> {
    let (division, pro_id) = (row.mof_div_code.clone(), row.pro_id);
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(tx).await?;
    insert_lines(tx, &division, pro_id, draft).await
}

/// Replaces the content of a project that its transaction holds.
pub(super) async fn replace(tx: &DatabaseTransaction, row: Model, draft: &ProjectDraft) -> Result<(), DbErr> {
    let (division, pro_id) = (row.mof_div_code.clone(), row.pro_id);
    Entity::update_many()
        .set(row.into_active_model().reset_all())
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::ProId.eq(pro_id))
        .exec(tx)
        .await?;
    clear::<annual_plan::Entity>(tx, &division, pro_id).await?;
    clear::<detail::Entity>(tx, &division, pro_id).await?;
    clear::<purchase::Entity>(tx, &division, pro_id).await?;
    clear::<asset::Entity>(tx, &division, pro_id).await?;
    clear::<perf_goal::Entity>(tx, &division, pro_id).await?;
    clear::<perf_indicator::Entity>(tx, &division, pro_id).await?;
    insert_lines(tx, &division, pro_id, draft).await
}

async fn clear<E: EntityTrait>(tx: &DatabaseTransaction, division: &DivisionCode, pro_id: Uuid) -> Result<(), DbErr> {
    let lines = E::delete_many().filter(Expr::col("mof_div_code").eq(division.clone()));
    lines.filter(Expr::col("pro_id").eq(pro_id)).exec(tx).await?;
    Ok(())
}

async fn insert_lines(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    pro_id: Uuid,
    draft: &ProjectDraft,
) -> Result<(), DbErr> {
    insert_each::<_, annual_plan::Entity>(tx, division, pro_id, &draft.annual_plans).await?;
    insert_each::<_, detail::Entity>(tx, division, pro_id, &draft.details).await?;
    insert_each::<_, purchase::Entity>(tx, division, pro_id, &draft.purchases).await?;
    insert_each::<_, asset::Entity>(tx, division, pro_id, &draft.assets).await?;
    insert_each::<_, perf_goal::Entity>(tx, division, pro_id, &draft.perf_goals).await?;
    insert_each::<_, perf_indicator::Entity>(tx, division, pro_id, &draft.perf_indicators).await
}

async fn insert_each<L, E>(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    pro_id: Uuid,
    lines: &[L],
) -> Result<(), DbErr>
where
    L: Line<Row = E::Model>,
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    for (line_no, line) in (1_i32..).zip(lines) {
        let row = line.row(division, pro_id, line_no).into_active_model().reset_all();
        E::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The project of this id, held until the transaction ends; deleted ones are not there.
pub(super) async fn hold(tx: &DatabaseTransaction, pro_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::ProId.eq(pro_id)).filter(Column::IsDeleted.eq(false)).lock_exclusive().one(tx).await
}

/// The project of this id.
pub(super) async fn by_id<C: ConnectionTrait>(db: &C, pro_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::ProId.eq(pro_id)).filter(Column::IsDeleted.eq(false)).one(db).await
}

/// The project of this code.
pub(crate) async fn by_code<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    pro_code: &ProCode,
) -> Result<Option<Model>, DbErr> {
    let found =
        Entity::find().filter(Column::MofDivCode.eq(division.clone())).filter(Column::ProCode.eq(pro_code.clone()));
    found.filter(Column::IsDeleted.eq(false)).one(db).await
}

/// The project that was generated for an item of a unit.
pub(super) async fn generated(
    tx: &DatabaseTransaction,
    draft: &ProjectDraft,
    item: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(draft.mof_div_code.clone()))
        .filter(Column::FiscalYear.eq(draft.fiscal_year))
        .filter(Column::AgencyCode.eq(draft.agency_code.clone()))
        .filter(Column::ProCatCode.eq(draft.pro_cat_code))
        .filter(Column::GenItem.eq(item))
        .lock_exclusive()
        .one(tx)
        .await
}

/// A whole project with its lines and warnings.
pub(super) async fn whole<C: ConnectionTrait>(db: &C, row: &Model, document: &Document) -> Result<Project, Problem> {
    let head = mapping::head(row);
    let details: Vec<Detail> = lines::<_, detail::Entity, _>(db, row).await?;
    let warnings = warning::warnings(&head, &details, &of_same_unit(db, row).await?);
    Ok(Project {
        head,
        pro_desc: row.pro_desc.clone(),
        degisn_consideration: row.degisn_consideration.clone(),
        leader_name: row.leader_name.clone(),
        ex_ante_evaluation: mapping::evaluation(row),
        approval_file_no: row.approval_file_no.clone(),
        review_opinion: row.review_opinion.clone(),
        end_reason: row.end_reason.clone(),
        annual_plans: lines::<_, annual_plan::Entity, _>(db, row).await?,
        details,
        purchases: lines::<_, purchase::Entity, _>(db, row).await?,
        assets: lines::<_, asset::Entity, _>(db, row).await?,
        perf_goals: lines::<_, perf_goal::Entity, _>(db, row).await?,
        perf_indicators: lines::<_, perf_indicator::Entity, _>(db, row).await?,
        warnings,
        workflow: document.state(),
    })
}

async fn lines<L, E, C>(db: &C, row: &Model) -> Result<Vec<L>, Problem>
where
    L: Line<Row = E::Model>,
    E: EntityTrait,
    C: ConnectionTrait,
{
    let of_project = E::find().filter(Expr::col("mof_div_code").eq(row.mof_div_code.clone()));
    let of_project = of_project.filter(Expr::col("pro_id").eq(row.pro_id));
    let rows = of_project.order_by(Expr::col("line_no"), Order::Asc).all(db).await?;
    rows.into_iter().map(L::read).collect()
}

async fn of_same_unit<C: ConnectionTrait>(db: &C, row: &Model) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::AgencyCode.eq(row.agency_code.clone()))
        .filter(Column::ProId.ne(row.pro_id))
        .filter(Column::IsDeleted.eq(false))
        .order_by_desc(Column::ProId)
        .limit(MOST_SIMILAR)
        .all(db)
        .await
}

/// One page of the projects within the caller's reach.
pub(super) async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &ProjectFilter,
    paged: &Paged,
) -> Result<Vec<Model>, Problem> {
    let mut query = within_reach(caller).filter(Column::IsDeleted.eq(false));
    if let Some(division) = &filter.mof_div_code {
        query = query.filter(Column::MofDivCode.eq(division.clone()));
    }
    if let Some(agency) = &filter.agency_code {
        query = query.filter(Column::AgencyCode.starts_with(agency.as_str()));
    }
    if let Some(category) = filter.pro_cat_code {
        query = query.filter(Column::ProCatCode.starts_with(category.code()));
    }
    if let Some(year) = filter.fiscal_year {
        query = query.filter(Column::ProStartYear.lte(year)).filter(Column::EndYear.gte(year));
    }
    if let Some(pro_code) = &filter.pro_code {
        query = query.filter(Column::ProCode.eq(pro_code.clone()));
    }
    if let Some(status) = filter.status {
        query = query.filter(Column::Status.eq(mapping::status_column(status)));
    }
    if let Some(after) = paged.after_as::<Uuid>()? {
        query = query.filter(Column::ProId.gt(after));
    }
    Ok(query.order_by_asc(Column::ProId).limit(paged.limit()).all(db).await?)
}

fn within_reach(caller: &Caller) -> sea_orm::Select<Entity> {
    let query = Entity::find();
    if caller.is_service() {
        return query;
    }
    match &caller.agency_code {
        Some(agency) => query
            .filter(Column::MofDivCode.eq(caller.mof_div_code.clone()))
            .filter(Column::AgencyCode.starts_with(agency.as_str())),
        None => query.filter(Column::MofDivCode.starts_with(prefix(&caller.mof_div_code))),
    }
}

/// What the codes of a division and all below it start with.
fn prefix(division: &DivisionCode) -> &str {
    let length = match division.level() {
        DivisionLevel::Central => 0,
        DivisionLevel::Province => 2,
        DivisionLevel::City => 4,
        DivisionLevel::County => 6,
        DivisionLevel::Township => 9,
    };
    &division.as_str()[..length]
}

/// Marks a draft as deleted; its item may be generated again.
pub(super) async fn delete(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    let change = ActiveModel { is_deleted: Set(true), gen_item: Set(None), ..Default::default() };
    change_row(tx, row, change).await
}

/// Puts a project into the library (已储备) with this amount.
pub(super) async fn enter_library(tx: &DatabaseTransaction, row: &Model, library_amt: Money) -> Result<(), DbErr> {
    let change =
        ActiveModel { status: Set(LibraryStatus::Stored), library_amt: Set(library_amt), ..Default::default() };
    change_row(tx, row, change).await
}

/// Notes the amount that the review centre found.
pub(super) async fn set_review(
    tx: &DatabaseTransaction,
    row: &Model,
    review_amt: Money,
    review_opinion: &str,
) -> Result<(), DbErr> {
    let change = ActiveModel {
        review_amt: Set(Some(review_amt)),
        review_opinion: Set(review_opinion.to_owned()),
        ..Default::default()
    };
    change_row(tx, row, change).await
}

async fn change_row(tx: &DatabaseTransaction, row: &Model, change: ActiveModel) -> Result<(), DbErr> {
    Entity::update_many()
        .set(change)
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::ProId.eq(row.pro_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends a stored project and keeps of its library amount only what budgets took; false when it is not stored or ended.
pub(super) async fn terminate(tx: &DatabaseTransaction, row: &Model, reason: &str) -> Result<bool, DbErr> {
    let ended = Entity::update_many()
        .col_expr(Column::LibraryAmt, Expr::col(Column::ReservedAmt))
        .col_expr(Column::IsEnd, Expr::value(true))
        .col_expr(Column::EndReason, Expr::value(reason))
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::ProId.eq(row.pro_id))
        .filter(Column::IsEnd.eq(false))
        .filter(Column::Status.is_in([LibraryStatus::Stored, LibraryStatus::Arranged]))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}
