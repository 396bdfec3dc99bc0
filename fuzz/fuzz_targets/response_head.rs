//! A response's head ends where another parser ends it, and says in one way how its body is framed.

#![no_main]

use authgate::proxy::http1::response_head::{self, MAX_HEAD};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&cut, bytes)) = input.split_first() else { return };
    let Ok(Some(length)) = response_head::length(bytes) else { return };
    assert!(length <= MAX_HEAD && length <= bytes.len());
    let shorter = usize::from(cut) % length;
    assert_eq!(response_head::length(&bytes[..shorter]).ok().flatten(), None, "it is not complete before its end");

    let head = Bytes::copy_from_slice(&bytes[..length]);
    let Ok(parsed) = response_head::parse(&head) else { return };
    let mut fields = [httparse::EMPTY_HEADER; 256];
    let mut other = httparse::Response::new(&mut fields);
    let mut config = httparse::ParserConfig::default();
    config.allow_spaces_after_header_name_in_responses(true);
    assert_eq!(config.parse_response(&mut other, bytes), Ok(httparse::Status::Complete(length)));
    assert_eq!(other.code, Some(parsed.header.status.as_u16()));

    let headers = &parsed.header.headers;
    let values = |name: &str| headers.get_all(name).iter().map(|value| value.as_bytes().to_vec()).collect::<Vec<_>>();
    let (codings, lengths) = (values("transfer-encoding"), values("content-length"));
    assert!(codings.len() + lengths.len() <= 1, "one framing");
    assert!(codings.iter().all(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked")));
    assert!(lengths.iter().all(|length| !length.is_empty() && length.iter().all(u8::is_ascii_digit)));
});
