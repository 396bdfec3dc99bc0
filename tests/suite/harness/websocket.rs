//! `WebSocket` clients.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use http::{HeaderName, HeaderValue};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::{TestGateway, process::PATIENCE};

/// An open socket.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

/// A handshake that was answered with something else than 101.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl TestGateway {
    /// Opens a WebSocket with these fields beside those of the handshake.
    pub(crate) async fn websocket(&self, path: &str, fields: &[(&str, &str)]) -> Result<Socket, Refused> {
        connect(self.address, self.host(), path, fields).await
    }
}

/// Opens a WebSocket at an address, which may be that of a proxy in front.
pub(crate) async fn connect(
    address: SocketAddr,
    host: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> Result<Socket, Refused> {
    let url = format!("ws://{host}{path}");
    let mut request = url.into_client_request().expect("the URL is valid");
    for (name, value) in fields {
        let name: HeaderName = name.parse().expect("a field name");
        request.headers_mut().append(name, HeaderValue::from_str(value).expect("a field value"));
    }
    let stream = TcpStream::connect(address).await.expect("the gateway accepts connections");
    match timeout(PATIENCE, client_async(request, stream)).await.expect("the handshake is answered") {
        Ok((socket, _)) => Ok(Socket(socket)),
        Err(Error::Http(response)) => {
            let (parts, body) = response.into_parts();
            Err(Refused { status: parts.status.as_u16(), body: body.unwrap_or_default() })
        }
        Err(error) => panic!("the handshake failed: {error}"),
    }
}

impl Socket {
    /// Sends a text.
    pub(crate) async fn send(&mut self, text: &str) {
        self.0.send(text.into()).await.expect("the socket is open");
    }

    /// The next text message; `None` when the socket has ended.
    pub(crate) async fn text(&mut self) -> Option<String> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a message or the end arrives") {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Waits for the end; the status of the close frame, where one came.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }
}
