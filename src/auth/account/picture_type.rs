//! The kinds of pictures, and how width and height are read off the first bytes of each. Whoever wrote them may have
//! meant harm: nothing is unpacked, and what ends too early has no dimensions.

/// Is the kind of a picture. SVG is none of them: it is a document with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureType {
    Png,
    Jpeg,
    Webp,
    Gif,
}

impl PictureType {
    /// Lists all kinds.
    pub const ALL: [Self; 4] = [Self::Png, Self::Jpeg, Self::Webp, Self::Gif];

    /// Returns the media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
        }
    }

    /// Returns width and height, where the bytes begin as such a picture does.
    pub(crate) fn dimensions(self, content: &[u8]) -> Option<(u32, u32)> {
        match self {
            Self::Png => {
                let rest = content.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
                Some((u32::from_be_bytes(*rest.first_chunk()?), u32::from_be_bytes(*rest.get(4..)?.first_chunk()?)))
            }
            Self::Gif => {
                let rest = content.strip_prefix(b"GIF87a").or_else(|| content.strip_prefix(b"GIF89a"))?;
                let side = |at: usize| Some(u32::from(u16::from_le_bytes(*rest.get(at..)?.first_chunk()?)));
                Some((side(0)?, side(2)?))
            }
            Self::Webp => webp_dimensions(content),
            Self::Jpeg => jpeg_dimensions(content),
        }
    }
}

/// Reads the first chunk of the container, whose length has to be that of the bytes.
fn webp_dimensions(content: &[u8]) -> Option<(u32, u32)> {
    let rest = content.strip_prefix(b"RIFF")?;
    let length = u32::from_le_bytes(*rest.first_chunk()?);
    let rest = rest.get(4..)?.strip_prefix(b"WEBP")?;
    if usize::try_from(length).ok()? != content.len() - 8 {
        return None;
    }
    let chunk = rest.get(8..)?;
    let u24 = |at: usize| chunk.get(at..at + 3).map(|b| u32::from_le_bytes([b[0], b[1], b[2], 0]));
    match rest.get(..4)? {
        b"VP8X" => Some((u24(4)? + 1, u24(7)? + 1)),
        b"VP8L" => {
            let bits = u32::from_le_bytes(*chunk.strip_prefix(b"\x2f")?.first_chunk()?);
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8 " => {
            let sides = chunk.get(3..)?.strip_prefix(b"\x9d\x01\x2a")?;
            let side = |at: usize| Some(u32::from(u16::from_le_bytes(*sides.get(at..)?.first_chunk()?) & 0x3fff));
            Some((side(0)?, side(2)?))
        }
        _ => None,
    }
}

/// Goes from segment to segment until the one that begins the frame.
fn jpeg_dimensions(content: &[u8]) -> Option<(u32, u32)> {
    let mut rest = content.strip_prefix(b"\xff\xd8")?;
    loop {
        rest = rest.strip_prefix(b"\xff")?;
        let (&marker, after) = rest.split_first()?;
        match marker {
            // A marker may be filled up.
            0xff => {}
            // The start of a frame; these three of the range are tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let side = |at: usize| Some(u32::from(u16::from_be_bytes(*after.get(at..)?.first_chunk()?)));
                return Some((side(5)?, side(3)?));
            }
            // No frame comes after the end, and none has begun before its data.
            0x00 | 0xd8..=0xda => return None,
            0x01 | 0xd0..=0xd7 => rest = after,
            _ => rest = after.get(usize::from(u16::from_be_bytes(*after.first_chunk()?))..)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lossy_and_lossless_webp_have_their_sides_elsewhere() {
        let lossy = b"RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x10\0\x08\0";
        let lossless = b"RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2f\x0f\xc0\x01\0\0";
        assert_eq!(PictureType::Webp.dimensions(lossy), Some((16, 8)));
        assert_eq!(PictureType::Webp.dimensions(lossless), Some((16, 8)));
    }
}
