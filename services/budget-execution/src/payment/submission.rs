//! What is asked of others before a draft is kept and before it leaves its maker: the unit, the payer's account, the
//! payee, the monitor. All outside any transaction; what they say is bound to the version that they saw.

use budget_execution_contract::{Attachment, PaymentDraft};
use common_types::{AccTypeCode, AgencyType, BgtExeFlag, Role};
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::{
    entity::{Standing, application},
    model, not_found, require_room,
    store::{self, Reservation, Step},
    view,
};
use crate::{
    Execution, RULES,
    cash_plan::control::{self, PlanLayer, Planned},
    indicator::{self, refusal},
    peers::{
        base_info::{Account, BaseInfo, PartiesQuestion},
        monitoring::{self, Hit, Outcome, Verdict},
    },
};

const PAYER_ACCOUNTS: [AccTypeCode; 2] = [AccTypeCode::AgencyZeroBalance, AccTypeCode::FinanceZeroBalance];

/// What `base-info` knows of the unit that drafts.
#[derive(Debug, Clone)]
pub struct Known {
    pub agency_name: String,
    pub agency_type_code: AgencyType,
    pub pay_acct_name: String,
    pub pay_acct_bank_name: String,
}

/// Why a submission may go on.
#[derive(Debug, Clone)]
pub struct Cleared {
    /// The version of the document that was looked at.
    pub version: i64,
    pub is_held: bool,
    pub warn_ids: Vec<Uuid>,
    pub pay_acct_name: String,
    pub pay_acct_bank_name: String,
    /// The plan layer that it is reserved on beside its source (PAY-025).
    pub plan: PlanLayer,
}

/// Asks for the unit and the payer's account of a draft.
pub async fn know(execution: &Execution, caller: &Caller, draft: &PaymentDraft) -> Result<Known, Problem> {
    caller.require_in(&[Role::U1], &draft.mof_div_code, Some(&draft.agency_code))?;
    let peer = BaseInfo(execution.peers.base_info.clone());
    let agency = peer
        .agency(&draft.mof_div_code, draft.fiscal_year, &draft.agency_code)
        .await?
        .filter(|agency| agency.is_enabled)
        .ok_or_else(|| {
            RULES.refuse("PAY-003", "申请单位不存在或已停用", "the unit does not exist or is disabled").at(
                "/agency_code",
                "不存在或已停用",
                "does not exist or is disabled",
            )
        })?;
    let account = peer.account(&draft.mof_div_code, &draft.pay_acct_no).await?;
    let (pay_acct_name, pay_acct_bank_name) =
        account.map(|account| (account.account_name, account.bank_name)).unwrap_or_default();
    Ok(Known {
        agency_name: agency.agency_name,
        agency_type_code: agency.agency_type_code,
        pay_acct_name,
        pay_acct_bank_name,
    })
}

/// Asks everybody who has a say in a submission; refuses with what they say, or clears it. A dry run is told the same,
/// and leaves nothing behind, neither here nor with the monitor.
pub async fn clear(
    execution: &Execution,
    caller: &Caller,
    pay_app_id: Uuid,
    is_dry_run: bool,
) -> Result<Cleared, Problem> {
    let db = execution.database.read();
    let row = store::application(db, pay_app_id)
        .await?
        .filter(|row| caller.acts_in(&row.mof_div_code, Some(&row.agency_code)))
        .ok_or_else(not_found)?;
    super::require_unmonitored(&row)?;
    let document = super::document_of(db, pay_app_id).await?;
    document.require_editable(caller)?;
    model::require_submittable(&row, execution.database.clock().today())?;
    let bearer = model::Bearer::from(indicator::find(db, row.bgt_id).await?.ok_or_else(not_found)?);
    if bearer.bgt_exe_flag != BgtExeFlag::Executable {
        return Err(model::not_payable("指标不可执行", "the indicator cannot be paid from"));
    }
    let plan = match layers(execution, &row, &bearer).await {
        Ok(plan) => plan,
        Err(problem) => return Err(refusal::with_changes(db, problem, (row.bgt_id, row.update_time)).await),
    };
    let account = payer_account(execution, &row).await?;
    let cleared = Cleared {
        version: document.version,
        is_held: false,
        warn_ids: Vec::new(),
        pay_acct_name: account.account_name,
        pay_acct_bank_name: account.bank_name,
        plan,
    };
    let attachments: Vec<Attachment> = view::read(row.attachments.clone())?;
    let facts = monitoring::facts(&row, &bearer, &attachments);
    let asked = (pay_app_id, is_dry_run);
    let verdict = monitoring::evaluate(&execution.peers, document.version, facts, asked).await?;
    if verdict.outcome == Outcome::Forbid && !is_dry_run {
        reject(execution, &row).await?;
    }
    judge(&row, &verdict, (cleared, !attachments.is_empty()))
}

