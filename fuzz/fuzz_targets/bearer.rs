//! A bearer token decides alone: whatever stands in Authorization, a cookie never comes in where it is a bad one.

#![no_main]

use authgate::{
    sessions::{
        CookieSettings, SameSite,
        credential::{Presented, presented},
    },
    types::AcceptedCredentials,
};
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;

const COOKIE: HeaderValue = HeaderValue::from_static("sid=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

fn settings() -> CookieSettings {
    CookieSettings { name: "sid".to_owned(), secure: false, same_site: SameSite::Lax, domain: None, better_auth: None }
}

fuzz_target!(|input: &[u8]| {
    let mut headers = HeaderMap::from_iter([(header::COOKIE, COOKIE)]);
    for line in input.split(|&b| b == b'\n').take(3) {
        if let Ok(value) = HeaderValue::from_bytes(line.trim_ascii()) {
            headers.append(header::AUTHORIZATION, value);
        }
    }
    let values: Vec<Vec<u8>> =
        headers.get_all(header::AUTHORIZATION).iter().map(|value| value.as_bytes().to_vec()).collect();
    // Scheme and parameter as RFC 9110 cuts them.
    let scheme_of = |value: &[u8]| {
        let end = value.iter().position(|b| b" \t".contains(b)).unwrap_or(value.len());
        (value[..end].to_ascii_lowercase(), value[end..].trim_ascii().to_vec())
    };
    match (presented(&headers, &settings(), AcceptedCredentials::ALL), &*values) {
        (Presented::Cookie(_), []) => {}
        (Presented::Cookie(_), [one]) => assert_ne!(scheme_of(one).0, b"bearer"),
        (Presented::Bearer(token), [one]) => {
            assert_eq!(scheme_of(one), (b"bearer".to_vec(), token.expose().as_bytes().to_vec()));
            assert!(token.expose().len() == 43 && token.expose().bytes().all(|b| b.is_ascii_graphic()));
        }
        (Presented::Jwt(_), [one]) => {
            let (scheme, token) = scheme_of(one);
            assert_eq!((scheme, token.split(|&b| b == b'.').count()), (b"bearer".to_vec(), 3));
        }
        (Presented::MalformedBearer, [one]) => assert_eq!(scheme_of(one).0, b"bearer"),
        (Presented::MalformedBearer, [_, _, ..]) => {}
        (other, values) => panic!("{other:?} of {values:?}"),
    }
});
