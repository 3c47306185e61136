//! Submissions in shared commits: each is answered as if it came alone.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use budget_execution::{
    cash_plan::control::PlanLayer,
    payment::{
        entity::application,
        reservation::{Submission, Together},
        submission::Cleared,
    },
};
use budget_execution_contract::{Payment, PaymentStatus};
use common_types::Role;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait as _};
use serde_json::{Value, json};
use service_kit::{
    Caller, Database, Problem,
    http::group::{self, AsTheyCome, Effect, Grouped, Kept, Queue, Settled},
    store::Writes,
};
use testkit::{Identity, key};
use uuid::Uuid;
use workflow::{Action, ActionRequest};

use crate::{
    bureau::{AGENCY, Bureau, payment},
    world::{BASE, DIVISION, refusal},
};

async fn database(bureau: &Bureau) -> Database {
    Database::open(&bureau.server.database, budget_execution::NAME, bureau.server.clock.clone()).await.unwrap()
}

fn clerk() -> Caller {
    Identity::caller("clerk", &[Role::U1], DIVISION, Some(AGENCY))
}

/// The applications as they stand.
struct Seen(BTreeMap<Uuid, application::Model>);

impl Seen {
    async fn in_books(database: &Database) -> Self {
        let rows = application::Entity::find().all(database.read()).await.unwrap();
        Self(rows.into_iter().map(|row| (row.pay_app_id, row)).collect())
    }

    /// An application, or one like the others that is not in the books.
    fn of(&self, pay_app_id: Uuid) -> Arc<application::Model> {
        let row = self.0.get(&pay_app_id).or(self.0.values().next()).unwrap();
        Arc::new(application::Model { pay_app_id, ..row.clone() })
    }
}

fn submission(application: Arc<application::Model>, version: i64) -> Submission {
    let pay_app_id = application.pay_app_id;
    let cleared = Cleared {
        version,
        application,
        is_held: false,
        warn_ids: Vec::new(),
        pay_acct_name: "市教育局".to_owned(),
        pay_acct_bank_name: "中国银行".to_owned(),
        plan: PlanLayer::default(),
        content: Arc::new(serde_json::from_value(payment(Uuid::nil(), "60.00")).unwrap()),
        notices: Vec::new(),
    };
    let request = ActionRequest { action: Action::Submit, opinion: String::new(), version: None };
    Submission { pay_app_id, request, cleared }
}

fn command(seen: &Seen, pay_app_id: Uuid, version: i64, key: &str) -> Grouped<Submission> {
    Grouped::of(clerk(), submission(seen.of(pay_app_id), version), key.to_owned(), "POST /payments")
}

async fn together(database: &Database, commands: &[Grouped<Submission>]) -> Vec<Option<Result<Kept, Problem>>> {
    group::carry_out(database, (&AsTheyCome, &Together(database.clock().clone())), commands).await.unwrap()
}

fn code(answer: &Option<Result<Kept, Problem>>) -> String {
    match answer {
        Some(Ok(kept)) if kept.is_replayed => "replayed".to_owned(),
        Some(Ok(kept)) => kept.status.as_u16().to_string(),
        Some(Err(problem)) => problem.code().to_owned(),
        None => "alone".to_owned(),
    }
}

async fn count(database: &Database, table: &str) -> i64 {
    let statement = sea_orm::Statement::from_string(database.backend(), format!("SELECT COUNT(*) AS n FROM {table}"));
    database.read().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

#[tokio::test]
async fn a_group_settles_every_submission_for_itself() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let mut ids = Vec::new();
    for amount in ["10.00", "50.00", "60.00", "40.00", "1.00", "1.00"] {
        ids.push(bureau.drafted(bgt_id, amount).await.pay_app_id);
    }
    let database = database(&bureau).await;
    let seen = Seen::in_books(&database).await;
    let earlier = command(&seen, ids[0], 1, "earlier");
    assert_eq!(code(&together(&database, std::slice::from_ref(&earlier)).await[0]), "200");
    let tables = ["audit_log", "idempotency_record", "outbox", "workflow_log", "glb_vou_head"];
    let mut before = HashMap::new();
    for table in tables {
        before.insert(table, count(&database, table).await);
    }
    let group = [
        command(&seen, ids[1], 1, "a"),
        command(&seen, ids[2], 1, "b"),
        earlier,
        command(&seen, ids[4], 7, "c"),
        command(&seen, Uuid::now_v7(), 1, "d"),
        command(&seen, ids[1], 1, "a"),
        command(&seen, ids[1], 1, "e"),
        command(&seen, ids[3], 1, "f"),
        command(&seen, ids[5], 1, "g"),
    ];
    let answers = together(&database, &group).await;
    let codes: Vec<String> = answers.iter().map(code).collect();
    // what the books refuse goes alone, where the refusal is explained with the figures of one moment
    assert_eq!(codes, ["200", "alone", "replayed", "WF-409", "HTTP-404", "alone", "alone", "200", "alone"]);
    for table in tables {
        assert_eq!(count(&database, table).await - before[table], 2, "{table}");
    }
    assert_eq!(bureau.stands(bgt_id).await, ["0.00", "100.00", "0.00"]);
    assert_eq!(bureau.payment(ids[3]).await.pay_status, PaymentStatus::InReview);
    assert_eq!(bureau.payment(ids[2]).await.pay_status, PaymentStatus::Draft);
    bureau.verified().await;
}

