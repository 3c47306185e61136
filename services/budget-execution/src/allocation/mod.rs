//! 实拨 (direct allocations): the treasury pays an account that is no zero-balance one, a special account, an insurance
//! fund, a unit outside the budget, a lower division. Reserved at submission (E16), on the cash plan too under double
//! control, paid by the central bank's receipt (E22) or given back (E17), once. Never of money that an application must
//! account for: unit funds, a procurement, a bond.

use budget_execution_contract::{Allocation, AllocationDraft, AllocationReceipt};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AccTypeCode, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, clock::china_date, http::Paged};
use uuid::Uuid;
use workflow::{BooksFilter, Document, Heading, Noun, Status, Transition, Work};

use crate::{
    CHAINS, Execution, RULES,
    cash_plan::control::{self, PlanLayer, Planned},
    indicator::{self, Indicator},
    ledger,
    payment::{self, posting::Movement, rules, view},
    peers::base_info::{Account, BaseInfo},
};

pub mod entity;
pub mod http;
mod model;
pub mod store;

use entity::{Model, Standing};

const DOCUMENT: &str = "allocation";
const NUMBER_RULE: &str = "BK";
const PAYERS: [AccTypeCode; 2] = [AccTypeCode::TreasurySingle, AccTypeCode::FiscalSpecial];

/// 拨款凭证.
pub struct Allocations;

impl Noun for Allocations {
    type Service = Execution;
    type Draft = AllocationDraft;
    /// The account that pays.
    type Known = Option<Account>;
    type Row = Model;
    type View = Allocation;
    type Filter = BooksFilter;

    const COLLECTION: &'static str = "allocations";
    const ID: &'static str = "pay_alloc_cert_id";
    const NAME: [&'static str; 2] = ["拨款凭证", "the allocation"];

    async fn ask(execution: &Execution, caller: &Caller, draft: &AllocationDraft) -> Result<Option<Account>, Problem> {
        require_maker(caller, draft)?;
        Ok(Some(payer(execution, draft).await?))
    }

    async fn check(
        work: Work<'_>,
        pay_alloc_cert_id: Uuid,
        draft: AllocationDraft,
        payer: Option<Account>,
    ) -> Result<Model, Problem> {
        require_maker(work.caller, &draft)?;
        let payer = payer.ok_or_else(|| Problem::internal(&"an allocation whose payer was not asked for"))?;
        let (number, create_time) = match store::find(work.tx, pay_alloc_cert_id).await? {
            Some(earlier) => (earlier.pay_alloc_cert_no, earlier.create_time),
            None => (next_number(work, &draft).await?, work.now),
        };
        checked(work.tx, draft, payer, (pay_alloc_cert_id, number, create_time)).await
    }

    fn heading(row: &Model) -> Heading {
        Heading {
            document_type: DOCUMENT,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: row.agency_code.clone(),
            chain: CHAINS.resolve(DOCUMENT, &row.mof_div_code, row.pay_amt),
        }
    }

    async fn insert(tx: &DatabaseTransaction, row: Model) -> Result<(), Problem> {
        Ok(store::insert(tx, row).await?)
    }

    async fn replace(tx: &DatabaseTransaction, _: Model, row: Model) -> Result<Model, Problem> {
        store::replace(tx, row.clone()).await?;
        Ok(row)
    }

    async fn find<C: ConnectionTrait>(db: &C, pay_alloc_cert_id: Uuid) -> Result<Option<Model>, Problem> {
        Ok(store::find(db, pay_alloc_cert_id).await?)
    }

    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &BooksFilter,
        paged: &Paged,
    ) -> Result<Vec<Model>, Problem> {
        Ok(store::page(db, caller, filter, paged.after_as()?, paged).await?)
    }

    fn id(row: &Model) -> Uuid {
        row.pay_alloc_cert_id
    }

    fn view(row: Model, document: &Document) -> Result<Allocation, Problem> {
        model::allocation(row, document)
    }

