//! Services of the same process: they answer on the door's own listener, behind its limits.

use std::{net::SocketAddr, sync::Arc};

use actix_web::{HttpResponse, web};
use reqwest::{Method, Response};
use service_kit::Module;
use testkit::Server;
use url::Url;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::instances::door_with;

const HERE: &str = "/api/base-info/v1/echoes";
const ELSEWHERE: &str = "/api/budget-execution/v1/echoes";

fn echo(path: &'static str, told: &'static str) -> Module {
    let answer = move |body: web::Bytes| async move { HttpResponse::Ok().insert_header(("told-by", told)).body(body) };
    let routes = move |config: &mut ServiceConfig<'_>| {
        config.route(path, web::post().to(answer));
    };
    Module { name: "base-info", routes: Arc::new(routes), workers: Vec::new(), database: None }
}

async fn post(door: &Url, path: &str, token: &str, body: &'static str) -> Response {
    let request =
        reqwest::Client::new().request(Method::POST, format!("{}{path}", door.as_str().trim_end_matches('/')));
    request.bearer_auth(token).body(body).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_this_process_answers_itself_and_one_elsewhere_is_asked() {
    let other = Server::start(|_, _| async { Ok(vec![echo(ELSEWHERE, "the other process")]) }).await;
    let address: SocketAddr = format!("127.0.0.1:{}", other.base.port().unwrap()).parse().unwrap();
    let behind = vec![echo(HERE, "this process"), echo(ELSEWHERE, "this process")];
    let door = door_with(&[address], gateway::Config::default(), behind);
    for (path, told) in [(HERE, "this process"), (ELSEWHERE, "the other process")] {
        let answer = post(&door, path, "a", "what was said").await;
        assert_eq!(answer.headers()["told-by"], told);
        assert_eq!(answer.text().await.unwrap(), "what was said");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_with_hidden_characters_goes_no_further_than_the_door() {
    let door = door_with(&[], gateway::Config::default(), vec![echo(HERE, "this process")]);
    assert_eq!(post(&door, HERE, "a", "a\u{202e}b").await.status().as_u16(), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_much_is_refused_whatever_the_spelling_and_others_are_not() {
    let sparing = gateway::Config { requests_per_second: 1, burst: 3, ..gateway::Config::default() };
    let door = door_with(&[], sparing, vec![echo(HERE, "this process")]);
    for _allowed in 0..3 {
        assert_eq!(post(&door, HERE, "greedy", "").await.status().as_u16(), 200);
    }
    for path in [HERE, "/%61pi/base-info/v1/echoes"] {
        let refused = post(&door, path, "greedy", "").await;
        assert_eq!(refused.status().as_u16(), 429);
        assert!(refused.text().await.unwrap().contains("GW-429"));
    }
    assert_eq!(post(&door, HERE, "modest", "").await.status().as_u16(), 200);
}
