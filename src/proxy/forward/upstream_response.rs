//! Removes what an upstream may not say to a client: it speaks neither for the gateway nor in two ways (HDR-11, HDR-16,
//! SMUG-14).

use http::{HeaderName, HeaderValue, header};
use pingora::http::ResponseHeader;

use crate::{proxy::identity::headers::IdentityNames, sessions::CookieNames};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Keeps the upstream from speaking for the gateway: it sets, shadows and clears none of our cookies, and claims no
/// identity.
pub(crate) fn clean(
    response: &mut ResponseHeader,
    names: &IdentityNames,
    cookie_names: CookieNames<'_>,
) -> pingora::Result<()> {
    // Few responses have any, and finding out is cheaper than removing.
    let is_claim = |name: &HeaderName| names.all().any(|own| name.as_str() == own);
    let claims: Vec<HeaderName> = response.headers.keys().filter(|name| is_claim(name)).cloned().collect();
    for name in &claims {
        response.remove_header(name);
    }
    if response.headers.contains_key(header::SET_COOKIE) {
        keep(response, &header::SET_COOKIE, |value| (!touches(value, cookie_names)).then(|| value.to_vec()))?;
    }
    if response.headers.contains_key(&CLEAR_SITE_DATA) {
        keep(response, &CLEAR_SITE_DATA, without_cookies)?;
    }
    Ok(())
}

/// Puts in each value's place what `kept` leaves of it.
fn keep(
    response: &mut ResponseHeader,
    name: &HeaderName,
    kept: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> pingora::Result<()> {
    let values: Vec<Option<Vec<u8>>> =
        response.headers.get_all(name).iter().map(|value| kept(value.as_bytes())).collect();
    let is_same = response
        .headers
        .get_all(name)
        .iter()
        .zip(&values)
        .all(|(before, after)| after.as_ref().is_some_and(|after| before.as_bytes() == after.as_slice()));
    if is_same {
        return Ok(());
    }
    response.remove_header(name);
    for value in values.into_iter().flatten() {
        // A value that was received can be sent; one of controls cannot, and is worth nothing.
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            response.append_header(name.clone(), value)?;
        }
    }
    Ok(())
}

/// Tells whether some client could take this `Set-Cookie` for one of our cookies. Browsers read one cookie up to the
/// first `;`, others take a comma for the begin of the next; a cookie without a name is sent as its bare value, which
/// may look like one of ours; and what stands behind a control character is cut off by some.
fn touches(value: &[u8], names: CookieNames<'_>) -> bool {
    let is_broken = value.iter().any(|&b| (b < b' ' && b != b'\t') || b == 0x7f);
    is_broken || value.split(|&b| b == b',' || b == b';').any(|piece| is_ours(piece, names))
}

fn is_ours(piece: &[u8], names: CookieNames<'_>) -> bool {
    let is_filler = |b: &u8| matches!(b, b' ' | b'\t' | b'"' | b'=');
    let begin = piece.iter().position(|b| !is_filler(b)).unwrap_or(piece.len());
    let piece = &piece[begin..];
    let end = piece.iter().position(|&b| b == b'=').unwrap_or(piece.len());
    let name = piece[..end].trim_ascii();
    names.forbids_setting(name.strip_suffix(b"\"").unwrap_or(name).trim_ascii_end())
}

/// Returns what is left of a `Clear-Site-Data` that leaves cookies alone; `*` would clear them too.
fn without_cookies(value: &[u8]) -> Option<Vec<u8>> {
    let clears_them = |kind: &[u8]| {
        let kind = kind.trim_ascii();
        let bare = kind.strip_prefix(b"\"").unwrap_or(kind);
        let bare = bare.strip_suffix(b"\"").unwrap_or(bare).trim_ascii();
        bare.eq_ignore_ascii_case(b"cookies") || bare == b"*"
    };
    let kinds: Vec<&[u8]> = value.split(|&b| b == b',').collect();
    if !kinds.iter().any(|kind| clears_them(kind)) {
        return Some(value.to_vec());
    }
    let kept: Vec<&[u8]> = kinds.into_iter().filter(|kind| !clears_them(kind)).map(<[u8]>::trim_ascii).collect();
    (!kept.is_empty()).then(|| kept.join(&b", "[..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::settings::IdentityPreset;

    const NAMES: CookieNames<'static> = CookieNames {
        single: [
            "__Host-sid",
            "__Host-dev",
            "__Host-oauth",
            "__Host-sign_up",
            "__Host-two_factor",
            "__Host-trusted",
            "__Host-passkey",
            "__Host-admin",
            "__Host-form",
        ],
        device_session_prefix: "__Host-multi-",
        better_auth: None,
    };

    fn cleaned(name: &'static str, values: &[&'static str]) -> Vec<String> {
        let mut response = ResponseHeader::build(200, None).unwrap();
        for value in values {
            response.append_header(name, *value).unwrap();
        }
        let names = IdentityNames::new(IdentityPreset::XUser, Some(HeaderName::from_static("x-app-assertion")));
        response.insert_header("x-user-id", "1").unwrap();
        clean(&mut response, &names, NAMES).unwrap();
        assert!(response.headers.get("x-user-id").is_none());
        response.headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_upstream_cannot_set_our_cookie() {
        for ours in [
            "sid=x; Path=/",
            " __Host-sid=x",
            "SID=y",
            "__Secure-dev=x",
            "oauth=x",
            "sign_up=x",
            "=sid=x",
            "= sid=x; Path=/",
            "==sid=x",
            "sid",
            "sid; Path=/",
            "\tsid\t=x",
            "sid =x",
            "__host-Sid=x",
            "__Http-sid=x",
            "__Host-Http-sid=x",
            "\"sid\"=x",
            "a=1, sid=x",
            "a=1; Path=/, __Host-sid=x",
            "=__Host-sid=x",
            "multi-0197=x",
            "__Host-Multi-0197=x; Path=/",
            "multi-",
        ] {
            assert_eq!(cleaned("set-cookie", &[ours]), [""; 0], "{ours:?}");
        }
        let theirs = [
            "other=1",
            "sidx=1",
            "xsid=1",
            "multi=1",
            "a-multi-0197=1",
            "a=sid",
            "=plain",
            "b=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT; Path=/sid",
            "c=\"sid=x\"",
        ];
        assert_eq!(cleaned("set-cookie", &theirs), theirs);
        assert_eq!(cleaned("set-cookie", &["a=1", "sid=x", "b=2"]), ["a=1", "b=2"]);
    }

    #[test]
    fn what_some_cut_off_at_a_control_character_is_not_passed_on() {
        for value in [&b"a=1\x01; sid=x"[..], b"sid\x0b=x", b"a\x7f=x"] {
            assert!(touches(value, NAMES), "{value:?}");
        }
    }

    #[test]
    fn the_upstream_clears_no_cookies() {
        for (sent, expected) in [
            ("\"cookies\"", &[][..]),
            ("\"*\"", &[]),
            ("*", &[]),
            ("\"cache\", \"cookies\", \"storage\"", &["\"cache\", \"storage\""]),
            ("\"cookies\",\"cache\"", &["\"cache\""]),
            ("\"COOKIES\"", &[]),
            ("\"cache\",\"executionContexts\"", &["\"cache\",\"executionContexts\""]),
        ] {
            assert_eq!(cleaned("clear-site-data", &[sent]), expected, "{sent}");
        }
        assert_eq!(cleaned("clear-site-data", &["\"cookies\"", "\"cache\""]), ["\"cache\""]);
    }
}
