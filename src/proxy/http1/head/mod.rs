//! Parses request heads as strictly as the RFCs write them (SMUG-01 to -04, HDR-04, PATH-06, DOS-01).
//!
//! A head that two servers could read differently goes no further: the upstream's parser may be lenient where this one is
//! not.

#[cfg(test)]
mod tests;

use std::ops::Range;

use memchr::{memchr2, memmem};

use crate::{
    proxy::http1::field::{self, content_length, is_token},
    types::is_served,
};

pub use crate::proxy::http1::head_error::HeadError;

/// Bounds the whole head in bytes, terminator included.
pub const MAX_HEAD: usize = 32 * 1024;
const MAX_REQUEST_LINE: usize = 8 * 1024;
const MAX_FIELDS: usize = 100;
/// So many empty lines before a request are ignored. RFC 9112 §2.2 asks for one, which some clients write behind a
/// body.
const MAX_EMPTY_LINES: usize = 4;

/// Says what the bytes received so far are.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// More bytes are needed.
    Partial,
    /// Is a good head.
    Complete(Head),
}

/// Holds a good head: where its parts stand in the bytes, and what it says of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Counts the bytes of empty lines that stand before it and are not part of it.
    pub begin: usize,
    /// Is in bytes.
    pub length: usize,
    /// Is in the head, as are all ranges here.
    pub method: Range<usize>,
    pub target: Range<usize>,
    pub is_http_1_1: bool,
    /// Holds name and value of each field, in their order.
    pub fields: Vec<(Range<usize>, Range<usize>)>,
    /// Counts the bytes of the body that follows, where they are declared.
    pub content_length: Option<u64>,
    /// Tells whether a chunked body follows.
    pub is_chunked: bool,
    /// Tells whether the client waits for leave to send the body.
    pub expects_continue: bool,
}

/// Validates what has arrived of a head, which a few empty lines may precede.
pub fn parse(bytes: &[u8]) -> Result<Progress, HeadError> {
    let begin = empty_lines(bytes, MAX_EMPTY_LINES);
    let bytes = &bytes[begin..];
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
        return parse_partial(bytes);
    };
    let head = &bytes[..end + 2];
    if end + 4 > MAX_HEAD {
        // The request line has a bound of its own, and an error that says so.
        return parse_partial(head).and(Err(HeadError::TooLarge));
    }
    let mut lines = Lines(head);
    let request_line = lines.next().ok_or(HeadError::RequestLine)??;
    if request_line.len() > MAX_REQUEST_LINE {
        return Err(HeadError::TargetTooLong);
    }
    let request = RequestLine::parse(request_line)?;
    let mut fields = Fields { spans: Vec::with_capacity(16), ..Fields::default() };
    let mut at = request_line.len() + 2;
    for line in lines {
        let line = line?;
        fields.take(line, at)?;
        at += line.len() + 2;
    }
    fields.agree(&request)?;
    let method = request.method.len();
    Ok(Progress::Complete(Head {
        begin,
        length: end + 4,
        method: 0..method,
        target: method + 1..method + 1 + request.target.len(),
        is_http_1_1: request.is_http_1_1,
        fields: fields.spans,
        content_length: fields.content_length,
        is_chunked: fields.has_transfer_encoding,
        expects_continue: fields.has_expectation,
    }))
}

/// Tells whether anything of a head has arrived. Empty lines are nothing: who sends one may have nothing more to say.
#[must_use]
pub fn has_begun(bytes: &[u8]) -> bool {
    empty_lines(bytes, MAX_EMPTY_LINES) < bytes.len()
}

/// Returns the length of the empty lines that the bytes begin with, of so many at most.
fn empty_lines(bytes: &[u8], most: usize) -> usize {
    bytes.chunks(2).take(most).take_while(|line| line == b"\r\n").count() * 2
}

/// Rejects early what no further byte can mend.
fn parse_partial(bytes: &[u8]) -> Result<Progress, HeadError> {
    if bytes.starts_with(b"\r\n") {
        return Err(HeadError::RequestLine);
    }
    let request_line = bytes.iter().position(|&b| b == b'\n').unwrap_or(bytes.len());
    if request_line > MAX_REQUEST_LINE {
        return Err(HeadError::TargetTooLong);
    }
    if bytes.len() > MAX_HEAD {
        return Err(HeadError::TooLarge);
    }
    let has_bare_lf = bytes.iter().enumerate().any(|(i, &b)| b == b'\n' && (i == 0 || bytes[i - 1] != b'\r'));
    if has_bare_lf { Err(HeadError::LineEnd) } else { Ok(Progress::Partial) }
}

/// Yields lines that end with CR LF and hold neither.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = Result<&'a [u8], HeadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let end = memchr2(b'\r', b'\n', self.0)?;
        let (line, rest) = self.0.split_at(end);
        self.0 = rest.get(2..).unwrap_or_default();
        Some(if rest.starts_with(b"\r\n") { Ok(line) } else { Err(HeadError::LineEnd) })
    }
}

struct RequestLine<'a> {
    method: &'a [u8],
    target: &'a [u8],
    is_http_1_1: bool,
}