    /// Submission reserves, coming back and voiding give back.
    async fn effect(work: Work<'_>, row: Model, transition: &Transition) -> Result<Model, Problem> {
        let before = store::locked(work.tx, row.pay_alloc_cert_id).await?.ok_or_else(not_found)?;
        if transition.was_submitted() {
            return reserve(work, &before).await;
        }
        if transition.became_void() && before.status != Standing::Reserved {
            return Err(model::not_possible(&before));
        }
        if transition.went_back() || transition.became_void() {
            return end(work, &before, (Standing::Free, Movement::Release)).await;
        }
        Ok(before)
    }
}

fn require_maker(caller: &Caller, draft: &AllocationDraft) -> Result<(), Problem> {
    caller.require_in(&[Role::M3], &draft.mof_div_code, None)
}

/// PAY-006: the account that pays.
async fn payer(execution: &Execution, draft: &AllocationDraft) -> Result<Account, Problem> {
    let peer = BaseInfo(execution.peers.base_info.clone());
    let found = peer.account(&draft.mof_div_code, &draft.pay_acct_no).await?;
    found
        .filter(|account| account.is_enabled && account.agency_code.is_none())
        .filter(|account| PAYERS.contains(&account.acc_type_code))
        .ok_or_else(|| {
            let (zh, en) = ("实拨须由国库单一账户或财政专户付款", "the treasury's own account must pay");
            RULES.refuse("PAY-006", zh, en).at("/pay_acct_no", zh, en)
        })
}

async fn next_number(work: Work<'_>, draft: &AllocationDraft) -> Result<String, Problem> {
    let today = china_date(work.now);
    let number = payment::store::next_number(work.tx, &draft.mof_div_code, NUMBER_RULE, today).await?;
    Ok(format!("BK{}{}{number:05}", draft.mof_div_code.six(), today.format("%Y%m%d")))
}

async fn checked(
    tx: &DatabaseTransaction,
    draft: AllocationDraft,
    payer: Account,
    (pay_alloc_cert_id, pay_alloc_cert_no, create_time): (Uuid, String, DateTime<Utc>),
) -> Result<Model, Problem> {
    indicator::of_books(tx, draft.bgt_id, &draft.mof_div_code, draft.fiscal_year).await?;
    let indicator = indicator::executable(tx, draft.bgt_id).await?;
    model::require_allowed(&draft, &payer, &indicator.elements)?;
    indicator::require_available(tx, &indicator, draft.pay_amt).await?;
    let elements = indicator.elements;
    let kind = view::write(&draft.pay_alloc_type)?;
    Ok(Model {
        mof_div_code: draft.mof_div_code,
        pay_alloc_cert_id,
        pay_alloc_cert_no,
        vou_date: china_date(create_time),
        fiscal_year: draft.fiscal_year,
        agency_code: elements.agency_code,
        bgt_id: draft.bgt_id,
        exp_func_code: elements.exp_func_code,
        gov_bgt_eco_code: elements.gov_bgt_eco_code,
        pro_code: elements.pro_code,
        fund_type_code: elements.fund_type_code,
        pay_alloc_type: kind.as_str().unwrap_or_default().to_owned(),
        pay_amt: draft.pay_amt.money(),
        pay_acct_no: draft.pay_acct_no,
        pay_acct_name: payer.account_name,
        pay_acct_bank_name: payer.bank_name,
        payee_acct_name: draft.payee_acct_name,
        payee_acct_no: draft.payee_acct_no,
        payee_acct_bank_name: draft.payee_acct_bank_name,
        use_des: draft.use_des,
        status: Standing::Free,
        reservation_id: None,
        reason: String::new(),
        acc_date: None,
        create_time,
        is_contrlbyplan: false,
    })
}

