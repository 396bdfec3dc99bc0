//! A chunked body that AuthGate takes ends where other parsers end it, however its bytes arrive.

#![no_main]

use authgate::proxy::http1::body_framing::ChunkedBody;
use libfuzzer_sys::fuzz_target;

/// Where a lenient parser, the framework's, ends the body.
fn end_of(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let Ok(httparse::Status::Complete((line, size))) = httparse::parse_chunk_size(&bytes[at..]) else {
            return None;
        };
        at += line;
        if size == 0 {
            break;
        }
        at = at.checked_add(usize::try_from(size).ok()?)?;
        assert_eq!(bytes.get(at..at.checked_add(2)?)?, b"\r\n", "a chunk ends with a line end");
        at += 2;
    }
    // Trailers, and the empty line behind them.
    let mut fields = [httparse::EMPTY_HEADER; 4096];
    match httparse::parse_headers(&bytes[at..], &mut fields) {
        Ok(httparse::Status::Complete((length, _))) => Some(at + length),
        _ => None,
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&step, bytes)) = input.split_first() else { return };
    let mut whole = ChunkedBody::default();
    let taken = whole.take(bytes);

    let mut body = ChunkedBody::default();
    let mut in_pieces = Ok(0);
    for piece in bytes.chunks(usize::from(step % 9) + 1) {
        in_pieces = in_pieces.and_then(|taken| body.take(piece).map(|more| taken + more));
    }
    assert_eq!(in_pieces, taken, "how the bytes arrive makes no difference");

    let Ok(length) = taken else { return };
    assert!(whole.is_complete() || length == bytes.len());
    if whole.is_complete() {
        assert_eq!(end_of(bytes), Some(length));
        let end = bytes[..length].windows(4).rposition(|window| window == b"\r\n\r\n");
        assert_eq!(end, Some(length - 4));
    } else {
        assert!(end_of(bytes).is_none(), "complete for others, not for us");
    }
});
