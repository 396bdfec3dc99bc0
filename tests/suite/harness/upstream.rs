//! An upstream that stores what it receives byte by byte and answers as each test tells it to.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::{SinkExt, StreamExt};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore, mpsc},
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::derive_accept_key, protocol::Role},
};

use super::{eventually, hex};

/// Bytes of a body that are kept; of longer ones only length and digest.
const KEPT: usize = 1024 * 1024;

/// Says how a path is answered.
pub(crate) enum Reply {
    /// Status, fields and a body with its Content-Length.
    Plain { status: u16, fields: Vec<(&'static str, String)>, body: Vec<u8> },
    /// Exactly these bytes, then the connection closes.
    Raw(Vec<u8>),
    /// Exactly these bytes, and the connection stays.
    Kept(Vec<u8>),
    /// An answer, and when `go` is notified bytes that nobody asked for. Notifies `closed` when the peer hangs up on that.
    Unasked { answer: Vec<u8>, later: Vec<u8>, go: Arc<Notify>, closed: Arc<Notify> },
    /// A body of so many bytes with its Content-Length, written as fast as it is taken.
    Bytes(u64),
    /// A head at once, then one chunk for each message until the sender is dropped.
    Chunks { content_type: &'static str, chunks: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Vec<u8>>>> },
    /// Reads the request and says nothing.
    Never,
    /// Answers 200 when the test adds a permit.
    Held(Arc<Semaphore>),
    /// Reads the head, and the body once the test adds a permit; then answers 200.
    Paused(Arc<Semaphore>),
    /// Closes the connection after the request, without an answer.
    Close,
    /// Answers a WebSocket handshake and echoes every message, the first being the `X-User-Id` it saw.
    WebSocket,
}

impl Reply {
    /// 200 with a text.
    pub(crate) fn text(body: &str) -> Self {
        Self::with_fields(&[("Content-Type", "text/plain")], body)
    }

    /// 200 with these fields and a text.
    pub(crate) fn with_fields(fields: &[(&'static str, &str)], body: &str) -> Self {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self::Plain { status: 200, fields, body: body.as_bytes().to_vec() }
    }
}

/// One request as it arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorded {
    /// The request line without its line end.
    pub(crate) line: String,
    /// The fields in their order, names as spelled.
    pub(crate) fields: Vec<(String, String)>,
    /// The first MiB of the body, without its framing.
    pub(crate) body: Vec<u8>,
    /// Length of the whole body so far.
    pub(crate) body_length: u64,
    /// SHA-256 of the body, once it is complete.
    pub(crate) body_sha256: Option<String>,
}

impl Recorded {
    /// The values of a field by its name in any case.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
    }

    /// The one value of a field; `None` when it is absent. Fails when it is there twice.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() <= 1, "{name} arrived {} times: {all:?}", all.len());
        all.first().copied()
    }

    /// The request target as spelled.
    pub(crate) fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    /// The method.
    pub(crate) fn method(&self) -> &str {
        self.line.split(' ').next().unwrap_or_default()
    }

    fn path(&self) -> &str {
        self.target().split('?').next().unwrap_or_default()
    }
}

/// A listening upstream. Stops with this value.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    requests: Mutex<Vec<Recorded>>,
    replies: Mutex<HashMap<String, Arc<Reply>>>,
    connections: AtomicUsize,
    /// Requests whose framing no strict server accepts.
    faults: Mutex<Vec<String>>,
}

impl Upstream {
    /// An upstream that answers 200 with method and target as text to whatever has no other reply.
    pub(crate) async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free"))
    }

