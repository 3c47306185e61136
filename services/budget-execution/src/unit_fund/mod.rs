//! 单位资金 (unit funds): what the deposit accounts of units hold, as their banks tell, and what payments reserve on them
//! (PAY-024). An application reserves on its indicator and on its account together, and ends both together; a refund
//! goes back to both.

use budget_execution_contract::{AccountBalance, AccountBalanceFilter, NewAccountBalance};
use chrono::{DateTime, Utc};
use common_types::{AccountNo, DivisionCode, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use service_kit::{Caller, Page, PageQuery, Problem};

use crate::RULES;

pub mod http;
mod store;

/// Notes what the bank says that an account holds.
pub async fn report(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    told: &NewAccountBalance,
) -> Result<AccountBalance, Problem> {
    caller.require(&[Role::B1])?;
    caller.require_readable(&told.mof_div_code, None, "账户", "the account")?;
    let account = (&told.mof_div_code, &told.account_no);
    if told.as_of > now {
        return Err(Problem::field("/as_of", "不得晚于当前时间", "must not lie ahead"));
    }
    if !store::report(tx, now, account, (told.balance_amt, told.as_of)).await? {
        let en = "a later balance of the account was told before";
        return Err(RULES.refuse("BE-123", "该账户已有更晚的余额", en));
    }
    let row = store::find(tx, account.0, account.1).await?.ok_or_else(not_found)?;
    Ok(view(row))
}

/// What an account has left for payments; none when its bank never told.
pub async fn available<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    number: &AccountNo,
) -> Result<Option<Money>, DbErr> {
    Ok(store::find(db, division, number).await?.map(|row| view(row).available))
}

/// PAY-024: reserves an amount on the account, in one statement with its guard.
pub async fn reserve(
    tx: &DatabaseTransaction,
    account: (&DivisionCode, &AccountNo),
    amount: Money,
) -> Result<(), Problem> {
    if store::reserve(tx, account, amount).await? {
        return Ok(());
    }
    let available = available(tx, account.0, account.1).await?;
    let told = available.map_or_else(|| "未知".to_owned(), |amount| amount.to_string());
    let zh = format!("账户 {} 可用余额 {told}，本次支付 {amount}", account.1);
    let en = format!("account {} has {} left, {amount} is asked for", account.1, available.unwrap_or_default());
    Err(RULES
        .refuse("PAY-024", zh.clone(), en.clone())
        .at("/pay_app_amt", zh, en)
        .with("balance_amt", available)
        .with("requested", amount))
}

/// Ends a reservation: what was paid of it leaves the account.
pub async fn end(
    tx: &DatabaseTransaction,
    account: (&DivisionCode, &AccountNo),
    (reserved, paid): (Money, Money),
) -> Result<(), Problem> {
    if store::end(tx, account, (reserved, paid)).await? {
        return Ok(());
    }
    Err(Problem::internal(&format!("{reserved} is not reserved on account {}", account.1)))
}

/// Money that was paid from the account came back to it.
pub async fn take_back(
    tx: &DatabaseTransaction,
    account: (&DivisionCode, &AccountNo),
    amount: Money,
) -> Result<(), Problem> {
    if store::take_back(tx, account, amount).await? {
        return Ok(());
    }
    Err(Problem::internal(&format!("account {} paid, but was never told of", account.1)))
}

/// The accounts of a division.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: AccountBalanceFilter,
) -> Result<Page<AccountBalance>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token }.paged()?;
    let division = filter.mof_div_code.unwrap_or_else(|| caller.mof_div_code.clone());
    let rows = store::page(db, caller, &division, paged.after_as::<String>()?, &paged).await?;
    let page = Page::of(rows, &paged, |row| row.account_no.to_string());
    Ok(Page { items: page.items.into_iter().map(view).collect(), next_page_token: page.next_page_token })
}

fn view(row: store::Model) -> AccountBalance {
    AccountBalance {
        available: row.balance_amt.checked_sub(row.reserved_amt).unwrap_or_default(),
        mof_div_code: row.mof_div_code,
        account_no: row.account_no,
        balance_amt: row.balance_amt,
        reserved_amt: row.reserved_amt,
        as_of: row.as_of,
    }
}

fn not_found() -> Problem {
    Problem::not_found("账户", "the account")
}
