//! A door that loses replies: it passes every request on and waits for the whole answer, then breaks off every so many
//! connections without a word. The platform has committed; its client knows nothing.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use url::Url;

pub struct Proxy {
    pub base: Url,
    lost: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Stands before the platform and loses one of so many replies.
    pub async fn start(platform: Url, one_of: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let (lost, replies) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let count = lost.clone();
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect(platform.authority()).await.unwrap();
                let (count, replies) = (count.clone(), replies.clone());
                tokio::spawn(async move {
                    let is_lost = move || replies.fetch_add(1, Ordering::SeqCst) % one_of == one_of - 1;
                    pass(client, server, is_lost, &count).await;
                });
            }
        });
        Self { base, lost, accepting }
    }

    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(client: TcpStream, server: TcpStream, is_lost: impl Fn() -> bool, lost: &AtomicUsize) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
    let mut reply = Vec::new();
    let mut chunk = [0; 16 * 1024];
    while let Ok(read @ 1..) = from_server.read(&mut chunk).await {
        reply.extend_from_slice(&chunk[..read]);
        if !is_whole(&reply) {
            continue;
        }
        if is_lost() {
            lost.fetch_add(1, Ordering::SeqCst);
            break;
        }
        if to_client.write_all(&reply).await.is_err() {
            break;
        }
        reply.clear();
    }
    asking.abort();
}

/// Whether these bytes are a whole HTTP/1.1 answer.
fn is_whole(reply: &[u8]) -> bool {
    let Some(end) = reply.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&reply[..end]).to_ascii_lowercase();
    let body = &reply[end + 4..];
    if head.contains("transfer-encoding: chunked") {
        return body.ends_with(b"0\r\n\r\n");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}
