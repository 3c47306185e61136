//! A client that costs little: one connection, one request at a time, HTTP/1.1 with keep-alive.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use uuid::Uuid;

pub struct Connection {
    stream: TcpStream,
    token: String,
    received: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr, token: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, token: token.to_owned(), received: Vec::with_capacity(16 * 1024) }
    }

    /// POST under a fresh key; status and body of the answer.
    pub async fn post(&mut self, path: &str, body: &str) -> (u16, Vec<u8>) {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: yitihua\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Idempotency-Key: {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            Uuid::now_v7(),
            body.len(),
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let head_end = self.receive_until(|received| find(received, b"\r\n\r\n").map(|at| at + 4)).await;
        let head = String::from_utf8_lossy(&self.received[..head_end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        let end = match length {
            Some(length) => {
                self.receive_until(|received| Some(head_end + length).filter(|end| received.len() >= *end)).await
            }
            None => {
                self.receive_until(|received| find(&received[head_end..], b"0\r\n\r\n").map(|at| head_end + at + 5))
                    .await
            }
        };
        let body = self.received[head_end..end].to_vec();
        self.received.drain(..end);
        (status, body)
    }

    async fn receive_until(&mut self, end: impl Fn(&[u8]) -> Option<usize>) -> usize {
        loop {
            if let Some(end) = end(&self.received) {
                return end;
            }
            assert_ne!(self.stream.read_buf(&mut self.received).await.unwrap(), 0, "the server hung up");
        }
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
