//! Makes the one canonical form of a request path: rules are matched on it, and it is what the upstream is sent
//! (PATH-01).

use percent_encoding::percent_decode_str;

/// Says why a request target has no canonical path. The response to all of these is a 400.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum PathError {
    #[error("the path does not begin with /")]
    NotAbsolute,
    #[error("the path holds a dot segment")]
    DotSegment,
    #[error("the path holds an encoded separator or a backslash")]
    Separator,
    #[error("the path holds an empty segment")]
    EmptySegment,
    #[error("the path holds a malformed percent escape")]
    Escape,
    #[error("the path holds a control character, a blank, or a byte that is not ASCII")]
    Character,
    #[error("the path does not decode to UTF-8")]
    Encoding,
}

/// Holds a path that every server behind reads alike. Each character has one spelling: what may stand in a path as
/// itself (RFC 3986 `pchar`) does, everything else is escaped in upper case. Nothing in it could be taken for two
/// things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalPath(String);

impl CanonicalPath {
    /// Returns the canonical form of the path of a request target, without its query.
    pub fn parse(raw: &str) -> Result<Self, PathError> {
        if !raw.starts_with('/') {
            return Err(PathError::NotAbsolute);
        }
        let text = respelled(raw)?;
        let mut segments = text[1..].split('/').peekable();
        while let Some(segment) = segments.next() {
            let name = without_parameters(segment);
            if name == "." || name == ".." {
                return Err(PathError::DotSegment);
            }
            if segment.is_empty() && segments.peek().is_some() {
                return Err(PathError::EmptySegment);
            }
        }
        Ok(Self(text))
    }

    /// Returns the canonical text; it always begins with `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path as servers read it that cut matrix parameters off each segment; `None` where there are none.
    #[must_use]
    pub fn without_parameters(&self) -> Option<Self> {
        if !self.0.contains(';') {
            return None;
        }
        // They close the gap that a segment of nothing but parameters leaves.
        let names = self.segments().map(without_parameters).filter(|name| !name.is_empty());
        let text = names.fold(String::new(), |path, name| path + "/" + name);
        Some(Self(if text.is_empty() { "/".to_owned() } else { text }))
    }

    /// Returns whether it is this canonical path without trailing slash or lies below it, also to servers that cut
    /// parameters off.
    #[must_use]
    pub fn is_within(&self, base: &str) -> bool {
        let is_below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        let lies_below = |path: &Self| path.0.strip_prefix(base).is_some_and(is_below);
        lies_below(self) || self.without_parameters().is_some_and(|bare| lies_below(&bare))
    }

    /// Returns the segments. A trailing slash adds none, so `/x` and `/x/` are matched alike (PATH-09).
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        segments(&self.0)
    }
}

/// Returns the segments of a path in any spelling.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = &str> {
    let inner = path.trim_start_matches('/');
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    (!inner.is_empty()).then(|| inner.split('/')).into_iter().flatten()
}

/// A `;` begins matrix parameters for some servers: `..;x` is `..` to them (PATH-08).
fn without_parameters(segment: &str) -> &str {
    segment.split_once(';').map_or(segment, |(name, _)| name)
}

fn respelled(raw: &str) -> Result<String, PathError> {
    let mut text = String::with_capacity(raw.len());
    let mut is_beyond_ascii = false;
    let mut rest = raw.as_bytes();
    loop {
        // Most paths are nothing but such bytes, which are taken all at once.
        let plain = rest.iter().take_while(|&&byte| STANDS_FOR_ITSELF[usize::from(byte)] || byte == b'/').count();
        text.push_str(std::str::from_utf8(&rest[..plain]).expect("the table holds ASCII only"));
        let [byte, tail @ ..] = &rest[plain..] else { break };
        rest = tail;
        match byte {
            b'%' => {
                let [high, low, tail @ ..] = tail else { return Err(PathError::Escape) };
                let value = hex(*high)? << 4 | hex(*low)?;
                match value {
                    b'/' | b'\\' => return Err(PathError::Separator),
                    0..=0x1f | 0x7f => return Err(PathError::Character),
                    _ => push(value, &mut text),
                }
                is_beyond_ascii |= !value.is_ascii();
                rest = tail;
            }
            b'\\' => return Err(PathError::Separator),
            b'#' | b'?' | 0..=b' ' | 0x7f.. => return Err(PathError::Character),
            _ => push(*byte, &mut text),
        }
    }
    // Only escapes can have brought in bytes beyond ASCII.
    if is_beyond_ascii && percent_decode_str(raw).decode_utf8().is_err() { Err(PathError::Encoding) } else { Ok(text) }
}

/// Appends a character of a segment in its one spelling.
fn push(value: u8, text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if STANDS_FOR_ITSELF[usize::from(value)] {
        text.push(char::from(value));
    } else {
        text.push('%');
        text.push(char::from(DIGITS[usize::from(value >> 4)]));
        text.push(char::from(DIGITS[usize::from(value & 15)]));
    }
}