/// Whether every layer holds the amount today: its source, and the cash plan when the division controls by it (PAY-025).
async fn layers(execution: &Execution, row: &application::Model, bearer: &model::Bearer) -> Result<PlanLayer, Problem> {
    let (db, today) = (execution.database.read(), execution.database.clock().today());
    require_room(db, bearer, row.commitment_id, row.pay_app_amt).await?;
    let planned = Planned { mof_div_code: &row.mof_div_code, fiscal_year: row.fiscal_year, bgt_id: row.bgt_id };
    control::require_planned(db, planned, row.pay_app_amt, today).await
}

/// PAY-006: the payer's account is open, of the unit and of the right type. PAY-005: the payee is not on the blacklist.
async fn payer_account(execution: &Execution, row: &application::Model) -> Result<Account, Problem> {
    let asked = PartiesQuestion {
        mof_div_code: row.mof_div_code.clone(),
        pay_acct_no: row.pay_acct_no.clone(),
        payee_acct_no: row.payee_acct_no.clone(),
    };
    let parties = execution.peers.parties.ask(asked).await?;
    let account = parties
        .payer
        .filter(|account| account.is_enabled && PAYER_ACCOUNTS.contains(&account.acc_type_code))
        .filter(|account| account.agency_code.as_ref().is_none_or(|owner| *owner == row.agency_code))
        .ok_or_else(|| cannot_pay(row))?;
    if parties.is_blacklisted {
        return Err(RULES
            .refuse(
                "PAY-005",
                format!("收款账号 {} 在黑名单中", row.payee_acct_no),
                format!("payee account {} is on the blacklist", row.payee_acct_no),
            )
            .at("/payee_acct_no", "在黑名单中", "is on the blacklist"));
    }
    Ok(account)
}

fn cannot_pay(row: &application::Model) -> Problem {
    RULES
        .refuse(
            "PAY-006",
            format!("付款账户 {} 不存在、已停用、不属于本单位或不是零余额账户", row.pay_acct_no),
            format!(
                "payer account {} is absent, disabled, of another unit or no zero-balance account",
                row.pay_acct_no
            ),
        )
        .at("/pay_acct_no", "不可用于付款", "cannot pay")
}

/// What the verdict means for the submission.
fn judge(
    row: &application::Model,
    verdict: &Verdict,
    (cleared, is_attached): (Cleared, bool),
) -> Result<Cleared, Problem> {
    let warn_ids = verdict.warnings.iter().map(|warning| warning.warn_id).collect();
    let is_explained = !row.explanation.trim().is_empty();
    match verdict.outcome {
        Outcome::Pass | Outcome::Record => Ok(Cleared { warn_ids, ..cleared }),
        Outcome::Warn if is_explained => Ok(Cleared { warn_ids, ..cleared }),
        Outcome::WarnWithAttachment if is_explained && is_attached => Ok(Cleared { warn_ids, ..cleared }),
        Outcome::Warn => {
            Err(unexplained(&verdict.warnings, "/explanation", ("请填写说明", "an explanation is needed")))
        }
        Outcome::WarnWithAttachment => {
            let asked = ("请填写说明并上传附件", "an explanation and an attachment are needed");
            Err(unexplained(&verdict.warnings, "/attachments", asked))
        }
        Outcome::Intercept => {
            let holding: Vec<Uuid> = verdict
                .warnings
                .iter()
                .filter(|warning| monitoring::intercepts(warning))
                .map(|warning| warning.warn_id)
                .collect();
            let warn_ids = if holding.is_empty() { warn_ids } else { holding };
            Ok(Cleared { is_held: true, warn_ids, ..cleared })
        }
        Outcome::Forbid => Err(RULES
            .refuse("PAY-102", told(&verdict.warnings, true), told(&verdict.warnings, false))
            .with("warnings", &verdict.warnings)),
    }
}

fn unexplained(warnings: &[Hit], pointer: &str, asked: (&str, &str)) -> Problem {
    let zh = format!("{}；{}", told(warnings, true), asked.0);
    let en = format!("{}; {}", told(warnings, false), asked.1);
    RULES.refuse("PAY-101", zh, en).at(pointer, asked.0, asked.1).with("warnings", warnings)
}

fn told(warnings: &[Hit], is_chinese: bool) -> String {
    let texts: Vec<&str> = warnings
        .iter()
        .map(|warning| if is_chinese { warning.message_zh.as_str() } else { warning.message_en.as_str() })
        .collect();
    texts.join("; ")
}

/// A forbidden application stays with its maker and never leaves again; nothing was reserved.
async fn reject(execution: &Execution, row: &application::Model) -> Result<(), Problem> {
    let tx = execution.database.begin_write().await?;
    let from = vec![Standing::Draft, Standing::Returned];
    let step = Step { from, to: Standing::Rejected, reservation: Reservation::Kept };
    store::advance(&tx, execution.database.clock().now(), row.pay_app_id, step).await?;
    Ok(tx.commit().await?)
}
