//! Parses one field line of a head or of a trailer section (RFC 9110 §5, RFC 9112 §5).

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
