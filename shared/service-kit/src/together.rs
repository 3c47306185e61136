//! Questions of many commands that travel together, to a peer or to the database.

use std::future::Future;

use crate::Problem;

/// Asks for everyone who was not refused yet, in one request, and gives each the answer to the own question. A refusal of
/// several says nothing about each, so each is then asked on its own: one bad question harms no other.
pub async fn ask_each<T, Q, A, F, R>(
    askers: Vec<Result<T, Problem>>,
    question: impl Fn(&T) -> Q,
    ask: F,
) -> Vec<Result<(T, A), Problem>>
where
    Q: Clone,
    F: Fn(Vec<Q>) -> R,
    R: Future<Output = Result<Vec<A>, Problem>>,
{
    let questions: Vec<Q> = askers.iter().filter_map(|asker| asker.as_ref().ok()).map(question).collect();
    let mut answers = answers(questions, ask).await.into_iter();
    let mut next = || answers.next().unwrap_or_else(|| Err(Problem::internal(&"a question without an answer")));
    askers.into_iter().map(|asker| asker.and_then(|asker| Ok((asker, next()?)))).collect()
}

async fn answers<Q, A, F, R>(questions: Vec<Q>, ask: F) -> Vec<Result<A, Problem>>
where
    Q: Clone,
    F: Fn(Vec<Q>) -> R,
    R: Future<Output = Result<Vec<A>, Problem>>,
{
    let count = questions.len();
    if count == 0 {
        return Vec::new();
    }
    match told(ask(questions.clone()).await, count) {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(problem) if problem.status().is_client_error() && count > 1 => {
            let mut answers = Vec::with_capacity(count);
            for question in questions {
                let alone = told(ask(vec![question]).await, 1);
                answers.push(alone.and_then(|mut one| one.pop().ok_or_else(|| Problem::internal(&"no answer"))));
            }
            answers
        }
        Err(problem) => vec![problem; count].into_iter().map(Err).collect(),
    }
}

fn told<A>(answers: Result<Vec<A>, Problem>, questions: usize) -> Result<Vec<A>, Problem> {
    let answers = answers?;
    if answers.len() == questions {
        return Ok(answers);
    }
    Err(Problem::internal(&format!("{} answers to {questions} questions", answers.len())))
}
