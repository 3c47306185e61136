//! Promises about amounts over time: for each indicator some serial order explains every acceptance, refusal and
//! observation, from the amount with which it was opened.

use crate::{
    arena::Line,
    effect::shortage,
    history::{Finding, Sighting},
    wire::Exchange,
};

use super::{
    done,
    replay::{Operation, Verdict, What, replay},
};

const SERIAL: &str = "some serial order explains every answer";

/// Replays every indicator.
pub(crate) fn serial(lines: &[Line], exchanges: &[Exchange], sightings: &[Sighting]) -> Vec<Finding> {
    lines.iter().filter_map(|line| unexplained(line, exchanges, sightings)).collect()
}

fn unexplained(line: &Line, exchanges: &[Exchange], sightings: &[Sighting]) -> Option<Finding> {
    let mut operations = moves(line, exchanges);
    operations.extend(shortages(line, exchanges));
    let seen = sightings.iter().filter(|one| one.indicator == line.bgt_id);
    operations.extend(seen.map(|one| Operation { begun: one.begun, ended: one.ended, what: What::Saw(one.available) }));
    let detail = match replay(line.opening, &operations) {
        Verdict::Explained => return None,
        Verdict::Undecided => format!("{}: too much was open at once to decide", line.bgt_id),
        Verdict::Unexplained(operation) => {
            let near = |one: &&Operation| one.ended >= operation.begun && one.begun <= operation.ended;
            let around: Vec<&Operation> = operations.iter().filter(near).take(12).collect();
            format!("{}: {operation:?} among {around:?}", line.bgt_id)
        }
    };
    Some(Finding::new(SERIAL, detail))
}

fn moves(line: &Line, exchanges: &[Exchange]) -> Vec<Operation> {
    let of_line = done(exchanges).into_iter().flat_map(|done| {
        let moved: i64 = done.movements().iter().filter(|one| one.indicator == line.bgt_id).map(|one| one.fen).sum();
        (moved != 0).then_some(Operation { begun: done.begun, ended: done.ended, what: What::Moved(moved) })
    });
    of_line.collect()
}

fn shortages(line: &Line, exchanges: &[Exchange]) -> Vec<Operation> {
    let refused = exchanges.iter().filter_map(|exchange| {
        let short = exchange.answer.as_ref().and_then(shortage)?;
        let what = What::Short(short.requested);
        (short.indicator == line.bgt_id).then_some(Operation { begun: exchange.begun, ended: exchange.ended, what })
    });
    refused.collect()
}
