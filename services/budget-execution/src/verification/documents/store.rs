//! All SQL of the checks of documents: sums and exceptions only, however many documents there are.

use budget_execution_contract::{Difference, VerificationRequest};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money, ledger::Account};
use sea_orm::{
    Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Alias, Expr, ExprTrait as _, Func, Query, SimpleExpr},
};
use service_kit::Caller;

use crate::{
    allocation::entity as allocation,
    indicator::entity as indicator,
    ledger::entity::{balance, key},
    payment::entity::{Standing, application},
    verification::store::within,
    voucher::entity::{self as voucher, Stage},
};

/// How many exceptions are read.
const SHOWN: u64 = 20;
const RESERVED: [Standing; 5] =
    [Standing::InReview, Standing::Held, Standing::Approved, Standing::Vouchered, Standing::Hung];
const DEAD: [Stage; 3] = [Stage::Withdrawn, Stage::BankRejected, Stage::Failed];

/// A sum of one unit.
#[derive(Debug, FromQueryResult)]
pub struct ByUnit {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub amt: i64,
}

impl ByUnit {
    /// The unit in words.
    pub fn subject(&self) -> String {
        let agency = self.agency_code.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {} {agency}", self.mof_div_code, self.fiscal_year)
    }
}

fn total(amount: impl Into<SimpleExpr>) -> SimpleExpr {
    Func::cast_as(Func::sum(amount.into()), Alias::new("BIGINT")).into()
}

/// What stands on these accounts, by unit.
pub async fn on_accounts<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
    accounts: &[Account],
) -> Result<Vec<ByUnit>, DbErr> {
    let of_key = balance::Entity::belongs_to(key::Entity)
        .from((balance::Column::MofDivCode, balance::Column::KeyId))
        .to((key::Column::MofDivCode, key::Column::KeyId))
        .into();
    balance::Entity::find()
        .select_only()
        .columns([balance::Column::MofDivCode, balance::Column::FiscalYear])
        .column(key::Column::AgencyCode)
        .column_as(total(Expr::col((balance::Entity, balance::Column::BalAmt))), "amt")
        .join(JoinType::InnerJoin, of_key)
        .filter(within(caller, request, balance::Column::MofDivCode, balance::Column::FiscalYear))
        .filter(balance::Column::AcctClsCode.is_in(accounts.iter().copied()))
        .group_by(balance::Column::MofDivCode)
        .group_by(balance::Column::FiscalYear)
        .group_by(key::Column::AgencyCode)
        .into_model()
        .all(db)
        .await
}

/// What the applications keep reserved, by unit.
pub async fn under_way<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Vec<ByUnit>, DbErr> {
    application::Entity::find()
        .select_only()
        .columns([application::Column::MofDivCode, application::Column::FiscalYear, application::Column::AgencyCode])
        .column_as(total(Expr::col(application::Column::PayAppAmt)), "amt")
        .filter(within(caller, request, application::Column::MofDivCode, application::Column::FiscalYear))
        .filter(application::Column::ReservationId.is_not_null())
        .group_by(application::Column::MofDivCode)
        .group_by(application::Column::FiscalYear)
        .group_by(application::Column::AgencyCode)
        .into_model()
        .all(db)
        .await
}

/// Direct allocations that stand so, by unit.
pub async fn allocations<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
    standing: allocation::Standing,
) -> Result<Vec<ByUnit>, DbErr> {
    allocation::Entity::find()
        .select_only()
        .columns([allocation::Column::MofDivCode, allocation::Column::FiscalYear, allocation::Column::AgencyCode])
        .column_as(total(Expr::col(allocation::Column::PayAmt)), "amt")
        .filter(within(caller, request, allocation::Column::MofDivCode, allocation::Column::FiscalYear))
        .filter(allocation::Column::Status.eq(standing))
        .group_by(allocation::Column::MofDivCode)
        .group_by(allocation::Column::FiscalYear)
        .group_by(allocation::Column::AgencyCode)
        .into_model()
        .all(db)
        .await
}

#[derive(FromQueryResult)]
struct Unlike {
    pay_cert_no: String,
    pay_amt: Money,
    pay_app_amt: Money,
}

#[derive(FromQueryResult)]
struct Several {
    pay_app_no: String,
    vouchers: i64,
}

