//! Keeps a response that carries a cookie of the gateway out of every cache that is shared (SESS-15).

use http::{HeaderMap, HeaderName, HeaderValue, header};
use pingora::http::ResponseHeader;

/// These speak to caches of one kind and outrank `Cache-Control` there. Every `…-cache-control` is another (RFC 9213).
const FOR_SHARED_CACHES: [&str; 3] = ["surrogate-control", "edge-control", "x-accel-expires"];

/// Makes the response `private`, or leaves it `no-store` where the upstream asked for that. What it says to the
/// browser's own cache (`max-age`, `immutable`, `no-cache` …) stays.
pub(crate) fn keep_from_shared_caches(response: &mut ResponseHeader) -> pingora::Result<()> {
    let value = for_one_browser(&response.headers);
    let others: Vec<HeaderName> = response.headers.keys().filter(|name| is_for_shared_caches(name)).cloned().collect();
    for name in &others {
        response.remove_header(name);
    }
    response.insert_header(header::CACHE_CONTROL, value)?;
    Ok(())
}

/// Tells whether the upstream offers a response to everybody, so that nobody's cookie may be on it (SESS-13).
pub(crate) fn is_offered_to_all(headers: &HeaderMap) -> bool {
    let mut directives = headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().split('=').next().unwrap_or_default());
    directives.any(|name| name.eq_ignore_ascii_case("public") || name.eq_ignore_ascii_case("s-maxage"))
}

fn is_for_shared_caches(name: &HeaderName) -> bool {
    let name = name.as_str();
    FOR_SHARED_CACHES.contains(&name) || name.ends_with("-cache-control")
}

/// Returns the one `Cache-Control` that says all that the fields said, for no shared cache. What cannot be read as
/// directives could be read in two ways, so it becomes `no-store`.
fn for_one_browser(headers: &HeaderMap) -> HeaderValue {
    const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    let mut kept = Vec::new();
    let mut is_no_store = false;
    for value in headers.get_all(header::CACHE_CONTROL) {
        let Some(directives) = value.to_str().ok().and_then(directives) else { return NO_STORE };
        for directive in directives {
            let name = directive.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
            match name.as_str() {
                // `must-understand` lets caches that know the status ignore a `no-store` beside it (RFC 9111 §5.2.2.3).
                // `private` with names of fields leaves the rest of the response to everybody.
                "private" | "public" | "s-maxage" | "proxy-revalidate" | "must-understand" => {}
                "no-store" => is_no_store = true,
                _ => kept.push(directive),
            }
        }
    }
    if is_no_store {
        return NO_STORE;
    }
    let all: Vec<&str> = ["private"].into_iter().chain(kept).collect();
    HeaderValue::try_from(all.join(", ")).unwrap_or(NO_STORE)
}

/// Returns the directives of a field, at the commas that stand in no quoted text; `None` where a quoted text has no
/// end.
fn directives(value: &str) -> Option<Vec<&str>> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let all = value.split(|c: char| {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        c == ',' && !is_quoted
    });
    let all: Vec<&str> = all.map(str::trim).filter(|directive| !directive.is_empty()).collect();
    (!is_quoted).then_some(all)
}

#[cfg(test)]
mod tests {
    use crate::proxy::session::caching::*;

    fn kept(fields: &[(&'static str, &'static str)]) -> ResponseHeader {
        let mut response = ResponseHeader::build(200, None).unwrap();
        for (name, value) in fields {
            response.append_header(*name, *value).unwrap();
        }
        keep_from_shared_caches(&mut response).unwrap();
        response
    }

    #[test]
    fn whatever_was_said_only_the_browser_may_keep_it() {
        for (said, expected) in [
            (&[][..], "private"),
            (&["max-age=600"], "private, max-age=600"),
            (&["public, max-age=600, immutable"], "private, max-age=600, immutable"),
            (&["PUBLIC", "S-MaxAge=60", "max-age=5"], "private, max-age=5"),
            (&["s-maxage = 60"], "private"),
            (&["private, no-cache"], "private, no-cache"),
            (&["private=\"set-cookie, x\", max-age=60"], "private, max-age=60"),
            (&["no-cache=\"set-cookie, public\""], "private, no-cache=\"set-cookie, public\""),
            (&["stale-while-revalidate=30, must-revalidate"], "private, stale-while-revalidate=30, must-revalidate"),
            (&["no-store"], "no-store"),
            (&["max-age=60", "No-Store"], "no-store"),
            (&["must-understand, no-store"], "no-store"),
            (&["ext=\"a\\\", no-store\", max-age=1"], "private, ext=\"a\\\", no-store\", max-age=1"),
            (&["max-age=60, ext=\"public"], "no-store"),
            (&[",, ,max-age=60,"], "private, max-age=60"),
        ] {
            let fields: Vec<_> = said.iter().map(|value| ("cache-control", *value)).collect();
            let response = kept(&fields);
            let values: Vec<_> = response.headers.get_all(header::CACHE_CONTROL).iter().collect();
            assert_eq!(values, [expected], "{said:?}");
        }
    }

    #[test]
    fn what_is_meant_for_shared_caches_goes() {
        let response = kept(&[
            ("surrogate-control", "max-age=60"),
            ("cdn-cache-control", "max-age=60"),
            ("cloudflare-cdn-cache-control", "max-age=60"),
            ("x-accel-expires", "60"),
            ("edge-control", "cache-maxage=60"),
            ("expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
            ("etag", "\"a\""),
        ]);
        let mut names: Vec<_> = response.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["cache-control", "etag", "expires"]);
    }

    #[test]
    fn shared_caches_are_told_by_directive() {
        for (values, expected) in [
            (&[][..], false),
            (&["private, max-age=60"], false),
            (&["no-store"], false),
            (&["max-age=60, Public"], true),
            (&["private", "s-maxage=10"], true),
            (&["x-public=1"], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CACHE_CONTROL, HeaderValue::from_static(value));
            }
            assert_eq!(is_offered_to_all(&headers), expected, "{values:?}");
        }
    }
}
