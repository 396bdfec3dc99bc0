//! A path that AuthGate takes is read alike by every server behind: it decodes once to what uvicorn decodes the original
//! to, nothing in it leads elsewhere, and every other spelling of it comes to the same text and the same rule.

#![no_main]

use authgate::routing::{CanonicalPath, PathPattern};
use libfuzzer_sys::fuzz_target;

/// As uvicorn does it: once, escapes that are none left as they are.
fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

/// Each character escaped.
fn escaped(decoded: &str) -> String {
    decoded.bytes().map(|byte| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02x}") }).collect()
}

fuzz_target!(|raw: &str| {
    let Ok(path) = CanonicalPath::parse(raw) else { return };
    let text = path.as_str();
    assert_eq!(CanonicalPath::parse(text).as_ref(), Ok(&path), "a canonical path is its own canonical form");
    assert_eq!(decoded(raw), decoded(text), "what is forwarded decodes to what was sent");

    let decoded = String::from_utf8(decoded(text)).expect("it decodes to UTF-8");
    assert!(decoded.starts_with('/') && !decoded.contains("//") && !decoded.contains('\\'));
    assert!(!decoded.chars().any(|c| c.is_ascii_control()));
    // Servlet-like servers cut matrix parameters off before they resolve dots.
    let mut names = decoded.split('/').map(|segment| segment.split(';').next().unwrap_or_default());
    assert!(!names.any(|name| name == "." || name == ".."));
    // No separator hides behind one decoding, and the bytes go into a request line as they are.
    let upper = text.to_ascii_uppercase();
    assert!(!upper.contains("%2F") && !upper.contains("%5C") && !upper.contains("%00"));
    assert!(text.bytes().all(|b| (0x21..=0x7e).contains(&b) && !b"?#\\".contains(&b)));
    // Every character that can stand for itself does, and nothing else, so that there is no second spelling.
    let escaped = escaped(&decoded);
    assert_eq!(CanonicalPath::parse(&escaped).as_ref(), Ok(&path), "{escaped} is the same path");
    let is_literal = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&b);
    assert!(text.bytes().all(|b| is_literal(b) || b == b'/' || b == b'%'));
    for (at, _) in text.match_indices('%') {
        let code = u8::from_str_radix(&text[at + 1..at + 3], 16).expect("an escape");
        assert!(!is_literal(code), "{text} escapes what can stand for itself");
    }
    // As a rule it covers itself and nothing beside it: an escaped star or brace is no wildcard.
    let rule = PathPattern::parse(&escaped).expect("an escaped path is a pattern");
    assert!(rule.matches(&path));
    let beside = CanonicalPath::parse(&format!("{}x", text.trim_end_matches('/'))).ok();
    assert!(beside.is_none_or(|beside| !rule.matches(&beside)), "{escaped} covers what it does not name");
    // What is left without parameters is a canonical path, too, and has none.
    if let Some(bare) = path.without_parameters() {
        assert_eq!(CanonicalPath::parse(bare.as_str()), Ok(bare.clone()));
        assert_eq!(bare.without_parameters(), None, "{bare:?}");
    }
    // Routing looks at the segments: together they are the path.
    let joined: String = path.segments().flat_map(|segment| ["/", segment]).collect();
    assert_eq!(joined.trim_end_matches('/'), text.trim_end_matches('/'));
});