#[tokio::test]
async fn what_a_group_answers_is_what_the_record_shows() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("100.00").await;
    let drafted = bureau.drafted(bgt_id, "10.00").await.pay_app_id;
    let database = database(&bureau).await;
    let seen = Seen::in_books(&database).await;
    let answers = together(&database, &[command(&seen, drafted, 1, "a")]).await;
    let Some(Ok(kept)) = &answers[0] else { panic!("{answers:?}") };
    let answered: Value = serde_json::from_str(&kept.text).unwrap();
    assert_eq!(answered, serde_json::to_value(bureau.payment(drafted).await).unwrap());
    let again = together(&database, &[command(&seen, drafted, 1, "a")]).await;
    let Some(Ok(replayed)) = &again[0] else { panic!("{again:?}") };
    assert_eq!((replayed.is_replayed, &replayed.text), (true, &kept.text));
}

#[tokio::test]
async fn racing_twins_of_one_key_reserve_once_and_other_keys_are_refused() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let drafted = bureau.drafted(bgt_id, "100.00").await.pay_app_id;
    let (path, same) = (format!("{BASE}/payments/{drafted}/actions"), key());
    let race = (0..30).map(|index| {
        let (clerk, path, same) = (bureau.clerk(), path.clone(), same.clone());
        async move {
            let key = if index % 3 == 0 { key() } else { same };
            let answer: Result<Payment, _> = clerk.post(&path, &json!({"action": "submit"}), &key).await;
            (index % 3 == 0, answer)
        }
    });
    let answers = futures::future::join_all(race).await;
    let (mut others, mut twins) = (Vec::new(), Vec::new());
    for (is_other, answer) in answers {
        if is_other { others.push(answer) } else { twins.push(answer) }
    }
    let is_first = twins[0].is_ok();
    assert!(twins.iter().all(|answer| answer.is_ok() == is_first), "{twins:?}");
    assert_eq!(others.iter().filter(|answer| answer.is_ok()).count(), usize::from(!is_first));
    for refused in others.into_iter().chain(twins).filter(Result::is_err) {
        assert_eq!(refusal(refused).status().as_u16(), 409);
    }
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "100.00", "0.00"]);
    bureau.verified().await;
}

/// Fails whenever there is company.
struct Shy;

impl Effect for Shy {
    type Body = u32;
    type Answer = u32;

    async fn carry_out(
        &self,
        tx: &DatabaseTransaction,
        _writes: &mut Writes,
        group: &[&Grouped<u32>],
    ) -> Result<Vec<Settled<u32>>, Problem> {
        tx.execute_unprepared("INSERT INTO glb_year VALUES ('360000000', 2026, NULL)").await?;
        Err(Problem::internal(&group.len()))
    }
}

#[tokio::test]
async fn a_shared_commit_that_fails_leaves_every_command_to_its_request() {
    let database = testkit::database::<migrations::budget_execution::Migrator>("budget-execution").await;
    let queue = Queue::default();
    let serving = tokio::spawn(queue.clone().serve(database.clone(), AsTheyCome, Shy));
    let asked = (0..5).map(|number| queue.ask(Grouped::of(clerk(), number, key(), "POST /shy")));
    assert!(futures::future::join_all(asked).await.iter().all(Option::is_none));
    assert_eq!((count(&database, "glb_year").await, count(&database, "audit_log").await), (0, 0));
    serving.abort();
}
