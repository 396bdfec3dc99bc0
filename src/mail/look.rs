//! Says what mails look like: the name, the colour and the picture of the site that they come from.

use std::fmt;

use lettre::message::{Mailbox, header::ContentType};

use crate::types::Color;

/// Describes the look of all mails.
#[derive(Debug, Clone)]
pub struct Look {
    /// Is what mails call the site.
    pub name: String,
    /// Colours the button.
    pub accent: Color,
    /// Stands beside the name, where there is one.
    pub logo: Option<Logo>,
}

impl Look {
    /// Returns the look of a sender that nothing else is known of: its display name, else its domain.
    #[must_use]
    pub fn from_sender(from: &Mailbox) -> Self {
        let name = from.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| from.email.domain());
        Self { name: name.to_owned(), accent: Color::default(), logo: None }
    }
}

/// Is a picture that travels in each mail: what is loaded from elsewhere tells when a mail is read.
#[derive(Clone)]
pub struct Logo {
    pub(crate) content_type: ContentType,
    pub(crate) bytes: Vec<u8>,
}

impl Logo {
    /// Takes a PNG or JPEG. Mail programs show no other kind everywhere, SVG least of all: `None` for these.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let kind = match bytes {
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            _ => return None,
        };
        Some(Self { content_type: kind.parse().ok()?, bytes: bytes.to_vec() })
    }
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logo({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_called_what_its_sender_is_called() {
        for (from, name) in [("App <no-reply@example.com>", "App"), ("no-reply@example.com", "example.com")] {
            assert_eq!(Look::from_sender(&from.parse().unwrap()).name, name);
        }
    }

    #[test]
    fn a_logo_is_what_mail_programs_show() {
        assert!(Logo::new(b"\x89PNG\r\n\x1a\n").is_some() && Logo::new(b"\xff\xd8\xff\xe0").is_some());
        assert!(Logo::new(b"<svg xmlns='http://www.w3.org/2000/svg'/>").is_none() && Logo::new(b"").is_none());
    }
}
