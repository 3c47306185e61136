//! Budget units and departments (单位), by division and year; and the opening of a year.

pub mod http;
pub mod store;

use base_info_contract::{Agency, AgencyFilter, NewAgency, YearOpened, YearOpening};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, Problem};

use crate::{BaseInfo, RULES, scope};

const CREDIT_CODE_LENGTH: usize = 18;

/// Records a unit (BI-001).
pub async fn create(
    tx: &DatabaseTransaction,
    base_info: &BaseInfo,
    caller: &Caller,
    new: NewAgency,
) -> Result<Agency, Problem> {
    scope::require_maintains(caller, &new.mof_div_code)?;
    check(&new)?;
    let agency = agency_of(new, 1);
    if store::insert(tx, &agency, base_info.database.clock().now()).await? { Ok(agency) } else { Err(taken(&agency)) }
}

/// Changes a unit; its codes stay, and a stopped one stays stopped.
pub async fn change(
    tx: &DatabaseTransaction,
    base_info: &BaseInfo,
    caller: &Caller,
    new: NewAgency,
    version: i64,
) -> Result<Agency, Problem> {
    scope::require_maintains(caller, &new.mof_div_code)?;
    check(&new)?;
    let before = find(tx, &new.mof_div_code, new.fiscal_year, &new.agency_code).await?;
    service_kit::http::IfMatch(version).check(before.version)?;
    if new.unifsoc_cred_code != before.unifsoc_cred_code {
        return Err(Problem::field("/unifsoc_cred_code", "统一社会信用代码不能变更", "the credit code stays"));
    }
    let mut after = agency_of(new, before.version.saturating_add(1));
    after.is_enabled = before.is_enabled;
    if store::update(tx, &after, before.version, base_info.database.clock().now()).await? {
        Ok(after)
    } else {
        Err(Problem::conflict("单位已被他人修改", "the agency was changed meanwhile"))
    }
}

/// Stops a unit that has none below it (BI-002).
pub async fn stop(
    tx: &DatabaseTransaction,
    base_info: &BaseInfo,
    caller: &Caller,
    division: &DivisionCode,
    year: FiscalYear,
    code: &AgencyCode,
) -> Result<Agency, Problem> {
    scope::require_maintains(caller, division)?;
    let mut agency = find(tx, division, year, code).await?;
    let below = store::enabled_below(tx, division, year, code).await?;
    if below > 0 {
        return Err(RULES
            .refuse(
                "BI-002",
                format!("{code} 还有 {below} 个启用的下级单位"),
                format!("{code} has {below} units below it"),
            )
            .with("below", below));
    }
    let version = agency.version;
    agency.is_enabled = false;
    agency.version = version.saturating_add(1);
    if store::update(tx, &agency, version, base_info.database.clock().now()).await? {
        Ok(agency)
    } else {
        Err(Problem::conflict("单位已被他人修改", "the agency was changed meanwhile"))
    }
}

/// Copies the units of the year before; those that are there stay as they are (BI-009).
pub async fn open_year(
    tx: &DatabaseTransaction,
    base_info: &BaseInfo,
    caller: &Caller,
    opening: YearOpening,
) -> Result<YearOpened, Problem> {
    scope::require_maintains(caller, &opening.mof_div_code)?;
    let (division, year) = (opening.mof_div_code, opening.fiscal_year);
    let before = match year.previous() {
        Some(before) => store::of_year(tx, &division, before).await?,
        None => Vec::new(),
    };
    if before.is_empty() {
        return Err(RULES.refuse("BI-009", format!("{division} 在 {year} 的上一年没有单位"), "no agencies to copy"));
    }
    let mut copied = 0_u64;
    for mut agency in before {
        agency.fiscal_year = year;
        agency.version = 1;
        if store::insert(tx, &agency, base_info.database.clock().now()).await? {
            copied = copied.saturating_add(1);
        }
    }
    Ok(YearOpened { mof_div_code: division, fiscal_year: year, copied })
}

/// One unit; 404 out of scope.
pub async fn get(
    base_info: &BaseInfo,
    caller: &Caller,
    division: &DivisionCode,
    year: FiscalYear,
    code: &AgencyCode,
) -> Result<Agency, Problem> {
    caller.require_readable(division, Some(code), "单位", "the agency")?;
    find(base_info.database.read(), division, year, code).await
}

/// Units of a division that the caller reaches.
pub async fn list(base_info: &BaseInfo, caller: &Caller, filter: &AgencyFilter) -> Result<Page<Agency>, Problem> {
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    store::list(base_info.database.read(), &division, caller.agency_code.as_ref(), filter).await
}

async fn find<C: sea_orm::ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    year: FiscalYear,
    code: &AgencyCode,
) -> Result<Agency, Problem> {
    store::find(db, division, year, code).await?.ok_or_else(|| Problem::not_found("单位", "the agency"))
}

fn check(new: &NewAgency) -> Result<(), Problem> {
    if new.agency_name.trim().is_empty() {
        return Err(Problem::field("/agency_name", "单位名称不能为空", "a name is needed"));
    }
    let is_code =
        |code: &str| code.len() == CREDIT_CODE_LENGTH && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_code(&new.unifsoc_cred_code) {
        let en = format!("a credit code has {CREDIT_CODE_LENGTH} letters and digits");
        return Err(Problem::field("/unifsoc_cred_code", "统一社会信用代码应为 18 位字母或数字", en));
    }
    Ok(())
}

fn agency_of(new: NewAgency, version: i64) -> Agency {
    Agency {
        dept_code: new.agency_code.department(),
        mof_div_code: new.mof_div_code,
        fiscal_year: new.fiscal_year,
        agency_code: new.agency_code,
        agency_name: new.agency_name,
        agency_type_code: new.agency_type_code,
        unifsoc_cred_code: new.unifsoc_cred_code,
        manage_mof_dep_code: new.manage_mof_dep_code,
        exp_func_code: new.exp_func_code,
        fund_sup_code: new.fund_sup_code,
        admin_staf_num: new.admin_staf_num,
        is_enabled: true,
        version,
    }
}

fn taken(agency: &Agency) -> Problem {
    let (code, credit) = (&agency.agency_code, &agency.unifsoc_cred_code);
    RULES.refuse(
        "BI-001",
        format!("单位代码 {code} 或统一社会信用代码 {credit} 已被占用"),
        format!("agency code {code} or credit code {credit} is taken"),
    )
}
