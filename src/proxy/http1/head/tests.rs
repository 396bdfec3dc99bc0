use crate::proxy::http1::head::*;

fn with(fields: &str) -> String {
    format!("POST /x HTTP/1.1\r\nHost: gw\r\n{fields}\r\n")
}

fn complete(bytes: &[u8]) -> Head {
    match parse(bytes) {
        Ok(Progress::Complete(head)) => head,
        other => panic!("{other:?}"),
    }
}

/// Puts the parts of a head together again, with one blank behind each colon.
fn again(head: &Head, bytes: &[u8]) -> Vec<u8> {
    let version = if head.is_http_1_1 { "1" } else { "0" };
    let mut text = [&bytes[head.method.clone()], b" ", &bytes[head.target.clone()]].concat();
    text.extend_from_slice(format!(" HTTP/1.{version}\r\n").as_bytes());
    for (name, value) in &head.fields {
        let blank: &[u8] = if value.is_empty() { b":" } else { b": " };
        text.extend([&bytes[name.clone()], blank, &bytes[value.clone()], b"\r\n"].concat());
    }
    [&text, &b"\r\n"[..]].concat()
}

#[test]
fn accepts_ordinary_requests() {
    for head in [
        "GET / HTTP/1.1\r\nHost: gw\r\n\r\n",
        "GET /a?b=c&d=%20 HTTP/1.0\r\nHost: gw.example:8080\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
        "GET http://gw/a HTTP/1.1\r\nHost: GW\r\n\r\n",
        &with("Content-Length: 3\r\nExpect: 100-Continue\r\n"),
        &with("Transfer-Encoding: Chunked\r\nConnection: keep-alive, X-Own\r\n"),
        &with("X-Latin: caf\u{e9}\r\nX-Empty:\r\nX-Tab: a\tb\r\n"),
    ] {
        let content_length = head.contains("Content-Length: 3").then_some(3);
        let parsed = complete(head.as_bytes());
        assert_eq!((parsed.begin, parsed.length, parsed.content_length), (0, head.len(), content_length), "{head:?}");
        assert_eq!(parsed.is_chunked, head.contains("Chunked"), "{head:?}");
        assert_eq!(parsed.expects_continue, head.contains("Expect"), "{head:?}");
        assert_eq!(again(&parsed, head.as_bytes()), head.as_bytes(), "{head:?}");
        let mut with_body = head.as_bytes().to_vec();
        with_body.extend_from_slice(b"body");
        assert_eq!(complete(&with_body), parsed);
    }
}

