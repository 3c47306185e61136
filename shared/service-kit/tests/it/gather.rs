//! Questions that travel together: nothing waits for company, one bad question harms only itself, too many are refused.

use std::sync::{Arc, Mutex};

use futures::future::join_all;
use service_kit::{Gather, Problem, gather::Limits, http::RULES};
use tokio::sync::Semaphore;

const LIMITS: Limits = Limits { waiting: 4, together: 3, requests: 1 };

/// Doubles numbers, one permit for each request; 13 spoils the request that it is part of.
struct Doubler {
    gather: Gather<u32, u32>,
    sizes: Arc<Mutex<Vec<usize>>>,
    permits: Arc<Semaphore>,
}

impl Doubler {
    fn start(permits: usize) -> Self {
        let (sizes, permits) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Semaphore::new(permits)));
        let (seen, gate) = (sizes.clone(), permits.clone());
        let (gather, worker) = Gather::start("doubler", LIMITS, move |asked: Vec<Arc<u32>>| {
            let (seen, gate) = (seen.clone(), gate.clone());
            async move {
                gate.acquire().await.unwrap().forget();
                seen.lock().unwrap().push(asked.len());
                if asked.iter().any(|number| **number == 13) {
                    return Err(RULES.refuse("HTTP-422", "不吉利", "not that one"));
                }
                Ok(asked.iter().map(|number| **number * 2).collect())
            }
        });
        tokio::spawn(worker.task);
        Self { gather, sizes, permits }
    }

    /// Asks in this order, all at once, and lets the requests go once all have asked.
    async fn ask(&self, numbers: &[u32]) -> Vec<Result<u32, Problem>> {
        let asking = join_all(numbers.iter().map(|number| self.gather.ask(*number)));
        let letting_go = async {
            tokio::task::yield_now().await;
            self.permits.add_permits(100);
        };
        tokio::join!(asking, letting_go).0
    }

    fn sizes(&self) -> Vec<usize> {
        self.sizes.lock().unwrap().clone()
    }
}

fn codes(answers: &[Result<u32, Problem>]) -> Vec<Result<u32, &str>> {
    answers.iter().map(|answer| answer.as_ref().copied().map_err(|problem| problem.code())).collect()
}

#[tokio::test]
async fn a_question_alone_goes_at_once() {
    let doubler = Doubler::start(1);
    assert_eq!(codes(&[doubler.gather.ask(4).await]), [Ok(8)]);
    assert_eq!(doubler.sizes(), [1]);
}

#[tokio::test]
async fn questions_at_once_travel_together_up_to_the_limit_and_each_gets_its_own_answer() {
    let doubler = Doubler::start(0);
    assert_eq!(codes(&doubler.ask(&[1, 2, 3, 4]).await), [Ok(2), Ok(4), Ok(6), Ok(8)]);
    assert_eq!(doubler.sizes(), [3, 1]);
}

#[tokio::test]
async fn one_more_than_may_wait_is_refused_and_the_others_are_answered() {
    let doubler = Doubler::start(0);
    assert_eq!(codes(&doubler.ask(&[1, 2, 3, 4, 5]).await), [Ok(2), Ok(4), Ok(6), Ok(8), Err("HTTP-503")]);
}

#[tokio::test]
async fn a_bad_question_spoils_no_other() {
    let doubler = Doubler::start(0);
    assert_eq!(codes(&doubler.ask(&[1, 13, 3]).await), [Ok(2), Err("HTTP-422"), Ok(6)]);
    assert_eq!(doubler.sizes(), [3, 1, 1, 1]);
}

#[tokio::test]
async fn an_answer_short_of_the_questions_answers_none_of_them() {
    let (gather, worker) = Gather::start("short", LIMITS, |_: Vec<Arc<u32>>| async { Ok(vec![1, 2, 3]) });
    tokio::spawn(worker.task);
    assert_eq!(gather.ask(1).await.unwrap_err().code(), "HTTP-500");
}
