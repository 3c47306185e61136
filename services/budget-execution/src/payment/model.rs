//! The rules of one payment application (PAY-002 … PAY-008, PAY-016). Pure.

use budget_execution_contract::{Attachment, ChargedTo, PaymentDraft};
use chrono::NaiveDate;
use common_types::{
    AgencyCode, AgencyType, BgtExeFlag, BgtTypeCode, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear,
    FundTypeCode, GovBgtEcoCode, MofDepCode, Money, PayBusTypeCode, PayTypeCode, ProCatCode, ProCode, economic_mapping,
};
use serde::{Deserialize, Serialize};
use service_kit::Problem;
use uuid::Uuid;

use super::entity::application;
use crate::{RULES, indicator::Indicator};

const SHORTEST_PURPOSE: usize = 4;
const LONGEST_PURPOSE: usize = 300;
const LONGEST_EXPLANATION: usize = 2000;
const BANK_CODE_DIGITS: usize = 12;
const VAGUE_PURPOSES: [&str; 8] = ["往来", "往来款", "往来款项", "其他", "其他支出", "其它", "备用金", "借款"];

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
        }
    }
}

/// The monitor's warnings on the latest submission; `pending` must be affirmed before the review goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warnings {
    pub all: Vec<Uuid>,
    pub pending: Vec<Uuid>,
}

/// PAY-002, PAY-003, PAY-007: whether this indicator may bear this draft.
pub fn require_bearable(draft: &PaymentDraft, bearer: &Bearer) -> Result<(), Problem> {
    if bearer.mof_div_code != draft.mof_div_code || bearer.fiscal_year != draft.fiscal_year {
        return Err(not_payable("指标不属于本区划本年度", "the indicator is of another division or year"));
    }
    if bearer.bgt_exe_flag != BgtExeFlag::Executable {
        return Err(not_payable(
            "指标为待分指标，不可支付",
            "the indicator is not allocated yet and cannot be paid from",
        ));
    }
    if bearer.agency_code.as_ref() != Some(&draft.agency_code) {
        return Err(RULES
            .refuse("PAY-003", "申请单位与指标单位不一致", "the unit of the application is not that of the indicator")
            .at("/agency_code", "与指标单位不一致", "is not the unit of the indicator")
            .with("agency_code", &bearer.agency_code));
    }
    require_amounts(draft)
}

/// PAY-002 with its reason.
pub fn not_payable(zh: &str, en: &str) -> Problem {
    RULES.refuse("PAY-002", zh, en).at("/bgt_id", zh, en)
}

fn require_amounts(draft: &PaymentDraft) -> Result<(), Problem> {
    if !draft.pay_app_amt.is_positive() {
        return Err(RULES
            .refuse(
                "PAY-007",
                format!("申请金额 {} 应大于零", draft.pay_app_amt),
                format!("amount {} must be above zero", draft.pay_app_amt),
            )
            .at("/pay_app_amt", "应大于零", "must be above zero"));
    }
    if let Some(index) = draft.details.iter().position(|detail| !detail.pay_amt.is_positive()) {
        return Err(RULES.refuse("PAY-007", "明细金额应大于零", "the amount of a detail must be above zero").at(
            format!("/details/{index}/pay_amt"),
            "应大于零",
            "must be above zero",
        ));
    }
    let needs_details = matches!(draft.pay_bus_type_code, PayBusTypeCode::Batch | PayBusTypeCode::Salary);
    if draft.details.is_empty() {
        return if needs_details { Err(details_missing()) } else { Ok(()) };
    }
    match Money::try_sum(draft.details.iter().map(|detail| detail.pay_amt)) {
        Some(sum) if sum == draft.pay_app_amt => Ok(()),
        sum => Err(RULES
            .refuse("PAY-007", "明细合计与申请金额不一致", "the details do not add up to the amount")
            .at("/details", "明细合计与申请金额不一致", "do not add up to pay_app_amt")
            .with("details_amt", sum)
            .with("pay_app_amt", draft.pay_app_amt)),
    }
}

fn details_missing() -> Problem {
    RULES.refuse("PAY-007", "批量支付和工资发放须附明细", "a batch or salary payment needs its details").at(
        "/details",
        "须附明细",
        "are needed",
    )
}

