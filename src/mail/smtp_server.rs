//! Reads the address of an SMTP server from its URL. It is pure, so that `authgate check` can use it.

use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// Holds `smtp://user@host:587?tls=required` or `smtps://user@host:465`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// Is a host name or an IP address without brackets.
    pub host: String,
    /// Is 587 by default, with `smtps` 465.
    pub port: u16,
    /// Is percent-decoded.
    pub user: Option<String>,
    pub security: SmtpSecurity,
}

/// Tells when TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Means TLS from the first byte: `smtps`.
    Implicit,
    /// Means TLS by STARTTLS, or nothing is sent. This is the default of `smtp`.
    Required,
    /// Means TLS by STARTTLS where the server offers it. This is the default of `smtp` on loopback.
    Opportunistic,
    /// Means no TLS; on loopback only.
    None,
}

/// Describes why a URL names no SMTP server. Shows nothing of it, since somebody may have put the password there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    #[error("not a URL like smtp://user@host:587 or smtps://user@host:465")]
    Shape,
    #[error("the scheme is neither smtp nor smtps")]
    Scheme,
    #[error("the host is neither a host name nor an IP address")]
    Host,
    #[error("the user name is not percent-encoded UTF-8 without control characters")]
    User,
    #[error("the password does not belong in the URL but into `password: {{ env: NAME }}` beside it")]
    Password,
    #[error("only `tls` may follow the `?`, once: required, opportunistic or none; smtps has no such choice")]
    Parameters,
    #[error("tls=none is for servers on loopback only: links and passwords would travel readable")]
    Unencrypted,
    #[error("tls=opportunistic with a user would show the password to anybody in between who hides STARTTLS")]
    Downgradable,
}

impl std::str::FromStr for SmtpServer {
    type Err = SmtpUrlError;

    fn from_str(text: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(text).map_err(|_| SmtpUrlError::Shape)?;
        let implicit = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(SmtpUrlError::Scheme),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() || url.port() == Some(0) {
            return Err(SmtpUrlError::Shape);
        }
        if url.password().is_some() {
            return Err(SmtpUrlError::Password);
        }
        let (host, is_loopback) = parse_host(&url)?;
        let user = parse_user(&url)?;
        let security = match (implicit, tls_parameter(&url)?.as_deref()) {
            (true, None) => SmtpSecurity::Implicit,
            (false, None) if is_loopback => SmtpSecurity::Opportunistic,
            (false, None | Some("required")) => SmtpSecurity::Required,
            (false, Some("opportunistic")) if is_loopback || user.is_none() => SmtpSecurity::Opportunistic,
            (false, Some("opportunistic")) => return Err(SmtpUrlError::Downgradable),
            (false, Some("none")) if is_loopback => SmtpSecurity::None,
            (false, Some("none")) => return Err(SmtpUrlError::Unencrypted),
            (_, Some(_)) => return Err(SmtpUrlError::Parameters),
        };
        let port = url.port().unwrap_or(if implicit { 465 } else { 587 });
        Ok(Self { host, port, user, security })
    }
}

fn parse_host(url: &Url) -> Result<(String, bool), SmtpUrlError> {
    // `smtp` is not one of the schemes whose hosts the URL parser itself checks.
    let text = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpUrlError::Host)?;
    Ok(match Host::parse(text).map_err(|_| SmtpUrlError::Host)? {
        Host::Domain(name) => {
            let is_loopback = name == "localhost" || name.ends_with(".localhost");
            (name, is_loopback)
        }
        Host::Ipv4(address) => (address.to_string(), address.is_loopback()),
        Host::Ipv6(address) => (address.to_string(), address.is_loopback()),
    })
}

fn parse_user(url: &Url) -> Result<Option<String>, SmtpUrlError> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let user = percent_decode_str(url.username()).decode_utf8().map_err(|_| SmtpUrlError::User)?;
    if user.chars().any(char::is_control) { Err(SmtpUrlError::User) } else { Ok(Some(user.into_owned())) }
}

fn tls_parameter(url: &Url) -> Result<Option<String>, SmtpUrlError> {
    let mut parameters = url.query_pairs();
    match (parameters.next(), parameters.next()) {
        (None, _) => Ok(None),
        (Some((key, value)), None) if key == "tls" => Ok(Some(value.into_owned())),
        _ => Err(SmtpUrlError::Parameters),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, port: u16, user: Option<&str>, security: SmtpSecurity) -> SmtpServer {
        SmtpServer { host: host.to_owned(), port, user: user.map(str::to_owned), security }
    }

    #[test]
    fn encrypts_unless_on_loopback() {
        use SmtpSecurity::{Implicit, None as Plain, Opportunistic, Required};
        for (url, expected) in [
            ("smtps://user@smtp.example.com", server("smtp.example.com", 465, Some("user"), Implicit)),
            ("smtps://smtp.example.com:2465/", server("smtp.example.com", 2465, None, Implicit)),
            ("smtp://user@smtp.example.com", server("smtp.example.com", 587, Some("user"), Required)),
            ("smtp://SMTP.Example.com:25?tls=required", server("smtp.example.com", 25, None, Required)),
            ("smtp://mail:1025?tls=opportunistic", server("mail", 1025, None, Opportunistic)),
            ("smtp://localhost:1025", server("localhost", 1025, None, Opportunistic)),
            ("smtp://127.0.0.1:1025?tls=none", server("127.0.0.1", 1025, None, Plain)),
            ("smtp://[::1]:1025?tls=none", server("::1", 1025, None, Plain)),
            ("smtp://[::1]?tls=required", server("::1", 587, None, Required)),
            ("smtp://a%40b.example:@h.example", server("h.example", 587, Some("a@b.example"), Required)),
            ("smtp://user@localhost?tls=opportunistic", server("localhost", 587, Some("user"), Opportunistic)),
        ] {
            assert_eq!(url.parse(), Ok(expected), "{url}");
        }
    }

    #[test]
    fn refuses_what_would_be_unsafe_or_misread() {
        for (url, expected) in [
            ("", SmtpUrlError::Shape),
            ("smtp.example.com:587", SmtpUrlError::Scheme),
            ("https://smtp.example.com", SmtpUrlError::Scheme),
            ("smtp://", SmtpUrlError::Host),
            ("smtp:smtp.example.com", SmtpUrlError::Shape),
            ("smtp://a b.example", SmtpUrlError::Shape),
            ("smtp://a_%20b.example", SmtpUrlError::Host),
            ("smtp://h.example:0", SmtpUrlError::Shape),
            ("smtp://h.example:99999", SmtpUrlError::Shape),
            ("smtp://h.example/ehlo", SmtpUrlError::Shape),
            ("smtp://h.example#x", SmtpUrlError::Shape),
            ("smtp://user:secret@h.example", SmtpUrlError::Password),
            ("smtp://a%0d%0ab@h.example", SmtpUrlError::User),
            ("smtp://a%ff@h.example", SmtpUrlError::User),
            ("smtp://h.example?tls=none", SmtpUrlError::Unencrypted),
            ("smtp://localhost.example?tls=none", SmtpUrlError::Unencrypted),
            ("smtp://u@h.example?tls=opportunistic", SmtpUrlError::Downgradable),
            ("smtp://h.example?tls=yes", SmtpUrlError::Parameters),
            ("smtp://h.example?tls=required&tls=none", SmtpUrlError::Parameters),
            ("smtp://h.example?timeout=1", SmtpUrlError::Parameters),
            ("smtps://h.example?tls=required", SmtpUrlError::Parameters),
        ] {
            assert_eq!(url.parse::<SmtpServer>(), Err(expected), "{url}");
        }
    }
}
