//! Quota notices (清算额度通知单): what finance lets the bank be repaid for a list of paid vouchers, by unit and
//! function: 5106 for authorised payments (授权支付), 5108 for direct ones (直接支付).

use std::collections::BTreeMap;

use budget_execution_contract::{BankQuota, DayFilter, QuotaLine, QuotaNotice};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, PageQuery, Problem};

use super::{
    entity::{certificate, notice, notice_line, sum},
    model::{Bundle, Kind},
    store,
};
use crate::Execution;

const NUMBER_RULE: &str = "QE";

/// Issues a notice for each list that has something paid, and writes its number on the list.
pub async fn issue(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &certificate::Model,
    sums: &mut [sum::Model],
    bundles: &BTreeMap<Kind, Bundle>,
) -> Result<(), Problem> {
    let (mut notices, mut lines) = (Vec::new(), Vec::new());
    for (sum, bundle) in sums.iter_mut().zip(bundles.values()).filter(|(sum, _)| sum.paid_amt.is_positive()) {
        let number = crate::payment::store::next_number(tx, &row.mof_div_code, NUMBER_RULE, row.day).await?;
        let number = format!("{NUMBER_RULE}{}{}{number:05}", row.mof_div_code.six(), row.day.format("%Y%m%d"));
        sum.lqd_quota_notice_no = Some(number.clone());
        lines.extend(bundle.by_unit.iter().map(|((agency_code, exp_func_code), amount)| notice_line::Model {
            mof_div_code: row.mof_div_code.clone(),
            lqd_quota_notice_no: number.clone(),
            agency_code: agency_code.clone(),
            exp_func_code: exp_func_code.clone(),
            notice_amt: *amount,
        }));
        notices.push(notice::Model {
            mof_div_code: row.mof_div_code.clone(),
            lqd_quota_notice_no: number,
            vt_code: sum.vt_code.clone(),
            fiscal_year: row.fiscal_year,
            day: row.day,
            lqd_cert_no: row.lqd_cert_no.clone(),
            pay_cert_sum_no: sum.pay_cert_sum_no.clone(),
            fund_type_code: sum.fund_type_code.clone(),
            notice_amt: sum.paid_amt,
            create_time: now,
        });
    }
    Ok(store::insert_notices(tx, notices, lines).await?)
}

/// The notice as the bank gets it.
pub fn of_bank(row: notice::Model) -> BankQuota {
    BankQuota { lqd_quota_notice_no: row.lqd_quota_notice_no, vt_code: row.vt_code, notice_amt: row.notice_amt }
}

/// Quota notices of a division that the caller may read.
pub async fn list(execution: &Execution, caller: &Caller, filter: &DayFilter) -> Result<Page<QuotaNotice>, Problem> {
    caller.require_readable(&filter.mof_div_code, None, "清算额度通知单", "the quota notices")?;
    let query = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() };
    let (paged, db) = (query.paged()?, execution.database.read());
    let rows = store::notices(db, &filter.mof_div_code, filter.day, &paged, paged.after.clone()).await?;
    let page = Page::of(rows, &paged, |row| row.lqd_quota_notice_no.clone());
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let lines = store::notice_lines(db, &row.mof_div_code, &row.lqd_quota_notice_no).await?;
        items.push(view(row, lines));
    }
    Ok(Page { items, next_page_token: page.next_page_token })
}

fn view(row: notice::Model, lines: Vec<notice_line::Model>) -> QuotaNotice {
    QuotaNotice {
        lqd_quota_notice_no: row.lqd_quota_notice_no,
        vt_code: row.vt_code,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        day: row.day,
        pay_cert_sum_no: row.pay_cert_sum_no,
        fund_type_code: row.fund_type_code.to_string(),
        notice_amt: row.notice_amt,
        lines: lines
            .into_iter()
            .map(|line| QuotaLine {
                agency_code: line.agency_code,
                exp_func_code: line.exp_func_code,
                notice_amt: line.notice_amt,
            })
            .collect(),
    }
}
