//! Commands whose transaction PostgreSQL gives up, or that lose it or never get one: 503 with the time to try again, and
//! the same key then does once what was asked.

use std::time::Duration;

use budget_execution_contract::Payment;
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use serde_json::json;
use service_kit::{
    Database, Peer, Problem,
    config::{DatabaseSettings, Isolation},
    peer,
};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::Bureau,
    jobs::{change, instance},
    world::{BASE, refusal},
};

const WAITING: &str = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
const HOLD: &str = "SELECT bal_amt FROM glb_bal FOR UPDATE";
const TOUCH: &str = "UPDATE glb_bal SET bal_amt = bal_amt";
/// Only the platform looks for deadlocks, so it is the one that is given up.
const UNAWARE: &str = "SET LOCAL deadlock_timeout = '1h'";

/// A bureau with payments of 10.00 that are submitted, and another session of the same database.
struct Crossing {
    bureau: Bureau,
    bgt_id: Uuid,
    payments: Vec<Uuid>,
    rival: Database,
}

/// An answer: the payment, or the refusal and when to try again.
type Answer = Result<Payment, (Problem, String)>;

impl Crossing {
    /// None on SQLite, where one writes after the other.
    async fn start(payments: usize, change: fn(DatabaseSettings) -> DatabaseSettings) -> Option<Self> {
        let bureau = Bureau::start_on(change).await;
        if bureau.server.database.url.is_empty() {
            return None;
        }
        let (bgt_id, rival) = (bureau.indicator("100.00").await, instance(&bureau).await);
        let mut new = Self { bureau, bgt_id, payments: Vec::new(), rival };
        for _ in 0..payments {
            new.payments.push(new.bureau.submitted(bgt_id, "10.00").await.pay_app_id);
        }
        Some(new)
    }

    async fn recall(&self, payment: Uuid, key: &str) -> Answer {
        let clerk: Peer = self.bureau.clerk();
        let request = clerk.request(Method::POST, &format!("{BASE}/payments/{payment}/actions")).unwrap();
        let request = request.header("Idempotency-Key", key).json(&json!({"action": "recall", "opinion": "收回"}));
        let response = clerk.send(request).await.unwrap();
        let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        let answer = peer::read(response).await;
        answer.map_err(|refused| (refusal::<Payment>(Err(refused)), retry_after.unwrap_or_default()))
    }

    /// Waits until so many sessions wait for somebody's lock.
    async fn waiting(&self, sessions: i64) {
        loop {
            let text = format!("SELECT COUNT(*) AS n {WAITING}");
            let statement = sea_orm::Statement::from_string(self.rival.backend(), text);
            let count: i64 =
                self.rival.read().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap();
            if count >= sessions {
                return;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// A transaction of the rival that has done this.
    async fn rivals(&self, statements: &[&str]) -> DatabaseTransaction {
        let tx = self.rival.begin_write().await.unwrap();
        for statement in statements {
            tx.execute_unprepared(statement).await.unwrap();
        }
        tx
    }

    /// The recall was told to try again, left nothing behind, and is done once when it is sent again.
    async fn is_done_at_another_try(&self, interrupted: Answer, payment: Uuid, key: &str) {
        let (problem, retry_after) = interrupted.unwrap_err();
        assert_eq!((problem.code(), problem.status().as_u16(), retry_after.as_str()), ("HTTP-503", 503, "2"));
        let reserved = |payments: usize| format!("{payments}0.00");
        let before = self.bureau.stands(self.bgt_id).await[1].clone();
        let mut again = self.recall(payment, key).await;
        while again.as_ref().is_err_and(|(problem, _)| problem.status() == StatusCode::SERVICE_UNAVAILABLE.as_u16()) {
            again = self.recall(payment, key).await;
        }
        assert_eq!(again.unwrap().pay_app_id, payment);
        let after = self.bureau.stands(self.bgt_id).await[1].clone();
        let open = self.payments.len();
        assert!([reserved(open), reserved(open - 1)].contains(&before), "{before}");
        assert_ne!(before, after);
        self.bureau.verified().await;
    }
}

#[tokio::test]
async fn who_is_given_up_in_a_deadlock_is_told_to_try_again() {
    let Some(crossing) = Crossing::start(1, |database| database).await else { return };
    let (payment, key) = (crossing.payments[0], key());
    let tx = crossing.rivals(&[UNAWARE, HOLD]).await;
    let cross = async {
        crossing.waiting(1).await;
        let claim = format!("INSERT INTO idempotency_record VALUES ('clerk', '{key}', 'x', 'x', 0, NULL)");
        tx.execute_unprepared(&claim).await.unwrap();
        tx.rollback().await.unwrap();
    };
    let (answer, ()) = tokio::join!(crossing.recall(payment, &key), cross);
    crossing.is_done_at_another_try(answer, payment, &key).await;
}

#[tokio::test]
async fn whose_connection_is_cut_is_told_to_try_again() {
    let Some(crossing) = Crossing::start(1, |database| database).await else { return };
    let (payment, key) = (crossing.payments[0], key());
    let tx = crossing.rivals(&[HOLD]).await;
    let cut = async {
        crossing.waiting(1).await;
        change(&crossing.rival, &format!("SELECT pg_terminate_backend(pid) {WAITING}")).await;
    };
    let (answer, ()) = tokio::join!(crossing.recall(payment, &key), cut);
    tx.rollback().await.unwrap();
    crossing.is_done_at_another_try(answer, payment, &key).await;
}

#[tokio::test]
async fn who_gets_no_connection_in_time_is_told_to_try_again() {
    let narrow = |database| DatabaseSettings { max_connections: 2, acquire_seconds: 1, ..database };
    let Some(crossing) = Crossing::start(2, narrow).await else { return };
    let (first, second, keys) = (crossing.payments[0], crossing.payments[1], [key(), key()]);
    let tx = crossing.rivals(&[HOLD]).await;
    let crowd_out = async {
        crossing.waiting(1).await;
        let refused = crossing.recall(second, &keys[1]).await;
        tx.rollback().await.unwrap();
        refused
    };
    let (answer, refused) = tokio::join!(crossing.recall(first, &keys[0]), crowd_out);
    assert_eq!(answer.unwrap().pay_app_id, first);
    crossing.is_done_at_another_try(refused, second, &keys[1]).await;
}

#[tokio::test]
async fn what_changed_meanwhile_is_looked_at_again_or_under_serializable_told_to_try_again() {
    let proof = |database| DatabaseSettings { isolation: Isolation::Serializable, ..database };
    for settings in [|database| database, proof] {
        let Some(crossing) = Crossing::start(1, settings).await else { return };
        let (payment, key) = (crossing.payments[0], key());
        let tx = crossing.rivals(&[TOUCH]).await;
        let commit = async {
            crossing.waiting(1).await;
            tx.commit().await.unwrap();
        };
        let (answer, ()) = tokio::join!(crossing.recall(payment, &key), commit);
        if settings(DatabaseSettings::default()).isolation == Isolation::ReadCommitted {
            assert_eq!(answer.unwrap().pay_app_id, payment);
            continue;
        }
        crossing.is_done_at_another_try(answer, payment, &key).await;
    }
}
