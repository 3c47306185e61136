//! How packages are shown, and read from requests.

use budget_compilation_contract::{
    Package, PackageLine, PackageLineRequest, PackageRequest, PackageSummary, Stage, TransferPackage,
    TransferPackageLine, TransferPackageLineRequest, TransferPackageRequest, TransferPackageSummary,
};
use common_types::{DirectFlag, FoundTypeCode, GovBgtEcoCode};
use service_kit::Problem;
use workflow::State;

use super::{
    entity::{Kind, line, package},
    model::{Draft, DraftLine, DraftTransfer},
};

const BETWEEN_GOVERNMENTS: &str = "51301";

/// A package with everything that is shown of it.
pub(crate) struct Whole {
    pub row: package::Model,
    pub lines: Vec<line::Model>,
    pub state: State,
}

impl From<PackageRequest> for Draft {
    fn from(request: PackageRequest) -> Self {
        let kind = match (request.stage, &request.agency_code) {
            (_, None) => Kind::Unallocated,
            (Stage::OneUp, Some(_)) => Kind::OneUp,
            (Stage::TwoUp, Some(_)) => Kind::TwoUp,
        };
        Self {
            kind,
            mof_div_code: request.mof_div_code,
            fiscal_year: request.fiscal_year,
            agency_code: request.agency_code,
            income_amt: request.income_amt,
            lines: request.lines.into_iter().map(draft_line).collect(),
        }
    }
}

fn draft_line(line: PackageLineRequest) -> DraftLine {
    DraftLine {
        pro_code: line.pro_code,
        exp_func_code: line.exp_func_code,
        dep_bgt_eco_code: line.dep_bgt_eco_code,
        gov_bgt_eco_code: line.gov_bgt_eco_code,
        fund_type_code: line.fund_type_code,
        apply_up: line.apply_up.money(),
        is_gov_pur: line.is_gov_pur,
        is_scientific: line.is_scientific,
        is_capital: line.is_capital,
        is_debt: line.is_debt,
        is_three_ensure: line.is_three_ensure,
        found_type_code: line.found_type_code.unwrap_or(FoundTypeCode::InitialArrangement),
        transfer: None,
    }
}

impl From<TransferPackageRequest> for Draft {
    fn from(request: TransferPackageRequest) -> Self {
        Self {
            kind: Kind::Transfer,
            mof_div_code: request.mof_div_code,
            fiscal_year: request.fiscal_year,
            agency_code: None,
            income_amt: None,
            lines: request.lines.into_iter().map(draft_transfer_line).collect(),
        }
    }
}

fn draft_transfer_line(line: TransferPackageLineRequest) -> DraftLine {
    DraftLine {
        pro_code: line.pro_code,
        exp_func_code: line.exp_func_code,
        dep_bgt_eco_code: None,
        gov_bgt_eco_code: Some(line.gov_bgt_eco_code.unwrap_or_else(between_governments)),
        fund_type_code: line.fund_type_code,
        apply_up: line.apply_up.money(),
        is_gov_pur: false,
        is_scientific: false,
        is_capital: false,
        is_debt: false,
        is_three_ensure: false,
        found_type_code: FoundTypeCode::InitialArrangement,
        transfer: Some(DraftTransfer {
            sub_mof_div_code: line.sub_mof_div_code,
            tp_func_code: line.tp_func_code,
            tra_type: line.tra_type,
            is_track: line.is_track,
            direct_flag: line.direct_flag.unwrap_or(DirectFlag::NotDirect),
        }),
    }
}

fn between_governments() -> GovBgtEcoCode {
    BETWEEN_GOVERNMENTS.parse().expect("51301 is in the standard")
}

/// A package without its lines.
pub(crate) fn summary(row: &package::Model, state: State) -> PackageSummary {
    PackageSummary {
        package_id: row.package_id,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code.clone(),
        dept_code: row.dept_code.clone(),
        stage: row.stage.stage(),
        version: row.version,
        income_amt: row.income_amt,
        apply_up: row.apply_up,
        fin_audit_money: row.fin_audit_money,
        approval_id: row.approval_id,
        state,
    }
}

/// A transfer package without its lines.
pub(crate) fn transfer_summary(row: &package::Model, state: State) -> TransferPackageSummary {
    TransferPackageSummary {
        package_id: row.package_id,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        apply_up: row.apply_up,
        approval_id: row.approval_id,
        state,
    }
}

impl Whole {
    /// As a package.
    pub(crate) fn package(self) -> Package {
        Package { summary: summary(&self.row, self.state), lines: self.lines.into_iter().map(package_line).collect() }
    }

    /// As a transfer package.
    pub(crate) fn transfer_package(self) -> Result<TransferPackage, Problem> {
        let lines: Option<_> = self.lines.into_iter().map(transfer_line).collect();
        let lines = lines.ok_or_else(|| Problem::internal(&"a transfer line lacks its receiver"))?;
        Ok(TransferPackage { summary: transfer_summary(&self.row, self.state), lines })
    }
}

fn package_line(line: line::Model) -> PackageLine {
    PackageLine {
        line_id: line.line_id,
        bgt_pman_id: line.bgt_pman_id,
        pro_code: line.pro_code,
        pro_name: line.pro_name,
        pro_kind_code: line.pro_kind_code,
        exp_func_code: line.exp_func_code,
        dep_bgt_eco_code: line.dep_bgt_eco_code,
        gov_bgt_eco_code: line.gov_bgt_eco_code,
        fund_type_code: line.fund_type_code,
        manage_mof_dep_code: line.manage_mof_dep_code,
        apply_up: line.apply_up,
        fin_audit_money: line.fin_audit_money,
        is_gov_pur: line.is_gov_pur,
        is_scientific: line.is_scientific,
        is_capital: line.is_capital,
        is_debt: line.is_debt,
        is_three_ensure: line.is_three_ensure,
        found_type_code: line.found_type_code,
    }
}

fn transfer_line(line: line::Model) -> Option<TransferPackageLine> {
    Some(TransferPackageLine {
        line_id: line.line_id,
        bgt_pman_id: line.bgt_pman_id,
        pro_code: line.pro_code,
        pro_name: line.pro_name,
        sub_mof_div_code: line.sub_mof_div_code?,
        tp_func_code: line.tp_func_code?,
        exp_func_code: line.exp_func_code,
        gov_bgt_eco_code: line.gov_bgt_eco_code,
        fund_type_code: line.fund_type_code,
        manage_mof_dep_code: line.manage_mof_dep_code,
        tra_type: line.tra_type?,
        apply_up: line.apply_up,
        is_track: line.is_track,
        direct_flag: line.direct_flag,
    })
}
