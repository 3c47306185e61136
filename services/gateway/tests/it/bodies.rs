//! Bodies through the door: small ones in one piece, large ones as they arrive, both unchanged.

use std::{net::SocketAddr, sync::Arc};

use actix_web::{HttpResponse, web};
use service_kit::Module;
use testkit::Server;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::instances::door;

const PATH: &str = "/api/budget-execution/v1/echoes";
const MEBIBYTE: usize = 1024 * 1024;

async fn echo() -> Server {
    Server::start(|_, _| async {
        let answer = |body: web::Bytes| async move { HttpResponse::Ok().body(body) };
        let routes = move |config: &mut ServiceConfig<'_>| {
            config.route(PATH, web::post().to(answer));
        };
        Ok(vec![Module { name: "echo", routes: Arc::new(routes), workers: Vec::new(), database: None }])
    })
    .await
}

fn address(server: &Server) -> SocketAddr {
    format!("127.0.0.1:{}", server.base.port().unwrap()).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_any_size_come_through_unchanged_with_or_without_a_length() {
    let service = echo().await;
    let url = door(&[address(&service)]).join(PATH).unwrap();
    for size in [0, 10, 100_000, MEBIBYTE] {
        let body = "a".repeat(size);
        let answer = reqwest::Client::new().post(url.clone()).body(body.clone()).send().await.unwrap();
        assert_eq!(answer.headers()["content-length"], size.to_string());
        assert_eq!(answer.text().await.unwrap(), body);
        let pieces = futures::stream::iter([Ok::<_, std::io::Error>(body.clone()), Ok(body.clone())]);
        let request = reqwest::Client::new().post(url.clone()).body(reqwest::Body::wrap_stream(pieces));
        if 2 * size < 2 * MEBIBYTE {
            assert_eq!(request.send().await.unwrap().text().await.unwrap(), body.repeat(2), "{size}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_refused_by_the_service_behind_the_door() {
    let service = echo().await;
    let url = door(&[address(&service)]).join(PATH).unwrap();
    let answer = reqwest::Client::new().post(url).body("a".repeat(9 * MEBIBYTE)).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 413);
}
