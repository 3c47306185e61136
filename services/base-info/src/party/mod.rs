//! The two sides of a payment (付款方与收款方) as base data knows them now, for many payments at once. Nothing here is
//! kept by who asks: a stopped account and a blacklisted payee must be seen by the very next payment.

pub mod http;
pub mod store;

use base_info_contract::{MOST_PAYEES, Parties, PartiesAnswer, PartiesQuestion};
use common_types::{AccountNo, Role};
use service_kit::{Caller, Problem};

use crate::BaseInfo;

const MOST_PAYMENTS: usize = 500;

/// What is known of each payment's sides.
pub async fn tell(base_info: &BaseInfo, caller: &Caller, asked: &[PartiesQuestion]) -> Result<PartiesAnswer, Problem> {
    caller.require(&[Role::S1])?;
    if asked.len() > MOST_PAYMENTS {
        let en = format!("at most {MOST_PAYMENTS} payments are asked about at once");
        return Err(Problem::field("/items", format!("每次最多查询 {MOST_PAYMENTS} 笔"), en));
    }
    let payees = asked.iter().map(|one| one.payee_acct_nos.len()).fold(0, usize::saturating_add);
    if payees > MOST_PAYEES {
        let en = format!("at most {MOST_PAYEES} payees are asked about at once");
        return Err(Problem::field("/items", format!("每次最多查询 {MOST_PAYEES} 个收款人"), en));
    }
    let db = base_info.database.look().await?;
    let accounts = store::accounts(&db, asked).await?;
    let blacklisted = store::blacklisted(&db, asked).await?;
    let items = asked.iter().map(|one| {
        let key = |number: &AccountNo| (one.mof_div_code.clone(), number.clone());
        let payees = || one.payee_acct_nos.iter();
        let owner = |number: &AccountNo| accounts.get(&key(number))?.agency_code.clone();
        Parties {
            payer: accounts.get(&key(&one.pay_acct_no)).cloned(),
            blacklisted: payees().filter(|number| blacklisted.contains(&key(number))).cloned().collect(),
            owners: payees().filter_map(|number| Some((number.clone(), owner(number)?))).collect(),
        }
    });
    Ok(PartiesAnswer { items: items.collect() })
}
