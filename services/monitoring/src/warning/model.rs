//! The rules of one case. Pure.

use common_types::{AffirmResult, CtrlType, WarnStatus};
use monitoring_contract::{Explanation, Warning};
use service_kit::{Caller, Problem};

use super::Step;
use crate::RULES;

/// What the case becomes by this step of this caller.
pub(crate) fn after(mut warning: Warning, step: Step, caller: &Caller) -> Result<Warning, Problem> {
    if warning.is_archived {
        return Err(not_now("预警单已归档", "the case is archived"));
    }
    match step {
        Step::Explain(explanation) => {
            require(warning.case.affirmation.is_none(), "已认定，不能再说明", "it is affirmed already")?;
            require_complete(&warning, &explanation)?;
            warning.case.explanation = Some(explanation);
            warning.case.explained_by = Some(caller.person.clone());
        }
        Step::Affirm(affirmation) => {
            require(warning.case.affirmation.is_none(), "已认定", "it is affirmed already")?;
            require(
                affirmation.affirm_result != AffirmResult::Undetermined,
                "须认定正常或违规",
                "say normal or violation",
            )?;
            if warning.case.explained_by.as_ref() == Some(&caller.person) {
                return Err(RULES.refuse("MON-103", "说明人不得认定本预警", "the explainer may not affirm"));
            }
            warning.affirm_result = affirmation.affirm_result;
            warning.status = match affirmation.affirm_result {
                AffirmResult::Violation => WarnStatus::Returned,
                AffirmResult::Normal | AffirmResult::Undetermined => WarnStatus::Handled,
            };
            warning.case.affirmation = Some(affirmation);
            warning.case.affirmed_by = Some(caller.person.clone());
        }
        Step::OrderVerification(order) => {
            require(warning.case.affirmation.is_none(), "已认定", "it is affirmed already")?;
            warning.case.verification_request = Some(order.opinion);
        }
        Step::Verify(verification) => {
            require(warning.case.verification_request.is_some(), "未下发核实", "no verification was ordered")?;
            require(warning.case.verification.is_none(), "已核实", "it is verified already")?;
            warning.verify_result = Some(verification.verify_result);
            warning.case.verification = Some(verification);
            warning.case.verified_by = Some(caller.person.clone());
        }
        Step::Inquire(inquiry) => {
            require_violation(&warning)?;
            require(warning.case.inquiry.is_none(), "已发问询函", "an inquiry was sent already")?;
            warning.case.inquiry = Some(inquiry);
        }
        Step::Rectify(rectification) => {
            require_violation(&warning)?;
            require(warning.case.rectification.is_none(), "已整改", "it is rectified already")?;
            let amounts = [rectification.back_amt, rectification.adjust_amt];
            if amounts.iter().any(|amount| amount.is_negative()) {
                return Err(Problem::field("/back_amt", "金额不能为负", "an amount is negative"));
            }
            warning.case.rectification = Some(rectification);
            warning.case.rectified_by = Some(caller.person.clone());
        }
        Step::Archive => {
            let is_open_violation =
                warning.affirm_result == AffirmResult::Violation && warning.case.rectification.is_none();
            require(warning.affirm_result != AffirmResult::Undetermined, "尚未认定", "it is not affirmed yet")?;
            require(!is_open_violation, "违规尚未整改", "the violation is not rectified yet")?;
            warning.status = WarnStatus::Handled;
            warning.is_archived = true;
        }
    }
    Ok(warning)
}

/// A warning with attachment needs one; an interception also contact and phone.
fn require_complete(warning: &Warning, explanation: &Explanation) -> Result<(), Problem> {
    let incomplete = |pointer: &str, zh: &str, en: &str| Err(RULES.refuse("MON-104", zh, en).at(pointer, zh, en));
    if explanation.text.trim().is_empty() {
        return incomplete("/text", "请填写说明", "say what it was");
    }
    let needs_attachment = matches!(warning.ctrl_type, CtrlType::WarnWithAttachment | CtrlType::Intercept);
    if needs_attachment && explanation.attachments.is_empty() {
        return incomplete("/attachments", "须上传附件", "an attachment is needed");
    }
    let needs_contact = warning.ctrl_type == CtrlType::Intercept;
    if needs_contact && (explanation.contact.trim().is_empty() || explanation.phone.trim().is_empty()) {
        return incomplete("/contact", "须填写联系人和电话", "contact and phone are needed");
    }
    Ok(())
}

fn require_violation(warning: &Warning) -> Result<(), Problem> {
    require(warning.affirm_result == AffirmResult::Violation, "未认定违规", "no violation was found")
}

fn require(holds: bool, zh: &str, en: &str) -> Result<(), Problem> {
    if holds { Ok(()) } else { Err(not_now(zh, en)) }
}

fn not_now(zh: &str, en: &str) -> Problem {
    RULES.refuse("MON-102", zh, en)
}
