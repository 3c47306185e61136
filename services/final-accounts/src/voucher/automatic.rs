//! Vouchers that payments, refunds and corrections make by themselves, each once (自动凭证, ACC-005).

use budget_execution_contract::{PaymentCorrected, PaymentPaid, PaymentRefunded};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use final_accounts_contract::{VoucherLine, VoucherSource};
use sea_orm::DatabaseTransaction;
use service_kit::Problem;
use uuid::Uuid;

use super::{ADJUST_PERIOD, NewVoucher, PLATFORM, scheme, store};
use crate::{
    books::{self, Unit},
    closing,
};

const LONGEST_TEXT: usize = 300;

struct Fact {
    unit: Unit,
    kind: VoucherSource,
    id: Uuid,
    pay_cert_no: String,
    date: NaiveDate,
    text: String,
    red_flag: bool,
    lines: Vec<VoucherLine>,
}

fn shortened(text: String) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

/// 支付成功: both groups of a payment.
pub(crate) async fn paid(tx: &DatabaseTransaction, now: DateTime<Utc>, paid: PaymentPaid) -> Result<(), Problem> {
    let text = shortened(paid.use_des);
    let lines = scheme::lines(&paid.charged_to, paid.agency_type_code, paid.xpay_amt, false, &text)?;
    let unit = Unit { mof_div_code: paid.mof_div_code, fiscal_year: paid.fiscal_year, agency_code: paid.agency_code };
    let (kind, id, date) = (VoucherSource::Payment, paid.pay_cert_id, paid.xpay_date);
    let fact = Fact { unit, kind, id, pay_cert_no: paid.pay_cert_no, date, text, red_flag: false, lines };
    record(tx, now, fact).await
}

/// 退款: the payment's lines with the sides reversed.
pub(crate) async fn refunded(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    refund: PaymentRefunded,
) -> Result<(), Problem> {
    let text = shortened(format!("退款：{}", refund.ref_reason));
    let lines = scheme::lines(&refund.charged_to, refund.agency_type_code, refund.ref_amt, true, &text)?;
    let unit =
        Unit { mof_div_code: refund.mof_div_code, fiscal_year: refund.fiscal_year, agency_code: refund.agency_code };
    let (kind, id, date) = (VoucherSource::Refund, refund.ref_id, refund.ref_date);
    let fact = Fact { unit, kind, id, pay_cert_no: refund.pay_cert_no, date, text, red_flag: true, lines };
    record(tx, now, fact).await
}

/// 更正: reverses what was charged and charges anew, in one voucher.
pub(crate) async fn corrected(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    correction: PaymentCorrected,
) -> Result<(), Problem> {
    let text = shortened(format!("更正：{}", correction.use_des));
    let kind = correction.agency_type_code;
    let mut lines = scheme::lines(&correction.from, kind, correction.amount, true, &text)?;
    lines.extend(scheme::lines(&correction.to, kind, correction.amount, false, &text)?);
    let unit = Unit {
        mof_div_code: correction.mof_div_code,
        fiscal_year: correction.fiscal_year,
        agency_code: correction.agency_code,
    };
    let (kind, id, date) = (VoucherSource::Correction, correction.correct_id, correction.correct_date);
    let fact = Fact { unit, kind, id, pay_cert_no: correction.pay_cert_no, date, text, red_flag: true, lines };
    record(tx, now, fact).await
}

/// Posts a fact once. In a closed year it goes to the adjustment period (ACC-006) and is carried over at once.
async fn record(tx: &DatabaseTransaction, now: DateTime<Utc>, fact: Fact) -> Result<(), Problem> {
    let books = books::store::hold(tx, &fact.unit).await?;
    if store::exists(tx, fact.kind, fact.id).await? {
        return Ok(());
    }
    let is_late = books.is_locked || fact.date.year() != i32::from(fact.unit.fiscal_year.get());
    let month = fact.date.month().try_into().unwrap_or(ADJUST_PERIOD);
    let new = NewVoucher {
        unit: fact.unit.clone(),
        acct_period: if is_late { ADJUST_PERIOD } else { month },
        voucher_date: fact.date,
        voucher_abs: fact.text,
        source_kind: fact.kind,
        source_id: fact.id,
        pay_cert_no: Some(fact.pay_cert_no),
        red_flag: fact.red_flag,
        inputer: PLATFORM.to_owned(),
        lines: fact.lines,
    };
    super::record(tx, now, new).await?;
    if books.is_locked {
        closing::carry_over(tx, now, &fact.unit, PLATFORM).await?;
    }
    Ok(())
}