    /// The same at an address where one was before.
    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        Self::on(TcpListener::bind(address).await.expect("the port is free again"))
    }

    fn on(listener: TcpListener) -> Self {
        let address = listener.local_addr().expect("a listener has an address");
        let state = Arc::new(State::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self { address, state, accepting }
    }

    /// Returns what `servers:` is set to.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers a path (without query) this way from now on.
    pub(crate) fn reply(&self, path: &str, reply: Reply) {
        self.state.replies.lock().unwrap().insert(path.to_owned(), Arc::new(reply));
    }

    /// Answers one request to a path with a stream that the test feeds.
    pub(crate) fn stream(&self, path: &str, content_type: &'static str) -> mpsc::UnboundedSender<Vec<u8>> {
        let (feed, chunks) = mpsc::unbounded_channel();
        self.reply(path, Reply::Chunks { content_type, chunks: Arc::new(tokio::sync::Mutex::new(chunks)) });
        feed
    }

    /// Holds the answers to a path back until the test adds permits.
    pub(crate) fn hold(&self, path: &str) -> Arc<Semaphore> {
        let permits = Arc::new(Semaphore::new(0));
        self.reply(path, Reply::Held(Arc::clone(&permits)));
        permits
    }

    /// Leaves the bodies to a path unread until the test adds permits.
    pub(crate) fn pause(&self, path: &str) -> Arc<Semaphore> {
        let permits = Arc::new(Semaphore::new(0));
        self.reply(path, Reply::Paused(Arc::clone(&permits)));
        permits
    }

    /// Everything that arrived so far.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Forgets what arrived so far.
    pub(crate) fn forget(&self) {
        self.state.requests.lock().unwrap().clear();
    }

    /// Returns what arrived last.
    pub(crate) fn last(&self) -> Recorded {
        self.requests().pop().expect("a request reached the upstream")
    }

    /// Waits for a request to a path.
    pub(crate) async fn received(&self, path: &str) -> Recorded {
        eventually(path, async || self.requests().into_iter().find(|request| request.path() == path)).await
    }

    /// Counts how many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Returns what arrived with framing that is not valid; nothing ever should.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.state.faults.lock().unwrap().clone()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // Dropped with this task, which ends the connections too.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(serve(stream, Arc::clone(&state)));
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let mut connection = Connection { stream, buffer: Vec::new(), state };
    while let Ok(Some((request, index))) = connection.read_head().await {
        if let Some(Reply::Paused(permits)) = connection.reply_to(&request).as_deref() {
            permits.acquire().await.expect("the semaphore is never closed").forget();
        }
        if connection.read_body(&request, index).await.is_err() {
            connection.state.faults.lock().unwrap().push(format!("{} ended inside its body", request.line));
            return;
        }
        let reply = connection.reply_to(&request);
        match connection.answer(&request, reply.as_deref()).await {
            Ok(true) => {}
            Ok(false) | Err(_) => return,
        }
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    state: Arc<State>,
}

impl Connection {
    async fn fill(&mut self) -> std::io::Result<()> {
        let mut piece = vec![0; 64 * 1024];
        let length = self.stream.read(&mut piece).await?;
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        self.buffer.extend_from_slice(&piece[..length]);
        Ok(())
    }

    /// The next request's head, and where it is recorded; `None` when the peer is done.
    async fn read_head(&mut self) -> std::io::Result<Option<(Recorded, usize)>> {
        let end = loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            if self.fill().await.is_err() {
                if !self.buffer.is_empty() {
                    let rest = String::from_utf8_lossy(&self.buffer).into_owned();
                    self.state.faults.lock().unwrap().push(format!("ended inside a head: {rest:?}"));
                }
                return Ok(None);
            }
        };
        // Bytes beyond ASCII are kept one to one.
        let head: String = self.buffer.drain(..end + 4).map(char::from).collect();
        let mut lines = head.trim_end_matches("\r\n").split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let fields = lines
            .map(|field| field.split_once(':').unwrap_or((field, "")))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let request = Recorded { line, fields, ..Recorded::default() };
        let mut requests = self.state.requests.lock().unwrap();
        requests.push(request.clone());
        Ok(Some((request, requests.len() - 1)))
    }

    fn reply_to(&self, request: &Recorded) -> Option<Arc<Reply>> {
        self.state.replies.lock().unwrap().get(request.path()).cloned()
    }

    async fn read_body(&mut self, request: &Recorded, index: usize) -> std::io::Result<()> {
        let is_chunked = request.field("Transfer-Encoding").is_some_and(|value| value == "chunked");
        let length = request.field("Content-Length").map(|value| value.parse::<u64>().expect("a valid Content-Length"));
        if is_chunked && length.is_some() {
            self.state.faults.lock().unwrap().push(format!("{} has two framings", request.line));
        }
        let mut digest = Sha256::new();
        if is_chunked {
            loop {
                let size = self.read_line().await?;
                let size = u64::from_str_radix(size.trim(), 16).map_err(|_| std::io::ErrorKind::InvalidData)?;
                self.take(size, index, &mut digest).await?;
                let end = self.read_line().await?;
                if !end.is_empty() {
                    self.state.faults.lock().unwrap().push(format!("{} has a trailer: {end}", request.line));
                }
                if size == 0 {
                    break;
                }
            }
        } else {
            self.take(length.unwrap_or(0), index, &mut digest).await?;
        }
        let digest = hex(&digest.finalize());
        self.with_recorded(index, |recorded| recorded.body_sha256 = Some(digest));
        Ok(())
    }

    async fn read_line(&mut self) -> std::io::Result<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|window| window == b"\r\n") {
                let line = self.buffer.drain(..end + 2).map(char::from).collect::<String>();
                return Ok(line.trim_end().to_owned());
            }
            self.fill().await?;
        }
    }

    async fn take(&mut self, mut left: u64, index: usize, digest: &mut Sha256) -> std::io::Result<()> {
        while left > 0 {
            if self.buffer.is_empty() {
                self.fill().await?;
            }
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
            let piece: Vec<u8> = self.buffer.drain(..length).collect();
            digest.update(&piece);
            left -= length as u64;
            self.with_recorded(index, |recorded| {
                recorded.body_length += length as u64;
                let room = KEPT.saturating_sub(recorded.body.len()).min(length);
                recorded.body.extend_from_slice(&piece[..room]);
            });
        }
        Ok(())
    }

    fn with_recorded(&self, index: usize, change: impl FnOnce(&mut Recorded)) {
        // The test may have forgotten the request meanwhile.
        if let Some(recorded) = self.state.requests.lock().unwrap().get_mut(index) {
            change(recorded);
        }
    }

    /// Answers, and tells whether the connection can take another request.
    async fn answer(&mut self, request: &Recorded, reply: Option<&Reply>) -> std::io::Result<bool> {
        let has_body = request.method() != "HEAD";
        let default = Reply::text(&format!("{} {}", request.method(), request.target()));
        match reply.unwrap_or(&default) {
            Reply::Plain { status, fields, body } => {
                let mut bytes = head(*status, Some(body.len()), fields);
                if has_body {
                    bytes.extend_from_slice(body);
                }
                self.stream.write_all(&bytes).await?;
            }
            Reply::Raw(bytes) => {
                self.stream.write_all(bytes).await?;
                self.stream.shutdown().await?;
                return Ok(false);
            }
            Reply::Kept(bytes) => self.stream.write_all(bytes).await?,
            Reply::Unasked { answer, later, go, closed } => {
                self.stream.write_all(answer).await?;
                go.notified().await;
                self.stream.write_all(later).await?;
                while self.fill().await.is_ok() {}
                closed.notify_one();
                return Ok(false);
            }
            Reply::Bytes(length) => {
                self.stream
                    .write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").as_bytes())
                    .await?;
                let piece = vec![b'x'; 64 * 1024];
                let mut left = *length;
                while left > 0 {
                    let size = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
                    self.stream.write_all(&piece[..size]).await?;
                    left -= size as u64;
                }
            }
            Reply::Chunks { content_type, chunks } => self.answer_in_chunks(content_type, chunks).await?,
            Reply::Never => {
                while self.fill().await.is_ok() {}
                return Ok(false);
            }
            Reply::Held(permits) => {
                permits.acquire().await.expect("the semaphore is never closed").forget();
                self.stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld").await?;
            }
            Reply::Paused(_) => self.stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nread").await?,
            Reply::Close => return Ok(false),
            Reply::WebSocket => {
                self.answer_websocket(request).await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn answer_in_chunks(
        &mut self,
        content_type: &str,
        chunks: &tokio::sync::Mutex<mpsc::UnboundedReceiver<Vec<u8>>>,
    ) -> std::io::Result<()> {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n");
        self.stream.write_all(head.as_bytes()).await?;
        let mut chunks = chunks.lock().await;
        while let Some(chunk) = chunks.recv().await {
            self.stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
            self.stream.write_all(&chunk).await?;
            self.stream.write_all(b"\r\n").await?;
        }
        self.stream.write_all(b"0\r\n\r\n").await
    }

    async fn answer_websocket(&mut self, request: &Recorded) -> std::io::Result<()> {
        let Some(key) = request.field("Sec-WebSocket-Key") else {
            return self.stream.write_all(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n").await;
        };
        let accept = derive_accept_key(key.as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        self.stream.write_all(head.as_bytes()).await?;
        let early = std::mem::take(&mut self.buffer);
        let mut socket = WebSocketStream::from_partially_read(&mut self.stream, early, Role::Server, None).await;
        let greeting = request.field("X-User-Id").unwrap_or("nobody").to_owned();
        let _ = socket.send(greeting.into()).await;
        while let Some(Ok(message)) = socket.next().await {
            if (message.is_text() || message.is_binary()) && socket.send(message).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// A response head.
pub(crate) fn head(status: u16, content_length: Option<usize>, fields: &[(&'static str, String)]) -> Vec<u8> {
    let mut lines = vec![format!("HTTP/1.1 {status} Reason")];
    lines.extend(content_length.map(|length| format!("Content-Length: {length}")));
    lines.extend(fields.iter().map(|(name, value)| format!("{name}: {value}")));
    (lines.join("\r\n") + "\r\n\r\n").into_bytes()
}
