//! Holds `auth.passkeys:` of gateway.yaml, compiled.

/// Says whose passkeys there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeySettings {
    /// Is the relying party id: a domain name, the host of `public_url` or a parent of it. Passkeys work on it and below
    /// it, and are lost when it changes. Default: the host of `public_url`.
    pub rp_id: String,
    /// Names the site to people. Default: the host of `public_url`.
    pub rp_name: String,
}

impl PasskeySettings {
    /// Is the longest [`Self::rp_name`], in characters.
    pub const MAX_NAME: usize = 64;

    /// Tells whether a host can have passkeys: browsers take domain names alone (WebAuthn §5.1.2).
    #[must_use]
    pub fn is_possible_on(host: &str) -> bool {
        matches!(url::Host::parse(host), Ok(url::Host::Domain(_)))
    }

    /// Tells whether passkeys of this relying party id work on pages of the host.
    #[must_use]
    pub fn covers(rp_id: &str, host: &str) -> bool {
        host == rp_id || host.strip_suffix(rp_id).is_some_and(|labels| labels.ends_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_for_domain_names() {
        for (host, possible) in
            [("app.example.com", true), ("localhost", true), ("127.0.0.1", false), ("[::1]", false), ("", false)]
        {
            assert_eq!(PasskeySettings::is_possible_on(host), possible, "{host}");
        }
    }

    #[test]
    fn a_relying_party_covers_its_domain_and_what_is_below() {
        for (host, covered) in [
            ("example.com", true),
            ("app.example.com", true),
            ("a.b.example.com", true),
            ("notexample.com", false),
            ("example.com.evil.test", false),
            ("com", false),
        ] {
            assert_eq!(PasskeySettings::covers("example.com", host), covered, "{host}");
        }
    }
}
