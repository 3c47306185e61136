//! The relay and the inbox: at least once, each effect once, in order within a document, nobody waits for another.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, web};
use chrono::Utc;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use service_kit::{
    Database, Module, Peer, Problem,
    store::{
        inbox::{self, EventBatch, RefusedEvent, Taken},
        outbox::{self, CloudEvent},
        relay::{Relay, Subscriber, Subscription},
    },
};
use testkit::Server;
use tokio::sync::Notify;

const PATIENCE: Duration = Duration::from_secs(20);
const WATCHED: &[&str] = &["test.watched"];

/// What the subscribers of a test were sent, and how they behave.
#[derive(Default)]
struct Post {
    received: Mutex<Vec<(String, String)>>,
    /// Subscribers that are down.
    down: Mutex<Vec<String>>,
    /// Subjects that are refused.
    refused: Mutex<Vec<String>>,
}

impl Post {
    fn of(&self, subscriber: &str) -> Vec<String> {
        let received = self.received.lock().unwrap();
        received.iter().filter(|(name, _)| name == subscriber).map(|(_, subject)| subject.clone()).collect()
    }
}

async fn receive(path: web::Path<String>, batch: web::Json<EventBatch>, post: web::Data<Post>) -> HttpResponse {
    if post.down.lock().unwrap().contains(&path) {
        return HttpResponse::InternalServerError().finish();
    }
    let refusing = post.refused.lock().unwrap().clone();
    let mut taken = Taken::default();
    for event in batch.into_inner().items {
        if refusing.contains(&event.subject) {
            let problem = Problem::conflict("拒收", "refused").document();
            taken.refused.push(RefusedEvent { id: event.id, problem });
        } else {
            let text = format!("{} {}", event.subject, event.data["number"]);
            post.received.lock().unwrap().push((path.clone(), text));
        }
    }
    HttpResponse::Ok().json(taken)
}

struct World {
    server: Server,
    database: Database,
    post: Arc<Post>,
    wake: Arc<Notify>,
}

impl World {
    async fn start() -> Self {
        let post = Arc::new(Post::default());
        let data = web::Data::from(post.clone());
        let server = Server::start(|_, _| async move {
            let routes = move |config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>| {
                config.app_data(data.clone()).route("/api/{subscriber}/v1/event-batches", web::post().to(receive));
            };
            Ok(vec![Module { name: "subscribers", routes: Arc::new(routes), workers: Vec::new(), database: None }])
        })
        .await;
        let database = testkit::database::<migrations::base_info::Migrator>("base-info").await;
        Self { server, database, post, wake: Arc::default() }
    }

    fn relay(&self, subscriptions: &[Subscription]) -> tokio::task::JoinHandle<()> {
        let peer = Peer::anonymous(self.server.base.clone());
        let subscribers =
            subscriptions.iter().map(|one| Subscriber { subscription: *one, peer: peer.clone() }).collect();
        let (database, wake) = (self.database.clone(), self.wake.clone());
        tokio::spawn(async move { Relay { source: "test", database, subscribers, wake }.run().await.unwrap() })
    }

    /// Appends an event for each subject, numbered from `first`.
    async fn happen(&self, kind: &str, subjects: &[&str], first: usize) {
        let tx = self.database.begin_write().await.unwrap();
        for (number, subject) in (first..).zip(subjects) {
            outbox::append(&tx, Utc::now(), kind, subject, &json!({"number": number})).await.unwrap();
        }
        tx.commit().await.unwrap();
        self.wake.notify_one();
    }

