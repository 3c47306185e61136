//! Races with a known end: so many clients at once, released together, each on connections of its own, over and over.
//! The numbers are those of the acceptance scenarios.

use std::collections::BTreeSet;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::sync::Barrier;

use crate::{
    ProveError,
    arena::{self, AGENCIES, Line, finance, text, unit},
    check::of_race,
    history::{Finding, History},
    player::{payment_body, reduction_body},
    watch,
    wire::{Answer, Exchange, Expected, Request, Wire},
};

const CROWD: &str = "a crowd on one line takes exactly what there is (S1, S2)";
const CROSSED: &str = "crossed documents never block each other (S5)";
const STORM: &str = "a storm of one key has one effect (S7i)";
const MISUSE: &str = "a key stands for one content of one caller (S8i)";
const NUMBERS: &str = "odd numbers are refused and change nothing (S17)";
const ODD_NUMBERS: [&str; 8] = ["0.001", "-1", "0", "\"1e3\"", "\"１００\"", "\"0.001\"", "\"-1.00\"", "\"0\""];

/// So many ask for the same amount of one indicator.
#[derive(Debug, Clone, Copy)]
pub struct Crowd {
    /// What the indicator holds, in fen.
    pub holds: i64,
    pub racers: usize,
    /// What each asks for, in fen.
    pub asks: i64,
}

impl Crowd {
    /// S1: fifty ask for 100.00 of 1000.00; ten get it.
    pub const FIFTY: Self = Self { holds: 100_000, racers: 50, asks: 10_000 };
    /// S1: a hundred ask for 33.33 of 1000.00; thirty get it and 0.10 is left.
    pub const THIRDS: Self = Self { holds: 100_000, racers: 100, asks: 3_333 };
    /// S2: twenty ask for the last fen.
    pub const LAST_FEN: Self = Self { holds: 1, racers: 20, asks: 1 };

    fn winners(self) -> usize {
        usize::try_from(self.holds / self.asks).unwrap_or(usize::MAX).min(self.racers)
    }

    fn left(self) -> i64 {
        self.holds.saturating_sub(self.asks.saturating_mul(i64::try_from(self.winners()).unwrap_or(i64::MAX)))
    }
}

/// What the races of a run need.
pub(crate) struct Course<'a> {
    pub wire: &'a Wire,
    pub rounds: usize,
    pub is_turbulent: bool,
    /// Told after every round.
    pub tell: &'a (dyn Fn(&str, usize) + Sync),
}

