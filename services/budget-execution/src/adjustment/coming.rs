//! What peers are asked before a document leaves its maker or takes effect, outside any transaction: the monitor, whether
//! an indicator is warned (AD-005), and the project library, for its money (AD-004).

use service_kit::{Caller, Problem};
use uuid::Uuid;
use workflow::{Action, ActionRequest, Status};

use super::{Line, Row, document, model, not_found, reservation, store};
use crate::{Execution, peers};

/// A document that the action asked for would submit or make final.
pub struct Coming {
    pub row: Row,
    pub lines: Vec<Line>,
    becomes_final: bool,
}

/// Asks whoever must agree; while one of them does not answer, the action is refused for now. A dry run takes no money of
/// the library.
pub async fn ask(
    execution: &Execution,
    caller: &Caller,
    (adj_id, request): (Uuid, &ActionRequest),
    is_dry_run: bool,
) -> Result<(), Problem> {
    let Some(coming) = coming(execution, caller, adj_id, request).await? else { return Ok(()) };
    require_unwarned(execution, &coming).await?;
    if coming.becomes_final && !is_dry_run { reservation::reserve(execution, &coming).await } else { Ok(()) }
}

/// None when nothing depends on peers: the action is another one, comes too late, or leads to a further node only.
async fn coming(
    execution: &Execution,
    caller: &Caller,
    adj_id: Uuid,
    request: &ActionRequest,
) -> Result<Option<Coming>, Problem> {
    if !matches!(request.action, Action::Submit | Action::Approve) {
        return Ok(None);
    }
    let db = execution.database.read();
    let (row, before) = document(db, adj_id).await?;
    if !caller.acts_in(&row.mof_div_code, row.agency_code.as_ref()) {
        return Err(not_found());
    }
    let is_stale = request.version.is_some_and(|version| version != before.version);
    let after = before.after(request.action, caller, &request.opinion)?;
    let becomes_final = after.status == Status::Final && before.status != Status::Final;
    if is_stale || !(becomes_final || request.action == Action::Submit) {
        return Ok(None);
    }
    let lines = store::lines(db, vec![adj_id]).await?;
    Ok(Some(Coming { row, lines, becomes_final }))
}

/// AD-005: neither side of a line, nor a payment from it, has a warning that is not settled.
async fn require_unwarned(execution: &Execution, coming: &Coming) -> Result<(), Problem> {
    let Coming { row, lines, .. } = coming;
    let touched: Vec<Uuid> = lines.iter().flat_map(|line| [line.ori_bgt_id, line.bgt_id]).flatten().collect();
    if touched.is_empty() {
        return Ok(());
    }
    let open = peers::monitoring::open_warnings(&execution.peers, row.mof_div_code.clone(), touched).await?;
    let Some(warning) = open.first() else { return Ok(()) };
    let warned = warning.bgt_id.unwrap_or(warning.document_id);
    let of_warned = |line: &Line| [line.ori_bgt_id, line.bgt_id].contains(&Some(warned));
    let index = lines.iter().position(of_warned).unwrap_or_default();
    let (what_zh, what_en) = match warned == warning.document_id {
        true => ("指标", "the indicator"),
        false => ("指标的支付", "a payment from the indicator"),
    };
    let zh = format!("{what_zh}有未处理的预警（{}），处理后方可调整", warning.rule_name);
    let en = format!("{what_en} has a warning of {} that is not settled", warning.rule_code);
    Err(model::refuse("AD-005", index, &zh, &en)
        .with("indicator", warned)
        .with("document_id", warning.document_id)
        .with("warn_id", warning.warn_id))
}
