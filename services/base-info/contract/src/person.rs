//! Persons (人员, BAS_PERSON_INFO) and expenditure standards (支出标准, BAS_EXP_CRITERIA).

use chrono::NaiveDate;
use common_types::{
    AgencyCode, Amount, DepBgtEcoCode, DivisionCode, ExpCriClass, ExpCriForm, FiscalYear, Money, PerSta,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Records a person of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub per_name: String,
    /// Kind of identity document.
    pub iden_type_code: String,
    pub iden_no: String,
    pub per_sta_code: PerSta,
    /// Paid through the unified salary (工资统发); needs a card number (BI-003).
    #[serde(default)]
    pub is_uni_sala: bool,
    #[serde(default)]
    pub sala_card_no: Option<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    pub per_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub per_name: String,
    pub iden_type_code: String,
    /// All but the last four characters are hidden.
    pub iden_no: String,
    pub per_sta_code: PerSta,
    pub is_uni_sala: bool,
    /// More serving persons than approved staffing (BI-004).
    pub is_over_staffed: bool,
}

/// Filters of `GET /persons`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PersonFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<String>)]
    pub agency_code: Option<AgencyCode>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}

/// Sets an expenditure standard from a day on; one in force is never edited (BI-008).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCriterion {
    pub mof_div_code: DivisionCode,
    pub exp_cri_code: String,
    pub exp_cri_name: String,
    pub exp_cri_class: ExpCriClass,
    pub form: ExpCriForm,
    pub exp_cri_val: Amount,
    /// For example 元/人月.
    pub unit: String,
    #[serde(default)]
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    pub start_date: NaiveDate,
}

/// An expenditure standard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Criterion {
    pub exp_cri_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub exp_cri_code: String,
    pub exp_cri_name: String,
    pub exp_cri_class: ExpCriClass,
    pub form: ExpCriForm,
    pub exp_cri_val: Money,
    pub unit: String,
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    pub start_date: NaiveDate,
}

/// Filters of `GET /exp-criteria`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CriterionFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    pub exp_cri_code: Option<String>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}
