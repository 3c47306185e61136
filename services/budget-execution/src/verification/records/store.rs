//! All SQL of the checks of records: exceptions only, however many records there are.

use budget_execution_contract::{Difference, VerificationRequest};
use common_types::Money;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter as _, QuerySelect as _, Select,
    entity::prelude::*,
    sea_query::{Alias, Condition, Expr, ExprTrait as _, Func, IntoColumnRef, Query, SelectStatement, SimpleExpr},
};
use service_kit::Caller;

use crate::{
    adjustment::entity::{document as adjustment, line as adjustment_line},
    clearing::entity::{certificate, notice, notice_line, sum},
    payment::entity::{application, detail},
    refund::entity as refund,
    verification::store::within,
    voucher::entity as voucher,
};

/// How many exceptions of a kind are read.
const SHOWN: u64 = 20;

#[derive(FromQueryResult)]
struct Unlike {
    subject: String,
    said: i64,
    added_up: i64,
}

#[derive(FromQueryResult)]
struct Repeated {
    name: String,
    times: i64,
}

/// What the lines of a record come to, as part of a statement about the record.
fn lines<E: EntityTrait + Copy>(entity: E, amount: E::Column, joined: Condition) -> SimpleExpr {
    let added_up = Func::coalesce([Func::sum(Expr::col((entity, amount))).into(), Expr::val(0)]);
    let lines: SelectStatement =
        Query::select().expr(Func::cast_as(added_up, Alias::new("BIGINT"))).from(entity).cond_where(joined).to_owned();
    Expr::SubQuery(None, Box::new(lines.into()))
}

fn same(one: impl IntoColumnRef, other: impl IntoColumnRef) -> SimpleExpr {
    Expr::col(one).eq(Expr::col(other))
}

/// Records whose amount is not what their lines come to.
async fn unlike<C: ConnectionTrait, E: EntityTrait + Copy>(
    db: &C,
    records: Select<E>,
    (entity, subject, amount): (E, E::Column, E::Column),
    lines: SimpleExpr,
) -> Result<Vec<Difference>, DbErr> {
    let amount = Expr::col((entity, amount));
    let rows: Vec<Unlike> = records
        .select_only()
        .column_as(Expr::col((entity, subject)), "subject")
        .column_as(amount.clone(), "said")
        .column_as(lines.clone(), "added_up")
        .filter(amount.ne(lines))
        .limit(SHOWN)
        .into_model()
        .all(db)
        .await?;
    let difference = |row: Unlike| Difference {
        subject: row.subject,
        expected: Money::from_fen(row.added_up),
        actual: Money::from_fen(row.said),
    };
    Ok(rows.into_iter().map(difference).collect())
}

/// Applications with payees that do not come to their amount.
pub async fn batches<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<(u64, Vec<Difference>), DbErr> {
    use application::{Column, Entity};
    let joined = Condition::all()
        .add(same((detail::Entity, detail::Column::MofDivCode), (Entity, Column::MofDivCode)))
        .add(same((detail::Entity, detail::Column::PayApplyId), (Entity, Column::PayAppId)));
    let of_application = Query::select().expr(Expr::val(1)).from(detail::Entity).cond_where(joined.clone()).to_owned();
    let batches = Entity::find()
        .filter(within(caller, request, Column::MofDivCode, Column::FiscalYear))
        .filter(Expr::exists(of_application));
    let checked = batches.clone().count(db).await?;
    let payees = lines(detail::Entity, detail::Column::PayAmt, joined);
    Ok((checked, unlike(db, batches, (Entity, Column::PayAppNo, Column::PayAppAmt), payees).await?))
}

/// Requests for clearing that do not come to their lists, nor these to the vouchers and refunds that they bundle.
pub async fn clearings<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<(u64, Vec<Difference>), DbErr> {
    use certificate::{Column, Entity};
    let requests = Entity::find().filter(within(caller, request, Column::MofDivCode, Column::FiscalYear));
    let of_request = |division: SimpleExpr, number: SimpleExpr| Condition::all().add(division).add(number);
    let lists = of_request(
        same((sum::Entity, sum::Column::MofDivCode), (Entity, Column::MofDivCode)),
        same((sum::Entity, sum::Column::LqdCertNo), (Entity, Column::LqdCertNo)),
    );
    let vouchers = of_request(
        same((voucher::Entity, voucher::Column::MofDivCode), (Entity, Column::MofDivCode)),
        same((voucher::Entity, voucher::Column::LqdCertNo), (Entity, Column::LqdCertNo)),
    );
    let refunds = of_request(
        same((refund::Entity, refund::Column::MofDivCode), (Entity, Column::MofDivCode)),
        same((refund::Entity, refund::Column::LqdCertNo), (Entity, Column::LqdCertNo)),
    )
    .add(Expr::col((refund::Entity, refund::Column::RefDate)).lte(Expr::col((Entity, Column::Day))));
    let sums = [
        (Column::PaidAmt, lines(sum::Entity, sum::Column::PaidAmt, lists.clone())),
        (Column::RefAmt, lines(sum::Entity, sum::Column::RefAmt, lists)),
        (Column::PaidAmt, lines(voucher::Entity, voucher::Column::XpayAmt, vouchers)),
        (Column::RefAmt, lines(refund::Entity, refund::Column::RefAmt, refunds)),
    ];
    let mut differences = Vec::new();
    for (amount, lines) in sums {
        differences.extend(unlike(db, requests.clone(), (Entity, Column::LqdCertNo, amount), lines).await?);
    }
    Ok((requests.count(db).await?, differences))
}

