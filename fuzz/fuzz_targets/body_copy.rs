//! A body that is taken out of one framing and written in another is the same body, however its bytes arrive and however
//! slowly they are taken.

#![no_main]

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use authgate::proxy::http1::{
    body::{Framing, Taken},
    output::{BodyFraming, Output},
};
use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use tokio::io::AsyncWrite;

/// Takes so many bytes at a time, and nothing every other time.
struct SlowReader {
    taken: Vec<u8>,
    step: usize,
    is_ready: bool,
}

impl AsyncWrite for SlowReader {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.is_ready = !self.is_ready;
        if !self.is_ready {
            return Poll::Pending;
        }
        let length = bytes.len().min(self.step);
        self.taken.extend_from_slice(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Takes a whole body out of its framing; `None` where it is malformed or not complete.
fn body_of(mut framing: Framing, bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut received, mut body) = (BytesMut::from(bytes), Vec::new());
    loop {
        match framing.take(&mut received).ok()? {
            Taken::Piece(piece) => body.extend_from_slice(&piece),
            Taken::End => return Some(body),
            Taken::Nothing => return framing.ends_with_connection().then_some(body),
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let [kind, arrives, takes, length, bytes @ ..] = input else { return };
    let framing = || match kind % 3 {
        0 => Framing::Length(u64::from(*length)),
        1 => Framing::chunked(),
        _ => Framing::CloseDelimited,
    };
    let target = if kind / 3 % 2 == 0 { BodyFraming::Chunked } else { BodyFraming::Plain };
    let whole = body_of(framing(), bytes);

    let mut reader = SlowReader { taken: Vec::new(), step: usize::from(*takes) + 1, is_ready: false };
    let (mut incoming, mut output, mut received) = (framing(), Output::new(), BytesMut::new());
    let _ = output.head(target);
    let mut cx = Context::from_waker(Waker::noop());
    let mut has_ended = false;
    'arriving: for piece in bytes.chunks(usize::from(*arrives) + 1) {
        received.extend_from_slice(piece);
        loop {
            while !output.has_room() {
                let _ = output.poll_write(&mut cx, Pin::new(&mut reader));
            }
            match incoming.take(&mut received) {
                Ok(Taken::Piece(piece)) => output.push(piece),
                Ok(Taken::Nothing) => break,
                Ok(Taken::End) => {
                    has_ended = true;
                    break 'arriving;
                }
                Err(_) => {
                    assert!(whole.is_none(), "malformed in pieces only");
                    return;
                }
            }
        }
    }
    has_ended |= incoming.ends_with_connection() || incoming.has_ended();
    assert_eq!(has_ended, whole.is_some(), "how the bytes arrive makes no difference");
    let Some(whole) = whole else { return };
    output.finish();
    while !output.is_empty() {
        let _ = output.poll_write(&mut cx, Pin::new(&mut reader));
    }
    let copied = match target {
        BodyFraming::Chunked => body_of(Framing::chunked(), &reader.taken),
        BodyFraming::Plain => Some(reader.taken),
    };
    assert_eq!(copied, Some(whole));
});
