//! The 26 accounting elements (核算要素, §4.2) that key every balance of the indicator ledger.

use serde::{Deserialize, Serialize};

use crate::codes::{
    AgencyCode, DepBgtEcoCode, DivisionCode, DocNo, ExpFuncCode, FundTypeCode, GovBgtEcoCode, IncomeSortCode,
    MofDepCode, ProCode,
};
use crate::value_sets::{BgtExeFlag, BgtSource, BgtTypeCode, BudgetLevelCode, DirectFlag, PayTypeCode};
use crate::year::FiscalYear;

/// The accounting elements of an indicator (核算要素), in the order of the regulation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Elements {
    /// Fiscal year (预算年度).
    pub fiscal_year: FiscalYear,
    /// Division whose money it is (财政区划).
    pub mof_div_code: DivisionCode,
    /// Document number at this level (本级指标文号).
    pub cor_bgt_doc_no: Option<DocNo>,
    /// Project (预算项目代码).
    pub pro_code: Option<ProCode>,
    /// Unit (预算单位).
    pub agency_code: Option<AgencyCode>,
    /// Kind of funds (资金性质).
    pub fund_type_code: FundTypeCode,
    /// Finance division in charge of the business (业务主管处室).
    pub manage_mof_dep_code: Option<MofDepCode>,
    /// Finance division that manages the indicator (指标管理处室).
    pub bgt_mof_dep_code: Option<MofDepCode>,
    /// Income class (收入分类科目).
    pub income_sort_code: Option<IncomeSortCode>,
    /// Function of a transfer payment (转移支付支出功能分类).
    pub tp_func_code: Option<ExpFuncCode>,
    /// Function (支出功能分类).
    pub exp_func_code: Option<ExpFuncCode>,
    /// Government economic class (政府支出经济分类).
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    /// Department economic class (部门支出经济分类).
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    /// Type of indicator (指标类型).
    pub bgt_type_code: BgtTypeCode,
    /// Source of the budget (预算来源).
    pub bgt_source_code: BgtSource,
    /// Arranged before its year (是否提前安排).
    pub is_advance: bool,
    /// Division that receives a transfer (接收方财政区划).
    pub rec_div_code: Option<DivisionCode>,
    /// Budget level (预算级次).
    pub budget_level_code: BudgetLevelCode,
    /// Document number of the higher level (上级指标文号).
    pub sup_bgt_doc_no: Option<DocNo>,
    /// Government procurement (是否政府采购).
    pub is_gov_pur: bool,
    /// Way of payment (支付方式).
    pub pay_type_code: PayTypeCode,
    /// Unified salary payment (是否工资统发).
    pub is_uni_sala: bool,
    /// Direct funds (直达资金标识).
    pub direct_flag: DirectFlag,
    /// Research (是否科研).
    pub is_scientific: bool,
    /// Debt (是否债务).
    pub is_debt: bool,
    /// Capital construction (是否基建).
    pub is_capital: bool,
}

impl Elements {
    /// The names of the elements that an indicator needs and this one lacks (IG-004); an executable one needs a unit as well.
    pub fn missing_mandatory(&self, flag: BgtExeFlag) -> Vec<&'static str> {
        let unit_is_there = match flag {
            BgtExeFlag::Executable => self.agency_code.is_some(),
            BgtExeFlag::Unallocated => true,
        };
        let present = [
            ("exp_func_code", self.exp_func_code.is_some()),
            ("gov_bgt_eco_code", self.gov_bgt_eco_code.is_some()),
            ("pro_code", self.pro_code.is_some()),
            ("manage_mof_dep_code", self.manage_mof_dep_code.is_some()),
            ("agency_code", unit_is_there),
        ];
        present.into_iter().filter(|(_, is_there)| !is_there).map(|(name, _)| name).collect()
    }
}
