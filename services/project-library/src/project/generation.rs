//! Generation of personnel and public-use projects (一键测算, PM-011): one project per unit, category, year and item.
//! Generating again recalculates drafts and never touches what was submitted.

use base_info_contract::Agency;
use chrono::{DateTime, Utc};
use common_types::{ExistStatueCode, Role};
use project_library_contract::{AnnualPlan, Detail, GenerateProjects, GenerationItem, GenerationResult, ProjectDraft};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};

use super::{
    NewProject, content, document_of, entity::Model, mapping, model, model::Kind, record, rewrite, store, take_numbers,
};
use crate::RULES;

const MOST_ITEMS: usize = 200;

/// Whether the caller may generate these projects; needs neither database nor peer.
pub(crate) fn require_generation(caller: &Caller, request: &GenerateProjects) -> Result<(), Problem> {
    caller.require_in(&[Role::M1, Role::M2], &request.mof_div_code, Some(&request.agency_code))?;
    if model::kind_of(request.pro_cat_code)? != Kind::Generated {
        let zh = format!("{}应由单位申报，不能测算生成", request.pro_cat_code.name());
        let en = format!("projects of category {} are declared, not generated", request.pro_cat_code);
        return Err(RULES.refuse("PM-011", zh.clone(), en.clone()).at("/pro_cat_code", zh, en));
    }
    if request.items.is_empty() || request.items.len() > MOST_ITEMS {
        let en = format!("1 to {MOST_ITEMS} items are needed");
        return Err(Problem::field("/items", format!("应有 1 至 {MOST_ITEMS} 个测算项目"), en));
    }
    Ok(())
}

/// Generates or recalculates one project per item, all of them or none.
pub(crate) async fn generate(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    request: &GenerateProjects,
    unit: &Agency,
) -> Result<GenerationResult, Problem> {
    require_generation(caller, request)?;
    let drafts = drafts(request)?;
    let Some(first) = drafts.first() else { return Ok(GenerationResult { items: Vec::new() }) };
    let count = i32::try_from(drafts.len()).map_err(|error| Problem::internal(&error))?;
    let mut serial = take_numbers(tx, first, count).await?.saturating_sub(count);
    let mut items = Vec::with_capacity(drafts.len());
    for draft in &drafts {
        serial = serial.saturating_add(1);
        let row = match store::generated(tx, draft, &draft.pro_name).await? {
            Some(row) => recalculate(tx, now, caller, row, draft).await?,
            None => {
                let gen_item = Some(draft.pro_name.clone());
                record(tx, now, caller, draft, NewProject { unit, serial, gen_item }).await?.0
            }
        };
        items.push(mapping::head(&row));
    }
    Ok(GenerationResult { items })
}

async fn recalculate(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    row: Model,
    draft: &ProjectDraft,
) -> Result<Model, Problem> {
    let document = document_of(tx, row.pro_id).await?;
    if !document.is_editable() {
        let zh = format!("“{}”已生成项目 {} 并已送审", draft.pro_name, row.pro_code);
        let en = format!("{} was generated as project {} and submitted", draft.pro_name, row.pro_code);
        return Err(RULES.refuse("PL-104", zh, en).with("pro_code", row.pro_code));
    }
    Ok(rewrite(tx, now, caller, (row, document), draft).await?.0)
}

fn drafts(request: &GenerateProjects) -> Result<Vec<ProjectDraft>, Problem> {
    let mut drafts: Vec<ProjectDraft> = Vec::with_capacity(request.items.len());
    for (index, item) in request.items.iter().enumerate() {
        if drafts.iter().any(|draft| draft.pro_name == item.item_name) {
            return Err(Problem::field(format!("/items/{index}/item_name"), "测算项目重复", "the item occurs twice"));
        }
        let draft = draft(request, item).ok_or_else(|| {
            Problem::field(format!("/items/{index}/price"), "金额超出范围", "the amount is out of range")
        })?;
        content::require_content(&draft)?;
        drafts.push(draft);
    }
    Ok(drafts)
}

/// The application that an item stands for; `None` when its amount does not fit.
fn draft(request: &GenerateProjects, item: &GenerationItem) -> Option<ProjectDraft> {
    let amount = content::product(item.qty, item.price)?;
    let year = request.fiscal_year;
    let detail = Detail {
        fiscal_year: year,
        task_name: item.item_name.clone(),
        exp_cri_code: item.exp_cri_code.clone(),
        exp_cri_class: item.exp_cri_class,
        exp_cri_amt: item.exp_cri_amt,
        measmt_unit: item.measmt_unit.clone(),
        qty: item.qty,
        price: item.price,
        est_amt: amount,
        check_amt: amount,
        dep_bgt_eco_code: item.dep_bgt_eco_code.clone(),
        gov_bgt_eco_code: item.gov_bgt_eco_code.clone(),
    };
    Some(ProjectDraft {
        mof_div_code: request.mof_div_code.clone(),
        fiscal_year: year,
        agency_code: request.agency_code.clone(),
        pro_name: item.item_name.clone(),
        pro_cat_code: request.pro_cat_code,
        exist_statue_code: ExistStatueCode::Recurring,
        distri_type_code: None,
        exp_func_code: request.exp_func_code.clone(),
        fund_type_code: request.fund_type_code.clone(),
        manage_mof_dep_code: request.manage_mof_dep_code.clone(),
        pro_start_year: year,
        pro_term: 1,
        pro_total_amt: amount,
        support_amount: amount,
        pro_desc: String::new(),
        degisn_consideration: String::new(),
        leader_name: String::new(),
        is_track: false,
        is_captial_cons_pro: false,
        is_scientific: false,
        is_gov_info_server: false,
        is_secret_pro: false,
        is_govpur: false,
        is_wait_divide: false,
        is_three_ensure: true,
        is_early_release: false,
        direct_funds: false,
        is_major_policy: false,
        ex_ante_evaluation: None,
        approval_file_no: None,
        annual_plans: vec![AnnualPlan { fiscal_year: year, plan_amt: amount, support_amount: amount }],
        details: vec![detail],
        purchases: Vec::new(),
        assets: Vec::new(),
        perf_goals: Vec::new(),
        perf_indicators: Vec::new(),
    })
}
