//! From what is asked for to the rows of a package: the peers are asked, BG-001 and BG-005 hold.

use base_info_contract::Agency;
use common_types::{AgencyCode, DirectFlag, Money, Role};
use project_library_contract::ProjectHead;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::{
    entity::{Kind, line},
    model::{self, Draft, DraftLine},
};
use crate::Context;

/// A draft whose facts are checked, ready to be written.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub draft: Draft,
    pub dept_code: Option<AgencyCode>,
    pub lines: Vec<line::Model>,
    pub apply_up: Money,
}

/// Checks who asks, the content, and what the peers know of unit and projects. Never inside a transaction.
pub(crate) async fn prepare(context: &Context, caller: &Caller, draft: Draft) -> Result<Prepared, Problem> {
    let makers: &[Role] = match draft.kind {
        Kind::OneUp | Kind::TwoUp => &[Role::U1],
        Kind::Unallocated | Kind::Transfer => &[Role::M1],
    };
    caller.require_in(makers, &draft.mof_div_code, draft.agency_code.as_ref())?;
    draft.check()?;
    let agency = match &draft.agency_code {
        Some(code) => Some(context.peers.agency(&draft.mof_div_code, draft.fiscal_year, code).await?),
        None => None,
    };
    let codes = draft.lines.iter().map(|line| line.pro_code.clone()).collect();
    let projects = context.peers.projects(&draft.mof_div_code, codes).await?;
    let mut lines = Vec::with_capacity(draft.lines.len());
    for (index, line) in draft.lines.iter().enumerate() {
        let project = projects.get(&line.pro_code);
        let project = model::check_project(project, &line.pro_code, draft.agency_code.as_ref(), index)?;
        lines.push(row(&draft, line, project, agency.as_ref(), index)?);
    }
    let (apply_up, dept_code) = (draft.apply_up()?, agency.map(|agency| agency.dept_code));
    Ok(Prepared { draft, dept_code, lines, apply_up })
}

fn row(
    draft: &Draft,
    line: &DraftLine,
    project: &ProjectHead,
    agency: Option<&Agency>,
    index: usize,
) -> Result<line::Model, Problem> {
    let gov_bgt_eco_code = match agency {
        Some(agency) => model::gov_class_of_unit(line, agency.agency_type_code, index)?,
        None => model::gov_class_of_finance(line, index)?,
    };
    let line_id = Uuid::now_v7();
    let transfer = line.transfer.as_ref();
    Ok(line::Model {
        mof_div_code: draft.mof_div_code.clone(),
        line_id,
        package_id: Uuid::nil(),
        bgt_pman_id: line_id,
        pro_code: line.pro_code.clone(),
        pro_name: project.pro_name.clone(),
        pro_kind_code: project.pro_cat_code,
        exp_func_code: line.exp_func_code.clone(),
        dep_bgt_eco_code: line.dep_bgt_eco_code.clone(),
        gov_bgt_eco_code,
        fund_type_code: line.fund_type_code.clone(),
        manage_mof_dep_code: project.manage_mof_dep_code.clone(),
        apply_up: line.apply_up,
        fin_audit_money: None,
        prior_amt: Money::ZERO,
        reservation_id: line_id,
        is_gov_pur: line.is_gov_pur,
        is_scientific: line.is_scientific || project.is_scientific,
        is_capital: line.is_capital,
        is_debt: line.is_debt,
        is_three_ensure: line.is_three_ensure || project.is_three_ensure,
        found_type_code: line.found_type_code,
        sub_mof_div_code: transfer.map(|transfer| transfer.sub_mof_div_code.clone()),
        tp_func_code: transfer.map(|transfer| transfer.tp_func_code.clone()),
        tra_type: transfer.map(|transfer| transfer.tra_type),
        is_track: transfer.is_some_and(|transfer| transfer.is_track),
        direct_flag: transfer.map_or(DirectFlag::NotDirect, |transfer| transfer.direct_flag),
    })
}
