//! The relay: hands new events to the queue of each subscriber that wants them, and empties each queue on its own, many
//! events in one request. A subscriber that cannot be reached delays its own events and nobody else's.

use std::{collections::HashSet, sync::Arc, time::Duration};

use sea_orm::DbErr;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    delivery, failure,
    inbox::{EventBatch, RefusedEvent, Taken},
    outbox,
};
use crate::{Database, Peer, PeerError};

/// Events of one request, and of one hand-over to the queues.
const TOGETHER: u64 = 200;
const IDLE: Duration = Duration::from_millis(200);
/// How long a new event waits for others that are written at the same time.
const COMPANY: Duration = Duration::from_millis(25);
const LONGEST_BACKOFF_SECONDS: i64 = 60;

/// Who receives which events of a service.
#[derive(Debug, Clone, Copy)]
pub struct Subscription {
    /// The service that receives, for example `monitoring`.
    pub subscriber: &'static str,
    /// The types that it wants; none of them: all.
    pub types: &'static [&'static str],
}

impl Subscription {
    /// All events.
    pub const fn to_all(subscriber: &'static str) -> Self {
        Self { subscriber, types: &[] }
    }

    /// Events of these types only.
    pub const fn to(subscriber: &'static str, types: &'static [&'static str]) -> Self {
        Self { subscriber, types }
    }

    fn wants(&self, event_type: &str) -> bool {
        self.types.is_empty() || self.types.contains(&event_type)
    }
}

/// A subscription and where it is served.
pub struct Subscriber {
    pub subscription: Subscription,
    pub peer: Peer,
}

/// Delivers the outbox of one service until the process ends.
pub struct Relay {
    pub source: &'static str,
    pub database: Database,
    pub subscribers: Vec<Subscriber>,
    /// An event was written.
    pub wake: Arc<Notify>,
}

impl Relay {
    /// Runs for ever; ends only when the database fails for good.
    pub async fn run(self) -> Result<(), DbErr> {
        failure::outlast(self.source, || self.deliver()).await
    }

    async fn deliver(&self) -> Result<(), DbErr> {
        let queued: Vec<Notify> = self.subscribers.iter().map(|_| Notify::new()).collect();
        let serving = self.subscribers.iter().zip(&queued).map(|(subscriber, queued)| self.serve(subscriber, queued));
        let (_, _) = tokio::try_join!(self.hand_over(&queued), futures::future::try_join_all(serving))?;
        Ok(())
    }

    async fn hand_over(&self, queued: &[Notify]) -> Result<(), DbErr> {
        loop {
            let handed_over = self.hand_over_some().await?;
            if handed_over > 0 {
                queued.iter().for_each(Notify::notify_one);
            }
            if handed_over < TOGETHER {
                let _ = tokio::time::timeout(IDLE, self.wake.notified()).await;
                tokio::time::sleep(COMPANY).await;
            }
        }
    }

    /// Puts the oldest new events into the queues; how many they were.
    async fn hand_over_some(&self) -> Result<u64, DbErr> {
        let unseen = outbox::unseen(&self.database, TOGETHER).await?;
        if unseen.is_empty() {
            return Ok(0);
        }
        let tx = self.database.begin_write().await?;
        if !outbox::hand_on(&tx, unseen.iter().map(|(event_id, ..)| *event_id).collect()).await? {
            // the relay of another instance works on the same events
            tx.rollback().await?;
            return Ok(0);
        }
        let mut rows = Vec::new();
        for (event_id, event_type, subject) in &unseen {
            let wanting = self.subscribers.iter().map(|one| one.subscription).filter(|one| one.wants(event_type));
            rows.extend(wanting.map(|one| (one.subscriber, *event_id, subject.as_str())));
        }
        delivery::queue(&tx, rows).await?;
        tx.commit().await?;
        Ok(u64::try_from(unseen.len()).unwrap_or(TOGETHER))
    }

