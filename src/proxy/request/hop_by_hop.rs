//! Takes out of a message what is said to the next hop only (RFC 9110 §7.6.1): what is forwarded is framed, and its
//! connection managed, by the gateway.

use http::{HeaderMap, HeaderName, header};
use pingora::http::{RequestHeader, ResponseHeader};

/// These concern one hop whether `Connection` names them or not.
const HOP_BY_HOP: [HeaderName; 10] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("http2-settings"),
];

/// Removes the fields from a request, before any field of the gateway's own is added.
pub(crate) fn strip_request(request: &mut RequestHeader) {
    for name in found(&request.headers) {
        request.remove_header(&name);
    }
}

/// Removes the fields from a response.
pub(crate) fn strip_response(response: &mut ResponseHeader) {
    for name in found(&response.headers) {
        // A proxy's challenge is meant for whoever asked it.
        if name != header::PROXY_AUTHENTICATE {
            response.remove_header(&name);
        }
    }
}

fn found(headers: &HeaderMap) -> Vec<HeaderName> {
    let mut found: Vec<HeaderName> = headers.keys().filter(|name| HOP_BY_HOP.contains(name)).cloned().collect();
    if headers.contains_key(header::CONNECTION) {
        let named = headers.get_all(header::CONNECTION).iter().flat_map(|value| value.as_bytes().split(|&b| b == b','));
        found.extend(named.filter_map(|option| HeaderName::from_bytes(option.trim_ascii()).ok()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_one_hop_stays_there() {
        let mut request = RequestHeader::build_no_case("GET", b"/", None).unwrap();
        for (name, value) in [
            ("connection", "Keep-Alive, X-Own ,x-other"),
            ("connection", "@, te"),
            ("keep-alive", "5"),
            ("x-own", "1"),
            ("x-other", "1"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("host", "gw"),
            ("x-stays", "1"),
        ] {
            request.append_header(name, value).unwrap();
        }
        strip_request(&mut request);
        let mut names: Vec<_> = request.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["host", "x-stays"]);
    }
}
