//! Between the rows of a project and its contract types. No rules, no SQL.

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear, MofDepCode, Money, ProCode};
use project_library_contract::{
    AnnualPlan, AssetLine, Detail, ExAnteEvaluation, PerfGoal, PerfIndicator, ProjectDraft, ProjectHead, ProjectStatus,
    PurchaseLine, YearFlag,
};
use sea_orm::DbErr;
use service_kit::Problem;
use uuid::Uuid;

use super::{
    children::{Span, annual_plan, asset, detail, perf_goal, perf_indicator, purchase},
    entity::{LibraryStatus, Model},
    model::Kind,
};

/// What the system adds to a draft when it is first recorded.
pub(super) struct Origin {
    pub(super) pro_id: Uuid,
    pub(super) pro_code: ProCode,
    pub(super) dept_code: AgencyCode,
    pub(super) manage_mof_dep_code: MofDepCode,
    pub(super) gen_item: Option<String>,
    pub(super) now: DateTime<Utc>,
}

/// The first row of a project.
pub(super) fn new_row(draft: &ProjectDraft, end_year: FiscalYear, origin: Origin) -> Model {
    Model {
        mof_div_code: draft.mof_div_code.clone(),
        pro_id: origin.pro_id,
        fiscal_year: draft.fiscal_year,
        pro_code: origin.pro_code,
        pro_name: draft.pro_name.clone(),
        pro_cat_code: draft.pro_cat_code,
        exist_statue_code: draft.exist_statue_code,
        distri_type_code: draft.distri_type_code,
        agency_code: draft.agency_code.clone(),
        dept_code: origin.dept_code,
        manage_mof_dep_code: origin.manage_mof_dep_code,
        exp_func_code: draft.exp_func_code.clone(),
        fund_type_code: draft.fund_type_code.clone(),
        pro_start_year: draft.pro_start_year,
        end_year,
        pro_total_amt: draft.pro_total_amt,
        support_amount: draft.support_amount,
        pro_desc: draft.pro_desc.clone(),
        degisn_consideration: draft.degisn_consideration.clone(),
        leader_name: draft.leader_name.clone(),
        is_track: draft.is_track,
        is_captial_cons_pro: draft.is_captial_cons_pro,
        is_scientific: draft.is_scientific,
        is_gov_info_server: draft.is_gov_info_server,
        is_secret_pro: draft.is_secret_pro,
        is_govpur: draft.is_govpur,
        is_wait_divide: draft.is_wait_divide,
        is_three_ensure: draft.is_three_ensure,
        is_early_release: draft.is_early_release,
        direct_funds: draft.direct_funds,
        is_major_policy: draft.is_major_policy,
        is_end: false,
        is_deleted: false,
        ex_ante_report_no: draft.ex_ante_evaluation.as_ref().map(|evaluation| evaluation.report_no.clone()),
        ex_ante_date: draft.ex_ante_evaluation.as_ref().map(|evaluation| evaluation.eval_date),
        ex_ante_opinion_code: draft.ex_ante_evaluation.as_ref().map(|evaluation| evaluation.opinion_code),
        approval_file_no: draft.approval_file_no.clone(),
        gen_item: origin.gen_item,
        status: LibraryStatus::OnTheWay,
        review_amt: None,
        review_opinion: String::new(),
        library_amt: Money::ZERO,
        reserved_amt: Money::ZERO,
        end_reason: String::new(),
        create_time: origin.now,
        update_time: origin.now,
    }
}

/// The row after its maker changed the content: what the system gave stays, a review of the old content does not.
pub(super) fn revised_row(before: &Model, draft: &ProjectDraft, end_year: FiscalYear, now: DateTime<Utc>) -> Model {
    let origin = Origin {
        pro_id: before.pro_id,
        pro_code: before.pro_code.clone(),
        dept_code: before.dept_code.clone(),
        manage_mof_dep_code: draft.manage_mof_dep_code.clone().unwrap_or_else(|| before.manage_mof_dep_code.clone()),
        gen_item: before.gen_item.clone(),
        now,
    };
    Model { create_time: before.create_time, ..new_row(draft, end_year, origin) }
}

