//! Unit vouchers (单位会计凭证): made by themselves from payments, and by hand under review.

pub(crate) mod automatic;
pub(crate) mod entity;
pub(crate) mod http;
mod mapping;
pub(crate) mod model;
mod scheme;
pub(crate) mod store;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use common_types::{Money, Role};
use final_accounts_contract::{
    UnitVoucher, UnitVoucherDraft, UnitVoucherFilter, VoucherLine, VoucherSource, VoucherStatus,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, Problem, http::Paged};
use uuid::Uuid;
use workflow::{Act, Action, ActionRequest, NewDocument, Status};

use crate::{
    CHAINS, RULES,
    books::{self, Unit},
    scope,
};

const DOCUMENT: &str = "unit-voucher";
/// The period of year end adjustments (ACC-006).
pub(crate) const ADJUST_PERIOD: i32 = 13;
const PLATFORM: &str = "platform";

/// What a voucher is made of.
pub(crate) struct NewVoucher {
    pub(crate) unit: Unit,
    pub(crate) acct_period: i32,
    pub(crate) voucher_date: NaiveDate,
    pub(crate) voucher_abs: String,
    pub(crate) source_kind: VoucherSource,
    pub(crate) source_id: Uuid,
    pub(crate) pay_cert_no: Option<String>,
    pub(crate) red_flag: bool,
    pub(crate) inputer: String,
    pub(crate) lines: Vec<VoucherLine>,
}

/// Keeps a draft voucher; ACC-001 when it does not balance.
async fn keep(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    new: NewVoucher,
    vou_id: Uuid,
) -> Result<entity::head::Model, Problem> {
    let totals = model::balanced(&new.lines)?;
    let head = entity::head::Model {
        mof_div_code: new.unit.mof_div_code,
        vou_id,
        fiscal_year: new.unit.fiscal_year,
        agency_code: new.unit.agency_code,
        acct_period: new.acct_period,
        voucher_no: None,
        voucher_abs: new.voucher_abs,
        voucher_date: new.voucher_date,
        source_kind: new.source_kind.word().to_owned(),
        source_id: new.source_id,
        pay_cert_no: new.pay_cert_no,
        vou_status: VoucherStatus::Draft.word().to_owned(),
        red_flag: new.red_flag,
        is_adjust_period: new.acct_period == ADJUST_PERIOD,
        is_carry_over: new.source_kind == VoucherSource::YearEnd,
        inputer: new.inputer,
        poster: None,
        dr_amt: totals.dr_amt,
        cr_amt: totals.cr_amt,
        dr_ys_amt: totals.dr_ys_amt,
        cr_ys_amt: totals.cr_ys_amt,
        create_time: now,
        post_time: None,
    };
    store::insert(tx, &head, &new.lines).await?;
    Ok(head)
}

/// Keeps and posts a voucher of the platform itself; call it with the books held.
pub(crate) async fn record(tx: &DatabaseTransaction, now: DateTime<Utc>, new: NewVoucher) -> Result<Uuid, Problem> {
    let unit = new.unit.clone();
    let head = keep(tx, now, new, Uuid::now_v7()).await?;
    let number = books::store::next_no(tx, &unit).await?;
    store::post(tx, head.vou_id, number, PLATFORM, now).await?;
    Ok(head.vou_id)
}

/// Drafts a manual voucher (手工凭证).
pub(crate) async fn create(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: UnitVoucherDraft,
) -> Result<UnitVoucher, Problem> {
    caller.require_in(&[Role::U3], &draft.mof_div_code, Some(&draft.agency_code))?;
    if draft.voucher_date.year() != i32::from(draft.fiscal_year.get()) {
        let (zh, en) = ("凭证日期不在本年度内", "the date is outside the fiscal year");
        return Err(RULES.refuse("ACC-006", zh, en).at("/voucher_date", zh, en));
    }
    if draft.voucher_abs.trim().is_empty() {
        return Err(Problem::field("/voucher_abs", "请填写摘要", "a summary is needed"));
    }
    model::check_text("/voucher_abs", &draft.voucher_abs)?;
    model::check_lines(&draft.details)?;
    let unit =
        Unit { mof_div_code: draft.mof_div_code, fiscal_year: draft.fiscal_year, agency_code: draft.agency_code };
    require_open(tx, &unit).await?;
    let vou_id = Uuid::now_v7();
    let month = draft.voucher_date.month().try_into().unwrap_or(ADJUST_PERIOD);
    let new = NewVoucher {
        unit: unit.clone(),
        acct_period: if draft.is_adjust_period { ADJUST_PERIOD } else { month },
        voucher_date: draft.voucher_date,
        voucher_abs: draft.voucher_abs,
        source_kind: VoucherSource::Manual,
        source_id: vou_id,
        pay_cert_no: None,
        red_flag: false,
        inputer: caller.subject.clone(),
        lines: draft.details,
    };
    keep(tx, now, new, vou_id).await?;
    let document = NewDocument {
        document_id: vou_id,
        document_type: DOCUMENT,
        chain: CHAINS.resolve(DOCUMENT, &unit.mof_div_code, Money::ZERO),
        mof_div_code: unit.mof_div_code,
        fiscal_year: unit.fiscal_year,
        agency_code: Some(unit.agency_code),
    };
    workflow::open(tx, now, caller, document).await?;
    view(tx, vou_id).await
}