impl<'a> RequestLine<'a> {
    fn parse(line: &'a [u8]) -> Result<Self, HeadError> {
        let mut parts = line.split(|&b| b == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(HeadError::RequestLine);
        };
        if method.is_empty() || !method.iter().all(|&b| is_token(b)) || target.is_empty() {
            return Err(HeadError::RequestLine);
        }
        let is_http_1_1 = match version {
            b"HTTP/1.1" => true,
            b"HTTP/1.0" => false,
            _ if version.starts_with(b"HTTP/") => return Err(HeadError::Version),
            _ => return Err(HeadError::RequestLine),
        };
        if !is_served(method) {
            return Err(HeadError::Method);
        }
        if !target.iter().all(|&b| (0x21..=0x7e).contains(&b) && b != b'#') {
            return Err(HeadError::Target);
        }
        Ok(Self { method, target, is_http_1_1 })
    }
}

/// Holds where the fields are, and what they say of framing and destination.
#[derive(Default)]
struct Fields<'a> {
    spans: Vec<(Range<usize>, Range<usize>)>,
    host: Option<&'a [u8]>,
    content_length: Option<u64>,
    has_transfer_encoding: bool,
    has_expectation: bool,
}

impl<'a> Fields<'a> {
    /// Takes a line that begins at `at` in the head.
    fn take(&mut self, line: &'a [u8], at: usize) -> Result<(), HeadError> {
        if self.spans.len() == MAX_FIELDS {
            return Err(HeadError::TooLarge);
        }
        let (name, value) = field::parse(line)?;
        let value_at = at + (value.as_ptr().addr() - line.as_ptr().addr());
        self.spans.push((at..at + name.len(), value_at..value_at + value.len()));
        self.interpret(name, value)
    }

    fn interpret(&mut self, name: &[u8], value: &'a [u8]) -> Result<(), HeadError> {
        if name.eq_ignore_ascii_case(b"host") {
            if self.host.replace(value).is_some() || !is_host(value) {
                return Err(HeadError::Host);
            }
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let length = content_length(value).ok_or(HeadError::ContentLength)?;
            if self.content_length.replace(length).is_some() {
                return Err(HeadError::ContentLength);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let is_first = !std::mem::replace(&mut self.has_transfer_encoding, true);
            if !is_first || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(HeadError::TransferEncoding);
            }
        } else if name.eq_ignore_ascii_case(b"expect") {
            let is_first = !std::mem::replace(&mut self.has_expectation, true);
            if !is_first || !value.eq_ignore_ascii_case(b"100-continue") {
                return Err(HeadError::Expectation);
            }
        } else if name.eq_ignore_ascii_case(b"connection") && value.split(|&b| b == b',').any(is_end_to_end) {
            return Err(HeadError::Connection);
        }
        Ok(())
    }

    fn agree(&self, request: &RequestLine<'_>) -> Result<(), HeadError> {
        let host = self.host.ok_or(HeadError::Host)?;
        if self.has_transfer_encoding && (self.content_length.is_some() || !request.is_http_1_1) {
            return Err(HeadError::TransferEncoding);
        }
        if request.target.starts_with(b"/") || request.target == b"*" {
            return Ok(());
        }
        let authority = absolute_form_authority(request.target).ok_or(HeadError::Target)?;
        if authority.eq_ignore_ascii_case(host) { Ok(()) } else { Err(HeadError::TargetHost) }
    }
}

/// Returns the authority of an absolute-form target, `http://host[:port]/…`.
#[must_use]
pub fn absolute_form_authority(target: &[u8]) -> Option<&[u8]> {
    let colon = memmem::find(target, b"://")?;
    let (scheme, rest) = (&target[..colon], &target[colon + 3..]);
    if !scheme.eq_ignore_ascii_case(b"http") && !scheme.eq_ignore_ascii_case(b"https") {
        return None;
    }
    let end = rest.iter().position(|&b| b == b'/' || b == b'?').unwrap_or(rest.len());
    Some(&rest[..end])
}

/// Tells whether a field is one that a client's `Connection` must not be able to take away (HDR-06).
fn is_end_to_end(option: &[u8]) -> bool {
    const FIELDS: [&[u8]; 5] = [b"host", b"content-length", b"transfer-encoding", b"cookie", b"authorization"];
    FIELDS.iter().any(|field| option.trim_ascii().eq_ignore_ascii_case(field))
}

/// Tells whether a value is `host[:port]`: a registered name or address, nothing else (PATH-12).
fn is_host(value: &[u8]) -> bool {
    let (name, port) = match value.iter().rposition(|&b| b == b':' || b == b']') {
        Some(at) if value[at] == b':' => (&value[..at], &value[at + 1..]),
        _ => (value, &b"0"[..]),
    };
    let is_name = match name {
        [b'[', inner @ .., b']'] => inner.iter().all(|&b| b.is_ascii_hexdigit() || b == b':' || b == b'.'),
        _ => name.iter().all(|&b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)),
    };
    !name.is_empty() && is_name && (1..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit)
}
