//! Bank accounts (银行账户) of units and of the finance bureau.

pub mod http;
pub mod store;

use base_info_contract::{Account, AccountFilter, NewAccount};
use common_types::{AccTypeCode, Role};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, Problem};
use uuid::Uuid;

use crate::{BaseInfo, RULES, payee, scope};

const KEEPERS: [Role; 2] = [Role::M7, Role::M3];

/// Opens an account (BI-005): approved by the treasury division or an administrator.
pub async fn create(tx: &DatabaseTransaction, caller: &Caller, new: NewAccount) -> Result<Account, Problem> {
    caller.require(&KEEPERS)?;
    if !caller.mof_div_code.contains(&new.mof_div_code) {
        return Err(Problem::not_found("区划", "the division"));
    }
    check(&new)?;
    let account = Account {
        account_id: Uuid::now_v7(),
        mof_div_code: new.mof_div_code,
        agency_code: new.agency_code,
        account_no: new.account_no,
        account_name: new.account_name,
        bank_code: new.bank_code,
        bank_name: new.bank_name,
        acc_type_code: new.acc_type_code,
        approve_no: new.approve_no,
        is_enabled: true,
    };
    if store::insert(tx, &account).await? {
        return Ok(account);
    }
    let number = &account.account_no;
    Err(RULES.refuse("BI-006", format!("账号 {number} 已登记"), format!("{number} is registered already")))
}

/// Stops an account; one that is stopped stays so.
pub async fn stop(tx: &DatabaseTransaction, caller: &Caller, account_id: Uuid) -> Result<Account, Problem> {
    caller.require(&KEEPERS)?;
    let is_in_reach = |account: &Account| caller.mof_div_code.contains(&account.mof_div_code);
    let not_found = || Problem::not_found("账户", "the account");
    let account = store::find(tx, account_id).await?.filter(is_in_reach).ok_or_else(not_found)?;
    store::stop(tx, &account).await?;
    Ok(Account { is_enabled: false, ..account })
}

fn check(new: &NewAccount) -> Result<(), Problem> {
    payee::check_bank_code("/bank_code", &new.bank_code)?;
    let needs_unit =
        [AccTypeCode::AgencyZeroBalance, AccTypeCode::AgencyBasicDeposit, AccTypeCode::AgencySpecialDeposit];
    if needs_unit.contains(&new.acc_type_code) && new.agency_code.is_none() {
        let (zh, en) = ("单位账户必须指明所属单位", "an account of a unit names the unit");
        return Err(RULES.refuse("BI-005", zh, en).at("/agency_code", zh, en));
    }
    if new.approve_no.trim().is_empty() {
        let (zh, en) = ("开户须有批准文号", "an opening needs its approval");
        return Err(RULES.refuse("BI-005", zh, en).at("/approve_no", zh, en));
    }
    Ok(())
}

/// Accounts that the caller reaches.
pub async fn list(base_info: &BaseInfo, caller: &Caller, filter: &AccountFilter) -> Result<Page<Account>, Problem> {
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    store::list(base_info.database.read(), &division, caller.agency_code.as_ref(), filter).await
}
