//! Payees (收款人) and the blacklist of a division.

pub mod http;
pub mod store;

use base_info_contract::{BlacklistChange, NewPayee, Payee, PayeeFilter};
use common_types::Role;
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, Problem};
use uuid::Uuid;

use crate::{BaseInfo, RULES, scope};

const BANK_CODE_LENGTH: usize = 12;
const SUPERVISORS: [Role; 2] = [Role::M5, Role::M7];

/// Records a payee; only the supervisors put one on the blacklist, with a basis.
pub async fn create(tx: &DatabaseTransaction, caller: &Caller, new: NewPayee) -> Result<Payee, Problem> {
    let may_record = [Role::U1, Role::M3, Role::M5, Role::M7];
    caller.require(if new.is_blacklisted { &SUPERVISORS } else { &may_record })?;
    if !caller.mof_div_code.contains(&new.mof_div_code) {
        return Err(Problem::not_found("区划", "the division"));
    }
    check_bank_code("/payee_acct_bank_code", &new.payee_acct_bank_code)?;
    if new.is_blacklisted && new.basis.trim().is_empty() {
        return Err(Problem::field("/basis", "列入黑名单须有依据", "a blacklist entry needs its basis"));
    }
    let payee = Payee {
        payee_id: Uuid::now_v7(),
        mof_div_code: new.mof_div_code,
        payee_acct_name: new.payee_acct_name,
        payee_acct_no: new.payee_acct_no,
        payee_acct_bank_name: new.payee_acct_bank_name,
        payee_acct_bank_code: new.payee_acct_bank_code,
        is_blacklisted: new.is_blacklisted,
        basis: new.basis,
    };
    if store::insert(tx, &payee).await? {
        return Ok(payee);
    }
    let number = &payee.payee_acct_no;
    Err(RULES.refuse("BI-006", format!("收款账号 {number} 已登记"), format!("{number} is registered already")))
}

/// Puts a payee on the blacklist or takes it off: the supervisors only, and with a basis both times.
pub async fn change_blacklist(
    tx: &DatabaseTransaction,
    caller: &Caller,
    payee_id: Uuid,
    change: BlacklistChange,
) -> Result<Payee, Problem> {
    caller.require(&SUPERVISORS)?;
    let is_in_reach = |payee: &Payee| caller.mof_div_code.contains(&payee.mof_div_code);
    let not_found = || Problem::not_found("收款人", "the payee");
    let payee = store::find(tx, payee_id).await?.filter(is_in_reach).ok_or_else(not_found)?;
    if change.basis.trim().is_empty() {
        return Err(Problem::field("/basis", "列入或移出黑名单须有依据", "a change of the blacklist needs its basis"));
    }
    let payee = Payee { is_blacklisted: change.is_blacklisted, basis: change.basis, ..payee };
    store::change_blacklist(tx, &payee).await?;
    Ok(payee)
}

/// 422 unless a bank number (行号) has twelve digits.
pub(crate) fn check_bank_code(pointer: &str, code: &str) -> Result<(), Problem> {
    if code.len() == BANK_CODE_LENGTH && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let (zh, en) = ("行号应为 12 位数字", "a bank number has twelve digits");
    Err(RULES.refuse("BI-005", zh, en).at(pointer, zh, en))
}

/// Payees that a division knows.
pub async fn list(base_info: &BaseInfo, caller: &Caller, filter: &PayeeFilter) -> Result<Page<Payee>, Problem> {
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    store::list(base_info.database.read(), &division, filter).await
}
