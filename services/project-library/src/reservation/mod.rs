//! Reservations (预算占用): what budgets take of a stored project, never more than its library amount (PM-010).

mod entity;
pub(crate) mod http;
mod store;

use chrono::{DateTime, Utc};
use common_types::{Money, Role};
use project_library_contract::{Reservation, ReserveAmount};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};

use crate::{
    RULES,
    project::entity::{LibraryStatus, Model as Project},
};

const LONGEST_REASON: usize = 360;

/// Takes library money or gives it back; the same reservation twice is once.
pub(crate) async fn reserve(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    request: &ReserveAmount,
) -> Result<Reservation, Problem> {
    caller.require(&[Role::S1])?;
    if request.amt.is_zero() {
        return Err(Problem::field("/amt", "占用金额不能为零", "the amount must not be zero"));
    }
    if request.reason.chars().count() > LONGEST_REASON {
        let en = format!("at most {LONGEST_REASON} characters");
        return Err(Problem::field("/reason", format!("最多 {LONGEST_REASON} 个字符"), en));
    }
    if store::insert(tx, request, now).await? {
        if !store::take(tx, request).await? {
            return Err(refusal(store::project(tx, request).await?, request));
        }
    } else if !store::is_recorded(tx, request).await? {
        let zh = format!("占用编号 {} 已用于其他内容", request.reservation_id);
        let en = format!("reservation {} was used for other content", request.reservation_id);
        return Err(RULES.refuse("PL-106", zh, en));
    }
    let project = store::project(tx, request).await?.ok_or_else(|| not_stored(request))?;
    Ok(answer(request, &project))
}

fn answer(request: &ReserveAmount, project: &Project) -> Reservation {
    Reservation {
        reservation_id: request.reservation_id,
        mof_div_code: request.mof_div_code.clone(),
        pro_code: request.pro_code.clone(),
        fiscal_year: request.fiscal_year,
        amt: request.amt,
        library_amt: project.library_amt,
        reserved_amt: project.reserved_amt,
        remaining_amt: remaining(project),
    }
}

fn remaining(project: &Project) -> Money {
    let unused = if project.is_end { None } else { project.library_amt.checked_sub(project.reserved_amt) };
    unused.unwrap_or_default()
}

/// Why the guard did not let the reservation pass.
fn refusal(project: Option<Project>, request: &ReserveAmount) -> Problem {
    let Some(project) = project.filter(|project| project.status != LibraryStatus::OnTheWay) else {
        return not_stored(request);
    };
    if request.amt.is_negative() {
        return release_refusal(&project, request);
    }
    if project.is_end {
        return RULES.refuse(
            "PL-108",
            format!("项目 {} 已终止", project.pro_code),
            format!("project {} is terminated", project.pro_code),
        );
    }
    if request.fiscal_year < project.pro_start_year || request.fiscal_year > project.end_year {
        let (first, last) = (project.pro_start_year, project.end_year);
        let zh = format!("{} 年不在项目期限 {first} 至 {last} 年之内", request.fiscal_year);
        let en = format!("{} is outside the term {first} to {last}", request.fiscal_year);
        return RULES.refuse("PL-105", zh.clone(), en.clone()).at("/fiscal_year", zh, en);
    }
    let available = remaining(&project);
    let zh = format!("项目 {} 剩余额度 {available}，本次申请 {}", project.pro_code, request.amt);
    let en = format!("project {} has {available} left, {} was requested", project.pro_code, request.amt);
    RULES
        .refuse("PM-010", zh, en)
        .with("available", available)
        .with("requested", request.amt)
        .with("exceeded", request.amt.checked_sub(available))
        .with("pro_code", &project.pro_code)
}

fn release_refusal(project: &Project, request: &ReserveAmount) -> Problem {
    let zh = format!("项目 {} 已占用 {}，不能释放 {}", project.pro_code, project.reserved_amt, request.amt);
    let en = format!(
        "project {} has {} reserved, {} cannot be released",
        project.pro_code, project.reserved_amt, request.amt
    );
    RULES.refuse("PL-103", zh, en).with("reserved_amt", project.reserved_amt).with("requested", request.amt)
}

fn not_stored(request: &ReserveAmount) -> Problem {
    let zh = format!("区划 {} 的项目库中没有已储备的项目 {}", request.mof_div_code, request.pro_code);
    let en = format!("project {} is not in the library of {}", request.pro_code, request.mof_div_code);
    RULES.refuse("BG-001", zh.clone(), en.clone()).at("/pro_code", zh, en)
}