impl Course<'_> {
    /// The drafts are made once; every round submits all of them together and takes back those that got through.
    pub(crate) async fn crowd(&self, crowd: Crowd) -> Result<Vec<Finding>, ProveError> {
        let agency = AGENCIES[0];
        let line = arena::open(self.wire, &[(agency, crowd.holds)]).await?.remove(0);
        let clerk = unit(agency, "u1");
        let mut documents = Vec::with_capacity(crowd.racers);
        for number in 1..=crowd.racers {
            let body = payment_body(&line, crowd.asks, (9, number));
            let made = self.wire.must(Request::post(&clerk, "/payments".to_owned(), body)).await?;
            documents.push(format!("/payments/{}", text(&made, "pay_app_id")));
        }
        let racers: Vec<Wire> = (0..crowd.racers).map(|_| self.wire.other()).collect();
        let mut findings = Vec::new();
        for round in 1..=self.rounds {
            let history = History::default();
            let submits = documents.iter().map(|document| Request::act(&clerk, document, "submit")).collect();
            let exchanges = tokio::select! {
                exchanges = together(&racers, submits) => exchanges,
                () = watch::watch(self.wire, std::slice::from_ref(&line), &history) => Vec::new(),
            };
            findings.extend(self.judge_crowd(crowd, &line, &exchanges, &history).await);
            let winners = exchanges.iter().zip(&documents).filter(|(one, _)| has_succeeded(one));
            for (_, document) in winners {
                self.wire.must(Request::act(&clerk, document, "recall")).await?;
            }
            if watch::look(self.wire, &line, &history).await != Some(crowd.holds) {
                findings.push(Finding::new(CROWD, format!("round {round}: taken back, not all of it is there again")));
            }
            (self.tell)("crowd", round);
        }
        Ok(findings)
    }

    async fn judge_crowd(&self, crowd: Crowd, line: &Line, exchanges: &[Exchange], history: &History) -> Vec<Finding> {
        let mut findings = of_race(exchanges, self.is_turbulent);
        let accepted = exchanges.iter().filter(|one| has_succeeded(one)).count();
        let refused = exchanges.iter().filter(|one| code_of(one) == "BA-001").count();
        let left = watch::look(self.wire, line, history).await.unwrap_or(-1);
        let expected = (crowd.winners(), crowd.racers.saturating_sub(crowd.winners()), crowd.left());
        if (accepted, refused, left) != expected {
            let got = format!("{accepted} accepted, {refused} refused by BA-001, {left} fen left");
            findings.push(Finding::new(CROWD, format!("{crowd:?}: {got}; expected {expected:?}")));
        }
        findings.extend(history.findings());
        findings
    }

    /// S5: documents that take from A and B, and as many that take from B and A, approved together.
    pub(crate) async fn crossed(&self, documents: usize, holds: i64, takes: i64) -> Result<Vec<Finding>, ProveError> {
        let (maker, approver) = (finance("m1a"), finance("m2a"));
        let mut findings = Vec::new();
        for round in 1..=self.rounds {
            let lines = arena::open(self.wire, &[(AGENCIES[0], holds), (AGENCIES[1], holds)]).await?;
            let (there, back) = ([&lines[0], &lines[1]], [&lines[1], &lines[0]]);
            let mut paths = Vec::with_capacity(documents);
            for number in 0..documents {
                let body = reduction_body(if number.is_multiple_of(2) { &there } else { &back }, takes);
                let made = self.wire.must(Request::post(&maker, "/adjustments".to_owned(), body)).await?;
                let path = format!("/adjustments/{}", text(&made, "adj_id"));
                self.wire.must(Request::act(&maker, &path, "submit")).await?;
                paths.push(path);
            }
            let racers: Vec<Wire> = (0..documents).map(|_| self.wire.other()).collect();
            let approvals = paths.iter().map(|path| Request::act(&approver, path, "approve")).collect();
            let exchanges = together(&racers, approvals).await;
            findings.extend(of_race(&exchanges, self.is_turbulent));
            let accepted = exchanges.iter().filter(|one| has_succeeded(one)).count();
            let taken = takes.saturating_mul(i64::try_from(documents).unwrap_or(i64::MAX));
            let history = History::default();
            for line in &lines {
                let left = watch::look(self.wire, line, &history).await;
                if accepted != documents || left != Some(holds.saturating_sub(taken)) {
                    let detail = format!("round {round}: {accepted} of {documents} accepted, {left:?} fen left");
                    findings.push(Finding::new(CROSSED, detail));
                }
            }
            findings.extend(history.findings());
            (self.tell)("crossed", round);
        }
        Ok(findings)
    }

    /// S7i: one submission sent so many times at once under one key.
    pub(crate) async fn storm(&self, sendings: usize) -> Result<Vec<Finding>, ProveError> {
        let (agency, holds, asks) = (AGENCIES[0], 50_000, 5_000);
        let line = arena::open(self.wire, &[(agency, holds)]).await?.remove(0);
        let (clerk, racers) = (unit(agency, "u1"), (0..sendings).map(|_| self.wire.other()));
        let racers: Vec<Wire> = racers.collect();
        let mut findings = Vec::new();
        for round in 1..=self.rounds {
            let body = payment_body(&line, asks, (8, round));
            let created = together(&racers, vec![Request::post(&clerk, "/payments".to_owned(), body); sendings]).await;
            let made: BTreeSet<&str> =
                created.iter().filter_map(|one| one.answer.as_ref()).map(|it| text(&it.body, "pay_app_id")).collect();
            let document = format!("/payments/{}", made.first().copied().unwrap_or_default());
            let submits = together(&racers, vec![Request::act(&clerk, &document, "submit"); sendings]).await;
            let history = History::default();
            let left = watch::look(self.wire, &line, &history).await;
            let succeeded = created.iter().chain(&submits).filter(|one| has_succeeded(one)).count();
            if succeeded != sendings.saturating_mul(2) || made.len() != 1 || left != Some(holds.saturating_sub(asks)) {
                let detail = format!("round {round}: {succeeded} answered, {} made, {left:?} fen left", made.len());
                findings.push(Finding::new(STORM, detail));
            }
            findings.extend([created, submits].iter().flat_map(|all| of_race(all, self.is_turbulent)));
            self.wire.must(Request::act(&clerk, &document, "recall")).await?;
            (self.tell)("storm", round);
        }
        Ok(findings)
    }

    /// S8i: the key with other content, by another caller, on another path, and no key at all.
    pub(crate) async fn misuse(&self) -> Result<Vec<Finding>, ProveError> {
        let line = arena::open(self.wire, &[(AGENCIES[0], 10_000)]).await?.remove(0);
        let clerk = unit(AGENCIES[0], "u1");
        let first = Request::post(&clerk, "/payments".to_owned(), payment_body(&line, 1_000, (7, 1)));
        let made = self.wire.must(first.clone()).await?;
        let document = format!("/payments/{}", text(&made, "pay_app_id"));
        let mut other_body = first.clone();
        other_body.body = payment_body(&line, 1_000, (7, 2));
        let mut other_path = Request::act(&clerk, &document, "submit");
        other_path.key = first.key.clone();
        let mut no_key = first.clone();
        no_key.key = None;
        let another = Request { user: unit(AGENCIES[1], "u1"), ..first.clone() };
        let mut findings = Vec::new();
        for (request, status, code) in
            [(other_body, 422, "IDEM-002"), (other_path, 422, "IDEM-002"), (no_key, 400, "IDEM-001")]
        {
            let exchange = self.wire.ask(request.expecting(Expected::Code(code))).await;
            if exchange.answer.as_ref().map(|answer| answer.status) != Some(status) {
                findings.push(Finding::new(MISUSE, format!("{status} expected: {:?}", exchange.answer)));
            }
            findings.extend(of_race(&[exchange], self.is_turbulent));
        }
        let independent = self.wire.ask(another).await;
        if code_of(&independent).starts_with("IDEM") || has_succeeded(&independent) {
            findings.push(Finding::new(MISUSE, format!("another caller is another key: {:?}", independent.answer)));
        }
        let again = self.wire.ask(first).await;
        let is_replay = again.answer.as_ref().is_some_and(|answer| answer.is_replay && answer.body == made);
        if !is_replay {
            findings.push(Finding::new(MISUSE, format!("the first answer is not given again: {:?}", again.answer)));
        }
        Ok(findings)
    }

    /// S17: what is no amount of money is refused, by payments and by reductions alike.
    pub(crate) async fn numbers(&self) -> Result<Vec<Finding>, ProveError> {
        let line = arena::open(self.wire, &[(AGENCIES[0], 10_000)]).await?.remove(0);
        let clerk = unit(AGENCIES[0], "u1");
        let mut findings = Vec::new();
        for (number, odd) in (1..).zip(ODD_NUMBERS) {
            let amount: serde_json::Value = serde_json::from_str(odd).unwrap_or_else(|_| json!(odd));
            let mut payment = payment_body(&line, 100, (6, number));
            payment["pay_app_amt"] = amount.clone();
            let mut reduction = reduction_body(&[&line], 100);
            reduction["lines"][0]["add_amount"] = amount;
            for (user, path, body) in [(&clerk, "/payments", payment), (&finance("m1a"), "/adjustments", reduction)] {
                let exchange = self.wire.ask(Request::post(user, path.to_owned(), body)).await;
                let status = exchange.answer.as_ref().map(|answer| answer.status);
                if !matches!(status, Some(400 | 422)) {
                    findings.push(Finding::new(NUMBERS, format!("{path} with {odd}: {:?}", exchange.answer)));
                }
                findings.extend(of_race(&[exchange], self.is_turbulent));
            }
        }
        let history = History::default();
        if watch::look(self.wire, &line, &history).await != Some(10_000) {
            findings.push(Finding::new(NUMBERS, "an odd number moved money"));
        }
        Ok(findings)
    }
}

/// Releases all requests at once, one per racer.
async fn together(racers: &[Wire], requests: Vec<Request>) -> Vec<Exchange> {
    let start = Barrier::new(requests.len());
    let run = racers.iter().zip(requests).map(|(wire, request)| {
        let start = &start;
        async move {
            start.wait().await;
            wire.ask(request).await
        }
    });
    join_all(run).await
}

fn has_succeeded(exchange: &Exchange) -> bool {
    exchange.request.method != Method::GET && exchange.answer.as_ref().is_some_and(Answer::is_success)
}

fn code_of(exchange: &Exchange) -> &str {
    exchange.answer.as_ref().map(Answer::code).unwrap_or_default()
}
