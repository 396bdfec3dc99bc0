//! Holds the logo that pages and mails show.

use std::fmt;

use bytes::Bytes;

/// Holds a picture with its media type.
#[derive(Clone)]
pub struct Logo {
    pub(crate) bytes: Bytes,
    pub(crate) media_type: &'static str,
}

impl Logo {
    /// Recognises SVG, PNG, JPEG and WebP by their first bytes; everything else is `None`.
    #[must_use]
    pub fn parse(bytes: Vec<u8>) -> Option<Self> {
        let media_type = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            text => {
                let text = std::str::from_utf8(text).ok()?;
                let start = text.trim_start_matches('\u{feff}').trim_start();
                let is_svg = start.starts_with("<svg") || start.starts_with("<?xml") && text.contains("<svg");
                is_svg.then_some("image/svg+xml")?
            }
        };
        Some(Self { bytes: bytes.into(), media_type })
    }

    /// Returns the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logo({}, {} bytes)", self.media_type, self.bytes.len())
    }
}
