//! A head that AuthGate takes is read the same way by another parser, and has exactly one framing.

#![no_main]

use authgate::proxy::http1::head::{Head, MAX_HEAD, Progress, parse};
use libfuzzer_sys::fuzz_target;

fn is(name: &str, other: &str) -> bool {
    name.eq_ignore_ascii_case(other)
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(Progress::Complete(judged)) = parse(bytes) else { return };
    let Head { begin, length, content_length, is_chunked } = judged;
    let (empty, head) = bytes[..begin + length].split_at(begin);
    assert!(begin <= 8 && empty.chunks(2).all(|line| line == b"\r\n"), "only empty lines are ignored, and few");
    assert!(length <= MAX_HEAD && head.ends_with(b"\r\n\r\n") && !head.starts_with(b"\r"));
    assert_eq!(parse(head), Ok(Progress::Complete(Head { begin: 0, ..judged })), "nothing around a head is part of it");
    for cut in 0..begin {
        assert_eq!(parse(&empty[..cut]), Ok(Progress::Partial), "cut at {cut} of the empty lines");
    }
    // However it arrives, it is taken when it is whole, and not before.
    for cut in [1, 2, 3, 4, length / 2, length - 5, length - 1] {
        assert_eq!(parse(&head[..cut.min(length - 1)]), Ok(Progress::Partial), "cut at {cut}");
    }

    let mut fields = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut fields);
    let parsed = request.parse(head).expect("another parser takes it");
    assert_eq!(parsed, httparse::Status::Complete(length), "and ends it at the same place");
    let (target, version) = (request.path.expect("a target"), request.version.expect("a version"));
    assert!(target.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b'#'));
    assert!(request.headers.len() <= 100);

    let count = |name: &str| request.headers.iter().filter(|field| is(field.name, name)).count();
    let (lengths, encodings) = (count("content-length"), count("transfer-encoding"));
    assert_eq!(count("host"), 1);
    assert!(lengths + encodings <= 1, "one framing");
    assert_eq!(content_length.is_some(), lengths == 1);
    assert_eq!(is_chunked, encodings == 1);
    assert!(encodings == 0 || version == 1, "chunked is of HTTP/1.1");
    for field in &*request.headers {
        assert!(field.value.iter().all(|&b| b >= b' ' && b != 0x7f || b == b'\t'));
        if is(field.name, "content-length") {
            let parsed = std::str::from_utf8(field.value).ok().and_then(|digits| digits.parse::<u64>().ok());
            assert!(parsed.is_some() && parsed == content_length);
        }
        if is(field.name, "transfer-encoding") {
            assert!(field.value.eq_ignore_ascii_case(b"chunked"));
        }
    }
});