/// PAY-004: the codes under which this indicator bears a payment of this department economic class.
pub fn charge(bearer: &Bearer, dep: &DepBgtEcoCode, kind: AgencyType, pointer: &str) -> Result<ChargedTo, Problem> {
    let mismatch = |zh: String, en: String| RULES.refuse("PAY-004", zh.clone(), en.clone()).at(pointer, zh, en);
    if !dep.is_leaf() {
        return Err(mismatch(
            format!("部门经济分类 {dep} 不是末级"),
            format!("department economic class {dep} is not a leaf"),
        ));
    }
    if let Some(own) = bearer.dep_bgt_eco_code.as_ref().filter(|own| !own.contains(dep)) {
        return Err(mismatch(
            format!("指标的部门经济分类为 {own}，不能列支 {dep}"),
            format!("the indicator is of department economic class {own}, not {dep}"),
        ));
    }
    let own = bearer.gov_bgt_eco_code.as_ref().ok_or_else(incomplete)?;
    let mapped = economic_mapping::gov_for(dep, kind).filter(|mapped| own.contains(mapped)).ok_or_else(|| {
        mismatch(
            format!("部门经济分类 {dep} 对应的政府经济分类与指标的 {own} 不符"),
            format!("department economic class {dep} does not map to {own} of the indicator"),
        )
    })?;
    Ok(ChargedTo {
        bgt_id: bearer.bgt_id,
        bgt_type_code: bearer.bgt_type_code,
        pro_code: bearer.pro_code.clone().ok_or_else(incomplete)?,
        pro_name: bearer.pro_name.clone(),
        pro_kind_code: bearer.pro_kind_code,
        exp_func_code: bearer.exp_func_code.clone().ok_or_else(incomplete)?,
        gov_bgt_eco_code: mapped,
        dep_bgt_eco_code: dep.clone(),
        fund_type_code: bearer.fund_type_code.clone(),
        manage_mof_dep_code: bearer.manage_mof_dep_code.clone(),
    })
}

fn incomplete() -> Problem {
    not_payable("指标要素不完整", "the indicator lacks an element that a payment needs")
}

/// Lengths that the tables keep.
pub fn require_lengths(draft: &PaymentDraft) -> Result<(), Problem> {
    let texts = [
        ("/use_des", &draft.use_des, LONGEST_PURPOSE),
        ("/payee_acct_name", &draft.payee_acct_name, 300),
        ("/payee_acct_bank_name", &draft.payee_acct_bank_name, 180),
        ("/payee_acct_bank_code", &draft.payee_acct_bank_code, BANK_CODE_DIGITS),
        ("/explanation", &draft.explanation, LONGEST_EXPLANATION),
    ];
    for (pointer, text, longest) in texts {
        if text.chars().count() > longest {
            return Err(Problem::field(
                pointer,
                format!("不得超过 {longest} 字"),
                format!("at most {longest} characters"),
            ));
        }
    }
    let hash_is_whole =
        |file: &Attachment| file.hash.len() == 64 && file.hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    match draft.attachments.iter().position(|file| !hash_is_whole(file)) {
        Some(index) => Err(Problem::field(
            format!("/attachments/{index}/hash"),
            "应为 64 位十六进制 SHA-256",
            "must be a SHA-256 of 64 hexadecimal digits",
        )),
        None => Ok(()),
    }
}

/// PAY-005, PAY-008, PAY-016: whether the content may leave the hands of its maker today.
pub fn require_submittable(row: &application::Model, today: NaiveDate) -> Result<(), Problem> {
    require_open_year(row.fiscal_year, today)?;
    let payee = [
        ("/payee_acct_name", row.payee_acct_name.trim().is_empty()),
        ("/payee_acct_bank_name", row.payee_acct_bank_name.trim().is_empty()),
        ("/payee_acct_bank_code", !is_bank_code(&row.payee_acct_bank_code)),
    ];
    if let Some((pointer, _)) = payee.into_iter().find(|(_, is_wrong)| *is_wrong) {
        return Err(RULES
            .refuse(
                "PAY-005",
                "收款人名称、账号、开户行、行号须完整有效",
                "name, account and bank of the payee must be complete and valid",
            )
            .at(pointer, "缺失或无效", "is missing or not valid"));
    }
    require_purpose(&row.use_des)
}

/// PAY-016: nothing of a year is paid after its last day.
pub fn require_open_year(year: FiscalYear, today: NaiveDate) -> Result<(), Problem> {
    if today <= year.last_day() {
        return Ok(());
    }
    Err(RULES
        .refuse(
            "PAY-016",
            format!("{year} 年度支付已于 {} 截止", year.last_day()),
            format!("payments of {year} ended on {}", year.last_day()),
        )
        .with("last_day", year.last_day()))
}

fn is_bank_code(text: &str) -> bool {
    text.len() == BANK_CODE_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn require_purpose(use_des: &str) -> Result<(), Problem> {
    let purpose = use_des.trim();
    if purpose.chars().count() < SHORTEST_PURPOSE {
        return Err(vague(
            format!("用途不得少于 {SHORTEST_PURPOSE} 字"),
            format!("the purpose needs {SHORTEST_PURPOSE} characters or more"),
        ));
    }
    if VAGUE_PURPOSES.contains(&purpose) {
        return Err(vague(format!("用途“{purpose}”过于笼统"), format!("the purpose {purpose} is too vague")));
    }
    Ok(())
}

fn vague(zh: String, en: String) -> Problem {
    RULES.refuse("PAY-008", zh.clone(), en.clone()).at("/use_des", zh, en)
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

    #[test]
    fn a_vague_or_short_purpose_is_refused() {
        assert!(require_purpose("办公用纸采购").is_ok());
        for vague in ["纸", "往来款", " 其他支出 "] {
            assert_eq!(require_purpose(vague).unwrap_err().code(), "PAY-008");
        }
    }
}
