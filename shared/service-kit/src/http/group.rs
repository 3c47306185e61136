//! Commands of many requests on their way together: looked up, prepared with the help of peers, and carried out in one
//! commit. What waits is taken together, up to a limit; every command keeps its own identity, answer and audit row, and a
//! refused one does not disturb the others. One that comes alone does not wait. Whatever cannot be answered in company is
//! left to its request, which carries it out alone: this never decides less exactly than that.

use std::{
    collections::HashSet,
    convert::Infallible,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::ContentType},
};
use sea_orm::{ConnectionTrait, DatabaseExecutor, DatabaseTransaction};
use serde::Serialize;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::{Problem, command::RequestIdentity};
use crate::{
    Caller, Database,
    context::{self, RequestContext},
    store::{Writes, audit, idempotency},
};

/// Commands that share a commit at most.
const LARGEST_GROUP: usize = 128;
/// A smaller group waits for company while another one is on its way: those who are answered then ask next.
const COMPANY: usize = 16;
/// How long it waits.
const A_MOMENT: Duration = Duration::from_millis(1);
/// Commands that wait at most; further requests wait at the door.
const LONGEST_QUEUE: usize = 1_024;

/// A command without the request that brought it.
#[derive(Debug, Clone)]
pub struct Grouped<T> {
    pub caller: Caller,
    pub body: T,
    identity: RequestIdentity,
    context: RequestContext,
}

impl<T> Grouped<T> {
    /// The command of this identity, as part of the request that this task serves.
    pub(super) fn new(caller: Caller, body: T, identity: RequestIdentity) -> Self {
        Self { caller, body, identity, context: context::current() }
    }

    /// A command that no request brought.
    pub fn of(caller: Caller, body: T, key: String, operation: &str) -> Self {
        Self::new(caller, body, RequestIdentity { key, operation: operation.to_owned(), body_hash: String::new() })
    }

    /// Decides something of this command in the language of its request.
    pub fn told<R>(&self, decide: impl FnOnce() -> R) -> R {
        context::during(self.context.clone(), decide)
    }

    /// Where its request stands: its language and its trace.
    pub fn context(&self) -> RequestContext {
        self.context.clone()
    }

    /// The same command with another body.
    fn with<B>(&self, body: B) -> Grouped<B> {
        Grouped { caller: self.caller.clone(), body, identity: self.identity.clone(), context: self.context.clone() }
    }

    fn name(&self) -> (&str, &str) {
        (&self.caller.subject, &self.identity.key)
    }
}

/// What a command is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub status: StatusCode,
    pub text: String,
    pub is_replayed: bool,
}

impl Kept {
    /// The answer on the wire.
    pub fn response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.content_type(ContentType::json());
        if self.is_replayed {
            response.insert_header((super::IDEMPOTENT_REPLAYED, "true"));
        }
        response.body(self.text)
    }
}

type Answer = Result<Kept, Problem>;

/// What became of one command of a group; none leaves it to its request.
pub type Settled<R> = Option<Result<(StatusCode, R), Problem>>;

/// What the commands of a group need before their shared transaction, asked for all of them at once.
pub trait Prepare<T>: Send + Sync + 'static {
    type Seen: Send;
    type Ready: Send + Sync + 'static;

    /// What is to be read for these commands, also for those that turn out to be repetitions; changes nothing.
    fn look(&self, db: DatabaseExecutor<'_>, group: &[&Grouped<T>]) -> impl Future<Output = Self::Seen> + Send;

    /// What becomes of each command: ready to be carried out, refused, or left to its request.
    fn prepare(
        &self,
        group: &[&Grouped<T>],
        seen: Self::Seen,
    ) -> impl Future<Output = Vec<Option<Result<Self::Ready, Problem>>>> + Send;
}

/// Commands that need nothing.
#[derive(Debug, Clone, Copy)]
pub struct AsTheyCome;

impl<T: Clone + Send + Sync + 'static> Prepare<T> for AsTheyCome {
    type Seen = ();
    type Ready = T;

    async fn look(&self, _db: DatabaseExecutor<'_>, _group: &[&Grouped<T>]) {}

    async fn prepare(&self, group: &[&Grouped<T>], (): ()) -> Vec<Option<Result<T, Problem>>> {
        group.iter().map(|command| Some(Ok(command.body.clone()))).collect()
    }
}

