//! Bond money (PAY-023): which bond, and only what it was raised for.

use common_types::FundTypeCode;

use super::{Breach, Facts};

/// General bonds (一般债券) and special bonds (专项债券).
const BOND_FUNDS: [&str; 2] = ["112", "122"];

/// Whether money is a bond's, by its mark or by its kind.
pub fn is_bond(is_debt: bool, fund: &FundTypeCode) -> bool {
    is_debt || BOND_FUNDS.iter().any(|bond| fund.as_str().starts_with(bond))
}

/// PAY-023: a bond whose purpose is not on record pays nothing.
pub(super) fn purpose(facts: &Facts<'_>) -> Vec<Breach> {
    let (bearer, content) = (facts.bearer, facts.content);
    if !is_bond(bearer.is_debt, &bearer.fund_type_code) {
        return Vec::new();
    }
    let refused = |zh: &str, en: &str| vec![Breach::refuse("PAY-023", "/bond_code", zh, en)];
    let Some(bond) = content.bond_code.as_deref().filter(|code| !code.trim().is_empty()) else {
        return refused("债券资金支付须填写债券代码", "bond money needs the code of its bond");
    };
    let Some(purpose) = facts.settings.bond_purposes.get(bond) else {
        return refused("债券的项目和用途未登记", "project and purpose of the bond are not on record");
    };
    let is_of_project = bearer.pro_code.as_ref().is_some_and(|project| purpose.pro_codes.contains(project));
    let is_of_function = bearer
        .exp_func_code
        .as_ref()
        .is_some_and(|function| purpose.exp_func_codes.iter().any(|allowed| allowed.contains(function)));
    let mut breaches = Vec::new();
    if !is_of_project {
        breaches.extend(refused("项目不是债券对应的项目", "the project is not one of the bond"));
    }
    if !is_of_function {
        breaches.extend(refused("支出功能分类超出债券用途", "the functional class is beyond the purpose of the bond"));
    }
    breaches
}
