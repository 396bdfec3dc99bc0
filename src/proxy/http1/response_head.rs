//! Parses the heads of upstreams' responses. `httparse` reads the lines; what two clients could read differently is
//! rejected here (SMUG-14).

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use pingora::http::ResponseHeader;

use crate::proxy::http1::{
    body::Framing,
    field::{ConnectionOption, connection_option, content_length},
    header_case::HeaderCase,
};

/// Bounds the head in bytes.
pub const MAX_HEAD: usize = 128 * 1024;
const MAX_FIELDS: usize = 256;

/// Holds a response's head.
#[derive(Debug)]
pub struct ResponseHead {
    pub header: ResponseHeader,
    pub header_case: HeaderCase,
    /// Tells whether the connection serves further requests, as far as the head says.
    pub keeps_alive: bool,
}

/// Says why a response's head is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResponseHeadError {
    #[error("the response does not begin with the head of HTTP/1")]
    Syntax(#[from] httparse::Error),
    #[error("the response's head is larger than 128 KiB")]
    TooLarge,
    #[error("a response whose length is said in more than one way")]
    Framing,
}

/// Returns the length of the head that the bytes begin with, once it is complete.
pub fn length(received: &[u8]) -> Result<Option<usize>, ResponseHeadError> {
    const BEGIN: &[u8] = b"HTTP/1.";
    let seen = received.len().min(BEGIN.len());
    if received[..seen] != BEGIN[..seen] {
        return Err(ResponseHeadError::Syntax(httparse::Error::Version));
    }
    let mut searched = 0;
    while let Some(found) = memchr::memchr(b'\n', &received[searched..]) {
        searched += found + 1;
        let rest = &received[searched..];
        let end = if rest.starts_with(b"\n") { 1 } else { 2 };
        if rest.starts_with(b"\n") || rest.starts_with(b"\r\n") {
            let length = searched + end;
            return if length > MAX_HEAD { Err(ResponseHeadError::TooLarge) } else { Ok(Some(length)) };
        }
    }
    if received.len() > MAX_HEAD { Err(ResponseHeadError::TooLarge) } else { Ok(None) }
}

/// Parses a head of which the last byte is there. Its values stay where they are.
pub fn parse(head: &Bytes) -> Result<ResponseHead, ResponseHeadError> {
    let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut []);
    let mut config = httparse::ParserConfig::default();
    // Proxies have to remove blanks before a colon (RFC 9112 §5.1); the parser does.
    config.allow_spaces_after_header_name_in_responses(true);
    match config.parse_response_with_uninit_headers(&mut response, head, &mut fields)? {
        httparse::Status::Complete(length) if length == head.len() => {}
        httparse::Status::Complete(_) | httparse::Status::Partial => Err(httparse::Error::NewLine)?,
    }
    let status = response.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(httparse::Error::Status)?;
    let mut header =
        ResponseHeader::build_no_case(status, Some(response.headers.len())).map_err(|_| httparse::Error::Status)?;
    header.set_version(if response.version == Some(1) { Version::HTTP_11 } else { Version::HTTP_10 });
    if response.reason != status.canonical_reason() {
        // A reason that cannot be written is none.
        let _ = header.set_reason_phrase(response.reason);
    }
    for field in &*response.headers {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| httparse::Error::HeaderName)?;
        let value =
            HeaderValue::from_maybe_shared(head.slice_ref(field.value)).map_err(|_| httparse::Error::HeaderValue)?;
        header.append_header(name, value).map_err(|_| httparse::Error::TooManyHeaders)?;
    }
    check_framing(&header.headers, header.version)?;
    let header_case = HeaderCase::from_names(response.headers.iter().map(|field| field.name.as_bytes()), head);
    let keeps_alive = match connection_option(&header.headers) {
        Some(ConnectionOption::Close) => false,
        Some(ConnectionOption::KeepAlive) => true,
        None => header.version == Version::HTTP_11,
    };
    Ok(ResponseHead { header, header_case, keeps_alive })
}

/// Rejects a response whose length is said in more than one way, or in one that clients read differently.
pub(crate) fn check_framing(headers: &HeaderMap, version: Version) -> Result<(), ResponseHeadError> {
    let (codings, lengths) = (one(headers, &header::TRANSFER_ENCODING), one(headers, &header::CONTENT_LENGTH));
    let is_good = match (codings, lengths) {
        (One::Several, _) | (_, One::Several) | (One::Is(_), One::Is(_)) => false,
        (One::Is(coding), One::None) => {
            coding.trim_ascii().eq_ignore_ascii_case(b"chunked") && version >= Version::HTTP_11
        }
        (One::None, One::Is(length)) => content_length(length).is_some(),
        (One::None, One::None) => true,
    };
    if is_good { Ok(()) } else { Err(ResponseHeadError::Framing) }
}