/// The main facts of a project.
pub(super) fn head(row: &Model) -> ProjectHead {
    let remaining = if row.is_end { None } else { row.library_amt.checked_sub(row.reserved_amt) };
    ProjectHead {
        pro_id: row.pro_id,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        pro_code: row.pro_code.clone(),
        pro_name: row.pro_name.clone(),
        pro_cat_code: row.pro_cat_code,
        exist_statue_code: row.exist_statue_code,
        distri_type_code: row.distri_type_code,
        agency_code: row.agency_code.clone(),
        dept_code: row.dept_code.clone(),
        manage_mof_dep_code: row.manage_mof_dep_code.clone(),
        exp_func_code: row.exp_func_code.clone(),
        fund_type_code: row.fund_type_code.clone(),
        pro_start_year: row.pro_start_year,
        pro_term: row.end_year.get().saturating_sub(row.pro_start_year.get()).saturating_add(1),
        pro_total_amt: row.pro_total_amt,
        support_amount: row.support_amount,
        scoi_invest_fund: row.pro_total_amt.checked_sub(row.support_amount).unwrap_or(Money::ZERO),
        is_track: row.is_track,
        is_captial_cons_pro: row.is_captial_cons_pro,
        is_scientific: row.is_scientific,
        is_gov_info_server: row.is_gov_info_server,
        is_secret_pro: row.is_secret_pro,
        is_govpur: row.is_govpur,
        is_wait_divide: row.is_wait_divide,
        is_three_ensure: row.is_three_ensure,
        is_early_release: row.is_early_release,
        direct_funds: row.direct_funds,
        is_major_policy: row.is_major_policy,
        is_end: row.is_end,
        is_generated: Kind::of(row.pro_cat_code) == Some(Kind::Generated),
        status: status_of(row.status),
        review_amt: row.review_amt,
        library_amt: row.library_amt,
        reserved_amt: row.reserved_amt,
        remaining_amt: remaining.unwrap_or(Money::ZERO),
    }
}

fn status_of(status: LibraryStatus) -> ProjectStatus {
    match status {
        LibraryStatus::OnTheWay => ProjectStatus::OnTheWay,
        LibraryStatus::Stored => ProjectStatus::Stored,
        LibraryStatus::Arranged => ProjectStatus::Arranged,
    }
}

/// The column value of a status.
pub(super) fn status_column(status: ProjectStatus) -> LibraryStatus {
    match status {
        ProjectStatus::OnTheWay => LibraryStatus::OnTheWay,
        ProjectStatus::Stored => LibraryStatus::Stored,
        ProjectStatus::Arranged => LibraryStatus::Arranged,
    }
}

/// The ex-ante evaluation of a row.
pub(super) fn evaluation(row: &Model) -> Option<ExAnteEvaluation> {
    Some(ExAnteEvaluation {
        report_no: row.ex_ante_report_no.clone()?,
        eval_date: row.ex_ante_date?,
        opinion_code: row.ex_ante_opinion_code?,
    })
}

/// A contract line that is kept as a row of a child table.
pub(super) trait Line: Sized {
    type Row;
    fn row(&self, division: &DivisionCode, pro_id: Uuid, line_no: i32) -> Self::Row;
    fn read(row: Self::Row) -> Result<Self, Problem>;
}

fn span(yearflag: YearFlag) -> Span {
    match yearflag {
        YearFlag::MidTerm => Span::MidTerm,
        YearFlag::Annual => Span::Annual,
    }
}

fn yearflag(span: Span) -> YearFlag {
    match span {
        Span::MidTerm => YearFlag::MidTerm,
        Span::Annual => YearFlag::Annual,
    }
}

fn whole<T: TryFrom<i64>>(number: i64) -> Result<T, Problem> {
    T::try_from(number).map_err(|_| DbErr::Custom(format!("number {number} is out of range")).into())
}

/// Maps a line onto its row field by field; fields of another type say how each way.
macro_rules! line {
    ($line:ident, $module:ident; $($same:ident),*; $($other:ident: $keep:expr, $read:expr;)*) => {
        impl Line for $line {
            type Row = $module::Model;

            fn row(&self, division: &DivisionCode, pro_id: Uuid, line_no: i32) -> Self::Row {
                $module::Model {
                    mof_div_code: division.clone(),
                    pro_id,
                    line_no,
                    $($same: self.$same.clone(),)*
                    $($other: $keep(self.$other),)*
                }
            }

            fn read(row: Self::Row) -> Result<Self, Problem> {
                Ok(Self { $($same: row.$same,)* $($other: $read(row.$other)?,)* })
            }
        }
    };
}

line!(AnnualPlan, annual_plan; fiscal_year, plan_amt, support_amount;);
line!(Detail, detail;
    fiscal_year, task_name, exp_cri_code, exp_cri_class, exp_cri_amt, measmt_unit, price, est_amt, check_amt,
    dep_bgt_eco_code, gov_bgt_eco_code;
    qty: i64::from, whole;);
line!(PurchaseLine, purchase; pur_class, pur_method, purorgform, measmt_unit, price, pur_amt; pur_qua: i64::from, whole;);
line!(AssetLine, asset; asset_class, asset_name, price, sum_amt, usage; asset_qua: i64::from, whole;);
line!(PerfGoal, perf_goal; kpi_target; yearflag: span, read_span;);
line!(PerfIndicator, perf_indicator;
    kpi_lv1, kpi_lv2, kpi_lv3, computesign, kpi_val, meterunit, kpi_evalstd;
    yearflag: span, read_span;
    weight: i32::from, read_weight;);

fn read_span(kept: Span) -> Result<YearFlag, Problem> {
    Ok(yearflag(kept))
}

fn read_weight(kept: i32) -> Result<u16, Problem> {
    whole(i64::from(kept))
}
