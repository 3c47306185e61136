//! Questions that travel together: each gets its own answer, one bad question harms only itself.

use std::sync::Mutex;

use service_kit::{Problem, http::RULES, together::ask_each};

/// Doubles numbers and notes how many came at once; 13 spoils the request that it is part of.
async fn doubled(numbers: &[Result<u32, Problem>]) -> (Vec<Result<u32, String>>, Vec<usize>) {
    let sizes = Mutex::new(Vec::new());
    let ask = async |asked: Vec<u32>| {
        sizes.lock().unwrap().push(asked.len());
        if asked.contains(&13) {
            return Err(RULES.refuse("HTTP-422", "不吉利", "not that one"));
        }
        Ok(asked.into_iter().map(|number| number * 2).collect::<Vec<u32>>())
    };
    let answers = ask_each(numbers.to_vec(), |number| *number, ask).await;
    let told = |answer: Result<(u32, u32), Problem>| {
        answer.map(|(_, answer)| answer).map_err(|problem| problem.code().to_owned())
    };
    (answers.into_iter().map(told).collect(), sizes.into_inner().unwrap())
}

#[tokio::test]
async fn all_travel_in_one_request_and_each_gets_its_own_answer() {
    assert_eq!(doubled(&[Ok(1), Ok(2), Ok(3)]).await, (vec![Ok(2), Ok(4), Ok(6)], vec![3]));
}

#[tokio::test]
async fn who_was_refused_asks_nothing_and_nobody_asks_in_vain() {
    let refused = || Err(RULES.refuse("HTTP-409", "已变", "changed"));
    let told = || Err("HTTP-409".to_owned());
    assert_eq!(doubled(&[refused(), Ok(2), refused()]).await, (vec![told(), Ok(4), told()], vec![1]));
    assert_eq!(doubled(&[refused()]).await, (vec![told()], vec![]));
}

#[tokio::test]
async fn a_bad_question_spoils_no_other() {
    let answers = vec![Ok(2), Err("HTTP-422".to_owned()), Ok(6)];
    assert_eq!(doubled(&[Ok(1), Ok(13), Ok(3)]).await, (answers, vec![3, 1, 1, 1]));
}

#[tokio::test]
async fn an_answer_short_of_the_questions_answers_none_of_them() {
    let asked = vec![Ok(1), Ok(2)];
    let answers: Vec<Result<(u32, u32), Problem>> =
        ask_each(asked, |number| *number, async |_: Vec<u32>| Ok(vec![1])).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(|problem| problem.code() == "HTTP-500")));
}