/// What the commands of a group do in their shared transaction.
pub trait Effect: Send + Sync + 'static {
    type Body: Send + Sync + 'static;
    type Answer: Serialize + Send;

    /// Settles each command; a refused one has left nothing behind. What it adds to `writes` is written when all are
    /// settled. An error gives up the whole transaction, and every command is left to its request.
    fn carry_out(
        &self,
        tx: &DatabaseTransaction,
        writes: &mut Writes,
        group: &[&Grouped<Self::Body>],
    ) -> impl Future<Output = Result<Vec<Settled<Self::Answer>>, Problem>> + Send;
}

struct Waiting<T> {
    command: Grouped<T>,
    tell: oneshot::Sender<Option<Answer>>,
}

/// Where commands wait for company.
pub struct Queue<T> {
    sender: mpsc::Sender<Waiting<T>>,
    receiver: Arc<Mutex<mpsc::Receiver<Waiting<T>>>>,
    /// Groups that were taken and are not answered yet.
    on_their_way: Arc<AtomicUsize>,
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        let Self { sender, receiver, on_their_way } = self;
        Self { sender: sender.clone(), receiver: receiver.clone(), on_their_way: on_their_way.clone() }
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(LONGEST_QUEUE);
        Self { sender, receiver: Arc::new(Mutex::new(receiver)), on_their_way: Arc::default() }
    }
}

impl<T: Send + Sync + 'static> Queue<T> {
    /// Waits until the command was carried out with others; none when it has to be carried out alone.
    pub async fn ask(&self, command: Grouped<T>) -> Option<Answer> {
        let (tell, told) = oneshot::channel();
        self.sender.send(Waiting { command, tell }).await.ok()?;
        told.await.ok().flatten()
    }

    /// Carries out what waits, group after group, for ever. Several may serve one queue.
    pub async fn serve<P, E>(self, database: Database, prepare: P, effect: E) -> Result<(), Infallible>
    where
        P: Prepare<T, Ready = E::Body>,
        E: Effect,
    {
        loop {
            let waiting = self.company().await;
            self.on_their_way.fetch_add(1, Ordering::Relaxed);
            let (commands, tell): (Vec<_>, Vec<_>) = waiting.into_iter().map(|one| (one.command, one.tell)).unzip();
            let answers = carry_out(&database, (&prepare, &effect), &commands).await;
            self.on_their_way.fetch_sub(1, Ordering::Relaxed);
            let answers = answers.unwrap_or_else(|problem| {
                tracing::warn!(%problem, commands = commands.len(), "a shared commit was given up");
                vec![None; commands.len()]
            });
            for (tell, answer) in tell.into_iter().zip(answers) {
                let _ = tell.send(answer);
            }
        }
    }

    /// What waits, or the first to come; a few wait for company while others are on their way.
    async fn company(&self) -> Vec<Waiting<T>> {
        let mut waiting = Vec::with_capacity(LARGEST_GROUP);
        let mut receiver = self.receiver.lock().await;
        receiver.recv_many(&mut waiting, LARGEST_GROUP).await;
        if waiting.len() < COMPANY && self.on_their_way.load(Ordering::Relaxed) > 0 {
            tokio::time::sleep(A_MOMENT).await;
            while waiting.len() < LARGEST_GROUP
                && let Ok(one) = receiver.try_recv()
            {
                waiting.push(one);
            }
        }
        waiting
    }
}

/// Prepares a group and carries it out in one transaction; gives the answer of each command, or none where it has to go
/// alone.
pub async fn carry_out<T, P, E>(
    database: &Database,
    (prepare, effect): (&P, &E),
    commands: &[Grouped<T>],
) -> Result<Vec<Option<Answer>>, Problem>
where
    P: Prepare<T, Ready = E::Body>,
    E: Effect,
{
    let Prepared { mut answers, ready, places } = prepared(database, prepare, commands).await?;
    for (index, answer) in places.into_iter().zip(commit(database, effect, &ready).await?) {
        if let Some(place) = answers.get_mut(index) {
            *place = answer;
        }
    }
    Ok(answers)
}

/// A group before its commit.
struct Prepared<R> {
    answers: Vec<Option<Answer>>,
    /// With the place of each in the group.
    ready: Vec<Grouped<R>>,
    places: Vec<usize>,
}

