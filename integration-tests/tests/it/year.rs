//! The budget year, played through the gateway: every expectation of the story is an assertion here.

use crate::platform::Running;

#[tokio::test(flavor = "multi_thread")]
async fn the_year_plays_to_its_end_with_every_expectation_met() {
    let platform = Running::start().await;
    let outcome = story::play(platform.story(), Box::new(std::io::sink())).await.unwrap();
    assert!(outcome.is_good(), "{:#?}", outcome.failures);
    assert!(outcome.refusals >= 6, "only {} refusals were shown", outcome.refusals);
}
