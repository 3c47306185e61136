//! The prover: plays seeded random commands and known races against any running installation with the demonstration
//! data, by many clients at once, keeps everything that was answered, and judges it: no overspend at any observation, no
//! lost and no doubled effect, explained refusals only, one serial order per indicator, books that agree. It speaks only
//! HTTP and knows no database.

mod arena;
mod check;
mod desk;
mod effect;
mod history;
mod people;
mod player;
mod race;
mod report;
mod stream;
mod watch;
mod wire;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::Utc;
use futures::future::join_all;
use tokio::time::Instant;
use url::Url;

pub use history::{Counts, Finding};
pub use race::Crowd;
pub use report::{Part, Report};
pub use stream::{Command, Step, Stream, Twist};

use arena::{AGENCIES, Line};
use desk::Desk;
use history::History;
use people::People;
use player::Player;
use race::Course;
use wire::{Exchange, Wire};

/// What the indicators of a random run are opened with, in fen: little enough to run out.
const OPENINGS: [i64; 6] = [250_000, 180_000, 120_000, 90_000, 70_000, 300_000];
const CROSSED_HOLDS: i64 = 1_000_000;
const CROSSED_TAKES: i64 = 1_000;
const STORM_SENDINGS: usize = 20;
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Why a run could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    #[error("{user} cannot sign in: {cause}")]
    SignIn { user: String, cause: String },
    #[error("{what} is refused: {refusal}")]
    Refused { what: String, refusal: String },
    #[error("{0} has no answer")]
    NoAnswer(String),
    #[error("an answer cannot be read: {0}")]
    Unreadable(String),
    #[error("no unallocated indicator of the demonstration county has {0} left to run on")]
    NoGround(String),
}

/// What to run, and how much of it at most.
#[derive(Debug, Clone)]
pub struct Options {
    pub base: Url,
    /// Who verifies the books at the end.
    pub user: String,
    pub password: String,
    /// Of the people of the demonstration.
    pub staff_password: String,
    pub seed: u64,
    pub clients: usize,
    /// Random commands of each client.
    pub commands: usize,
    /// The random commands end then, however many were asked for.
    pub limit: Duration,
    /// Of each race.
    pub rounds: usize,
    /// Documents that cross in S5.
    pub crossed: usize,
    /// Instances may be killed meanwhile: silence is allowed, a wrong end is not.
    pub is_turbulent: bool,
}

impl Options {
    fn wire(&self) -> Wire {
        let verifier = (self.user.clone(), self.password.clone());
        let people = People::new(self.base.clone(), verifier, self.staff_password.clone());
        let patience = Duration::from_secs(if self.is_turbulent { 90 } else { 45 });
        Wire::new(self.base.clone(), Arc::new(people), patience)
    }
}

/// Where progress is told: one line at a time.
pub type Tell<'a> = &'a (dyn Fn(String) + Sync);

/// Runs everything and judges it.
pub async fn prove(options: &Options, tell: Tell<'_>) -> Result<Report, ProveError> {
    let (wire, began) = (options.wire(), Utc::now());
    let mut parts = races(options, &wire, tell).await?;
    let (part, history) = commands(options, &wire, tell).await?;
    parts.push(part);
    let exchanges = history.exchanges();
    Ok(Report {
        url: options.base.to_string(),
        began,
        ended: Utc::now(),
        seed: options.seed,
        clients: options.clients,
        counts: history.counts(),
        accepted: tally(&exchanges, true),
        refused: tally(&exchanges, false),
        parts,
    })
}

/// The races with known ends, each so many rounds; none when no rounds are wanted.
async fn races(options: &Options, wire: &Wire, tell: Tell<'_>) -> Result<Vec<Part>, ProveError> {
    let (rounds, is_turbulent) = (options.rounds, options.is_turbulent);
    if rounds == 0 {
        return Ok(Vec::new());
    }
    let course = |rounds: usize| Course { wire, rounds, is_turbulent, tell: &|_, _| {} };
    let part = |name, rounds, findings: Vec<Finding>| {
        tell(format!("{name}: {rounds} × {} findings", findings.len()));
        Part { name, rounds, findings }
    };
    let all = course(rounds);
    Ok(vec![
        part("S1 50 × 100.00 on 1000.00", rounds, all.crowd(Crowd::FIFTY).await?),
        part("S1 100 × 33.33 on 1000.00", rounds, all.crowd(Crowd::THIRDS).await?),
        part("S2 20 × 0.01 on 0.01", rounds, all.crowd(Crowd::LAST_FEN).await?),
        part("S5 crossed documents", 1, course(1).crossed(options.crossed, CROSSED_HOLDS, CROSSED_TAKES).await?),
        part("S7i one key at once", rounds, all.storm(STORM_SENDINGS).await?),
        part("S8i misused keys", 1, all.misuse().await?),
        part("S17 odd numbers", 1, all.numbers().await?),
    ])
}