/// Reserves the amount (E16) on the indicator and, where the division controls by it today, on the cash plan (PAY-025).
async fn reserve(work: Work<'_>, before: &Model) -> Result<Model, Problem> {
    let (Work { tx, now, .. }, today) = (work, china_date(work.now));
    payment::model::require_open_year(before.fiscal_year, today)?;
    let Model { mof_div_code, fiscal_year, bgt_id, pay_amt, .. } = before;
    let indicator = indicator::executable(tx, *bgt_id).await?;
    model::require_still_allowed(before, &indicator.elements)?;
    require_written_off(tx, &indicator).await?;
    let planned = Planned { mof_div_code, fiscal_year: *fiscal_year, bgt_id: *bgt_id };
    let PlanLayer { is_controlling, due } = control::require_layer(tx, planned, *pay_amt, today).await?;
    let reservation_id = Uuid::now_v7();
    let after = Model {
        status: Standing::Reserved,
        reservation_id: Some(reservation_id),
        is_contrlbyplan: is_controlling,
        ..before.clone()
    };
    if !store::advance(tx, before, &after).await? {
        return Err(model::not_possible(before));
    }
    let mut postings = due;
    postings.push(model::reserved(&after, reservation_id).posting((Movement::Reserve, *pay_amt), today)?);
    match ledger::post(tx, now, &postings).await {
        Ok(_) => Ok(after),
        Err(error) => Err(indicator::refusal::explained(tx, error, "BA-001").await),
    }
}

/// IG-005: an advance for the same purpose is written off before the indicator is used for the first time.
async fn require_written_off(tx: &DatabaseTransaction, indicator: &Indicator) -> Result<(), Problem> {
    let balances = ledger::balances_of_keys(tx, vec![indicator.bgt_id]).await?;
    let advances = indicator::advance::before_first_use(tx, std::iter::once(indicator), &balances).await?;
    match advances.get(&indicator.bgt_id) {
        Some(advance) => Err(rules::refusal(rules::budget::not_written_off(*advance))),
        None => Ok(()),
    }
}

/// Ends the reservation, on the layers that it began on.
async fn end(work: Work<'_>, before: &Model, (to, movement): (Standing, Movement)) -> Result<Model, Problem> {
    let Some(reservation_id) = before.reservation_id else { return Err(model::not_possible(before)) };
    let after = Model { status: to, reservation_id: None, ..before.clone() };
    if !store::advance(work.tx, before, &after).await? {
        return Err(model::not_possible(before));
    }
    let reserved = model::reserved(before, reservation_id);
    let posting = reserved.posting((movement, before.pay_amt), china_date(work.now))?;
    ledger::post(work.tx, work.now, &[posting]).await?;
    Ok(after)
}

/// The central bank paid, or did not; the same receipt again changes nothing.
pub async fn receive(
    work: Work<'_>,
    pay_alloc_cert_id: Uuid,
    receipt: &AllocationReceipt,
) -> Result<Allocation, Problem> {
    let Work { tx, now, caller, .. } = work;
    caller.require(&[Role::B2])?;
    let before = store::locked(tx, pay_alloc_cert_id)
        .await?
        .filter(|row| caller.reads_in(&row.mof_div_code, None))
        .ok_or_else(not_found)?;
    let document = workflow::document(tx, DOCUMENT, pay_alloc_cert_id).await?.ok_or_else(not_found)?;
    if model::says_the_same(&before, receipt.is_paid, receipt.acc_date) {
        return model::allocation(before, &document);
    }
    require_receivable(&before, &document, receipt, china_date(now))?;
    let outcome =
        if receipt.is_paid { (Standing::Allocated, Movement::Settle) } else { (Standing::Failed, Movement::Release) };
    let after = end(work, &before, outcome).await?;
    store::note_receipt(tx, &before, receipt.acc_date, &receipt.reason).await?;
    let (acc_date, reason) = (Some(receipt.acc_date), receipt.reason.clone());
    model::allocation(Model { acc_date, reason, ..after }, &document)
}

fn require_receivable(
    before: &Model,
    document: &Document,
    receipt: &AllocationReceipt,
    today: NaiveDate,
) -> Result<(), Problem> {
    if document.status != Status::Final || before.status != Standing::Reserved {
        return Err(model::not_possible(before));
    }
    if receipt.acc_date < before.vou_date || receipt.acc_date > today {
        return Err(Problem::field("/acc_date", "应在凭证日期与今日之间", "must lie between the voucher and today"));
    }
    if receipt.reason.chars().count() > 300 || (!receipt.is_paid && receipt.reason.trim().is_empty()) {
        return Err(Problem::field("/reason", "请说明失败原因，不超过 300 字", "a reason of at most 300 characters"));
    }
    Ok(())
}

fn not_found() -> Problem {
    workflow::noun::not_found::<Allocations>()
}
