//! Several instances of one service behind the door.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use actix_web::rt::System;
use reqwest::{Method, StatusCode};
use service_kit::{
    Clock, Module,
    config::{Identity, Instances, Peers, Server},
    host::{Host, Start, Surroundings},
};
use url::Url;

const PATH: &str = "/api/budget-execution/v1/payments";

/// A fake instance that counts what reaches it.
struct Instance {
    address: SocketAddr,
    reached: Arc<AtomicUsize>,
}

/// Answers 200 to everything, or reads the request and hangs up without a word.
fn instance(answers: bool) -> Instance {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, reached) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = reached.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            if stream.read(&mut request).unwrap_or(0) == 0 {
                continue;
            }
            count.fetch_add(1, Ordering::SeqCst);
            if answers {
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
                stream.write_all(answer).unwrap();
            }
        }
    });
    Instance { address, reached }
}

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

pub fn door(instances: &[SocketAddr]) -> Url {
    door_with(instances, gateway::Config::default(), Vec::new())
}

/// A door with services of its own process behind it.
pub fn door_with(instances: &[SocketAddr], config: gateway::Config, behind: Vec<Module>) -> Url {
    let addresses: Vec<Url> = instances.iter().map(|address| format!("http://{address}").parse().unwrap()).collect();
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        System::new().block_on(async move {
            let server = Server { listen: "127.0.0.1:0".to_owned(), workers: 1, ..Server::default() };
            let host = Host::bind(&server).unwrap();
            let base = host.base().clone();
            let peers = Peers { budget_execution: Instances(addresses), ..Peers::default() };
            let surroundings = Surroundings::new(base.clone(), peers, &Identity::default(), Clock::System).unwrap();
            let start = Start {
                surroundings: surroundings.clone(),
                database: service_kit::config::DatabaseSettings::default(),
                config,
            };
            let mut modules = vec![gateway::start(start).await.unwrap()];
            modules.extend(behind);
            tell.send(base).unwrap();
            host.serve(modules, surroundings).await.unwrap();
        });
    });
    told.recv().unwrap()
}

async fn ask(door: &Url, method: Method, key: Option<&str>) -> StatusCode {
    let mut request = reqwest::Client::new().request(method, door.join(PATH).unwrap());
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    request.send().await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_are_asked_in_turn() {
    let (one, two) = (instance(true), instance(true));
    let door = door(&[one.address, two.address]);
    for _ in 0..6 {
        assert_eq!(ask(&door, Method::GET, None).await, StatusCode::OK);
    }
    assert_eq!((one.reached.load(Ordering::SeqCst), two.reached.load(Ordering::SeqCst)), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_arrived_goes_to_the_next_instance() {
    let living = instance(true);
    let door = door(&[nobody(), living.address]);
    for _ in 0..4 {
        assert_eq!(ask(&door, Method::POST, None).await, StatusCode::OK);
    }
    assert_eq!(living.reached.load(Ordering::SeqCst), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_an_answer_is_repeated_elsewhere_only_under_its_key() {
    let (broken, living) = (instance(false), instance(true));
    let door = door(&[broken.address, living.address]);
    for turn in 0..4 {
        assert_eq!(ask(&door, Method::POST, Some(&format!("key-{turn}"))).await, StatusCode::OK);
    }
    let answers = [ask(&door, Method::POST, None).await, ask(&door, Method::POST, None).await];
    assert!(answers.contains(&StatusCode::SERVICE_UNAVAILABLE), "{answers:?}");
    assert!(answers.contains(&StatusCode::OK), "{answers:?}");
}

/// What comes back for a path exactly as it is spelt; a client would tidy it up.
fn ask_as_spelt(door: &Url, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", door.port().unwrap())).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: door\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_a_path_leads_out_of_the_service() {
    let service = instance(true);
    let door = door(&[service.address]);
    for path in ["/api/budget-execution/../../metrics", "/api/budget-execution/%2e%2e/%2E%2e/metrics"] {
        assert!(ask_as_spelt(&door, path).starts_with("HTTP/1.1 404"), "{path}");
    }
    assert_eq!(service.reached.load(Ordering::SeqCst), 0);
    assert!(ask_as_spelt(&door, "/api/budget%2Dexecution/v1/payments").starts_with("HTTP/1.1 200"));
}