/// One race alone, for tests that watch more closely.
pub async fn crowd(options: &Options, crowd: Crowd) -> Result<Vec<Finding>, ProveError> {
    let wire = options.wire();
    let course = Course { wire: &wire, rounds: options.rounds, is_turbulent: options.is_turbulent, tell: &|_, _| {} };
    course.crowd(crowd).await
}

/// The random commands of all clients, and their judgement.
async fn commands(options: &Options, wire: &Wire, tell: Tell<'_>) -> Result<(Part, History), ProveError> {
    let wanted: Vec<(&'static str, i64)> =
        OPENINGS.iter().zip([0, 0, 0, 1, 1, 0]).map(|(fen, agency)| (AGENCIES[agency], *fen)).collect();
    let lines = arena::open(wire, &wanted).await?;
    let desks: Vec<Desk> = (0..options.clients).map(|_| Desk::default()).collect();
    let history = History::default();
    let deadline = Instant::now() + options.limit;
    let clients = (0..options.clients).map(|client| {
        let player = Player { client, wire: wire.other(), lines: &lines, desks: &desks, history: &history, made: 0 };
        work(player, Stream::new(options.seed, client, options.clients, lines.len()), options.commands, deadline)
    });
    let observer = wire.other();
    tokio::select! {
        _ = join_all(clients) => {}
        () = watch::watch(&observer, &lines, &history) => {}
        () = report_progress(options, &history, tell) => {}
    }
    last_look(wire, &lines, &history).await;
    tell("judging".to_owned());
    let documents: Vec<_> = desks.iter().flat_map(Desk::documents).collect();
    let findings = check::judge(wire, &lines, &documents, &history, options.is_turbulent).await?;
    Ok((Part { name: "random commands", rounds: history.counts().commands, findings }, history))
}

async fn work(mut player: Player<'_>, stream: Stream, commands: usize, deadline: Instant) {
    for step in stream.take(commands) {
        if Instant::now() > deadline {
            return;
        }
        player.play(step).await;
    }
}

async fn last_look(wire: &Wire, lines: &[Line], history: &History) {
    for line in lines {
        watch::look(wire, line, history).await;
    }
}

async fn report_progress(options: &Options, history: &History, tell: Tell<'_>) {
    let wanted = options.clients.saturating_mul(options.commands);
    loop {
        tokio::time::sleep(TELL_EVERY).await;
        let Counts { commands, accepted, refused, silences, sightings, .. } = history.counts();
        tell(format!(
            "{commands}/{wanted} commands, {accepted} accepted, {refused} refused, {silences} silences, {sightings} sightings"
        ));
    }
}

/// Answers by what they were: accepted ones by route, refusals by code.
fn tally(exchanges: &[Exchange], accepted: bool) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::<String, usize>::new();
    for exchange in exchanges {
        let Some(answer) = exchange.answer.as_ref().filter(|answer| answer.is_success() == accepted) else { continue };
        let what = if accepted { what_of(exchange) } else { answer.code().to_owned() };
        let count = counts.entry(what).or_default();
        *count = count.saturating_add(1);
    }
    counts
}

fn what_of(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let mut segments = request.path.split('?').next().unwrap_or_default().split('/').skip(1);
    let collection = segments.next().unwrap_or_default();
    let action = request.body["action"].as_str().or(segments.nth(1)).unwrap_or_default();
    let rehearsed = if request.is_rehearsal() { " (dry run)" } else { "" };
    format!("{} {collection} {action}{rehearsed}", request.method)
}

/// An amount in fen as text in yuan.
fn money(fen: i64) -> String {
    common_types::Money::from_fen(fen).to_string()
}