    async fn until(&self, wanted: impl AsyncFn() -> bool) {
        let started = Instant::now();
        while !wanted().await {
            assert!(started.elapsed() < PATIENCE, "{:?}", self.post.received.lock().unwrap());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn until_nothing_is_pending(&self) {
        self.until(async || outbox::pending(&self.database).await.unwrap() == 0).await;
    }
}

#[tokio::test]
async fn a_subscriber_that_is_down_delays_its_own_events_and_nobody_gets_one_again() {
    let world = World::start().await;
    world.post.down.lock().unwrap().push("absent".to_owned());
    let _relay = world.relay(&[Subscription::to_all("absent"), Subscription::to_all("present")]);
    world.happen("test.watched", &["a", "b", "a"], 1).await;
    world.until(async || world.post.of("present").len() == 3).await;
    world.happen("test.watched", &["c"], 4).await;
    world.until(async || world.post.of("present").len() == 4).await;
    assert_eq!(world.post.of("absent"), Vec::<String>::new());
    world.post.down.lock().unwrap().clear();
    world.until_nothing_is_pending().await;
    for subscriber in ["absent", "present"] {
        assert_eq!(world.post.of(subscriber), ["a 1", "b 2", "a 3", "c 4"], "{subscriber}");
    }
}

#[tokio::test]
async fn a_refused_event_holds_back_later_ones_of_its_document_and_no_other() {
    let world = World::start().await;
    world.post.refused.lock().unwrap().push("stuck".to_owned());
    let _relay = world.relay(&[Subscription::to_all("s")]);
    world.happen("test.watched", &["stuck", "free", "stuck"], 1).await;
    world.until(async || world.post.of("s") == ["free 2"]).await;
    world.happen("test.watched", &["stuck", "free"], 4).await;
    world.until(async || world.post.of("s") == ["free 2", "free 5"]).await;
    world.post.refused.lock().unwrap().clear();
    world.until_nothing_is_pending().await;
    let received = world.post.of("s");
    let stuck: Vec<_> = received.iter().filter(|text| text.starts_with("stuck")).collect();
    assert_eq!(stuck, ["stuck 1", "stuck 3", "stuck 4"]);
}

#[tokio::test]
async fn a_subscriber_hears_only_of_what_it_wants_and_nothing_is_left_over() {
    let world = World::start().await;
    let _relay = world.relay(&[Subscription::to("some", WATCHED), Subscription::to("none", &["test.never"])]);
    world.happen("test.other", &["a"], 1).await;
    world.happen("test.watched", &["b"], 2).await;
    world.until_nothing_is_pending().await;
    assert_eq!((world.post.of("some"), world.post.of("none")), (vec!["b 2".to_owned()], Vec::new()));
}

#[tokio::test]
async fn relays_of_several_instances_send_each_event_once_and_in_order() {
    let world = World::start().await;
    let subjects: Vec<&str> = ["a", "b", "c"].into_iter().cycle().take(900).collect();
    world.happen("test.watched", &subjects, 0).await;
    let _relays: Vec<_> = (0..3).map(|_| world.relay(&[Subscription::to_all("s")])).collect();
    world.until_nothing_is_pending().await;
    let received = world.post.of("s");
    assert_eq!(received.len(), subjects.len());
    for subject in ["a", "b", "c"] {
        let numbers = received.iter().filter_map(|text| text.strip_prefix(subject)?.trim().parse::<usize>().ok());
        assert!(numbers.is_sorted(), "{subject}");
    }
}

fn event(id: &str, subject: &str) -> CloudEvent {
    CloudEvent {
        specversion: "1.0".to_owned(),
        id: id.to_owned(),
        source: "test".to_owned(),
        r#type: "test.watched".to_owned(),
        subject: subject.to_owned(),
        time: Utc::now(),
        data: json!({}),
    }
}

/// Has an effect that can be counted, and cannot take what is about `bad`.
async fn effect(tx: &DatabaseTransaction, events: &[&CloudEvent]) -> Result<(), Problem> {
    for event in events {
        outbox::append(tx, Utc::now(), "effect", &event.id, &json!({})).await?;
        if event.subject == "bad" {
            return Err(Problem::malformed("bad"));
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_batch_is_taken_once_and_a_bad_event_of_it_stops_no_other_document() {
    let database = testkit::database::<migrations::base_info::Migrator>("base-info").await;
    let items = vec![event("1", "good"), event("2", "bad"), event("3", "bad"), event("4", "good")];
    let batch = EventBatch { items };
    for _ in 0..2 {
        let taken = inbox::take_batch(&database, &batch, effect).await.unwrap();
        let refused: Vec<_> = taken.refused.iter().map(|one| (one.id.as_str(), one.problem.code.as_str())).collect();
        assert_eq!(refused, [("2", "HTTP-400"), ("3", "HTTP-409")]);
    }
    assert_eq!(outbox::pending(&database).await.unwrap(), 2);
}

#[tokio::test]
async fn the_same_batch_delivered_many_times_at_once_has_its_effect_once() {
    let database = testkit::database::<migrations::base_info::Migrator>("base-info").await;
    let ids: Vec<String> = (0..40).map(|number| number.to_string()).collect();
    let batch = EventBatch { items: ids.iter().map(|id| event(id, id)).collect() };
    let deliveries = (0..8).map(|_| inbox::take_batch(&database, &batch, effect));
    let taken = futures::future::join_all(deliveries).await;
    assert!(taken.into_iter().all(|taken| taken.unwrap().refused.is_empty()));
    assert_eq!(outbox::pending(&database).await.unwrap(), 40);
}