/// Quota notices that do not come to their lines, nor to the vouchers that they cover.
pub async fn notices<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<(u64, Vec<Difference>), DbErr> {
    use notice::{Column, Entity};
    let notices = Entity::find().filter(within(caller, request, Column::MofDivCode, Column::FiscalYear));
    let of_notice = Condition::all()
        .add(same((notice_line::Entity, notice_line::Column::MofDivCode), (Entity, Column::MofDivCode)))
        .add(same((notice_line::Entity, notice_line::Column::LqdQuotaNoticeNo), (Entity, Column::LqdQuotaNoticeNo)));
    // by the request, which is indexed, then by the notice
    let covered = Condition::all()
        .add(same((voucher::Entity, voucher::Column::MofDivCode), (Entity, Column::MofDivCode)))
        .add(same((voucher::Entity, voucher::Column::LqdCertNo), (Entity, Column::LqdCertNo)))
        .add(same((voucher::Entity, voucher::Column::LqdQuotaNoticeNo), (Entity, Column::LqdQuotaNoticeNo)));
    let said = (Entity, Column::LqdQuotaNoticeNo, Column::NoticeAmt);
    let by_unit = lines(notice_line::Entity, notice_line::Column::NoticeAmt, of_notice);
    let mut differences = unlike(db, notices.clone(), said, by_unit).await?;
    let vouchers = lines(voucher::Entity, voucher::Column::XpayAmt, covered);
    differences.extend(unlike(db, notices.clone(), said, vouchers).await?);
    Ok((notices.count(db).await?, differences))
}

/// Adjustments that do not come to their pairs.
pub async fn adjustments<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<(u64, Vec<Difference>), DbErr> {
    use adjustment::{Column, Entity};
    let documents = Entity::find().filter(within(caller, request, Column::MofDivCode, Column::FiscalYear));
    let of_document = Condition::all()
        .add(same((adjustment_line::Entity, adjustment_line::Column::MofDivCode), (Entity, Column::MofDivCode)))
        .add(same((adjustment_line::Entity, adjustment_line::Column::AdjId), (Entity, Column::AdjId)));
    let pairs = lines(adjustment_line::Entity, adjustment_line::Column::AddAmount, of_document);
    let differences = unlike(db, documents.clone(), (Entity, Column::CorBgtDocNo, Column::TotalAmt), pairs).await?;
    Ok((documents.count(db).await?, differences))
}

/// Numbers and reservations that more than one record has.
pub async fn repeated<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<(u64, Vec<Difference>), DbErr> {
    let applications = application::Entity::find().filter(within(
        caller,
        request,
        application::Column::MofDivCode,
        application::Column::FiscalYear,
    ));
    let vouchers = voucher::Entity::find().filter(within(
        caller,
        request,
        voucher::Column::MofDivCode,
        voucher::Column::FiscalYear,
    ));
    let clearings = certificate::Entity::find().filter(within(
        caller,
        request,
        certificate::Column::MofDivCode,
        certificate::Column::FiscalYear,
    ));
    let reserving = applications.clone().filter(application::Column::ReservationId.is_not_null());
    let checked = [
        applications.clone().count(db).await?,
        vouchers.clone().count(db).await?,
        clearings.clone().count(db).await?,
        reserving.clone().count(db).await?,
    ];
    let pay_app_no = application::Column::PayAppNo;
    let mut found = more_than_once(db, applications, pay_app_no, pay_app_no).await?;
    found.extend(more_than_once(db, reserving, application::Column::ReservationId, pay_app_no).await?);
    found.extend(more_than_once(db, vouchers, voucher::Column::PayCertNo, voucher::Column::PayCertNo).await?);
    found.extend(more_than_once(db, clearings, certificate::Column::LqdCertNo, certificate::Column::LqdCertNo).await?);
    Ok((checked.iter().sum(), found))
}

/// Codes that more than one record has, each told by the first name of those that have it.
async fn more_than_once<C: ConnectionTrait, E: EntityTrait>(
    db: &C,
    records: Select<E>,
    code: E::Column,
    name: E::Column,
) -> Result<Vec<Difference>, DbErr> {
    let times = Expr::col(code).count();
    let rows: Vec<Repeated> = records
        .select_only()
        .column_as(Expr::col(name).min(), "name")
        .column_as(times.clone(), "times")
        .group_by(code)
        .having(times.gt(1))
        .limit(SHOWN)
        .into_model()
        .all(db)
        .await?;
    let named = |row: Repeated| format!("{} × {}", row.name, row.times);
    let difference = |row| Difference { subject: named(row), expected: Money::ZERO, actual: Money::ZERO };
    Ok(rows.into_iter().map(difference).collect())
}