/// ACC-002 when the year of the unit is closed; holds the books.
async fn require_open(tx: &DatabaseTransaction, unit: &Unit) -> Result<(), Problem> {
    if !books::store::hold(tx, unit).await?.is_locked {
        return Ok(());
    }
    let (agency, year) = (&unit.agency_code, unit.fiscal_year.get());
    let (zh, en) = (format!("单位 {agency} {year} 年度已结账"), format!("{year} of unit {agency} is closed"));
    Err(RULES.refuse("ACC-002", zh, en))
}

/// Carries out a workflow action; the last approval posts the voucher.
pub(crate) async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    vou_id: Uuid,
    request: &ActionRequest,
) -> Result<UnitVoucher, Problem> {
    let act = Act { document_type: DOCUMENT, document_id: vou_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    if transition.became_void() {
        let (zh, en) = ("凭证已记账，不能作废", "the voucher is posted and cannot be voided");
        return Err(RULES.refuse("ACC-003", zh, en));
    }
    let needs_open_books = matches!(request.action, Action::Submit | Action::Approve);
    if needs_open_books {
        let head = store::by_id(tx, vou_id).await?.ok_or_else(not_found)?;
        let unit = unit_of(&head);
        require_open(tx, &unit).await?;
        if transition.became_final() {
            let number = books::store::next_no(tx, &unit).await?;
            store::post(tx, vou_id, number, &caller.subject, now).await?;
        }
    }
    if transition.after.status == Status::Deleted {
        store::delete(tx, vou_id).await?;
    }
    view(tx, vou_id).await
}

fn unit_of(head: &entity::head::Model) -> Unit {
    Unit {
        mof_div_code: head.mof_div_code.clone(),
        fiscal_year: head.fiscal_year,
        agency_code: head.agency_code.clone(),
    }
}

fn not_found() -> Problem {
    Problem::not_found("凭证", "the voucher")
}

/// A voucher with all its lines.
pub(crate) async fn view<C: ConnectionTrait>(db: &C, vou_id: Uuid) -> Result<UnitVoucher, Problem> {
    let head = store::by_id(db, vou_id).await?.ok_or_else(not_found)?;
    views(db, vec![head]).await?.pop().ok_or_else(not_found)
}

/// A voucher within the caller's reach.
pub(crate) async fn shown<C: ConnectionTrait>(db: &C, caller: &Caller, vou_id: Uuid) -> Result<UnitVoucher, Problem> {
    let voucher = view(db, vou_id).await?;
    caller.require_readable(&voucher.mof_div_code, Some(&voucher.agency_code), "凭证", "the voucher")?;
    Ok(voucher)
}

async fn views<C: ConnectionTrait>(db: &C, heads: Vec<entity::head::Model>) -> Result<Vec<UnitVoucher>, Problem> {
    let ids: Vec<Uuid> = heads.iter().map(|head| head.vou_id).collect();
    let mut details = store::details(db, ids.clone()).await?;
    let documents = workflow::documents(db, ids).await?;
    let one = |head: entity::head::Model| {
        let lines = details.remove(&head.vou_id).unwrap_or_default();
        let state = documents.get(&head.vou_id).map(workflow::Document::state);
        mapping::view(head, lines, state)
    };
    heads.into_iter().map(one).collect()
}

/// Vouchers within the caller's reach.
pub(crate) async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &UnitVoucherFilter,
    paged: &Paged,
) -> Result<Page<UnitVoucher>, Problem> {
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    let heads = Page::of(store::page(db, caller, &division, filter, paged).await?, paged, |row| row.vou_id.to_string());
    Ok(Page { items: views(db, heads.items).await?, next_page_token: heads.next_page_token })
}
