//! A mail server that does what each test wants of it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{eventually, mail::Mail};

/// Is what it says to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Accept,
    /// `451`: try again later.
    Later,
    /// `550`: never.
    Never,
}

/// A listening mail server. Stops with this value.
pub(crate) struct SmtpSink {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

struct State {
    answer: Answer,
    refused: usize,
    messages: Vec<Mail>,
}

impl SmtpSink {
    /// A server on a port that the gateway's configuration names already.
    pub(crate) async fn start(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let state = Arc::new(Mutex::new(State { answer: Answer::Accept, refused: 0, messages: Vec::new() }));
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            let mut conversations = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                conversations.spawn(converse(stream, Arc::clone(&shared)));
            }
        });
        Self { address, state, accepting }
    }

    /// Answers recipients like this from now on.
    pub(crate) fn answer(&self, answer: Answer) {
        self.state.lock().unwrap().answer = answer;
    }

    /// Counts how many recipients were refused.
    pub(crate) fn refused(&self) -> usize {
        self.state.lock().unwrap().refused
    }

    /// Everything delivered.
    pub(crate) fn messages(&self) -> Vec<Mail> {
        self.state.lock().unwrap().messages.clone()
    }

    /// Waits for a message to an address.
    pub(crate) async fn to(&self, address: &str) -> Mail {
        let find = async || self.messages().into_iter().find(|mail| mail.to.iter().any(|to| to == address));
        eventually(&format!("mail to {address} by SMTP"), find).await
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn converse(stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink ESMTP\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let reply = match verb.as_str() {
            "EHLO" => "250-sink\r\n250 8BITMIME\r\n",
            "RCPT" => {
                let mut state = state.lock().unwrap();
                if state.answer != Answer::Accept {
                    state.refused += 1;
                }
                match state.answer {
                    Answer::Accept => "250 ok\r\n",
                    Answer::Later => "451 try again later\r\n",
                    Answer::Never => "550 no such mailbox\r\n",
                }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let message = read_message(&mut stream).await?;
                state.lock().unwrap().messages.push(Mail::parse(message.as_bytes()));
                "250 taken\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        stream.write_all(reply.as_bytes()).await?;
        if verb == "QUIT" {
            return Ok(());
        }
    }
}

async fn read_message(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut message = String::new();
    loop {
        let start = message.len();
        if stream.read_line(&mut message).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match &message[start..] {
            ".\r\n" => {
                message.truncate(start);
                return Ok(message);
            }
            line if line.starts_with('.') => {
                message.remove(start);
            }
            _ => {}
        }
    }
}
