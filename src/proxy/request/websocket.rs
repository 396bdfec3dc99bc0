//! Recognises the opening of a WebSocket, as RFC 6455 §4.2.1 has it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method, Version, header};

use crate::proxy::request::field_values::joined;

/// Says what a request wants with the `Upgrade` field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProtocolUpgrade {
    /// Is nothing, or a protocol that is not spoken here and is left out of what is forwarded (SMUG-08).
    None,
    WebSocket,
    /// Is a WebSocket opening that no server should accept (WS-01).
    Malformed,
}

impl ProtocolUpgrade {
    pub(crate) fn from_request(method: &Method, version: Version, headers: &HeaderMap) -> Self {
        let is_websocket = joined(headers, &header::UPGRADE).trim().eq_ignore_ascii_case("websocket");
        if !is_websocket {
            return Self::None;
        }
        let has_one = |name, test: fn(&str) -> bool| {
            let mut values = headers.get_all(name).iter();
            let (first, second) = (values.next(), values.next());
            second.is_none() && first.and_then(|value| value.to_str().ok()).is_some_and(test)
        };
        let is_connection_upgrade =
            joined(headers, &header::CONNECTION).split(',').any(|option| option.trim().eq_ignore_ascii_case("upgrade"));
        let is_valid = *method == Method::GET
            && version == Version::HTTP_11
            && is_connection_upgrade
            && has_one(header::SEC_WEBSOCKET_VERSION, |version| version.trim() == "13")
            && has_one(header::SEC_WEBSOCKET_KEY, |key| STANDARD.decode(key.trim()).is_ok_and(|key| key.len() == 16));
        if is_valid { Self::WebSocket } else { Self::Malformed }
    }
}

/// Returns whether this may be the opening of a WebSocket that a proxy in front describes, complete or not.
pub(crate) fn is_opening(headers: &HeaderMap) -> bool {
    headers.contains_key(header::SEC_WEBSOCKET_KEY)
        || joined(headers, &header::UPGRADE).to_ascii_lowercase().contains("websocket")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_complete_openings() {
        let full = [
            ("upgrade", "WebSocket"),
            ("connection", "keep-alive, Upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let upgrade = |method: Method, fields: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(*name, value.parse().unwrap());
            }
            ProtocolUpgrade::from_request(&method, Version::HTTP_11, &headers)
        };
        assert_eq!(upgrade(Method::GET, &full), ProtocolUpgrade::WebSocket);
        assert_eq!(upgrade(Method::POST, &full), ProtocolUpgrade::Malformed);
        for missing in 1..full.len() {
            let mut fields = full.to_vec();
            fields.remove(missing);
            assert_eq!(upgrade(Method::GET, &fields), ProtocolUpgrade::Malformed, "{missing}");
        }
        assert_eq!(upgrade(Method::GET, &[("upgrade", "h2c")]), ProtocolUpgrade::None);
        assert_eq!(upgrade(Method::GET, &[]), ProtocolUpgrade::None);
    }
}
