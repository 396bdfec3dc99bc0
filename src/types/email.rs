//! Holds e-mail addresses as account keys (security requirements MAIL-10, MAIL-11).

use std::fmt;

/// Describes why a text is not an address that can own an account.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EmailError {
    #[error("an e-mail address has one @ between a local part and a domain")]
    Shape,
    #[error("an e-mail address has at most 64 characters before the @ and 254 in all")]
    Length,
    #[error("the part before the @ may hold ASCII letters, digits and .!#$%&'*+/=?^_`{{|}}~- with single dots inside")]
    LocalPart,
    #[error("the domain is not a valid host name with at least two labels")]
    Domain,
}

/// Is an address in the one form in which it is compared, stored and mailed: all lower case, the domain in its ASCII
/// (IDNA) form.
///
/// Local parts beyond ASCII are refused, so that no Unicode look-alike or case mapping can reach somebody else's
/// account. Blanks around the address are an error, not trimmed (contract §3.1).
#[derive(Clone, PartialEq, Eq, Hash, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(transparent)]
#[serde(try_from = "String")]
pub struct Email(String);

impl Email {
    /// Is the length of the longest address, in its ASCII form (RFC 5321).
    pub const MAX_BYTES: usize = 254;

    /// Returns the comparison form, which is also what mail is sent to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the `@`: a context word that a password must not be made of.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }

    /// Returns the part after the `@`, in its ASCII form.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }

    /// Returns the address without the tag that many providers allow behind a `+`; the same one where it has none. It
    /// says who is likely to read the mail, and never who owns an account.
    #[must_use]
    pub fn without_tag(&self) -> Self {
        match self.local_part().split_once('+') {
            Some((name, _)) if !name.is_empty() => Self(format!("{name}@{}", self.domain())),
            _ => self.clone(),
        }
    }
}

impl std::str::FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let (local, domain) = text.split_once('@').ok_or(EmailError::Shape)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(EmailError::Shape);
        }
        if local.len() > 64 || text.len() > Self::MAX_BYTES {
            return Err(EmailError::Length);
        }
        let is_atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b);
        if !local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom)) {
            return Err(EmailError::LocalPart);
        }
        let domain = parse_domain(domain)?;
        let address = format!("{}@{domain}", local.to_ascii_lowercase());
        if address.len() > Self::MAX_BYTES { Err(EmailError::Length) } else { Ok(Self(address)) }
    }
}

/// Returns the ASCII form of a host name with at least two labels.
pub(super) fn parse_domain(domain: &str) -> Result<String, EmailError> {
    // Characters that IDNA maps to ASCII (full-width letters and dots) would fold two spellings into one account.
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EmailError::Domain)?;
    let folded = domain.is_ascii() || idna::domain_to_unicode(&ascii).0 == domain.to_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if folded && ascii.contains('.') && ascii.split('.').all(is_label) { Ok(ascii) } else { Err(EmailError::Domain) }
}

impl TryFrom<String> for Email {
    type Error = EmailError;
    fn try_from(text: String) -> Result<Self, EmailError> {
        text.parse()
    }
}

/// Masks the address, so that a log line at any level does not collect addresses.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (local, domain) = self.0.split_once('@').unwrap_or_default();
        write!(f, "{}***@{domain}", local.get(..1).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_and_idna_and_refuses_everything_ambiguous() {
        for (text, expected) in [
            ("Alice@Example.COM", Ok("alice@example.com")),
            ("a.b+tag@example.com", Ok("a.b+tag@example.com")),
            ("x@münchen.example", Ok("x@xn--mnchen-3ya.example")),
            ("", Err(EmailError::Shape)),
            ("no-at", Err(EmailError::Shape)),
            ("a@b@example.com", Err(EmailError::Shape)),
            ("@example.com", Err(EmailError::Shape)),
            (" a@example.com", Err(EmailError::LocalPart)),
            ("a@example.com ", Err(EmailError::Domain)),
            ("a..b@example.com", Err(EmailError::LocalPart)),
            ("a@x\r\nBcc: b@y.example", Err(EmailError::Shape)),
            ("a@x.example\r\nBcc: b", Err(EmailError::Domain)),
            ("<a@example.com>", Err(EmailError::LocalPart)),
            ("a,b@example.com", Err(EmailError::LocalPart)),
            ("vıctim@example.com", Err(EmailError::LocalPart)),
            ("a@localhost", Err(EmailError::Domain)),
            ("a@example．com", Err(EmailError::Domain)),
            ("a@ＥＸＡＭＰＬＥ.com", Err(EmailError::Domain)),
            ("a@-bad.example", Err(EmailError::Domain)),
        ] {
            let parsed = text.parse::<Email>();
            assert_eq!(parsed.as_ref().map(Email::as_str), expected.as_ref().copied(), "{text:?}");
        }
        assert_eq!(format!("{}@example.com", "a".repeat(65)).parse::<Email>(), Err(EmailError::Length));
    }

    #[test]
    fn debug_hides_the_local_part() {
        let email: Email = "alice@example.com".parse().unwrap();
        assert_eq!(format!("{email:?}"), "a***@example.com");
    }
}
