//! Transfer packages (转移支付预算): what a division means to give to divisions below it.
#![allow(
    clippy::disallowed_types,
    reason = "serde names float types in its code for flattened fields; none is held here"
)]

use common_types::{
    Amount, DirectFlag, DivisionCode, ExpFuncCode, FiscalYear, FundTypeCode, GovBgtEcoCode, MofDepCode, Money, ProCode,
    TraType,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// Drafts a transfer package, or replaces its content.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferPackageRequest {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub lines: Vec<TransferPackageLineRequest>,
}

/// One transfer asked for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferPackageLineRequest {
    pub pro_code: ProCode,
    /// A division below the giving one.
    pub sub_mof_div_code: DivisionCode,
    /// Function of the transfer, class 230.
    pub tp_func_code: ExpFuncCode,
    pub exp_func_code: ExpFuncCode,
    /// 51301 上下级政府间转移性支出 when absent.
    #[serde(default)]
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    pub fund_type_code: FundTypeCode,
    pub tra_type: TraType,
    pub apply_up: Amount,
    #[serde(default)]
    pub is_track: bool,
    /// 09 其他（非直达） when absent.
    #[serde(default)]
    pub direct_flag: Option<DirectFlag>,
}

/// A transfer package without its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferPackageSummary {
    pub package_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    /// Σ 申报数.
    pub apply_up: Money,
    /// The approval that holds it.
    pub approval_id: Option<Uuid>,
    pub state: State,
}

/// A transfer package with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferPackage {
    #[serde(flatten)]
    pub summary: TransferPackageSummary,
    pub lines: Vec<TransferPackageLine>,
}

/// A line of a transfer package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferPackageLine {
    pub line_id: Uuid,
    /// The key of the transfer line that it becomes.
    pub bgt_pman_id: Uuid,
    pub pro_code: ProCode,
    pub pro_name: String,
    pub sub_mof_div_code: DivisionCode,
    pub tp_func_code: ExpFuncCode,
    pub exp_func_code: ExpFuncCode,
    pub gov_bgt_eco_code: GovBgtEcoCode,
    pub fund_type_code: FundTypeCode,
    pub manage_mof_dep_code: MofDepCode,
    pub tra_type: TraType,
    pub apply_up: Money,
    pub is_track: bool,
    pub direct_flag: DirectFlag,
}

/// Filters of `GET /transfer-packages`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TransferPackageQuery {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
    pub page_size: Option<u64>,
    pub page_token: Option<String>,
}
