//! The application of a project (项目申报) as one document: plan, details, purchases, assets, goals and indicators.

use chrono::NaiveDate;
use common_types::{
    AgencyCode, AuditOpinion, DepBgtEcoCode, DistriTypeCode, DivisionCode, ExistStatueCode, ExpCriClass, ExpFuncCode,
    FiscalYear, FundTypeCode, GovBgtEcoCode, KpiLv1, KpiLv2, KpiSign, MofDepCode, Money, ProCatCode, PurMethod,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /projects` and `PUT /projects/{id}` (PM_PROJECT_INFO 项目信息 with its child tables).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectDraft {
    pub mof_div_code: DivisionCode,
    /// Year of declaration (设立年度).
    pub fiscal_year: FiscalYear,
    /// Unit that declares and owns the project (申报单位).
    pub agency_code: AgencyCode,
    pub pro_name: String,
    /// A leaf of 项目类别: 22, 31 or 32; 11, 12, 13 and 21 only by generation (PM-011).
    pub pro_cat_code: ProCatCode,
    pub exist_statue_code: ExistStatueCode,
    #[serde(default)]
    pub distri_type_code: Option<DistriTypeCode>,
    pub exp_func_code: ExpFuncCode,
    pub fund_type_code: FundTypeCode,
    /// Finance division in charge (业务主管处室); that of the unit when absent.
    #[serde(default)]
    pub manage_mof_dep_code: Option<MofDepCode>,
    /// First year (起始年度).
    pub pro_start_year: FiscalYear,
    /// Years that it runs (期限).
    pub pro_term: u16,
    pub pro_total_amt: Money,
    /// Fiscal money (财政拨款), at most the total.
    pub support_amount: Money,
    #[serde(default)]
    pub pro_desc: String,
    /// Reason of establishment (设立依据).
    #[serde(default)]
    pub degisn_consideration: String,
    #[serde(default)]
    pub leader_name: String,
    #[serde(default)]
    pub is_track: bool,
    #[serde(default)]
    pub is_captial_cons_pro: bool,
    #[serde(default)]
    pub is_scientific: bool,
    #[serde(default)]
    pub is_gov_info_server: bool,
    #[serde(default)]
    pub is_secret_pro: bool,
    #[serde(default)]
    pub is_govpur: bool,
    #[serde(default)]
    pub is_wait_divide: bool,
    #[serde(default)]
    pub is_three_ensure: bool,
    #[serde(default)]
    pub is_early_release: bool,
    #[serde(default)]
    pub direct_funds: bool,
    /// Newly introduced major policy (新出台重大政策), which needs an ex-ante evaluation (PM-002).
    #[serde(default)]
    pub is_major_policy: bool,
    #[serde(default)]
    pub ex_ante_evaluation: Option<ExAnteEvaluation>,
    /// Approval number of the development and reform commission, for capital construction (PM-012).
    #[serde(default)]
    pub approval_file_no: Option<String>,
    pub annual_plans: Vec<AnnualPlan>,
    pub details: Vec<Detail>,
    #[serde(default)]
    pub purchases: Vec<PurchaseLine>,
    #[serde(default)]
    pub assets: Vec<AssetLine>,
    #[serde(default)]
    pub perf_goals: Vec<PerfGoal>,
    #[serde(default)]
    pub perf_indicators: Vec<PerfIndicator>,
}

/// Ex-ante performance evaluation (事前绩效评估).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExAnteEvaluation {
    pub report_no: String,
    pub eval_date: NaiveDate,
    /// Conclusion; positive is 同意.
    pub opinion_code: AuditOpinion,
}

/// One year of the spending plan (PM_ANNUAL_PLAN 分年支出计划).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnualPlan {
    pub fiscal_year: FiscalYear,
    /// All money of the year; equals the sum of the year's details (PM-004).
    pub plan_amt: Money,
    /// Fiscal money of the year.
    pub support_amount: Money,
}

/// One line of the calculation (PM_DETAIL 任务明细): cost = quantity × price (PM-005).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    pub fiscal_year: FiscalYear,
    pub task_name: String,
    /// Expenditure standard that the price follows (支出标准).
    #[serde(default)]
    pub exp_cri_code: Option<String>,
    /// Force of that standard: statutory and fixed ones block, provisional ones warn.
    #[serde(default)]
    pub exp_cri_class: Option<ExpCriClass>,
    /// Price that the standard allows.
    #[serde(default)]
    pub exp_cri_amt: Option<Money>,
    #[serde(default)]
    pub measmt_unit: String,
    pub qty: u32,
    pub price: Money,
    /// Cost of the line (总计).
    pub est_amt: Money,
    /// Its fiscal part (财政拨款), at most the cost.
    pub check_amt: Money,
    #[serde(default)]
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    #[serde(default)]
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
}

/// One line of government purchase (PM_GOVPUR 政府采购).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchaseLine {
    /// Purchase item (品目).
    pub pur_class: String,
    #[serde(default)]
    pub pur_method: Option<PurMethod>,
    /// Specification (规格).
    #[serde(default)]
    pub purorgform: String,
    #[serde(default)]
    pub measmt_unit: String,
    pub pur_qua: u32,
    pub price: Money,
    pub pur_amt: Money,
}

/// One asset to be bought (PM_ASSET 新增资产).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetLine {
    pub asset_class: String,
    pub asset_name: String,
    pub asset_qua: u32,
    pub price: Money,
    pub sum_amt: Money,
    #[serde(default)]
    pub usage: String,
}

/// Span of a goal or indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum YearFlag {
    /// 中期
    #[serde(rename = "0")]
    MidTerm,
    /// 年度
    #[serde(rename = "1")]
    Annual,
}

/// A performance goal (PM_PERF_GOAL_INFO 绩效目标).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PerfGoal {
    pub yearflag: YearFlag,
    pub kpi_target: String,
}

/// A performance indicator (PM_PERF_INDICATOR 绩效指标).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PerfIndicator {
    pub yearflag: YearFlag,
    /// 1 产出, 2 效益, 3 满意度, 4 成本.
    pub kpi_lv1: KpiLv1,
    /// A child of `kpi_lv1`.
    pub kpi_lv2: KpiLv2,
    /// Name of the indicator (三级指标).
    pub kpi_lv3: String,
    pub computesign: KpiSign,
    /// Target value (指标值).
    pub kpi_val: String,
    #[serde(default)]
    pub meterunit: String,
    /// Points; those of one span sum to 100, or to 90 when execution takes 10 (PF-001).
    pub weight: u16,
    #[serde(default)]
    pub kpi_evalstd: String,
}
