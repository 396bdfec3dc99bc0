//! Of whatever is in the Cookie fields, a token counts only where every reader finds just this one under our name.

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

const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Values of the cookie as RFC 6265 §4.2.1 writes them, over all fields.
fn values(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
    let pairs = lines.flat_map(|line| line.split(';')).map(|pair| pair.trim_start_matches([' ', '\t']));
    pairs.filter_map(|pair| Some(pair.strip_prefix("sid=")?.trim_end_matches([' ', '\t']).to_owned())).collect()
}

fn settings() -> CookieSettings {
    CookieSettings { name: "sid".to_owned(), secure: false, same_site: SameSite::Lax, domain: None, better_auth: None }
}

fuzz_target!(|input: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in input.split(|&b| b == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(header::COOKIE, value);
        }
    }
    let found = values(&headers);
    match presented(&headers, &settings(), AcceptedCredentials::ALL) {
        Presented::Cookie(token) => {
            assert!(found.iter().all(|value| value == token.expose()), "{found:?}");
            assert!(!found.is_empty());
        }
        Presented::None | Presented::MalformedCookie => {}
        Presented::Bearer(_)
        | Presented::Jwt(_)
        | Presented::ApiKey(_)
        | Presented::MalformedApiKey
        | Presented::MalformedBearer => panic!("there is no such field"),
    }

    // A second one beside it: no cookie tossed in from elsewhere replaces or hides it.
    headers.append(header::COOKIE, HeaderValue::from_static("a=b; sid=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    match presented(&headers, &settings(), AcceptedCredentials::ALL) {
        Presented::Cookie(token) => {
            assert_eq!(token.expose(), TOKEN);
            assert!(found.iter().all(|value| value == TOKEN), "{found:?}");
        }
        Presented::MalformedCookie => {}
        other => panic!("{other:?}"),
    }
    if found.is_empty() && !input.windows(3).any(|window| window == b"sid") {
        assert!(matches!(presented(&headers, &settings(), AcceptedCredentials::ALL), Presented::Cookie(_)), "other cookies do not get in the way");
    }
});
