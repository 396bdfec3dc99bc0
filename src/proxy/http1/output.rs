//! Holds what is to be written to a connection: heads and small pieces together, a large piece as it is.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::AsyncWrite;

/// Pieces up to this length, in bytes, are copied behind what is there already: that is cheaper than another write.
const MAX_COPIED: usize = 2 * 1024;
/// Bounds what gathers before it is written, in bytes.
const MAX_GATHERED: usize = 16 * 1024;

/// Says how a body is framed that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFraming {
    /// Goes as it is: its length was said, or its end is the connection's.
    Plain,
    Chunked,
}

/// Gathers bytes until they are written.
#[derive(Debug)]
pub struct Output {
    gathered: BytesMut,
    /// Comes behind what has gathered.
    piece: Bytes,
    /// Comes behind the piece.
    after: &'static [u8],
    framing: BodyFraming,
}

impl Default for Output {
    fn default() -> Self {
        Self::new()
    }
}

impl Output {
    /// Begins with nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { gathered: BytesMut::new(), piece: Bytes::new(), after: b"", framing: BodyFraming::Plain }
    }

    /// Begins a message: returns where its head is written to, and frames its body like this.
    pub fn head(&mut self, framing: BodyFraming) -> &mut BytesMut {
        self.framing = framing;
        &mut self.gathered
    }

    /// Returns how many bytes wait to be written.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.gathered.len() + self.piece.len() + self.after.len()
    }

    /// Tells whether everything was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting() == 0
    }

    /// Tells whether another piece may be added.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.piece.is_empty() && self.after.is_empty() && self.gathered.len() < MAX_GATHERED
    }

    /// Adds a piece of the body. There has to be room for it.
    pub fn push(&mut self, piece: Bytes) {
        debug_assert!(self.has_room(), "pieces wait for room");
        if piece.is_empty() {
            // An empty chunk would be the end of the body.
            return;
        }
        let is_chunked = self.framing == BodyFraming::Chunked;
        if is_chunked {
            write_hexadecimal(&mut self.gathered, piece.len());
            self.gathered.put_slice(b"\r\n");
        }
        let end: &'static [u8] = if is_chunked { b"\r\n" } else { b"" };
        if piece.len() <= MAX_COPIED {
            self.gathered.put_slice(&piece);
            self.gathered.put_slice(end);
        } else {
            (self.piece, self.after) = (piece, end);
        }
    }

    /// Ends the body.
    pub fn finish(&mut self) {
        match (self.framing, self.after) {
            (BodyFraming::Plain, _) => {}
            (BodyFraming::Chunked, b"") => self.gathered.put_slice(b"0\r\n\r\n"),
            (BodyFraming::Chunked, _) => self.after = b"\r\n0\r\n\r\n",
        }
    }

    /// Writes everything. Memory is let go with the last byte.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, mut io: Pin<&mut impl AsyncWrite>) -> Poll<io::Result<()>> {
        if self.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !self.is_empty() {
            let written = if self.piece.is_empty() && self.after.is_empty() {
                ready!(io.as_mut().poll_write(cx, &self.gathered))?
            } else {
                let slices = [IoSlice::new(&self.gathered), IoSlice::new(&self.piece), IoSlice::new(self.after)];
                ready!(io.as_mut().poll_write_vectored(cx, &slices))?
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.advance(written);
        }
        self.gathered = BytesMut::new();
        self.piece = Bytes::new();
        io.poll_flush(cx)
    }

    fn advance(&mut self, written: usize) {
        let of_gathered = written.min(self.gathered.len());
        self.gathered.advance(of_gathered);
        let of_piece = (written - of_gathered).min(self.piece.len());
        self.piece.advance(of_piece);
        self.after = &self.after[written - of_gathered - of_piece..];
    }
}

fn write_hexadecimal(out: &mut BytesMut, number: usize) {
    let digits = (usize::BITS - number.leading_zeros()).div_ceil(4).max(1);
    for digit in (0..digits).rev() {
        out.put_u8(b"0123456789abcdef"[number >> (4 * digit) & 0xf]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn written(output: &mut Output) -> String {
        let mut sink = Vec::new();
        std::future::poll_fn(|cx| output.poll_write(cx, Pin::new(&mut sink))).await.unwrap();
        assert!(output.is_empty());
        String::from_utf8(sink).unwrap()
    }

    #[tokio::test]
    async fn bodies_are_framed_as_their_head_says() {
        let large = "x".repeat(MAX_COPIED + 1);
        for (framing, pieces, expected) in [
            (BodyFraming::Plain, &["abc", "de"][..], "HEAD abcde".to_owned()),
            (
                BodyFraming::Chunked,
                &["abc", "0123456789abcdef"],
                "HEAD 3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n".to_owned(),
            ),
            (BodyFraming::Chunked, &[], "HEAD 0\r\n\r\n".to_owned()),
            (BodyFraming::Plain, &[&large], format!("HEAD {large}")),
            (BodyFraming::Chunked, &["a", &large], format!("HEAD 1\r\na\r\n801\r\n{large}\r\n0\r\n\r\n")),
        ] {
            let mut output = Output::new();
            output.head(framing).put_slice(b"HEAD ");
            for piece in pieces {
                output.push(Bytes::copy_from_slice(piece.as_bytes()));
            }
            output.finish();
            assert_eq!(written(&mut output).await, expected);
        }
    }

    #[tokio::test]
    async fn a_large_piece_leaves_no_room_until_it_is_written() {
        let mut output = Output::new();
        output.push(Bytes::from(vec![b'x'; MAX_COPIED + 1]));
        assert!(!output.has_room());
        written(&mut output).await;
        assert!(output.has_room());
    }

    proptest::proptest! {
        #[test]
        fn a_chunk_says_its_length(number: usize) {
            let mut out = BytesMut::new();
            write_hexadecimal(&mut out, number);
            proptest::prop_assert_eq!(String::from_utf8_lossy(&out), format!("{number:x}"));
        }
    }
}