/// Tells whether a byte is a `pchar` of RFC 3986: unreserved, a sub-delimiter, `:` or `@`.
const STANDS_FOR_ITSELF: [bool; 256] = {
    const OTHERS: &[u8] = b"-._~!$&'()*+,;=:@";
    let mut table = [false; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    let mut at = 0;
    while at < OTHERS.len() {
        table[OTHERS[at] as usize] = true;
        at += 1;
    }
    table
};

fn hex(digit: u8) -> Result<u8, PathError> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).ok_or(PathError::Escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_or_a_refusal() {
        for (raw, expected) in [
            ("/", Ok("/")),
            ("/a/b", Ok("/a/b")),
            ("/a/", Ok("/a/")),
            ("/%61dmin/panel", Ok("/admin/panel")),
            ("/caf%c3%a9", Ok("/caf%C3%A9")),
            ("/a%20b", Ok("/a%20b")),
            ("/public/%252e%252e/admin", Ok("/public/%252e%252e/admin")),
            ("/a;v=1/b", Ok("/a;v=1/b")),
            ("/a%3Bv%3d1/b", Ok("/a;v=1/b")),
            ("/v1/things%3apurge", Ok("/v1/things:purge")),
            ("/%40me/c%2B%2B/a%2cb", Ok("/@me/c++/a,b")),
            ("/%21%24%26%27%28%29%2A%3D", Ok("/!$&'()*=")),
            ("/~%7E-%2D_%5F", Ok("/~~--__")),
            ("/\"<>[]^`{|}", Ok("/%22%3C%3E%5B%5D%5E%60%7B%7C%7D")),
            ("/%22%3c%3e%5b%5d%5e%60%7b%7c%7d", Ok("/%22%3C%3E%5B%5D%5E%60%7B%7C%7D")),
            ("/a%3fb%23c%25d", Ok("/a%3Fb%23c%25d")),
            ("/a/...", Ok("/a/...")),
            ("", Err(PathError::NotAbsolute)),
            ("admin", Err(PathError::NotAbsolute)),
            ("*", Err(PathError::NotAbsolute)),
            ("/public/../admin", Err(PathError::DotSegment)),
            ("/public/%2e%2e/admin", Err(PathError::DotSegment)),
            ("/public/.%2E/admin", Err(PathError::DotSegment)),
            ("/public/./admin", Err(PathError::DotSegment)),
            ("/public/..", Err(PathError::DotSegment)),
            ("/public/..;a=b/admin", Err(PathError::DotSegment)),
            ("/public/..%3ba/admin", Err(PathError::DotSegment)),
            ("/admin%2Fpanel", Err(PathError::Separator)),
            ("/admin%5cpanel", Err(PathError::Separator)),
            ("/admin\\panel", Err(PathError::Separator)),
            ("//admin", Err(PathError::EmptySegment)),
            ("/a//b", Err(PathError::EmptySegment)),
            ("/a//", Err(PathError::EmptySegment)),
            ("/%", Err(PathError::Escape)),
            ("/%2", Err(PathError::Escape)),
            ("/%zz", Err(PathError::Escape)),
            ("/%u002e", Err(PathError::Escape)),
            ("/%+1", Err(PathError::Escape)),
            ("/%00", Err(PathError::Character)),
            ("/a%0d%0aX", Err(PathError::Character)),
            ("/a b", Err(PathError::Character)),
            ("/a#b", Err(PathError::Character)),
            ("/é", Err(PathError::Character)),
            ("/%ff", Err(PathError::Encoding)),
            ("/%c0%ae%c0%ae/admin", Err(PathError::Encoding)),
        ] {
            let parsed = CanonicalPath::parse(raw);
            assert_eq!(parsed.as_ref().map(CanonicalPath::as_str), expected.as_ref().copied(), "{raw}");
        }
    }

    #[test]
    fn parameters_are_cut_off_as_other_servers_do() {
        for (raw, expected) in [
            ("/a/b", None),
            ("/a;v=1/b", Some("/a/b")),
            ("/a%3bv=1/b;c;d", Some("/a/b")),
            ("/;x/admin", Some("/admin")),
            ("/;x", Some("/")),
            ("/a;/", Some("/a")),
            ("/a%253Bx", None),
        ] {
            let bare = CanonicalPath::parse(raw).unwrap().without_parameters();
            assert_eq!(bare.as_ref().map(CanonicalPath::as_str), expected, "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn canonical_form_is_a_fixed_point_that_decodes_like_the_original(raw in "/[ -~]{0,40}") {
            if let Ok(path) = CanonicalPath::parse(&raw) {
                let again = CanonicalPath::parse(path.as_str());
                proptest::prop_assert_eq!(again.as_ref().map(CanonicalPath::as_str), Ok(path.as_str()));
                let decode = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
                proptest::prop_assert_eq!(decode(&raw), decode(path.as_str()));
                let decoded = String::from_utf8(decode(&raw)).expect("checked to be UTF-8");
                proptest::prop_assert!(!decoded.split('/').any(|segment| segment == ".." || segment == "."));
                proptest::prop_assert!(!decoded.contains("//"));
            }
        }

        #[test]
        fn every_spelling_of_a_path_has_the_same_form(segments in proptest::collection::vec("[ -.0-\\[\\]-~é]{1,8}", 0..5)) {
            let spell = |spelled: &dyn Fn(u8) -> String| -> String {
                let spelled = segments.iter().map(|segment| segment.bytes().map(spelled).collect::<String>());
                spelled.fold(String::new(), |path, segment| path + "/" + &segment)
            };
            let escaped = spell(&|byte| format!("%{byte:02X}"));
            let in_lower_case = spell(&|byte| format!("%{byte:02x}"));
            let plain = spell(&|byte| match byte {
                0..=b' ' | b'#' | b'%' | b'?' | 0x7f.. => format!("%{byte:02x}"),
                _ => char::from(byte).to_string(),
            });
            let form = CanonicalPath::parse(&escaped);
            proptest::prop_assert_eq!(&CanonicalPath::parse(&plain), &form, "{}", plain);
            proptest::prop_assert_eq!(&CanonicalPath::parse(&in_lower_case), &form);
        }
    }
}
