//! What a request presents to be recognised by. Exactly one credential decides (SESS-10, KEY-05).

use http::{HeaderMap, header};

use crate::types::{MalformedToken, SessionToken};

/// The one credential of a request, not yet held against the database.
#[derive(Debug, Clone)]
pub enum Presented {
    /// Neither our cookie nor a bearer token.
    None,
    Cookie(SessionToken),
    Bearer(SessionToken),
    /// Our cookie with a value that cannot be a token, or twice with different values (cookie tossing).
    MalformedCookie,
    /// A bearer token that cannot be ours, or several `Authorization` fields.
    MalformedBearer,
}

/// Reads the credential. A bearer token, good or bad, always wins over the cookie; other `Authorization` schemes are
/// the upstream's business.
#[must_use]
pub fn presented(headers: &HeaderMap, cookie_name: &str) -> Presented {
    let mut authorization = headers.get_all(header::AUTHORIZATION).iter();
    match (authorization.next(), authorization.next()) {
        (Some(_), Some(_)) => return Presented::MalformedBearer,
        (Some(value), None) => {
            if let Some(token) = bearer(value.as_bytes()) {
                return token.map_or(Presented::MalformedBearer, Presented::Bearer);
            }
        }
        (None, _) => {}
    }
    let mut values = cookies(headers).filter(|(name, _)| *name == cookie_name).map(|(_, value)| value);
    match values.next() {
        None => Presented::None,
        Some(first) if values.any(|other| other != first) => Presented::MalformedCookie,
        Some(first) => SessionToken::parse(first).map_or(Presented::MalformedCookie, Presented::Cookie),
    }
}

/// The token behind `Bearer` (in any case), or that there is none of ours behind it; `None` where that is not the scheme.
#[must_use]
pub fn bearer(value: &[u8]) -> Option<Result<SessionToken, MalformedToken>> {
    let (scheme, rest) = value.split_at_checked(6)?;
    let is_bearer = scheme.eq_ignore_ascii_case(b"bearer") && rest.first().is_none_or(|&b| b == b' ' || b == b'\t');
    is_bearer.then(|| std::str::from_utf8(rest.trim_ascii()).map_err(|_| MalformedToken).and_then(SessionToken::parse))
}

/// Name and value of every cookie, over all `Cookie` fields in order.
pub(super) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(fields: &[(&'static str, String)]) -> &'static str {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        match presented(&headers, "sid") {
            Presented::None => "none",
            Presented::Cookie(_) => "cookie",
            Presented::Bearer(_) => "bearer",
            Presented::MalformedCookie => "malformed cookie",
            Presented::MalformedBearer => "malformed bearer",
        }
    }

    #[test]
    fn exactly_one_credential_decides() {
        let a = "a".repeat(43);
        let b = "b".repeat(43);
        for (fields, expected) in [
            (vec![], "none"),
            (vec![("cookie", format!("sid={a}"))], "cookie"),
            (vec![("cookie", format!("x=1; sid={a}; y=2"))], "cookie"),
            (vec![("cookie", format!("sid={a}")), ("cookie", format!("sid={a}"))], "cookie"),
            (vec![("cookie", format!("sid={a}; sid={b}"))], "malformed cookie"),
            (vec![("cookie", format!("sid={a}")), ("cookie", "sid=".to_owned())], "malformed cookie"),
            (vec![("cookie", "sid=short".to_owned())], "malformed cookie"),
            (vec![("cookie", format!("SID={a}"))], "none"),
            (vec![("cookie", format!("xsid={a}"))], "none"),
            (vec![("authorization", format!("Bearer {a}"))], "bearer"),
            (vec![("authorization", format!("bEaReR  {a} "))], "bearer"),
            (vec![("authorization", "Bearer".to_owned())], "malformed bearer"),
            (vec![("authorization", "Bearer nonsense".to_owned()), ("cookie", format!("sid={a}"))], "malformed bearer"),
            (vec![("authorization", format!("Bearer {a}, Bearer {b}"))], "malformed bearer"),
            (
                vec![("authorization", format!("Bearer {a}")), ("authorization", format!("Bearer {a}"))],
                "malformed bearer",
            ),
            (vec![("authorization", "Basic Zm9v".to_owned()), ("cookie", format!("sid={a}"))], "cookie"),
            (vec![("authorization", format!("Bearerx {a}"))], "none"),
        ] {
            assert_eq!(kind(&fields), expected, "{fields:?}");
        }
    }
}
