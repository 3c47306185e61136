//! What a payment application is: the indicator that bears it, its warnings, its year. Pure; its rules are in `rules`.

use budget_execution_contract::ChargedTo;
use chrono::NaiveDate;
use common_types::{
    AgencyCode, AgencyType, BgtExeFlag, BgtTypeCode, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear,
    FundTypeCode, GovBgtEcoCode, MofDepCode, PayTypeCode, ProCatCode, ProCode, Role,
};
use serde::{Deserialize, Serialize};
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::{
    entity::{Variant, application},
    rules,
};
use crate::{RULES, indicator::Indicator};

/// An indicator as a payment sees it.
#[derive(Debug, Clone)]
pub struct Bearer {
    pub bgt_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub bgt_exe_flag: BgtExeFlag,
    pub bgt_type_code: BgtTypeCode,
    pub pro_code: Option<ProCode>,
    pub pro_name: String,
    pub pro_kind_code: Option<ProCatCode>,
    pub exp_func_code: Option<ExpFuncCode>,
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    pub fund_type_code: FundTypeCode,
    pub manage_mof_dep_code: Option<MofDepCode>,
    pub pay_type_code: PayTypeCode,
    pub is_gov_pur: bool,
    pub is_debt: bool,
}

impl From<Indicator> for Bearer {
    fn from(indicator: Indicator) -> Self {
        let elements = indicator.elements;
        Self {
            bgt_id: indicator.bgt_id,
            mof_div_code: elements.mof_div_code,
            fiscal_year: elements.fiscal_year,
            agency_code: elements.agency_code,
            bgt_exe_flag: indicator.bgt_exe_flag,
            bgt_type_code: elements.bgt_type_code,
            pro_code: elements.pro_code,
            pro_name: indicator.pro_name.unwrap_or_default(),
            pro_kind_code: indicator.pro_kind_code,
            exp_func_code: elements.exp_func_code,
            gov_bgt_eco_code: elements.gov_bgt_eco_code,
            dep_bgt_eco_code: elements.dep_bgt_eco_code,
            fund_type_code: elements.fund_type_code,
            manage_mof_dep_code: elements.manage_mof_dep_code,
            pay_type_code: elements.pay_type_code,
            is_gov_pur: elements.is_gov_pur,
            is_debt: elements.is_debt,
        }
    }
}

/// The monitor's warnings on the latest submission; `pending` must be affirmed before the review goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warnings {
    pub all: Vec<Uuid>,
    pub pending: Vec<Uuid>,
}

/// PAY-002 with its reason.
pub fn not_payable(zh: &str, en: &str) -> Problem {
    rules::refusal(rules::budget::not_payable(zh, en))
}

/// PAY-004: the codes under which this indicator bears a payment of this department economic class.
pub fn charge(bearer: &Bearer, dep: &DepBgtEcoCode, kind: AgencyType, pointer: &str) -> Result<ChargedTo, Problem> {
    rules::budget::charged(bearer, dep, kind, pointer).map_err(rules::refusal)
}

/// PAY-016: nothing of a year is paid after its last day.
pub fn require_open_year(year: FiscalYear, today: NaiveDate) -> Result<(), Problem> {
    require_before(year.last_day(), year, today)
}

/// PAY-016: nothing new of a year is made after its cut-off day.
pub fn require_before(cut_off: NaiveDate, year: FiscalYear, today: NaiveDate) -> Result<(), Problem> {
    rules::not_after(cut_off, year, today).map_err(rules::refusal)
}

/// What finance pays for a unit, finance makes the voucher of (代编、财政支付).
pub fn require_voucher_maker(row: &application::Model, caller: &Caller) -> Result<(), Problem> {
    if is_paid_by_finance(row) { caller.require(&[Role::M3]) } else { Ok(()) }
}

/// PAY-019: what finance pays for a unit, finance stamps.
pub fn require_stamper(row: &application::Model, caller: &Caller) -> Result<(), Problem> {
    if !is_paid_by_finance(row) || caller.has_any(&[Role::M3]) {
        return Ok(());
    }
    Err(RULES.refuse(
        "PAY-019",
        format!("申请 {} 由财政支付，凭证须由财政国库人员签章", row.pay_app_no),
        format!("finance pays application {}; its voucher is stamped by the treasury division", row.pay_app_no),
    ))
}

fn is_paid_by_finance(row: &application::Model) -> bool {
    match row.pay_variant {
        Variant::UnitZeroBalance | Variant::UnitFunds => false,
        Variant::FinanceZeroBalance | Variant::FinancePayment => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    fn bearer() -> Bearer {
        Bearer {
            bgt_id: Uuid::nil(),
            mof_div_code: "360100000".parse().unwrap(),
            fiscal_year: 2026_u16.try_into().unwrap(),
            agency_code: Some("219007".parse().unwrap()),
            bgt_exe_flag: BgtExeFlag::Executable,
            bgt_type_code: BgtTypeCode::CurrentYear,
            pro_code: Some("36010026219T007000001".parse().unwrap()),
            pro_name: String::new(),
            pro_kind_code: None,
            exp_func_code: Some("2050202".parse().unwrap()),
            gov_bgt_eco_code: Some("505".parse().unwrap()),
            dep_bgt_eco_code: None,
            fund_type_code: "111".parse().unwrap(),
            manage_mof_dep_code: None,
            pay_type_code: PayTypeCode::Treasury,
            is_gov_pur: false,
            is_debt: false,
        }
    }

    #[test]
    fn a_class_level_indicator_takes_every_mapped_leaf_below_it() {
        let charged = charge(&bearer(), &"30201".parse().unwrap(), AgencyType::Institution, "/x").unwrap();
        assert_eq!(charged.gov_bgt_eco_code.as_str(), "50502");
    }

    #[test]
    fn a_class_that_maps_elsewhere_or_is_no_leaf_is_refused() {
        for dep in ["302", "31002"] {
            let refused = charge(&bearer(), &dep.parse().unwrap(), AgencyType::Institution, "/x").unwrap_err();
            assert_eq!(refused.code(), "PAY-004", "{dep}");
        }
    }

    #[test]
    fn the_last_day_of_the_year_still_pays_and_the_next_does_not() {
        let year: FiscalYear = 2026_u16.try_into().unwrap();
        assert!(require_open_year(year, year.last_day()).is_ok());
        assert_eq!(require_open_year(year, year.next().unwrap().first_day()).unwrap_err().code(), "PAY-016");
    }
}
