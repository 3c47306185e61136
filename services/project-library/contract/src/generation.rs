//! Generation of personnel and public-use projects (一键测算, PM-011): one project per unit and item.

use common_types::{
    AgencyCode, DepBgtEcoCode, DivisionCode, ExpCriClass, ExpFuncCode, FiscalYear, FundTypeCode, GovBgtEcoCode,
    MofDepCode, Money, ProCatCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ProjectHead;

/// Body of `POST /projects/generations`, by the finance bureau (M1, M2).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GenerateProjects {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    /// 11, 12, 13 or 21.
    pub pro_cat_code: ProCatCode,
    pub exp_func_code: ExpFuncCode,
    pub fund_type_code: FundTypeCode,
    /// That of the unit when absent.
    #[serde(default)]
    pub manage_mof_dep_code: Option<MofDepCode>,
    pub items: Vec<GenerationItem>,
}

/// One item, such as 基本工资: quantity × price is its amount, all of it fiscal money.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GenerationItem {
    /// Name of the item; the project bears it.
    pub item_name: String,
    #[serde(default)]
    pub exp_cri_code: Option<String>,
    #[serde(default)]
    pub exp_cri_class: Option<ExpCriClass>,
    #[serde(default)]
    pub exp_cri_amt: Option<Money>,
    #[serde(default)]
    pub measmt_unit: String,
    /// Head-count, or head-count × months.
    pub qty: u32,
    /// Quota per unit of quantity.
    pub price: Money,
    #[serde(default)]
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    #[serde(default)]
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
}

/// The projects that were generated, in the order of the items; drafts of the caller, to be submitted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GenerationResult {
    pub items: Vec<ProjectHead>,
}
