//! Lineage (溯源): follows money back to the approval or the higher level and forward to every payee, over splits,
//! adjustments, transfers between levels and years, in one answer (I4). Reads only. What the caller may not read is told
//! as an amount.

use budget_execution_contract::{FlowKind, FlowStep, Lineage, LineageQuery, UseKind};
use sea_orm::ConnectionTrait;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use crate::{allocation, payment, transfer, voucher};

pub mod http;
mod model;
mod store;
mod walk;

use model::Span;
use walk::{MAX_PIECES, Piece, Place, Walk};

const DEFAULT_LIMIT: usize = 200;
const MAX_LIMIT: usize = 1_000;

/// What a lineage starts at.
enum Subject<'a> {
    Application(Uuid),
    Voucher(Uuid),
    Allocation(Uuid),
    Indicator(Uuid),
    Transfer(Uuid),
    BudgetLine(&'a str),
    Origin(Uuid),
}

fn subject(query: &LineageQuery) -> Result<Subject<'_>, Problem> {
    let given = [
        query.pay_app_id.map(Subject::Application),
        query.pay_cert_id.map(Subject::Voucher),
        query.pay_alloc_cert_id.map(Subject::Allocation),
        query.bgt_id.map(Subject::Indicator),
        query.transfer_id.map(Subject::Transfer),
        query.bgt_pman_id.as_deref().map(Subject::BudgetLine),
        query.origin_id.map(Subject::Origin),
    ];
    let mut given = given.into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(subject), None) => Ok(subject),
        _ => Err(Problem::malformed(
            "name exactly one of pay_app_id, pay_cert_id, pay_alloc_cert_id, bgt_id, transfer_id, bgt_pman_id, origin_id",
        )),
    }
}

/// Where the money of a document came from and where it went.
pub async fn trace<C: ConnectionTrait>(db: &C, caller: &Caller, query: &LineageQuery) -> Result<Lineage, Problem> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Problem::malformed(format!("limit must lie between 1 and {MAX_LIMIT}")));
    }
    let mut walk = Walk::new(db, caller, limit);
    let (back, forward) = start(&mut walk, subject(query)?).await?;
    walk.back(back).await?;
    walk.forward(forward).await?;
    Ok(walk.answer())
}

/// The pieces that a subject begins with, one list for each way.
async fn start<C: ConnectionTrait>(
    walk: &mut Walk<'_, C>,
    subject: Subject<'_>,
) -> Result<(Vec<Piece>, Vec<Piece>), Problem> {
    match subject {
        Subject::Application(id) => Ok((vec![payment_piece(walk, id, None).await?], Vec::new())),
        Subject::Voucher(id) => {
            let voucher = voucher::store::voucher(walk.db, id).await?.ok_or_else(not_found)?;
            let bearer = voucher::model::charged_to(&voucher)?.bgt_id;
            Ok((vec![payment_piece(walk, voucher.pay_app_id, Some(bearer)).await?], Vec::new()))
        }
        Subject::Allocation(id) => {
            let row = allocation::store::find(walk.db, id).await?.ok_or_else(not_found)?;
            let agency_code = row.agency_code.as_ref();
            walk.caller.require_readable(&row.mof_div_code, agency_code, "拨款凭证", "the allocation")?;
            walk.load([row.bgt_id].into()).await?;
            Ok((vec![spent_piece(walk, row.bgt_id, (id, format!("allocations/{id}")))], Vec::new()))
        }
        Subject::Indicator(id) => {
            walk.require_readable(id).await?;
            Ok((vec![Piece::at(id, Place::All)], vec![Piece::at(id, Place::All)]))
        }
        Subject::Transfer(id) => transfer_pieces(walk, id).await,
        Subject::BudgetLine(line) => {
            let made = made(walk, store::of_line(line)).await?;
            Ok((Vec::new(), made.into_iter().map(|id| Piece::at(id, Place::Root)).collect()))
        }
        Subject::Origin(id) => {
            let made = made(walk, store::of_origin(id)).await?;
            Ok((Vec::new(), made.into_iter().map(|id| Piece::at(id, Place::All)).collect()))
        }
    }
}

