//! What this service hears from `budget-execution`, each event once. Types that it does not know are left aside.

use budget_execution_contract::{
    INDICATOR_ISSUED, IndicatorIssued, PAYMENT_PAID, PAYMENT_REFUNDED, PaymentPaid, PaymentRefunded,
};
use sea_orm::DatabaseTransaction;
use serde::de::DeserializeOwned;
use service_kit::{
    Problem,
    store::{inbox, outbox::CloudEvent},
};

use crate::{Monitoring, fact::store};

/// Takes an event.
pub(crate) async fn take(monitoring: &Monitoring, event: &CloudEvent) -> Result<(), Problem> {
    let now = monitoring.database.clock().now();
    let tx = monitoring.database.begin_write().await?;
    if inbox::accept(&tx, event, now).await? {
        match event.r#type.as_str() {
            PAYMENT_PAID => paid(&tx, event, read(event)?).await?,
            PAYMENT_REFUNDED => refunded(&tx, event, read(event)?).await?,
            INDICATOR_ISSUED => issued(&tx, event, read(event)?).await?,
            _ => {}
        }
    }
    tx.commit().await?;
    Ok(())
}

fn read<T: DeserializeOwned>(event: &CloudEvent) -> Result<T, Problem> {
    serde_json::from_value(event.data.clone()).map_err(Problem::malformed)
}

async fn paid(tx: &DatabaseTransaction, event: &CloudEvent, paid: PaymentPaid) -> Result<(), Problem> {
    let fact = store::Model {
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
    };
    Ok(store::record(tx, fact).await?)
}

async fn refunded(tx: &DatabaseTransaction, event: &CloudEvent, refunded: PaymentRefunded) -> Result<(), Problem> {
    let fact = store::Model {
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
    };
    Ok(store::record(tx, fact).await?)
}

async fn issued(tx: &DatabaseTransaction, event: &CloudEvent, issued: IndicatorIssued) -> Result<(), Problem> {
    let issued_on = service_kit::clock::china_date(event.time);
    for item in issued.items {
        let Some(agency_code) = item.elements.agency_code else { continue };
        let row = store::indicator::Model {
            mof_div_code: issued.mof_div_code.clone(),
            bgt_id: item.bgt_id,
            fiscal_year: issued.fiscal_year,
            agency_code,
            amount: item.amt,
            issued_on,
        };
        store::record_indicator(tx, row).await?;
    }
    Ok(())
}
