//! All SQL of vouchers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common_types::DivisionCode;
use final_accounts_contract::{UnitVoucherFilter, VoucherLine, VoucherSource, VoucherStatus};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, entity::prelude::*,
};
use service_kit::{Caller, Problem, http::Paged};

use super::entity::{detail, head};
use crate::scope;

/// Whether a voucher was made from this source (ACC-005).
pub(crate) async fn exists(tx: &DatabaseTransaction, kind: VoucherSource, id: Uuid) -> Result<bool, DbErr> {
    let query = head::Entity::find().filter(head::Column::SourceKind.eq(kind.word()));
    Ok(query.filter(head::Column::SourceId.eq(id)).one(tx).await?.is_some())
}

/// Keeps a voucher with its lines.
pub(crate) async fn insert(tx: &DatabaseTransaction, head: &head::Model, lines: &[VoucherLine]) -> Result<(), DbErr> {
    head::Entity::insert(head.clone().into_active_model()).exec_without_returning(tx).await?;
    let rows = lines.iter().zip(1..).map(|(line, seq)| row_of(head, seq, line));
    detail::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

fn row_of(head: &head::Model, vou_seq: i32, line: &VoucherLine) -> detail::ActiveModel {
    let auxiliary = line.auxiliary.clone();
    detail::ActiveModel {
        mof_div_code: Set(head.mof_div_code.clone()),
        vou_id: Set(head.vou_id),
        vou_seq: Set(vou_seq),
        vou_det_desc: Set(line.vou_det_desc.clone()),
        gov_acct_cls_code: Set(line.gov_acct_cls_code.clone()),
        dr_cr: Set(line.dr_cr.word().to_owned()),
        amt: Set(line.amt),
        pro_code: Set(auxiliary.pro_code),
        pro_kind_code: Set(auxiliary.pro_kind_code),
        exp_func_code: Set(auxiliary.exp_func_code),
        gov_bgt_eco_code: Set(auxiliary.gov_bgt_eco_code),
        dep_bgt_eco_code: Set(auxiliary.dep_bgt_eco_code),
        fund_type_code: Set(auxiliary.fund_type_code),
        bgt_type_code: Set(auxiliary.bgt_type_code),
        fund_tra_obj_name: Set(auxiliary.fund_tra_obj_name),
    }
}

/// Posts a draft under its number.
pub(crate) async fn post(
    tx: &DatabaseTransaction,
    vou_id: Uuid,
    voucher_no: i32,
    poster: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let result = head::Entity::update_many()
        .col_expr(head::Column::VouStatus, Expr::value(VoucherStatus::Posted.word()))
        .col_expr(head::Column::VoucherNo, Expr::value(Some(voucher_no)))
        .col_expr(head::Column::Poster, Expr::value(Some(poster.to_owned())))
        .col_expr(head::Column::PostTime, Expr::value(Some(now)))
        .filter(head::Column::VouId.eq(vou_id))
        .filter(head::Column::VouStatus.eq(VoucherStatus::Draft.word()))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Marks a draft as discarded.
pub(crate) async fn delete(tx: &DatabaseTransaction, vou_id: Uuid) -> Result<(), DbErr> {
    head::Entity::update_many()
        .col_expr(head::Column::VouStatus, Expr::value(VoucherStatus::Deleted.word()))
        .filter(head::Column::VouId.eq(vou_id))
        .filter(head::Column::VouStatus.eq(VoucherStatus::Draft.word()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A voucher by its id, whatever its division; scope is for the caller to check.
pub(crate) async fn by_id<C: ConnectionTrait>(db: &C, vou_id: Uuid) -> Result<Option<head::Model>, DbErr> {
    head::Entity::find().filter(head::Column::VouId.eq(vou_id)).one(db).await
}

/// Vouchers within reach, oldest first.
pub(crate) async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    division: &DivisionCode,
    filter: &UnitVoucherFilter,
    paged: &Paged,
) -> Result<Vec<head::Model>, Problem> {
    let mut query = head::Entity::find()
        .filter(head::Column::MofDivCode.eq(division.clone()))
        .filter(scope::of_agency(caller, head::Column::AgencyCode))
        .filter(head::Column::VouStatus.ne(VoucherStatus::Deleted.word()));
    if let Some(agency) = &filter.agency_code {
        query = query.filter(head::Column::AgencyCode.starts_with(agency.as_str()));
    }
    if let Some(year) = filter.fiscal_year {
        query = query.filter(head::Column::FiscalYear.eq(year));
    }
    if let Some(number) = &filter.pay_cert_no {
        query = query.filter(head::Column::PayCertNo.eq(number.as_str()));
    }
    if let Some(after) = paged.after_as::<Uuid>()? {
        query = query.filter(head::Column::VouId.gt(after));
    }
    Ok(query.order_by_asc(head::Column::VouId).limit(paged.limit()).all(db).await?)
}

/// The lines of vouchers, by voucher.
pub(crate) async fn details<C: ConnectionTrait>(
    db: &C,
    ids: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, Vec<detail::Model>>, DbErr> {
    let query = detail::Entity::find().filter(detail::Column::VouId.is_in(ids));
    let mut by_voucher: BTreeMap<Uuid, Vec<detail::Model>> = BTreeMap::new();
    for row in query.order_by_asc(detail::Column::VouSeq).all(db).await? {
        by_voucher.entry(row.vou_id).or_default().push(row);
    }
    Ok(by_voucher)
}
