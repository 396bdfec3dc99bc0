//! Remembers the case in which a sender wrote the names of its fields. Names mean the same in any case, but some servers and clients
//! look at the case all the same, so each is written on as it came.

use bytes::{BufMut, Bytes, BytesMut};
use http::HeaderName;

/// Says how the names of a head are spelled.
#[derive(Debug, Clone, Default)]
pub struct HeaderCase(Names);

#[derive(Debug, Clone, Default)]
enum Names {
    /// All are in lower case, as HTTP/2 and many servers have them.
    #[default]
    Lower,
    /// All begin each word in upper case: `X-Request-Id`.
    Title,
    /// Holds every name as it came; those that are not among them are written as `Title`.
    Mixed(Vec<(HeaderName, Bytes)>),
}

impl HeaderCase {
    /// Returns the case of these names, which are part of `head`. Names that are none are left out.
    pub fn from_names<'n>(names: impl Iterator<Item = &'n [u8]> + Clone, head: &Bytes) -> Self {
        if !names.clone().any(|name| name.iter().any(u8::is_ascii_uppercase)) {
            return Self(Names::Lower);
        }
        if names.clone().all(is_title) {
            return Self(Names::Title);
        }
        let spelled = names.filter_map(|name| Some((HeaderName::from_bytes(name).ok()?, head.slice_ref(name))));
        Self(Names::Mixed(spelled.collect()))
    }

    /// Writes a name as the sender spelled it, and in the sender's manner where it did not name it.
    pub fn write(&self, out: &mut BytesMut, name: &HeaderName) {
        match &self.0 {
            Names::Lower => out.put_slice(name.as_str().as_bytes()),
            Names::Title => write_title(out, name),
            Names::Mixed(names) => match names.iter().find(|(known, _)| known == name) {
                Some((_, raw)) => out.put_slice(raw),
                None => write_title(out, name),
            },
        }
    }
}

fn is_title(raw: &[u8]) -> bool {
    let mut before = b'-';
    raw.iter().all(|&byte| {
        let is_first = std::mem::replace(&mut before, byte) == b'-';
        if is_first { !byte.is_ascii_lowercase() } else { !byte.is_ascii_uppercase() }
    })
}

fn write_title(out: &mut BytesMut, name: &HeaderName) {
    let mut before = b'-';
    for &byte in name.as_str().as_bytes() {
        out.put_u8(if before == b'-' { byte.to_ascii_uppercase() } else { byte });
        before = byte;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(sent: &[&'static str], name: &'static str) -> String {
        let head = Bytes::from(sent.join(":").into_bytes());
        let names = head.split(|&b| b == b':').filter(|name| !name.is_empty());
        let header_case = HeaderCase::from_names(names, &head);
        let mut out = BytesMut::new();
        header_case.write(&mut out, &HeaderName::from_static(name));
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn a_name_is_written_as_it_came_and_others_in_the_same_manner() {
        for (sent, name, expected) in [
            (&["host", "x-a"][..], "x-a", "x-a"),
            (&["host"], "x-request-id", "x-request-id"),
            (&["Host", "X-A"], "x-a", "X-A"),
            (&["Host"], "x-request-id", "X-Request-Id"),
            (&["Host", "DNT", "sec-ch-ua"], "dnt", "DNT"),
            (&["Host", "DNT", "sec-ch-ua"], "sec-ch-ua", "sec-ch-ua"),
            (&["Host", "DNT"], "x-request-id", "X-Request-Id"),
            (&["Host", "X-3D"], "x-3d", "X-3D"),
            (&[], "x-a", "x-a"),
        ] {
            assert_eq!(written(sent, name), expected, "{sent:?}");
        }
    }
}
