//! A client that writes exactly the bytes it is given, for requests that no HTTP library would send.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Is how long an answer or the end of the connection is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    /// The fields in their order.
    pub(crate) fields: Vec<(String, String)>,
    /// Holds the body without framing.
    pub(crate) body: Vec<u8>,
}

impl RawResponse {
    /// The first value of a field by its name in any case.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// The `code` of an error body.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// One TCP connection to the gateway.
pub(crate) struct RawConnection {
    stream: TcpStream,
    buffer: Vec<u8>,
    patience: Duration,
}

impl RawConnection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the gateway accepts connections");
        Self { stream, buffer: Vec::new(), patience: PATIENCE }
    }

    /// Waits for longer than usual.
    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Writes. A peer that has closed already is no error: its answer is what the test looks at.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.stream.write_all(bytes.as_ref()).await;
        self
    }

    /// Closes the writing half, as a client does that has said everything.
    pub(crate) async fn finish(&mut self) -> &mut Self {
        let _ = self.stream.shutdown().await;
        self
    }

    /// The next answer to a request that was not HEAD; `None` when the connection closes without one.
    pub(crate) async fn response(&mut self) -> Option<RawResponse> {
        timeout(self.patience, self.read_response(true)).await.expect("the gateway answers or closes")
    }

    /// The answer to a HEAD request.
    pub(crate) async fn head_response(&mut self) -> Option<RawResponse> {
        timeout(self.patience, self.read_response(false)).await.expect("the gateway answers or closes")
    }

    /// Waits for the end of the connection; returns what arrived before it and was not read as an answer.
    pub(crate) async fn closed(&mut self) -> Vec<u8> {
        timeout(self.patience, async { while self.fill().await {} }).await.expect("the gateway closes the connection");
        std::mem::take(&mut self.buffer)
    }

    /// The next bytes, whatever they are, as soon as there are any; empty at the end.
    pub(crate) async fn piece(&mut self) -> Vec<u8> {
        if self.buffer.is_empty() {
            timeout(self.patience, self.fill()).await.expect("the gateway sends something or closes");
        }
        std::mem::take(&mut self.buffer)
    }

    async fn fill(&mut self) -> bool {
        let mut piece = vec![0; 16 * 1024];
        // A reset is an end as well.
        let length = self.stream.read(&mut piece).await.unwrap_or(0);
        self.buffer.extend_from_slice(&piece[..length]);
        length > 0
    }

    async fn read_line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|window| window == b"\r\n") {
                let line = self.buffer.drain(..end + 2).map(char::from).collect::<String>();
                return Some(line.trim_end().to_owned());
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.buffer.len() < length && self.fill().await {}
        let length = length.min(self.buffer.len());
        self.buffer.drain(..length).collect()
    }

    async fn read_response(&mut self, may_have_body: bool) -> Option<RawResponse> {
        loop {
            let line = self.read_line().await?;
            let status = line.split(' ').nth(1)?.parse().ok()?;
            let mut fields = Vec::new();
            loop {
                let field = self.read_line().await?;
                if field.is_empty() {
                    break;
                }
                let (name, value) = field.split_once(':')?;
                fields.push((name.to_owned(), value.trim().to_owned()));
            }
            let mut response = RawResponse { status, fields, body: Vec::new() };
            // 100 Continue is followed by the answer proper.
            if status == 100 {
                continue;
            }
            if may_have_body && !matches!(status, 101 | 204 | 304) {
                response.body = self.read_body(&response).await;
            }
            return Some(response);
        }
    }

    async fn read_body(&mut self, response: &RawResponse) -> Vec<u8> {
        if response.field("Transfer-Encoding").is_some() {
            let mut body = Vec::new();
            while let Some(size) = self.read_line().await {
                let size = usize::from_str_radix(&size, 16).expect("chunk sizes are hexadecimal");
                body.extend(self.take(size).await);
                self.read_line().await;
                if size == 0 {
                    break;
                }
            }
            return body;
        }
        if let Some(length) = response.field("Content-Length") {
            self.take(length.parse().expect("Content-Length is a number")).await
        } else {
            while self.fill().await {}
            std::mem::take(&mut self.buffer)
        }
    }
}
