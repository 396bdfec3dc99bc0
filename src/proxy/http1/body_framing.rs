//! Reads chunked bodies as strictly as RFC 9112 writes them (SMUG-04 to -06).
//!
//! Every body is framed anew on its way, and what is not chunked beyond doubt is never read as a body.

use crate::proxy::http1::field;

/// Bounds the hexadecimal digits of a chunk's size.
const MAX_SIZE_DIGITS: u8 = 16;
/// Bounds all chunk extensions of a body together, in bytes. They mean nothing to anybody here and are not forwarded.
const MAX_EXTENSIONS: usize = 4 * 1024;
/// Bounds the whole trailer section, in bytes, which is not forwarded either.
const MAX_TRAILERS: usize = 8 * 1024;
/// Lists fields that decide on framing, routing or identity and stand in no trailer (RFC 9110 §6.5.1).
const NO_TRAILERS: [&str; 12] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
];

/// Says why a body is rejected. The connection ends with the response.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum BodyError {
    #[error("a chunk's size is 1 to 16 hexadecimal digits")]
    Size,
    #[error("lines end with CR LF, and so does each chunk")]
    LineEnd,
    #[error("the chunk extensions hold a control character or are larger than 4 KiB")]
    Extension,
    #[error("a trailer is no field line, is one that belongs into the head, or all are larger than 8 KiB")]
    Trailer,
}

/// Tracks how far a chunked body has been read.
#[derive(Debug, Default)]
pub struct ChunkedBody {
    at: At,
    extensions: usize,
    /// Holds the trailer line so far.
    line: Vec<u8>,
    trailers: usize,
}

/// Tells, in bytes, what came of a chunked body: what frames it, and the data behind that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub framing: usize,
    pub data: usize,
}

#[derive(Debug)]
enum At {
    Size { digits: u8, size: u64 },
    Extension { size: u64 },
    SizeLf { size: u64 },
    Data { left: u64 },
    DataCr,
    DataLf,
    Trailer,
    TrailerLf,
    End,
    Failed(BodyError),
}

impl Default for At {
    fn default() -> Self {
        Self::Size { digits: 0, size: 0 }
    }
}

impl ChunkedBody {
    /// Reads on in what came next, in pieces of any size, up to the end of the next run of data. Data is missing where
    /// more bytes are needed, and once the body has ended.
    pub fn next_run(&mut self, bytes: &[u8]) -> Result<Run, BodyError> {
        self.read(bytes).inspect_err(|&error| self.at = At::Failed(error))
    }

    /// Validates what came next. Returns how much of it is the body's: less than all once the body has ended.
    pub fn take(&mut self, bytes: &[u8]) -> Result<usize, BodyError> {
        let mut taken = 0;
        loop {
            let run = self.next_run(&bytes[taken..])?;
            taken += run.framing + run.data;
            if run.data == 0 {
                return Ok(taken);
            }
        }
    }

