//! Checks a database URL as the driver takes it. The URL holds the password, so nothing of it is ever shown but a
//! parameter's name.
//!
//! The driver ignores parameters that it does not know and logs them with their values, and reads an IPv6 address with
//! its brackets as a name. Here unknown parameters are mistakes, and the driver gets nothing that it would misread.

use url::{Host, Url};

/// Lists the parameters that the driver reads, with every spelling that it takes.
const KNOWN: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
/// Lists parameters that providers put into the URLs they hand out, and that change nothing here: the driver offers no
/// channel binding, times to connect are the gateway's own, and a server that takes no writes is rejected anyway.
const WITHOUT_EFFECT: [&str; 5] =
    ["channel_binding", "connect_timeout", "target_session_attrs", "gssencmode", "sslnegotiation"];
const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// Says why a text is no database URL.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum DatabaseUrlError {
    /// Is meant for what is wrong most often: a special character of the password that stands there as it is.
    #[error(
        "a database URL is written like postgres://user:password@host:5432/database, with special characters of the \
         password percent-encoded"
    )]
    Syntax,
    #[error("a database URL names one host; put a pooler or a name that follows the primary before several")]
    SeveralHosts,
    #[error("the URL has the unknown parameter {0}; the driver knows {known}", known = known())]
    UnknownParameter(String),
    #[error("sslmode is one of {modes}", modes = SSL_MODES.join(", "))]
    SslMode,
}

fn known() -> String {
    let one_spelling_each = KNOWN.into_iter().filter(|name| !name.contains('-'));
    one_spelling_each.collect::<Vec<_>>().join(", ")
}

/// Returns the same URL without what has no effect, its IPv6 address as the driver reads it.
pub(crate) fn normalize(text: &str) -> Result<String, DatabaseUrlError> {
    let mut url = Url::parse(text).map_err(|_| DatabaseUrlError::Syntax)?;
    let query = url.query().unwrap_or_default();
    // An `@` behind the host, a second `/` or a fragment are the rest of a password that was not percent-encoded.
    let is_astray =
        query.contains('@') || url.fragment().is_some() || url.path().trim_start_matches('/').contains(['@', '/']);
    if !matches!(url.scheme(), "postgres" | "postgresql") || is_astray {
        return Err(DatabaseUrlError::Syntax);
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    if host.contains(',') {
        return Err(DatabaseUrlError::SeveralHosts);
    }
    let mut parameters = Vec::new();
    let mut is_changed = false;
    for (name, value) in url.query_pairs() {
        if WITHOUT_EFFECT.contains(&&*name) {
            is_changed = true;
            continue;
        }
        if !KNOWN.contains(&&*name) && !name.starts_with("options[") {
            return Err(unknown(&name));
        }
        if matches!(&*name, "sslmode" | "ssl-mode") && !SSL_MODES.contains(&&*value) {
            return Err(DatabaseUrlError::SslMode);
        }
        parameters.push((name.into_owned(), value.into_owned()));
    }
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'))
        && matches!(Host::parse(&host), Ok(Host::Ipv6(_)))
        && !parameters.iter().any(|(name, _)| matches!(name.as_str(), "host" | "hostaddr"))
    {
        parameters.push(("host".to_owned(), address.to_owned()));
        is_changed = true;
    }
    if is_changed {
        url.set_query(None);
    }
    if is_changed && !parameters.is_empty() {
        url.query_pairs_mut().extend_pairs(parameters);
    }
    let normalized = if is_changed { url.to_string() } else { text.to_owned() };
    match normalized.parse::<sqlx::postgres::PgConnectOptions>() {
        Ok(_) => Ok(normalized),
        Err(_) => Err(DatabaseUrlError::Syntax),
    }
}

/// Shows only a word of the name: anything else may be a piece of a password.
fn unknown(name: &str) -> DatabaseUrlError {
    let is_word =
        (1..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    if is_word { DatabaseUrlError::UnknownParameter(name.to_owned()) } else { DatabaseUrlError::Syntax }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_of(url: &str) -> String {
        normalize(url).unwrap().parse::<sqlx::postgres::PgConnectOptions>().unwrap().get_host().to_owned()
    }

    #[test]
    fn an_ipv6_address_reaches_the_driver_without_brackets() {
        assert_eq!(host_of("postgres://u:p@[::1]/db"), "::1");
        assert_eq!(host_of("postgres://u:p@[2001:db8::1]:6432/db?sslmode=disable"), "2001:db8::1");
        assert_eq!(host_of("postgres://u:p@[::1]/db?host=db.internal"), "db.internal");
    }

    #[test]
    fn what_changes_nothing_is_left_out_and_the_rest_stays() {
        for (url, expected) in [
            ("postgres://u:p@h/db", "postgres://u:p@h/db"),
            ("postgres://u:p%3F%40@h/db?sslmode=verify-full", "postgres://u:p%3F%40@h/db?sslmode=verify-full"),
            ("postgres://u@%2Frun%2Fpg/db", "postgres://u@%2Frun%2Fpg/db"),
            ("postgres://u@h/db?options[a]=b&options=-c%20x%3D1", "postgres://u@h/db?options[a]=b&options=-c%20x%3D1"),
            ("postgres://u:p@h/db?sslmode=require&channel_binding=require", "postgres://u:p@h/db?sslmode=require"),
            ("postgresql://u:p@h/db?channel_binding=require&connect_timeout=10", "postgresql://u:p@h/db"),
        ] {
            assert_eq!(normalize(url).as_deref(), Ok(expected), "{url}");
        }
    }

    #[test]
    fn unknown_parameters_are_named_and_pieces_of_a_password_are_not() {
        let unknown = |name: &str| Err(DatabaseUrlError::UnknownParameter(name.to_owned()));
        for (url, expected) in [
            ("postgres://u@h/db?sslpassword=S3cret", unknown("sslpassword")),
            ("postgres://u@h/db?Password=S3cret", unknown("Password")),
            ("postgres://u@h/db?sslmode=require&pgbouncer=true", unknown("pgbouncer")),
            ("postgres://u@h/db?sslmode=S3cret", Err(DatabaseUrlError::SslMode)),
            ("postgres://u:1?S3cret@h/db", Err(DatabaseUrlError::Syntax)),
            ("postgres://u:1?S3&cret@h/db", Err(DatabaseUrlError::Syntax)),
            ("postgres://u:1/S3cret@h/db", Err(DatabaseUrlError::Syntax)),
            ("postgres://u:1#S3cret@h/db", Err(DatabaseUrlError::Syntax)),
            ("postgres://u@h/db?S3%20cret=1", Err(DatabaseUrlError::Syntax)),
            ("postgres://u@h/db?port=S3cret", Err(DatabaseUrlError::Syntax)),
            ("postgres://u@a,b/db", Err(DatabaseUrlError::SeveralHosts)),
            ("mysql://u@h/db", Err(DatabaseUrlError::Syntax)),
            ("S3cret", Err(DatabaseUrlError::Syntax)),
        ] {
            let found = normalize(url);
            assert_eq!(found, expected.map(|()| String::new()), "{url}");
            assert!(!found.unwrap_err().to_string().contains("S3"), "{url}");
        }
    }
}
