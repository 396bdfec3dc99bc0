//! Takes a body out of the bytes of a connection, whichever way it is framed.

use bytes::{Bytes, BytesMut};

use crate::proxy::http1::body_framing::{BodyError, ChunkedBody};

/// Says how a body is framed, and how much of it is still to come.
#[derive(Debug)]
pub enum Framing {
    /// So many bytes are left.
    Length(u64),
    Chunked(Box<ChunkedBody>),
    /// It ends with the connection.
    CloseDelimited,
}

/// Says what a head tells of the body behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyLength {
    /// There is none, whatever the head says of its length.
    None,
    /// The head says how much there is.
    Declared,
    Unknown,
}

/// Is what the next bytes of a connection are.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// Is a piece of the body, never empty.
    Piece(Bytes),
    /// More bytes are needed.
    Nothing,
    /// The body has ended. What is left of the bytes belongs to something else.
    End,
}

impl Framing {
    /// Returns the framing of a chunked body of which nothing was read yet.
    #[must_use]
    pub fn chunked() -> Self {
        Self::Chunked(Box::default())
    }

    /// Takes the next piece of the body off what was received.
    pub fn take(&mut self, received: &mut BytesMut) -> Result<Taken, BodyError> {
        match self {
            Self::Length(0) => Ok(Taken::End),
            _ if received.is_empty() && !self.has_ended() => Ok(Taken::Nothing),
            Self::Length(left) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(received.len());
                *left -= length as u64;
                Ok(Taken::Piece(received.split_to(length).freeze()))
            }
            Self::Chunked(body) => {
                let run = body.next_run(received)?;
                let _ = received.split_to(run.framing);
                Ok(match run.data {
                    0 if body.is_complete() => Taken::End,
                    0 => Taken::Nothing,
                    data => Taken::Piece(received.split_to(data).freeze()),
                })
            }
            Self::CloseDelimited => Ok(Taken::Piece(received.split().freeze())),
        }
    }

    /// Tells whether the whole body was taken.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunked(body) => body.is_complete(),
            Self::CloseDelimited => false,
        }
    }

    /// Tells whether the end of the connection is the end of the body.
    #[must_use]
    pub fn ends_with_connection(&self) -> bool {
        matches!(self, Self::CloseDelimited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(mut framing: Framing, bytes: &str) -> (Vec<String>, String, bool) {
        let mut received = BytesMut::from(bytes);
        let mut pieces = Vec::new();
        while let Taken::Piece(piece) = framing.take(&mut received).unwrap() {
            pieces.push(String::from_utf8(piece.to_vec()).unwrap());
        }
        (pieces, String::from_utf8(received.to_vec()).unwrap(), framing.has_ended())
    }

    #[test]
    fn a_body_ends_where_its_framing_says_and_the_rest_stays() {
        let strings = |pieces: &[&str]| pieces.iter().map(|piece| (*piece).to_owned()).collect::<Vec<_>>();
        for (framing, bytes, pieces, rest, has_ended) in [
            (Framing::Length(0), "GET", &[][..], "GET", true),
            (Framing::Length(3), "abcGET", &["abc"], "GET", true),
            (Framing::Length(4), "abc", &["abc"], "", false),
            (Framing::chunked(), "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET", &["abc", "de"], "GET", true),
            (Framing::chunked(), "3\r\nabc\r\n2\r\nd", &["abc", "d"], "", false),
            (Framing::chunked(), "0\r\n\r\n", &[], "", true),
            (Framing::CloseDelimited, "abc", &["abc"], "", false),
        ] {
            let text = format!("{framing:?} {bytes:?}");
            assert_eq!(taken(framing, bytes), (strings(pieces), rest.to_owned(), has_ended), "{text}");
        }
    }
}