    async fn serve(&self, subscriber: &Subscriber, queued: &Notify) -> Result<(), DbErr> {
        let mut failures = 0_u32;
        loop {
            let name = subscriber.subscription.subscriber;
            if !delivery::is_due(&self.database, name).await? {
                let _ = tokio::time::timeout(IDLE, queued.notified()).await;
                continue;
            }
            let (events, tries) = self.claim(name).await?;
            if events.items.is_empty() {
                // due, but behind an earlier event of the same document
                tokio::time::sleep(IDLE).await;
                continue;
            }
            match deliver(subscriber, &events).await {
                Ok(taken) => {
                    failures = 0;
                    self.settle(name, &events, &taken, tries).await?;
                }
                Err(error) => {
                    tracing::warn!(subscriber = name, events = events.items.len(), %error, "events not delivered");
                    let pause = backoff_seconds(failures);
                    failures = failures.saturating_add(1);
                    self.put_off(name, &events, pause).await?;
                    tokio::time::sleep(Duration::from_secs(pause.unsigned_abs())).await;
                }
            }
        }
    }

    /// The next events of a queue, with the most tries that one of them has behind it.
    async fn claim(&self, subscriber: &str) -> Result<(EventBatch, u32), DbErr> {
        let tx = self.database.begin_write().await?;
        let claimed = delivery::claim(&tx, subscriber, TOGETHER).await?;
        let tries = claimed.iter().map(|row| row.tries.unsigned_abs()).max().unwrap_or(0);
        let ids: Vec<Uuid> = claimed.into_iter().map(|row| row.event_id).collect();
        let events = if ids.is_empty() { Vec::new() } else { outbox::events(&tx, ids).await? };
        tx.commit().await?;
        Ok((EventBatch { items: events.into_iter().map(|event| event.envelope(self.source)).collect() }, tries))
    }

    async fn settle(&self, subscriber: &str, events: &EventBatch, taken: &Taken, tries: u32) -> Result<(), DbErr> {
        let refused: HashSet<&str> = taken.refused.iter().map(|one| one.id.as_str()).collect();
        for one in &taken.refused {
            tracing::warn!(
                subscriber,
                event = one.id,
                code = one.problem.code,
                detail = one.problem.detail,
                "event refused"
            );
        }
        let (again, had): (Vec<Uuid>, Vec<Uuid>) =
            ids(events).partition(|id| refused.contains(id.to_string().as_str()));
        let tx = self.database.begin_write().await?;
        delivery::settle(&tx, subscriber, had).await?;
        delivery::put_off(&tx, subscriber, again, backoff_seconds(tries), 1).await?;
        tx.commit().await
    }

    async fn put_off(&self, subscriber: &str, events: &EventBatch, seconds: i64) -> Result<(), DbErr> {
        let tx = self.database.begin_write().await?;
        delivery::put_off(&tx, subscriber, ids(events).collect(), seconds, 1).await?;
        tx.commit().await
    }
}

fn ids(events: &EventBatch) -> impl Iterator<Item = Uuid> + '_ {
    events.items.iter().filter_map(|event| event.id.parse().ok())
}

/// Delivers events together. A refusal of several says nothing about each, so each is then delivered on its own.
async fn deliver(subscriber: &Subscriber, events: &EventBatch) -> Result<Taken, PeerError> {
    let together = send(subscriber, events).await;
    let is_refused = matches!(&together, Err(PeerError::Refused(problem)) if problem.status().is_client_error());
    if !is_refused {
        return together;
    }
    let mut taken = Taken::default();
    for event in &events.items {
        match send(subscriber, &EventBatch { items: vec![event.clone()] }).await {
            Ok(one) => taken.refused.extend(one.refused),
            Err(PeerError::Refused(problem)) if problem.status().is_client_error() => {
                taken.refused.push(RefusedEvent { id: event.id.clone(), problem: problem.document() });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(taken)
}

async fn send(subscriber: &Subscriber, events: &EventBatch) -> Result<Taken, PeerError> {
    let path = format!("/api/{}/v1/event-batches", subscriber.subscription.subscriber);
    subscriber.peer.ask(&path, events).await
}

fn backoff_seconds(failures: u32) -> i64 {
    1_i64.checked_shl(failures).unwrap_or(LONGEST_BACKOFF_SECONDS).clamp(1, LONGEST_BACKOFF_SECONDS)
}
