//! SQL that looks for applications like one another (PAY-015).

use chrono::NaiveDate;
use common_types::Money;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _, entity::prelude::*,
};

use crate::payment::{
    entity::{Standing, application},
    rules::Duplicate,
};

/// Where an application stands that pays, will pay or may pay.
const ALIVE: [Standing; 6] =
    [Standing::InReview, Standing::Held, Standing::Approved, Standing::Vouchered, Standing::Paid, Standing::Hung];

/// The latest other application since a day with the same indicator, payee and amount.
pub async fn duplicate<C: ConnectionTrait>(
    db: &C,
    row: &application::Model,
    since: NaiveDate,
) -> Result<Option<Duplicate>, DbErr> {
    use application::Column;
    let found: Option<(String, NaiveDate)> = application::Entity::find()
        .select_only()
        .column(Column::PayAppNo)
        .column(Column::CreateDate)
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::PayeeAcctNo.eq(row.payee_acct_no.clone()))
        .filter(Column::PayAppAmt.eq(row.pay_app_amt))
        .filter(Column::BgtId.eq(row.bgt_id))
        .filter(Column::CreateDate.gte(since))
        .filter(Column::PayStatus.is_in(ALIVE))
        .filter(Column::PayAppId.ne(row.pay_app_id))
        .order_by_desc(Column::PayAppId)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.map(|(pay_app_no, create_date)| Duplicate { pay_app_no, create_date }))
}

/// What other applications have paid, or will, in advance on a commitment.
pub async fn prepaid<C: ConnectionTrait>(
    db: &C,
    row: &application::Model,
    commitment_id: Uuid,
) -> Result<Money, DbErr> {
    use application::Column;
    let amounts: Vec<Money> = application::Entity::find()
        .select_only()
        .column(Column::PayAppAmt)
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::CommitmentId.eq(commitment_id))
        .filter(Column::IsPrepayment.eq(true))
        .filter(Column::PayStatus.is_in(ALIVE))
        .filter(Column::PayAppId.ne(row.pay_app_id))
        .into_tuple()
        .all(db)
        .await?;
    Ok(Money::try_sum(amounts).unwrap_or_default())
}
