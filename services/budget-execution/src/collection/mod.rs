//! 托收 (collections): taxes, insurance and supplies that a bank collects. The notice comes from the bank; the unit answers
//! it by one payment, which names it, or the bank withdraws it, never both. Never pays by itself.

use budget_execution_contract::{CollectionNotice, NewCollectionNotice, NoticeFilter, NoticeWithdrawal};
use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use service_kit::{Caller, Page, PageQuery, Problem};
use uuid::Uuid;

use crate::{Execution, RULES, peers::base_info};

pub mod http;
mod store;

/// Asks for the unit of a notice, before its transaction: there must be one in that division and year.
pub async fn require_unit(execution: &Execution, caller: &Caller, new: &NewCollectionNotice) -> Result<(), Problem> {
    require_bank(caller, &new.mof_div_code)?;
    let peer = &execution.peers.base_info;
    let unit = base_info::agency(peer, &new.mof_div_code, new.fiscal_year, &new.agency_code).await?;
    if unit.is_some_and(|unit| unit.is_enabled) {
        return Ok(());
    }
    let (zh, en) = ("单位不存在或已停用", "the unit does not exist or is disabled");
    Err(Problem::field("/agency_code", zh, en))
}

fn require_bank(caller: &Caller, division: &DivisionCode) -> Result<(), Problem> {
    caller.require(&[Role::B1])?;
    caller.require_readable(division, None, "托收通知", "the notice")
}

/// Takes a notice from a bank.
pub async fn take(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    new: NewCollectionNotice,
) -> Result<CollectionNotice, Problem> {
    require_bank(caller, &new.mof_div_code)?;
    require_texts(&new)?;
    let row = store::Model {
        mof_div_code: new.mof_div_code,
        notice_id: Uuid::now_v7(),
        fiscal_year: new.fiscal_year,
        agency_code: new.agency_code,
        entpay_app_no: new.entpay_app_no,
        payee_acct_name: new.payee_acct_name,
        payee_acct_no: new.payee_acct_no,
        payee_acct_bank_name: new.payee_acct_bank_name,
        pay_amt: new.pay_amt.money(),
        use_des: new.use_des,
        due_date: new.due_date,
        is_withdrawn: false,
        create_time: now,
    };
    if store::insert(tx, row.clone()).await? {
        return Ok(view(row));
    }
    let zh = format!("托收编号 {} 已存在", row.entpay_app_no);
    Err(RULES.refuse("BE-124", zh, format!("there is a notice {} already", row.entpay_app_no)))
}

fn require_texts(new: &NewCollectionNotice) -> Result<(), Problem> {
    let texts = [
        ("/entpay_app_no", &new.entpay_app_no, 100),
        ("/payee_acct_name", &new.payee_acct_name, 300),
        ("/payee_acct_bank_name", &new.payee_acct_bank_name, 180),
        ("/use_des", &new.use_des, 300),
    ];
    let is_wrong = |text: &str, longest| text.trim().is_empty() || text.chars().count() > longest;
    match texts.into_iter().find(|(_, text, longest)| is_wrong(text, *longest)) {
        None => Ok(()),
        Some((pointer, _, longest)) => Err(Problem::field(
            pointer,
            format!("应为 1 至 {longest} 字"),
            format!("1 to {longest} characters are needed"),
        )),
    }
}

/// The bank does not collect it any more; BE-126 while a payment answers it, and after it was paid.
pub async fn withdraw(
    tx: &DatabaseTransaction,
    caller: &Caller,
    notice_id: Uuid,
    request: &NoticeWithdrawal,
) -> Result<CollectionNotice, Problem> {
    caller.require(&[Role::B1])?;
    let row = store::find(tx, notice_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, None, "托收通知", "the notice")?;
    if request.reason.trim().is_empty() {
        return Err(Problem::field("/reason", "请说明撤销原因", "a reason is needed"));
    }
    if !store::withdraw(tx, &row).await? {
        return Err(Problem::conflict("托收通知已撤销", "the notice was withdrawn before"));
    }
    if !store::claim(tx, &row).await? {
        let (zh, en) = (format!("托收通知 {} 已有支付在办或已支付", row.entpay_app_no), "a payment answers the notice");
        return Err(RULES.refuse("BE-126", zh, en).with("pay_app_id", store::claimant(tx, &row).await?));
    }
    Ok(view(store::Model { is_withdrawn: true, ..row }))
}

/// The notice of that number for the unit.
pub async fn numbered<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    agency: &AgencyCode,
    number: &str,
) -> Result<Option<CollectionNotice>, DbErr> {
    Ok(store::numbered(db, division, agency, number).await?.map(view))
}

/// One notice within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, notice_id: Uuid) -> Result<CollectionNotice, Problem> {
    let row = store::find(db, notice_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, Some(&row.agency_code), "托收通知", "the notice")?;
    Ok(view(row))
}

/// Notices within reach.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: NoticeFilter,
) -> Result<Page<CollectionNotice>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token }.paged()?;
    let of = (filter.mof_div_code, filter.agency_code);
    let rows = store::page(db, caller, of, paged.after_as()?, &paged).await?;
    let page = Page::of(rows, &paged, |row| row.notice_id.to_string());
    Ok(Page { items: page.items.into_iter().map(view).collect(), next_page_token: page.next_page_token })
}

fn view(row: store::Model) -> CollectionNotice {
    CollectionNotice {
        notice_id: row.notice_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        entpay_app_no: row.entpay_app_no,
        payee_acct_name: row.payee_acct_name,
        payee_acct_no: row.payee_acct_no,
        payee_acct_bank_name: row.payee_acct_bank_name,
        pay_amt: row.pay_amt,
        use_des: row.use_des,
        due_date: row.due_date,
        is_withdrawn: row.is_withdrawn,
        create_time: row.create_time,
    }
}

fn not_found() -> Problem {
    Problem::not_found("托收通知", "the notice")
}
