//! What this service hears from `budget-execution`, each event once. Types that it does not know are left aside.

use budget_execution_contract::{
    INDICATOR_ISSUED, IndicatorIssued, PAYMENT_PAID, PAYMENT_REFUNDED, PaymentPaid, PaymentRefunded,
};
use sea_orm::DatabaseTransaction;
use serde::de::DeserializeOwned;
use service_kit::{
    Problem,
    store::{
        inbox::{self, EventBatch, Taken},
        outbox::CloudEvent,
    },
};

use crate::{Monitoring, fact::store};

/// Takes an event.
pub(crate) async fn take(monitoring: &Monitoring, event: &CloudEvent) -> Result<(), Problem> {
    inbox::take(&monitoring.database, event, effect).await
}

/// Takes many events.
pub(crate) async fn take_batch(monitoring: &Monitoring, batch: &EventBatch) -> Result<Taken, Problem> {
    inbox::take_batch(&monitoring.database, batch, effect).await
}

async fn effect(tx: &DatabaseTransaction, events: &[&CloudEvent]) -> Result<(), Problem> {
    let (mut facts, mut indicators) = (Vec::new(), Vec::new());
    for event in events {
        match event.r#type.as_str() {
            PAYMENT_PAID => facts.push(paid(event, read(event)?)),
            PAYMENT_REFUNDED => facts.push(refunded(event, read(event)?)),
            INDICATOR_ISSUED => indicators.extend(issued(event, read(event)?)),
            _ => {}
        }
    }
    store::record(tx, facts).await?;
    Ok(store::record_indicators(tx, indicators).await?)
}

fn read<T: DeserializeOwned>(event: &CloudEvent) -> Result<T, Problem> {
    serde_json::from_value(event.data.clone()).map_err(Problem::malformed)
}

fn paid(event: &CloudEvent, paid: PaymentPaid) -> store::Model {
    store::Model {
        mof_div_code: paid.mof_div_code,
        fact_id: paid.pay_cert_id,
        fiscal_year: paid.fiscal_year,
        kind: store::PAID.to_owned(),
        document_id: paid.pay_app_id,
        agency_code: paid.agency_code,
        bgt_id: paid.charged_to.bgt_id,
        dep_bgt_eco_code: paid.charged_to.dep_bgt_eco_code,
        payee_acct_no: paid.payee_acct_no,
        payee_acct_name: paid.payee_acct_name,
        use_des: paid.use_des,
        amount: paid.xpay_amt,
        occurred_on: paid.xpay_date,
        recorded_at: event.time,
    }
}

fn refunded(event: &CloudEvent, refunded: PaymentRefunded) -> store::Model {
    store::Model {
        mof_div_code: refunded.mof_div_code,
        fact_id: refunded.ref_id,
        fiscal_year: refunded.fiscal_year,
        kind: store::REFUNDED.to_owned(),
        document_id: refunded.pay_cert_id,
        agency_code: refunded.agency_code,
        bgt_id: refunded.charged_to.bgt_id,
        dep_bgt_eco_code: refunded.charged_to.dep_bgt_eco_code,
        payee_acct_no: refunded.payee_acct_no,
        payee_acct_name: refunded.payee_acct_name,
        use_des: refunded.use_des,
        amount: refunded.ref_amt,
        occurred_on: refunded.ref_date,
        recorded_at: event.time,
    }
}

fn issued(event: &CloudEvent, issued: IndicatorIssued) -> Vec<store::indicator::Model> {
    let issued_on = service_kit::clock::china_date(event.time);
    let row = |item: budget_execution_contract::IssuedIndicator| {
        Some(store::indicator::Model {
            mof_div_code: issued.mof_div_code.clone(),
            bgt_id: item.bgt_id,
            fiscal_year: issued.fiscal_year,
            agency_code: item.elements.agency_code?,
            amount: item.amt,
            issued_on,
        })
    };
    issued.items.into_iter().filter_map(row).collect()
}
