//! Parses one field line of a head or of a trailer section (RFC 9110 §5, RFC 9112 §5), and the values that decide on framing
//! and connections.

use http::{HeaderMap, header};

/// Says why a line is not a field line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldError {
    /// It continues the line before.
    Folded,
    /// Its name is missing, holds a character that is not allowed, or has a blank before its colon.
    Name,
    /// Its value holds a control character.
    Value,
}

/// Returns the name and the value of a field line.
pub(crate) fn parse(line: &[u8]) -> Result<(&[u8], &[u8]), FieldError> {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return Err(FieldError::Folded);
    }
    let colon = line.iter().position(|&b| b == b':').ok_or(FieldError::Name)?;
    let (name, value) = (&line[..colon], trimmed(&line[colon + 1..]));
    if name.is_empty() || !name.iter().all(|&b| is_token(b)) {
        return Err(FieldError::Name);
    }
    if value.iter().any(|&b| (b < b' ' && b != b'\t') || b == 0x7f) {
        return Err(FieldError::Value);
    }
    Ok((name, value))
}

/// Tells whether a byte may stand in a token (RFC 9110 §5.6.2).
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Removes the blanks that may surround a value: space and tab, no form feed or whatever else is white.
fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Parses 1 to 19 digits, which are a number of 64 bits whatever they say.
pub(crate) fn content_length(value: &[u8]) -> Option<u64> {
    let is_number = (1..=19).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(value).ok().filter(|_| is_number)?.parse().ok()
}

/// Says what a sender wants of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionOption {
    Close,
    KeepAlive,
}

/// Returns what the `Connection` fields say of the connection itself; `close` wins.
pub(crate) fn connection_option(headers: &HeaderMap) -> Option<ConnectionOption> {
    let mut found = None;
    for value in headers.get_all(header::CONNECTION) {
        for option in value.as_bytes().split(|&b| b == b',').map(<[u8]>::trim_ascii) {
            if option.eq_ignore_ascii_case(b"close") {
                return Some(ConnectionOption::Close);
            }
            if option.eq_ignore_ascii_case(b"keep-alive") {
                found = Some(ConnectionOption::KeepAlive);
            }
        }
    }
    found
}