    /// Returns whether the body has ended.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self.at, At::End)
    }

    fn read(&mut self, bytes: &[u8]) -> Result<Run, BodyError> {
        let mut rest = bytes;
        while let [byte, tail @ ..] = rest {
            self.at = match self.at {
                At::End => break,
                At::Failed(error) => return Err(error),
                At::Data { left } => {
                    // It takes whole pieces at a time: bodies are large, and their bytes are nobody's business.
                    let data = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                    let left = left - data as u64;
                    self.at = if left == 0 { At::DataCr } else { At::Data { left } };
                    return Ok(Run { framing: bytes.len() - rest.len(), data });
                }
                At::Size { digits, size } => self.size(*byte, digits, size)?,
                At::Extension { size } => self.extension(*byte, size)?,
                At::SizeLf { size } => match (byte, size) {
                    (b'\n', 0) => At::Trailer,
                    (b'\n', left) => At::Data { left },
                    _ => return Err(BodyError::LineEnd),
                },
                At::DataCr if *byte == b'\r' => At::DataLf,
                At::DataLf if *byte == b'\n' => At::default(),
                At::DataCr | At::DataLf => return Err(BodyError::LineEnd),
                At::Trailer => self.trailer(*byte)?,
                At::TrailerLf => self.trailer_end(*byte)?,
            };
            rest = tail;
        }
        Ok(Run { framing: bytes.len() - rest.len(), data: 0 })
    }

    fn size(&mut self, byte: u8, digits: u8, size: u64) -> Result<At, BodyError> {
        match (char::from(byte).to_digit(16), byte) {
            (Some(digit), _) if digits < MAX_SIZE_DIGITS => {
                Ok(At::Size { digits: digits + 1, size: size << 4 | u64::from(digit) })
            }
            (None, b'\r') if digits > 0 => Ok(At::SizeLf { size }),
            (None, b';') if digits > 0 => self.extension(byte, size),
            _ => Err(BodyError::Size),
        }
    }

    fn extension(&mut self, byte: u8, size: u64) -> Result<At, BodyError> {
        self.extensions += 1;
        match byte {
            b'\r' => Ok(At::SizeLf { size }),
            b'\n' => Err(BodyError::LineEnd),
            b'\t' | b' '..=b'~' if self.extensions <= MAX_EXTENSIONS => Ok(At::Extension { size }),
            _ => Err(BodyError::Extension),
        }
    }

    fn trailer(&mut self, byte: u8) -> Result<At, BodyError> {
        self.trailers += 1;
        match byte {
            b'\r' => Ok(At::TrailerLf),
            b'\n' => Err(BodyError::LineEnd),
            _ if self.trailers > MAX_TRAILERS => Err(BodyError::Trailer),
            _ => {
                self.line.push(byte);
                Ok(At::Trailer)
            }
        }
    }

    fn trailer_end(&mut self, byte: u8) -> Result<At, BodyError> {
        if byte != b'\n' {
            return Err(BodyError::LineEnd);
        }
        if self.line.is_empty() {
            return Ok(At::End);
        }
        let (name, _) = field::parse(&self.line).map_err(|_| BodyError::Trailer)?;
        let is_forbidden = NO_TRAILERS.iter().any(|field| name.eq_ignore_ascii_case(field.as_bytes()));
        self.line.clear();
        if is_forbidden { Err(BodyError::Trailer) } else { Ok(At::Trailer) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, proptest};

    use super::*;

    fn read(bytes: &[u8]) -> Result<(usize, bool), BodyError> {
        let mut body = ChunkedBody::default();
        let taken = body.take(bytes)?;
        Ok((taken, body.is_complete()))
    }

    #[test]
    fn accepts_what_senders_write() {
        for body in [
            "0\r\n\r\n",
            "3\r\nabc\r\n0\r\n\r\n",
            "3\r\na\r\n\r\n0\r\n\r\n",
            "A\r\n0123456789\r\n0000000000000000\r\n\r\n",
            "0000000000000003\r\nabc\r\n000\r\n\r\n",
            "3;a=b\r\nabc\r\n0;last\r\n\r\n",
            "3;a=\"b c\";d\r\nabc\r\n0\r\n\r\n",
            "1\r\na\r\n0\r\nX-Checksum: abc\r\nX-Empty:\r\n\r\n",
        ] {
            assert_eq!(read(body.as_bytes()), Ok((body.len(), true)), "{body:?}");
            let with_more = format!("{body}GET / HTTP/1.1\r\n");
            assert_eq!(read(with_more.as_bytes()), Ok((body.len(), true)), "what comes behind is not the body's");
            assert_eq!(read(&body.as_bytes()[..body.len() - 1]), Ok((body.len() - 1, false)), "{body:?}");
        }
    }

    #[test]
    fn refuses_what_two_parsers_could_read_differently() {
        use BodyError::{Extension, LineEnd, Size, Trailer};
        let flood = format!("1;{}\r\na\r\n", "x".repeat(1000)).repeat(5);
        for (body, error) in [
            ("\r\n", Size),
            ("\r\n0\r\n\r\n", Size),
            ("\n0\r\n\r\n", Size),
            (" 3\r\nabc", Size),
            ("3 \r\nabc", Size),
            ("3\t\r\nabc", Size),
            ("3 ;a\r\nabc", Size),
            ("+3\r\nabc", Size),
            ("-1\r\nabc", Size),
            ("0x3\r\nabc", Size),
            ("x\r\nabc", Size),
            ("g\r\n", Size),
            (";a=b\r\n", Size),
            ("3_0\r\n", Size),
            ("00000000000000003\r\nabc", Size),
            ("11111111111111111\r\n", Size),
            ("3\nabc\r\n0\r\n\r\n", Size),
            ("3\r\r\nabc", LineEnd),
            ("3\rabc", LineEnd),
            ("3;a\nabc", LineEnd),
            ("3;a\r\r\nabc", LineEnd),
            ("3;a\0\r\nabc", Extension),
            ("3;a\u{e9}\r\nabc", Extension),
            (&flood, Extension),
            ("3\r\nabcX0\r\n\r\n", LineEnd),
            ("3\r\nabcd\r\n0\r\n\r\n", LineEnd),
            ("3\r\nabc\n0\r\n\r\n", LineEnd),
            ("3\r\nabc\r0\r\n\r\n", LineEnd),
            ("3\r\nabc\r\n\r\n0\r\n\r\n", Size),
            ("0\r\n\n", LineEnd),
            ("0\r\n\rX", LineEnd),
            ("0\r\nX: a\nY: b\r\n\r\n", LineEnd),
            ("0\r\nX: a\rY: b\r\n\r\n", LineEnd),
            ("0\r\nX: a\r\n folded\r\n\r\n", Trailer),
            ("0\r\nX : a\r\n\r\n", Trailer),
            ("0\r\nno colon\r\n\r\n", Trailer),
            ("0\r\n: a\r\n\r\n", Trailer),
            ("0\r\nX: a\0\r\n\r\n", Trailer),
            ("0\r\nX: a\u{c}\r\n\r\n", Trailer),
            ("0\r\nContent-Length: 3\r\n\r\n", Trailer),
            ("0\r\ntransfer-encoding: chunked\r\n\r\n", Trailer),
            ("0\r\nHOST: evil\r\n\r\n", Trailer),
            ("0\r\nAuthorization: Bearer x\r\n\r\n", Trailer),
            ("0\r\nCookie: a=b\r\n\r\n", Trailer),
            ("0\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", Trailer),
        ] {
            assert_eq!(read(body.as_bytes()), Err(error), "{body:?}");
        }
        let trailers = format!("0\r\n{}\r\n", "X: a\r\n".repeat(MAX_TRAILERS / 4));
        assert_eq!(read(trailers.as_bytes()), Err(Trailer));
    }

    fn arbitrary_body() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(
            proptest::prop_oneof![
                proptest::string::string_regex("[0-9a-fA-F]{1,3}(;[a-z]{0,3})?\r\n")
                    .unwrap()
                    .prop_map(String::into_bytes),
                proptest::string::string_regex("[ -~]{0,6}\r\n").unwrap().prop_map(String::into_bytes),
                proptest::collection::vec(any::<u8>(), 0..8),
            ],
            0..12,
        )
        .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn how_the_bytes_arrive_makes_no_difference(bytes in arbitrary_body(), cuts in proptest::collection::vec(0_usize..64, 0..8)) {
            let whole = read(&bytes);
            let mut body = ChunkedBody::default();
            let mut rest = &bytes[..];
            let mut in_pieces = Ok(0);
            for cut in cuts.into_iter().chain([usize::MAX]) {
                let (piece, further) = rest.split_at(cut.min(rest.len()));
                rest = further;
                in_pieces = in_pieces.and_then(|taken| body.take(piece).map(|more| taken + more));
            }
            proptest::prop_assert_eq!(in_pieces.map(|taken| (taken, body.is_complete())), whole);
        }

        #[test]
        fn whatever_is_sent_in_chunks_is_accepted(chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 0..6)) {
            let mut bytes = Vec::new();
            for chunk in &chunks {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
            proptest::prop_assert_eq!(read(&bytes), Ok((bytes.len(), true)));
        }
    }
}