/// Vouchers whose amount is not that of their application, and applications with more than one living voucher.
pub async fn unlike_their_applications<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<(i64, Vec<Difference>), DbErr> {
    let scope = within(caller, request, voucher::Column::MofDivCode, voucher::Column::FiscalYear);
    let of_application = voucher::Entity::belongs_to(application::Entity)
        .from((voucher::Column::MofDivCode, voucher::Column::PayAppId))
        .to((application::Column::MofDivCode, application::Column::PayAppId))
        .into();
    let amount = |column| Expr::col((voucher::Entity, column));
    let unlike: Vec<Unlike> = voucher::Entity::find()
        .select_only()
        .columns([voucher::Column::PayCertNo, voucher::Column::PayAmt])
        .column(application::Column::PayAppAmt)
        .join(JoinType::InnerJoin, of_application)
        .filter(scope.clone())
        .filter(amount(voucher::Column::PayAmt).ne(Expr::col((application::Entity, application::Column::PayAppAmt))))
        .limit(SHOWN)
        .into_model()
        .all(db)
        .await?;
    let living = Expr::col(voucher::Column::PayCertId).count();
    let several: Vec<Several> = voucher::Entity::find()
        .select_only()
        .column(voucher::Column::PayAppNo)
        .column_as(living.clone(), "vouchers")
        .filter(scope.clone())
        .filter(voucher::Column::VoucherStatus.is_not_in(DEAD))
        .group_by(voucher::Column::MofDivCode)
        .group_by(voucher::Column::PayAppId)
        .group_by(voucher::Column::PayAppNo)
        .having(living.gt(1))
        .limit(SHOWN)
        .into_model()
        .all(db)
        .await?;
    let checked = voucher::Entity::find().filter(scope).count(db).await?;
    let mut differences: Vec<Difference> = unlike
        .into_iter()
        .map(|row| Difference { subject: row.pay_cert_no, expected: row.pay_app_amt, actual: row.pay_amt })
        .collect();
    differences
        .extend(several.into_iter().map(|row| exception(format!("{} vouchers of {}", row.vouchers, row.pay_app_no))));
    Ok((number(checked), differences))
}

/// Indicators that were split from one that does not exist.
pub async fn without_origin<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<(i64, Vec<Difference>), DbErr> {
    let scope = within(caller, request, indicator::Column::MofDivCode, indicator::Column::FiscalYear);
    let parent = Alias::new("parent");
    let origin = Query::select()
        .expr(Expr::val(1))
        .from_as(indicator::Entity, parent.clone())
        .and_where(
            Expr::col((parent, indicator::Column::BgtId)).equals((indicator::Entity, indicator::Column::OriBgtId)),
        )
        .to_owned();
    let rootless: Vec<Uuid> = indicator::Entity::find()
        .select_only()
        .column(indicator::Column::BgtId)
        .filter(scope.clone())
        .filter(indicator::Column::OriBgtId.is_not_null())
        .filter(Expr::exists(origin).not())
        .limit(SHOWN)
        .into_tuple()
        .all(db)
        .await?;
    let checked = indicator::Entity::find().filter(scope).count(db).await?;
    Ok((number(checked), rootless.into_iter().map(|bgt_id| exception(format!("indicator {bgt_id}"))).collect()))
}

/// Applications that keep money although they have ended, or go on without any.
pub async fn adrift<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<(i64, Vec<Difference>), DbErr> {
    let scope = within(caller, request, application::Column::MofDivCode, application::Column::FiscalYear);
    let keeps = application::Column::ReservationId.is_not_null();
    let lacks = application::Column::ReservationId.is_null();
    let wrong = Condition::any()
        .add(keeps.and(application::Column::PayStatus.is_not_in(RESERVED)))
        .add(lacks.and(application::Column::PayStatus.is_in(RESERVED)));
    let adrift: Vec<String> = application::Entity::find()
        .select_only()
        .column(application::Column::PayAppNo)
        .filter(scope.clone())
        .filter(wrong)
        .limit(SHOWN)
        .into_tuple()
        .all(db)
        .await?;
    let checked = application::Entity::find().filter(scope).count(db).await?;
    Ok((number(checked), adrift.into_iter().map(exception).collect()))
}

fn exception(subject: String) -> Difference {
    Difference { subject, expected: Money::ZERO, actual: Money::ZERO }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