#[test]
fn refuses_what_two_parsers_could_read_differently() {
    use HeadError::{
        Connection, ContentLength, Expectation, FieldName, FieldValue, Folded, Host, LineEnd, Method, RequestLine,
        Target, TargetHost, TransferEncoding, Version,
    };
    for (head, error) in [
        ("GET  / HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), RequestLine),
        ("GET / HTTP/1.1 \r\nHost: gw\r\n\r\n".to_owned(), RequestLine),
        ("GET /\r\nHost: gw\r\n\r\n".to_owned(), RequestLine),
        (format!("{}GET / HTTP/1.1\r\nHost: gw\r\n\r\n", "\r\n".repeat(MAX_EMPTY_LINES + 1)), RequestLine),
        ("\nGET / HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), LineEnd),
        ("\r\n\nGET / HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), LineEnd),
        ("\rGET / HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), LineEnd),
        ("\r\r\nGET / HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), LineEnd),
        (" \r\nGET / HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), RequestLine),
        ("\r\n GET / HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), RequestLine),
        ("G@T / HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), RequestLine),
        ("get / HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), Method),
        ("TRACE / HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), Method),
        ("CONNECT gw:80 HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), Method),
        ("GET / HTTP/2.0\r\nHost: gw\r\n\r\n".to_owned(), Version),
        ("GET / HTTP/1.2\r\nHost: gw\r\n\r\n".to_owned(), Version),
        ("GET /a\tb HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), Target),
        ("GET /a#b HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), Target),
        ("GET /\u{e9} HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), Target),
        ("GET a HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), Target),
        ("GET ftp://gw/ HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), Target),
        ("GET http://evil/ HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), TargetHost),
        ("GET http://gw@evil/ HTTP/1.1\r\nHost: gw\r\n\r\n".to_owned(), TargetHost),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), Host),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), Host),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n".to_owned(), Host),
        ("GET / HTTP/1.1\r\nHost: gw/x?\r\n\r\n".to_owned(), Host),
        ("GET / HTTP/1.1\r\nHost: user@gw\r\n\r\n".to_owned(), Host),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n".to_owned(), Host),
        ("GET / HTTP/1.1\r\nHost: gw:\r\n\r\n".to_owned(), Host),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n".to_owned(), Host),
        (with("X: a\nY: b\r\n"), LineEnd),
        (with("X: a\rY: b\r\n"), LineEnd),
        (with("X: a\r\n folded\r\n"), Folded),
        (with("X : a\r\n"), FieldName),
        (with("X\t: a\r\n"), FieldName),
        (with(": a\r\n"), FieldName),
        (with("no colon\r\n"), FieldName),
        (with("X\u{e9}: a\r\n"), FieldName),
        (with("X: a\0b\r\n"), FieldValue),
        (with("X: \u{7f}\r\n"), FieldValue),
        (with("X:\u{c}a\r\n"), FieldValue),
        (with("X: a\u{c}\r\n"), FieldValue),
        (with("Transfer-Encoding: \u{c}chunked\r\n"), FieldValue),
        (with("Content-Length: 3\r\nContent-Length: 3\r\n"), ContentLength),
        (with("Content-Length: 3, 3\r\n"), ContentLength),
        (with("Content-Length: +3\r\n"), ContentLength),
        (with("Content-Length: 0x3\r\n"), ContentLength),
        (with("Content-Length:\r\n"), ContentLength),
        (with("Content-Length: 12345678901234567890\r\n"), ContentLength),
        (with("Transfer-Encoding: chunked, chunked\r\n"), TransferEncoding),
        (with("Transfer-Encoding: gzip, chunked\r\n"), TransferEncoding),
        (with("Transfer-Encoding: identity\r\n"), TransferEncoding),
        (with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), TransferEncoding),
        (with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), TransferEncoding),
        (with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), TransferEncoding),
        ("POST / HTTP/1.0\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(), TransferEncoding),
        (with("Connection: close, Cookie\r\n"), Connection),
        (with("Expect: x\r\n"), Expectation),
        (with("Expect: 100-continue\r\nExpect: 100-continue\r\n"), Expectation),
        (with("Expect: 100-continue, 100-continue\r\n"), Expectation),
    ] {
        assert_eq!(parse(head.as_bytes()), Err(error), "{head:?}");
    }
}

#[test]
fn a_few_empty_lines_before_a_head_are_not_part_of_it() {
    let head = "GET / HTTP/1.1\r\nHost: gw\r\n\r\n";
    for count in 0..=MAX_EMPTY_LINES {
        let empty = "\r\n".repeat(count);
        let expected = Head { begin: empty.len(), ..complete(head.as_bytes()) };
        assert_eq!(complete(format!("{empty}{head}").as_bytes()), expected, "{count}");
        assert_eq!(parse(empty.as_bytes()), Ok(Progress::Partial), "{count}");
        assert!(!has_begun(empty.as_bytes()), "{count}");
        assert!(has_begun(format!("{empty}G").as_bytes()), "{count}");
    }
    let many = "\r\n".repeat(MAX_EMPTY_LINES + 1);
    assert_eq!(parse(many.as_bytes()), Err(HeadError::RequestLine));
}

#[test]
fn bounds_what_it_waits_for() {
    assert_eq!(parse(b""), Ok(Progress::Partial));
    assert_eq!(parse(b"GET / HTTP/1.1\r\nHost: gw\r\n"), Ok(Progress::Partial));
    assert_eq!(parse(b"GET / HTTP/1.1\nHost: gw\n\n"), Err(HeadError::LineEnd));
    assert_eq!(parse(format!("GET /{}", "a".repeat(MAX_REQUEST_LINE)).as_bytes()), Err(HeadError::TargetTooLong));
    let long_target = format!("GET /{} HTTP/1.1\r\nHost: gw\r\n\r\n", "a".repeat(MAX_REQUEST_LINE));
    assert_eq!(parse(long_target.as_bytes()), Err(HeadError::TargetTooLong));
    assert_eq!(parse(with(&"X: a\r\n".repeat(100)).as_bytes()), Err(HeadError::TooLarge));
    let large = with(&format!("X: {}\r\n", "a".repeat(MAX_HEAD)));
    assert_eq!(parse(large.as_bytes()), Err(HeadError::TooLarge));
    assert_eq!(parse(&large.as_bytes()[..=MAX_HEAD]), Err(HeadError::TooLarge));
}

proptest::proptest! {
    #[test]
    fn never_panics_and_only_completes_at_a_terminator(bytes: Vec<u8>) {
        if let Ok(Progress::Complete(head)) = parse(&bytes) {
            proptest::prop_assert!(bytes[head.begin..][..head.length].ends_with(b"\r\n\r\n"));
        }
    }
}