async fn prepared<T, P: Prepare<T>>(
    database: &Database,
    prepare: &P,
    commands: &[Grouped<T>],
) -> Result<Prepared<P::Ready>, Problem> {
    let mut answers: Vec<Option<Answer>> = vec![None; commands.len()];
    let first = first_of_each(commands);
    let asked: Vec<&Grouped<T>> = first.iter().filter_map(|index| commands.get(*index)).collect();
    let db = database.look().await?;
    replay(&db, commands, &first, &mut answers).await?;
    let seen = prepare.look(db, &asked).await;
    let open: Vec<usize> = first.into_iter().filter(|index| answers.get(*index).is_some_and(Option::is_none)).collect();
    let group: Vec<&Grouped<T>> = open.iter().filter_map(|index| commands.get(*index)).collect();
    let prepared = prepare.prepare(&group, seen).await;
    let (mut ready, mut places, mut refused) = (Vec::with_capacity(group.len()), Vec::new(), Vec::new());
    for ((index, command), prepared) in open.into_iter().zip(group).zip(prepared) {
        match (prepared, answers.get_mut(index)) {
            (Some(Ok(body)), _) => {
                ready.push(command.with(body));
                places.push(index);
            }
            (Some(Err(problem)), Some(answer)) => {
                *answer = Some(Err(problem));
                refused.push(index);
            }
            _ => {}
        }
    }
    // a racing twin may have been carried out meanwhile
    if !refused.is_empty() {
        replay(&database.look().await?, commands, &refused, &mut answers).await?;
    }
    Ok(Prepared { answers, ready, places })
}

async fn commit<E: Effect>(
    database: &Database,
    effect: &E,
    commands: &[Grouped<E::Body>],
) -> Result<Vec<Option<Answer>>, Problem> {
    let mut answers: Vec<Option<Answer>> = vec![None; commands.len()];
    if commands.is_empty() {
        return Ok(answers);
    }
    let tx = database.begin_write().await?;
    let group: Vec<&Grouped<E::Body>> = commands.iter().collect();
    let mut writes = Writes::of(&tx);
    let settled = effect.carry_out(&tx, &mut writes, &group).await?;
    let (mut kept, mut refused) = (Vec::with_capacity(group.len()), Vec::new());
    for (index, (command, settled)) in commands.iter().zip(settled).enumerate() {
        let answer = match settled {
            Some(Ok((status, body))) => {
                let text = serde_json::to_string(&body).map_err(|error| Problem::internal(&error))?;
                kept.push((command, status, text.clone()));
                Ok(Kept { status, text, is_replayed: false })
            }
            Some(Err(problem)) => {
                refused.push(index);
                Err(problem)
            }
            None => continue,
        };
        if let Some(place) = answers.get_mut(index) {
            *place = Some(answer);
        }
    }
    // a racing twin may have been carried out while this transaction waited for its rows
    replay(&tx, commands, &refused, &mut answers).await?;
    keep(&mut writes, database, kept)?;
    writes.send(&tx).await?;
    tx.commit().await?;
    Ok(answers)
}

/// The first command of every identity; its repetitions in the same group go alone.
fn first_of_each<T>(commands: &[Grouped<T>]) -> Vec<usize> {
    let mut seen = HashSet::new();
    commands.iter().enumerate().filter(|(_, command)| seen.insert(command.name())).map(|(index, _)| index).collect()
}

/// Answers those that were carried out before.
async fn replay<T, C: ConnectionTrait>(
    db: &C,
    commands: &[Grouped<T>],
    indexes: &[usize],
    answers: &mut [Option<Answer>],
) -> Result<(), Problem> {
    let names: Vec<_> = indexes.iter().filter_map(|index| commands.get(*index)).map(Grouped::name).collect();
    let records = idempotency::find_many(db, &names).await?;
    for index in indexes.iter().copied() {
        let (Some(command), Some(answer)) = (commands.get(index), answers.get_mut(index)) else { continue };
        if let Some(record) = records.iter().find(|record| record.name() == command.name()) {
            *answer = Some(command.told(|| command.identity.answer_again(record)));
        }
    }
    Ok(())
}

fn keep<T>(
    writes: &mut Writes,
    database: &Database,
    kept: Vec<(&Grouped<T>, StatusCode, String)>,
) -> Result<(), Problem> {
    let audited = kept.iter().map(|(command, _, text)| audit::Write {
        caller: &command.caller,
        operation: &command.identity.operation,
        request_hash: &command.identity.body_hash,
        response: text,
        trace_id: command.context.trace_id.clone(),
    });
    audit::append_many(writes, database.clock(), audited)?;
    let records = kept.into_iter().map(|(command, status, text)| idempotency::Model {
        subject: command.caller.subject.clone(),
        idempotency_key: command.identity.key.clone(),
        operation: command.identity.operation.clone(),
        body_hash: command.identity.body_hash.clone(),
        status: i32::from(status.as_u16()),
        body: Some(text),
    });
    let taken = Problem::conflict("同一幂等键的请求正在处理", "a request with this key is being carried out");
    Ok(idempotency::keep(writes, records, taken)?)
}