async fn payment_piece<C: ConnectionTrait>(
    walk: &mut Walk<'_, C>,
    pay_app_id: Uuid,
    bearer: Option<Uuid>,
) -> Result<Piece, Problem> {
    let row = payment::store::application(walk.db, pay_app_id).await?.ok_or_else(not_found)?;
    walk.caller.require_readable(&row.mof_div_code, Some(&row.agency_code), "支付", "the payment")?;
    let mut at = bearer.unwrap_or(row.bgt_id);
    walk.load([at].into()).await?;
    let is_borne = walk.nodes.get(&at).is_some_and(|node| node.spent_by(pay_app_id).is_some());
    if !is_borne && let Some(voucher) = voucher::store::of_application(walk.db, pay_app_id).await? {
        at = voucher::model::charged_to(&voucher)?.bgt_id;
        walk.load([at].into()).await?;
    }
    Ok(spent_piece(walk, at, (pay_app_id, format!("payments/{pay_app_id}"))))
}

/// What a document spends of an indicator that was read.
fn spent_piece<C: ConnectionTrait>(walk: &Walk<'_, C>, at: Uuid, (id, document): (Uuid, String)) -> Piece {
    let amount = walk.nodes.get(&at).and_then(|node| node.spent_by(id)).unwrap_or_default();
    let steps = vec![FlowStep { bgt_id: at, by: None, documents: vec![document] }];
    Piece { at, place: Place::Spending(id, Span::of(amount)), steps }
}

/// Back from the indicators that gave, forward from those that accepted; what waits is in transit.
async fn transfer_pieces<C: ConnectionTrait>(
    walk: &mut Walk<'_, C>,
    transfer_id: Uuid,
) -> Result<(Vec<Piece>, Vec<Piece>), Problem> {
    let row = transfer::store::find(walk.db, transfer_id).await?.ok_or_else(not_found)?;
    let lines = transfer::store::lines(walk.db, vec![transfer_id]).await?;
    let is_giver = walk.caller.reads_in(&row.mof_div_code, None);
    // A receiver sees its own lines of the document and no others.
    let shown: Vec<_> = lines
        .into_iter()
        .filter(|line| line.issue_time.is_some())
        .filter(|line| is_giver || walk.caller.reads_in(&line.rec_div_code, None))
        .collect();
    if shown.is_empty() && !is_giver {
        return Err(not_found());
    }
    let (mut back, mut forward) = (Vec::new(), Vec::new());
    for line in shown {
        let span = Span::of(line.amount.fen());
        let documents = vec![format!("transfers/{transfer_id}")];
        let step = |bgt_id| vec![FlowStep { bgt_id, by: Some(FlowKind::Transfer), documents: documents.clone() }];
        match line.accept_bgt_id {
            Some(receiver) => {
                back.push(Piece { at: line.bgt_id, place: Place::EdgeTo(receiver, span), steps: step(line.bgt_id) });
                forward.push(Piece { at: receiver, place: Place::EdgeFrom(line.bgt_id, span), steps: step(receiver) });
            }
            None => {
                back.push(Piece { at: line.bgt_id, place: Place::Own(span), steps: step(line.bgt_id) });
                let (giver, steps) = if is_giver { (Some(line.bgt_id), step(line.bgt_id)) } else { (None, Vec::new()) };
                walk.use_up(UseKind::InTransit, span, giver, steps);
            }
        }
    }
    Ok((back, forward))
}

async fn made<C: ConnectionTrait>(walk: &Walk<'_, C>, made: sea_orm::Condition) -> Result<Vec<Uuid>, Problem> {
    let limit = u64::try_from(MAX_PIECES).unwrap_or(u64::MAX);
    let rows = store::made_by(walk.db, made, limit).await?;
    let readable = rows.iter().filter(|row| walk.caller.reads_in(&row.mof_div_code, row.agency_code.as_ref()));
    let ids: Vec<Uuid> = readable.map(|row| row.bgt_id).collect();
    if ids.is_empty() { Err(not_found()) } else { Ok(ids) }
}

fn not_found() -> Problem {
    Problem::not_found("溯源对象", "what the lineage starts at")
}
