//! SQL that looks for applications like one another (PAY-015).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common_types::Money;
use sea_orm::{
    ActiveEnum as _, ActiveValue::Set, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, entity::prelude::*,
};
use service_kit::store::rows;

use crate::payment::{
    entity::{Standing, application},
    rules::Duplicate,
};

/// Where an application stands that pays, will pay or may pay.
const ALIVE: [Standing; 6] =
    [Standing::InReview, Standing::Held, Standing::Approved, Standing::Vouchered, Standing::Paid, Standing::Hung];

/// The latest application like each of these since its day: the same indicator, payee and amount.
pub async fn duplicates<C: ConnectionTrait>(
    db: &C,
    asked: Vec<(&application::Model, NaiveDate)>,
) -> Result<BTreeMap<Uuid, Duplicate>, DbErr> {
    let mut found = BTreeMap::new();
    if asked.is_empty() {
        return Ok(found);
    }
    if db.get_database_backend() == DbBackend::Postgres {
        let alive = ALIVE.map(|standing| format!("'{}'", standing.to_value())).join(", ");
        let sql = |r: &str| {
            format!(
                "SELECT one.pay_app_id, other.pay_app_no, other.create_date FROM {r} \
             JOIN pay_voucher one ON one.mof_div_code = r.mof_div_code AND one.pay_app_id = r.pay_app_id \
             CROSS JOIN LATERAL (SELECT b.pay_app_no, b.create_date FROM pay_voucher b \
             WHERE b.mof_div_code = one.mof_div_code AND b.payee_acct_no = one.payee_acct_no \
             AND b.pay_app_amt = one.pay_app_amt AND b.bgt_id = one.bgt_id AND b.create_date >= r.create_date \
             AND b.pay_status IN ({alive}) AND b.pay_app_id <> one.pay_app_id ORDER BY b.pay_app_id DESC LIMIT 1) other"
            )
        };
        let since = |(row, since): &(&application::Model, NaiveDate)| application::ActiveModel {
            mof_div_code: Set(row.mof_div_code.clone()),
            pay_app_id: Set(row.pay_app_id),
            create_date: Set(*since),
            ..Default::default()
        };
        let asked: Vec<_> = asked.iter().map(since).collect();
        for like in rows::select(db, &asked, sql).await? {
            let Like { pay_app_id, pay_app_no, create_date } = like;
            found.insert(pay_app_id, Duplicate { pay_app_no, create_date });
        }
        return Ok(found);
    }
    for (row, since) in asked {
        if let Some(like) = duplicate(db, row, since).await? {
            found.insert(row.pay_app_id, like);
        }
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct Like {
    pay_app_id: Uuid,
    pay_app_no: String,
    create_date: NaiveDate,
}

async fn duplicate<C: ConnectionTrait>(
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
