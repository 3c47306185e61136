//! The observer: looks at every indicator of the run, over and over, while others work. At no instant may it see less
//! than nothing, or terms that do not add up (I1).

use std::time::Duration;

use crate::{
    arena::{Line, fen, finance},
    history::{Finding, History, Sighting},
    wire::{Request, Wire},
};

const BETWEEN_LOOKS: Duration = Duration::from_millis(15);

/// Looks until it is dropped.
pub(crate) async fn watch(wire: &Wire, lines: &[Line], history: &History) {
    loop {
        for line in lines {
            look(wire, line, history).await;
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }
}

/// One look at one indicator; what it has available, when there was an answer.
pub(crate) async fn look(wire: &Wire, line: &Line, history: &History) -> Option<i64> {
    let path = format!("/indicators/{}", line.bgt_id);
    let exchange = wire.ask(Request::get(&finance("m2a"), path)).await;
    let answer = exchange.answer.filter(|answer| answer.is_success())?;
    let available = fen(&answer.body["amounts"]["available"]);
    let terms =
        answer.body["waterfall"].as_array().map_or(0, |terms| terms.iter().map(|one| fen(&one["amount"])).sum());
    if available < 0 {
        history.find(Finding::new("no overspend", format!("{} was seen with {available} fen available", line.bgt_id)));
    }
    if terms != available {
        let detail = format!("{}: the terms add up to {terms} fen, available is {available}", line.bgt_id);
        history.find(Finding::new("amounts add up (I1)", detail));
    }
    history.see(Sighting { indicator: line.bgt_id, begun: exchange.begun, ended: exchange.ended, available });
    Some(available)
}