/// Returns how the body that follows is framed. The head was found to say it once.
pub(crate) fn framing(header: &ResponseHeader, method: &Method) -> Framing {
    let status = header.status;
    if *method == Method::HEAD
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
    {
        return Framing::Length(0);
    }
    if header.headers.contains_key(header::TRANSFER_ENCODING) {
        return Framing::chunked();
    }
    match header.headers.get(header::CONTENT_LENGTH).and_then(|value| content_length(value.as_bytes())) {
        Some(length) => Framing::Length(length),
        None => Framing::CloseDelimited,
    }
}

enum One<'h> {
    None,
    Is(&'h [u8]),
    Several,
}

fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> One<'h> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => One::None,
        (Some(value), None) => One::Is(value.as_bytes()),
        (Some(_), Some(_)) => One::Several,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(head: &'static str) -> Result<ResponseHead, ResponseHeadError> {
        assert_eq!(length(head.as_bytes()), Ok(Some(head.len())), "{head:?}");
        parse(&Bytes::from_static(head.as_bytes()))
    }

    #[test]
    fn one_length_said_once_is_a_response() {
        for (version, fields, is_one) in [
            ("1.1", "Content-Length: 2\r\n", true),
            ("1.1", "Transfer-Encoding: chunked\r\n", true),
            ("1.1", "Transfer-Encoding:  Chunked \r\n", true),
            ("1.1", "", true),
            ("1.0", "Content-Length: 2\r\n", true),
            ("1.1", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", false),
            ("1.1", "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", false),
            ("1.1", "Content-Length: 2\r\nContent-Length: 2\r\n", false),
            ("1.1", "Content-Length: 2, 2\r\n", false),
            ("1.1", "Content-Length: +2\r\n", false),
            ("1.1", "Content-Length: x\r\n", false),
            ("1.1", "Content-Length:\r\n", false),
            ("1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", false),
            ("1.1", "Transfer-Encoding: chunked, gzip\r\n", false),
            ("1.1", "Transfer-Encoding: gzip, chunked\r\n", false),
            ("1.1", "Transfer-Encoding: chunked, chunked\r\n", false),
            ("1.1", "Transfer-Encoding: identity\r\n", false),
            ("1.1", "Transfer-Encoding: xchunked\r\n", false),
            ("1.1", "Transfer-Encoding:\r\n", false),
            ("1.0", "Transfer-Encoding: chunked\r\n", false),
        ] {
            let head = Box::leak(format!("HTTP/{version} 200 OK\r\n{fields}\r\n").into_boxed_str());
            assert_eq!(parsed(head).is_ok(), is_one, "{head:?}");
        }
    }

    #[test]
    fn what_servers_write_is_read() {
        for (head, status, reason, keeps_alive) in [
            ("HTTP/1.1 200 OK\r\n\r\n", 200, Some("OK"), true),
            ("HTTP/1.1 200\r\n\r\n", 200, None, true),
            ("HTTP/1.1 200 \r\nServer : x\r\n\r\n", 200, None, true),
            ("HTTP/1.0 404 Gone Fishing\r\n\r\n", 404, Some("Gone Fishing"), false),
            ("HTTP/1.1 200 OK\nConnection: Close\n\n", 200, Some("OK"), false),
            ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", 200, Some("OK"), true),
            ("HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\n\r\n", 200, Some("OK"), false),
            ("HTTP/1.1 200 OK\r\nX: caf\u{e9}\r\n\r\n", 200, Some("OK"), true),
        ] {
            let parsed = parsed(head).unwrap();
            assert_eq!((parsed.header.status.as_u16(), parsed.keeps_alive), (status, keeps_alive), "{head:?}");
            assert_eq!(parsed.header.get_reason_phrase().filter(|reason| !reason.is_empty()), reason, "{head:?}");
        }
    }

    #[test]
    fn what_is_no_response_is_found_out_early() {
        for bytes in ["SSH-2.0-OpenSSH_9.2\r\n", "\r\n\r\nHTTP/1.1 200 OK", "HTTP/2 200\r\n\r\n", "http/1.1 200 OK"] {
            assert!(length(bytes.as_bytes()).is_err(), "{bytes:?}");
        }
        for head in [
            "HTTP/1.1 99 X\r\n\r\n",
            "HTTP/1.1 2000 X\r\n\r\n",
            "HTTP/1.2 200 X\r\n\r\n",
            "HTTP/1.1 200 OK\r\n folded\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\n: empty\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        ] {
            assert!(parsed(head).is_err(), "{head:?}");
        }
        for partial in ["", "HTT", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nX: a\r\n\r"] {
            assert_eq!(length(partial.as_bytes()), Ok(None), "{partial:?}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "a".repeat(MAX_HEAD));
        assert_eq!(length(endless.as_bytes()), Err(ResponseHeadError::TooLarge));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let bytes = [b"HTTP/1.1 ".as_slice(), &bytes].concat();
            if let Ok(Some(length)) = length(&bytes) {
                let _ = parse(&Bytes::from(bytes).slice(..length));
            }
        }
    }
}
