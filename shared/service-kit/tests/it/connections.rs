//! Connections on which nothing is asked for a while, and who waits for whom.

use std::time::Duration;

use service_kit::{Peer, PeerError};
use testkit::Server;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A pool of connections may open one and need it later; servers that give it up meanwhile answer the request with that.
const LONGER_THAN_SERVERS_USUALLY_WAIT: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread")]
async fn a_first_request_may_come_long_after_its_connection() {
    let server = Server::start(|_, _| async { Ok(Vec::new()) }).await;
    let mut connection = TcpStream::connect(("127.0.0.1", server.base.port().unwrap())).await.unwrap();
    tokio::time::sleep(LONGER_THAN_SERVERS_USUALLY_WAIT).await;
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_peer_that_waited_in_vain_is_one_that_does_not_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let impatient = async {
        let (mut connection, _) = listener.accept().await.unwrap();
        connection.read_u8().await.unwrap();
        connection.write_all(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        connection
    };
    let peer = Peer::anonymous(base);
    let (answer, _open) = tokio::join!(peer.get::<serde_json::Value>("/api/bank/v1/bills"), impatient);
    assert!(matches!(answer, Err(PeerError::Unavailable(_))), "{answer:?}");
}
