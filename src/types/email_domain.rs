//! Matches patterns of e-mail domains, for rules about who may have which address.

use std::{fmt, str::FromStr};

use crate::types::email::{Email, parse_domain};

/// Says why a text is no pattern.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a domain is written like example.com, or *.example.com for all domains below it")]
pub struct InvalidEmailDomain;

/// Covers the addresses of one domain, or with `*.` those of all domains below it. The two never cover the same address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailDomain {
    /// Is in the form in which addresses hold it: lower case, ASCII.
    domain: String,
    is_wildcard: bool,
}

impl EmailDomain {
    /// Tells whether the address is of such a domain.
    #[must_use]
    pub fn covers(&self, email: &Email) -> bool {
        if !self.is_wildcard {
            return email.domain() == self.domain;
        }
        email.domain().strip_suffix(&self.domain).is_some_and(|labels| labels.ends_with('.'))
    }
}

impl FromStr for EmailDomain {
    type Err = InvalidEmailDomain;

    fn from_str(text: &str) -> Result<Self, InvalidEmailDomain> {
        let (domain, is_wildcard) = text.strip_prefix("*.").map_or((text, false), |domain| (domain, true));
        let domain = parse_domain(domain).map_err(|_| InvalidEmailDomain)?;
        Ok(Self { domain, is_wildcard })
    }
}

impl fmt::Display for EmailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.is_wildcard { "*." } else { "" }, self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_covers_itself_and_a_wildcard_what_is_below() {
        for (pattern, address, expected) in [
            ("example.com", "a@example.com", true),
            ("Example.COM", "a@EXAMPLE.com", true),
            ("example.com", "a@sub.example.com", false),
            ("example.com", "a@badexample.com", false),
            ("example.com", "a@example.com.evil.example", false),
            ("*.example.com", "a@sub.example.com", true),
            ("*.example.com", "a@deep.sub.example.com", true),
            ("*.example.com", "a@example.com", false),
            ("*.example.com", "a@badexample.com", false),
            ("münchen.example", "a@xn--mnchen-3ya.example", true),
            ("xn--mnchen-3ya.example", "a@MÜNCHEN.example", true),
        ] {
            let covers = pattern.parse::<EmailDomain>().unwrap().covers(&address.parse().unwrap());
            assert_eq!(covers, expected, "{pattern} {address}");
        }
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for text in
            ["", "*", "com", "*.com", "@example.com", "a@example.com", "*.*.example.com", "a*.example.com", " x.y"]
        {
            assert_eq!(text.parse::<EmailDomain>(), Err(InvalidEmailDomain), "{text:?}");
        }
    }
}
