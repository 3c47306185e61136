//! Questions that are asked one by one and travel together, to a peer or to the database. What arrives while earlier questions are on their
//! way goes with the next request; nothing waits for company, and nothing waits without a limit.

use std::{future::Future, sync::Arc};

use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::sync::{mpsc, oneshot};

use crate::{Problem, Worker, http::RULES};

/// How much a gathering takes on.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Questions that may wait; one more is refused with 503.
    pub waiting: usize,
    /// Questions of one request.
    pub together: usize,
    /// Requests on their way at once.
    pub requests: usize,
}

struct Asked<Q, A> {
    question: Q,
    answer: oneshot::Sender<Result<A, Problem>>,
}

/// Where questions of one kind are asked.
pub struct Gather<Q, A>(mpsc::Sender<Asked<Q, A>>);

impl<Q, A> Clone for Gather<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q, A> Gather<Q, A>
where
    Q: Send + Sync + 'static,
    A: Send + 'static,
{
    /// `request` answers many questions, in their order. The worker runs as long as the process.
    pub fn start<F, R>(name: &'static str, limits: Limits, request: F) -> (Self, Worker)
    where
        F: Fn(Vec<Arc<Q>>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Vec<A>, Problem>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(limits.waiting);
        (Self(sender), Worker::new(name, run(name, limits, request, receiver)))
    }

    /// The answer to one question; 503 while too many wait.
    pub async fn ask(&self, question: Q) -> Result<A, Problem> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Asked { question, answer }).map_err(|_| too_many())?;
        answered.await.unwrap_or_else(|_| Err(too_many()))
    }
}

async fn run<Q, A, F, R>(
    name: &'static str,
    limits: Limits,
    request: F,
    mut receiver: mpsc::Receiver<Asked<Q, A>>,
) -> Result<(), std::convert::Infallible>
where
    F: Fn(Vec<Arc<Q>>) -> R,
    R: Future<Output = Result<Vec<A>, Problem>>,
{
    let mut on_their_way = FuturesUnordered::new();
    let mut waiting = Vec::with_capacity(limits.together);
    loop {
        tokio::select! {
            received = receiver.recv_many(&mut waiting, limits.together), if on_their_way.len() < limits.requests => {
                if received == 0 {
                    return std::future::pending().await;
                }
                on_their_way.push(carry(name, &request, std::mem::take(&mut waiting)));
            }
            Some(()) = on_their_way.next() => {}
        }
    }
}

/// Asks together. A refusal of several says nothing about each, so each is then asked on its own.
async fn carry<Q, A, F, R>(name: &'static str, request: &F, asked: Vec<Asked<Q, A>>)
where
    F: Fn(Vec<Arc<Q>>) -> R,
    R: Future<Output = Result<Vec<A>, Problem>>,
{
    let (questions, answers): (Vec<_>, Vec<_>) =
        asked.into_iter().map(|one| (Arc::new(one.question), one.answer)).unzip();
    let together = request(questions.clone()).await;
    if matches!(&together, Err(problem) if problem.status().is_client_error()) && answers.len() > 1 {
        for (question, answer) in questions.into_iter().zip(answers) {
            tell(name, request(vec![question]).await, vec![answer]);
        }
        return;
    }
    tell(name, together, answers);
}

fn tell<A>(name: &str, result: Result<Vec<A>, Problem>, askers: Vec<oneshot::Sender<Result<A, Problem>>>) {
    let told = match result {
        Ok(told) if told.len() == askers.len() => told,
        Ok(told) => {
            let cause = format!("{name}: {} answers to {} questions", told.len(), askers.len());
            return refuse(askers, &Problem::internal(&cause));
        }
        Err(problem) => return refuse(askers, &problem),
    };
    for (asker, answer) in askers.into_iter().zip(told) {
        // who has left does not mind
        let _ = asker.send(Ok(answer));
    }
}

fn refuse<A>(askers: Vec<oneshot::Sender<Result<A, Problem>>>, problem: &Problem) {
    for asker in askers {
        let _ = asker.send(Err(problem.clone()));
    }
}

fn too_many() -> Problem {
    RULES.refuse("HTTP-503", "系统繁忙，请稍后再试", "too many requests are waiting for a service that is needed")
}
