//! Says what mails look like: the name, the colour and the picture of the site that they come from.

use std::fmt;

use lettre::message::{Mailbox, header::ContentType};

/// Describes the look of all mails.
#[derive(Debug, Clone)]
pub struct Look {
    /// Is what mails call the site.
    pub name: String,
    /// Colours the button.
    pub accent: Accent,
    /// Stands beside the name, where there is one.
    pub logo: Option<Logo>,
}

impl Look {
    /// Returns the look of a sender that nothing else is known of: its display name, else its domain.
    #[must_use]
    pub fn from_sender(from: &Mailbox) -> Self {
        let name = from.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| from.email.domain());
        Self { name: name.to_owned(), accent: Accent::default(), logo: None }
    }
}

/// Is a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    red: u8,
    green: u8,
    blue: u8,
}

impl Accent {
    /// Reads a colour like `#1d4ed8`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok().filter(|_| is_hexadecimal)?.to_be_bytes();
        Some(Self { red, green, blue })
    }

    /// Returns the colour of text on it: black or white, whichever has the higher contrast (WCAG 2.2).
    #[must_use]
    pub fn ink(self) -> &'static str {
        let [red, green, blue] = [self.red, self.green, self.blue].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        // Both contrasts are equal where (L + 0.05)² = 1.05 × 0.05.
        if luminance > 0.179 { "#000000" } else { "#ffffff" }
    }
}

impl Default for Accent {
    fn default() -> Self {
        Self { red: 0x1d, green: 0x4e, blue: 0xd8 }
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// Is a picture that travels in each mail: what is loaded from elsewhere tells when a mail is read.
#[derive(Clone)]
pub struct Logo {
    pub(crate) content_type: ContentType,
    pub(crate) bytes: Vec<u8>,
}

impl Logo {
    /// Takes a PNG, JPEG or GIF. Mail programs show no other kind everywhere, SVG least of all: `None` for these.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let kind = match bytes {
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'G', b'I', b'F', b'8', ..] => "image/gif",
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
    fn text_on_the_accent_is_readable() {
        for (accent, ink) in [
            ("#1d4ed8", "#ffffff"),
            ("#000000", "#ffffff"),
            ("#FFFFFF", "#000000"),
            ("#facc15", "#000000"),
            ("#dc2626", "#ffffff"),
        ] {
            let parsed = Accent::parse(accent).unwrap();
            assert_eq!((parsed.to_string(), parsed.ink()), (accent.to_lowercase(), ink));
        }
        for text in ["", "1d4ed8", "#1d4ed", "#1d4ed88", "#1d4edg", "#+d4ed8", "blue", "#äää"] {
            assert_eq!(Accent::parse(text), None, "{text}");
        }
    }

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
