//! Takes and serves the picture of a person: the address of one elsewhere, or the bytes of one that the gateway stores
//! and serves. What is stored was sent by strangers and is shown to others, so its kind is read off its own bytes, and
//! its dimensions are bounded: a few kilobytes can unpack to gigabytes in a viewer's browser.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use url::{ParseError, Url};

use crate::{
    auth::{Flow, FlowError, PictureType, RateClass, Settings, limit_address, limit_user},
    store::{
        StoreError,
        users::avatars::{self, NewAvatar},
    },
    types::UserId,
};

/// Limits the length of the address of a picture elsewhere, in bytes.
pub const MAX_IMAGE_URL: usize = 2048;
/// Limits width and height of a stored picture, in pixels.
const MAX_PICTURE_SIDE: u32 = 4096;

/// Holds what a user's image becomes.
#[derive(Debug, Clone)]
pub enum Image {
    /// Is the address of a picture elsewhere.
    Address(String),
    /// Is a picture that is stored here.
    Picture(Picture),
}

/// Describes why a text is no image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    #[error("expected a URL of at most 2048 characters")]
    TooLong,
    /// Is neither http nor https, nor a path: `javascript:`, or a kind of `data:` that is not taken.
    #[error("expected an http or https URL, or data:image/png, jpeg, webp or gif in base64")]
    Scheme,
    #[error("the data is not base64 as RFC 4648 has it, with padding and without blanks")]
    Base64,
    #[error("the data is not the picture that its type says")]
    NotThatType,
    #[error("the picture has no size, or a side of more than 4096 pixels")]
    Dimensions,
    #[error("the picture is larger than auth.user.avatars.max_size")]
    TooLarge,
}

impl Image {
    /// Parses an image as clients send it. Stored pictures have at most `max` bytes.
    pub fn parse(text: &str, max: usize) -> Result<Self, ImageError> {
        if let Some(data) = text.strip_prefix("data:") {
            return Picture::parse(data, max).map(Self::Picture);
        }
        if text.len() > MAX_IMAGE_URL || text.chars().any(char::is_control) {
            return Err(ImageError::TooLong);
        }
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Self::Address(text.to_owned())),
            // Frontends resolve such paths themselves.
            Err(ParseError::RelativeUrlWithoutBase) => Ok(Self::Address(text.to_owned())),
            Ok(_) | Err(_) => Err(ImageError::Scheme),
        }
    }

    /// Returns what the user's image is from now on.
    #[must_use]
    pub fn address(&self, settings: &Settings) -> String {
        match self {
            Self::Address(address) => address.clone(),
            Self::Picture(picture) => picture.name().address(settings),
        }
    }

    pub(crate) fn picture(&self) -> Option<&Picture> {
        match self {
            Self::Address(_) => None,
            Self::Picture(picture) => Some(picture),
        }
    }
}

/// Holds a picture whose bytes are of its kind.
#[derive(Clone)]
pub struct Picture {
    kind: PictureType,
    hash: [u8; 32],
    content: Vec<u8>,
}

impl Picture {
    /// Parses what follows `data:`.
    fn parse(data: &str, max: usize) -> Result<Self, ImageError> {
        let (declared, base64) = data.split_once(";base64,").ok_or(ImageError::Scheme)?;
        let kind = PictureType::ALL.into_iter().find(|kind| kind.media_type() == declared);
        let kind = kind.ok_or(ImageError::Scheme)?;
        if base64.len() > max.div_ceil(3) * 4 {
            return Err(ImageError::TooLarge);
        }
        let content = STANDARD.decode(base64).map_err(|_| ImageError::Base64)?;
        if content.len() > max {
            return Err(ImageError::TooLarge);
        }
        let (width, height) = kind.dimensions(&content).ok_or(ImageError::NotThatType)?;
        let sides = 1..=MAX_PICTURE_SIDE;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(ImageError::Dimensions);
        }
        Ok(Self { kind, hash: Sha256::digest(&content).into(), content })
    }

    fn name(&self) -> PictureName {
        PictureName { hash: self.hash, kind: self.kind }
    }

    /// Stores the picture as the user's. Its rate is limited before, by [`limit_pictures`].
    pub(crate) async fn store(
        &self,
        flow: Flow<'_>,
        connection: &mut sqlx::PgConnection,
        user: &UserId,
    ) -> Result<(), StoreError> {
        let avatar = NewAvatar { hash: &self.hash, media_type: self.kind.media_type(), content: &self.content };
        avatars::upsert(connection, user, avatar, flow.now).await
    }
}

/// Shows no bytes: what is logged of a request holds no picture.
impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.kind.media_type(), self.content.len())
    }
}

/// Is the last segment of a picture's address: its hash and its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureName {
    hash: [u8; 32],
    kind: PictureType,
}

impl PictureName {
    /// Parses `<sha256>.<extension>`, which has one spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hex, extension) = text.split_once('.')?;
        let kind = PictureType::ALL.into_iter().find(|kind| kind.extension() == extension)?;
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
        let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
        Some(Self { hash: bytes?.try_into().ok()?, kind })
    }

    /// Returns the kind that the address says.
    #[must_use]
    pub fn kind(self) -> PictureType {
        self.kind
    }

    /// Returns the hash in hexadecimal digits.
    #[must_use]
    pub fn hex(self) -> String {
        self.hash.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn address(self, settings: &Settings) -> String {
        let path = format!("{}/avatars/{}.{}", settings.base_path, self.hex(), self.kind.extension());
        settings.public_url.join(&path)
    }
}

/// Counts a picture that a user is about to store; strangers who sign up with one are counted by their address.
pub(crate) async fn limit_pictures(flow: Flow<'_>, user: Option<&UserId>) -> Result<(), FlowError> {
    match user {
        Some(user) => limit_user(flow, RateClass::Avatar, user).await.map(drop),
        None => limit_address(flow, RateClass::Avatar).await,
    }
}

/// Tells what came of a question for a picture.
#[derive(Debug)]
pub enum FoundPicture {
    Content(Bytes),
    /// It is there, and the client has it already.
    Known,
}

/// Finds a picture for whoever has its address. `None` where nobody has it, or only who is banned or deleted.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn find_picture(
    flow: Flow<'_>,
    name: PictureName,
    is_known: bool,
) -> Result<Option<FoundPicture>, StoreError> {
    let mut connection = flow.auth.db.acquire_for_content().await?;
    let media_type = name.kind.media_type();
    let found = avatars::find(&mut connection, &name.hash, media_type, !is_known).await?;
    Ok(found.map(|found| found.content.map_or(FoundPicture::Known, FoundPicture::Content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x10\0\0\0\x08\x08\x06\0\0\0";
    const GIF: &[u8] = b"GIF89a\x10\0\x08\0\0\0\0;";
    const JPEG: &[u8] =
        b"\xff\xd8\xff\xe0\0\x04JF\xff\xff\xc4\0\x03x\xff\xc0\0\x0b\x08\0\x08\0\x10\x01\x01\x11\0\xff\xd9";
    const WEBP: &[u8] = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x0f\0\0\x07\0\0";

    fn data(kind: &str, content: &[u8]) -> String {
        format!("data:{kind};base64,{}", STANDARD.encode(content))
    }

    #[test]
    fn the_bytes_say_what_a_picture_is() {
        let kinds = [("image/png", PNG), ("image/gif", GIF), ("image/jpeg", JPEG), ("image/webp", WEBP)];
        for (declared, _) in kinds {
            for (kind, content) in kinds {
                let parsed = Image::parse(&data(declared, content), 1024);
                match parsed {
                    Ok(Image::Picture(picture)) if declared == kind => assert_eq!(picture.content, content),
                    Err(ImageError::NotThatType) if declared != kind => {}
                    other => panic!("{kind} as {declared}: {other:?}"),
                }
                assert!(declared != kind || dimensions_of(declared, content) == Some((16, 8)), "{declared}");
            }
        }
    }

    fn dimensions_of(media_type: &str, content: &[u8]) -> Option<(u32, u32)> {
        let kind = PictureType::ALL.into_iter().find(|kind| kind.media_type() == media_type)?;
        kind.dimensions(content)
    }

    #[test]
    fn what_is_cut_off_anywhere_is_no_picture_and_no_panic() {
        for (kind, content) in [("image/png", &PNG[..24]), ("image/gif", &GIF[..10]), ("image/jpeg", &JPEG[..23])] {
            for length in 0..content.len() {
                let parsed = Image::parse(&data(kind, &content[..length]), 1024);
                assert!(matches!(parsed, Err(ImageError::NotThatType)), "{kind} of {length}: {parsed:?}");
            }
        }
        for length in 0..WEBP.len() {
            assert_eq!(PictureType::Webp.dimensions(&WEBP[..length]), None);
        }
        assert_eq!(PictureType::Webp.dimensions(&[WEBP, b"<script>"].concat()), None);
    }

    #[test]
    fn pictures_that_unpack_to_too_much_are_refused() {
        let mut wide = PNG.to_vec();
        wide[18..20].copy_from_slice(&[0x10, 0x01]);
        let mut none = PNG.to_vec();
        none[23] = 0;
        for content in [wide, none] {
            assert_eq!(Image::parse(&data("image/png", &content), 1024).err(), Some(ImageError::Dimensions));
        }
    }

    #[test]
    fn data_is_taken_in_one_spelling() {
        let right = data("image/png", PNG);
        let split = format!("{} {}", &right[..40], &right[40..]);
        for (text, expected) in [
            (right.replace("data:", "DATA:"), ImageError::Scheme),
            (right.replace("image/png", "image/PNG"), ImageError::Scheme),
            (right.replace("image/png", "image/jpg"), ImageError::Scheme),
            (right.replace("image/png", "image/svg+xml"), ImageError::Scheme),
            (right.replace("image/png", "text/html"), ImageError::Scheme),
            (right.replace("image/png", "image/png;charset=utf-8"), ImageError::Scheme),
            (right.replace(";base64", ""), ImageError::Scheme),
            (right.replace(";base64,", ";base64, "), ImageError::Base64),
            (split, ImageError::Base64),
            (format!("{right}\n"), ImageError::Base64),
            (format!("{right}===="), ImageError::Base64),
            (right.trim_end_matches('=').to_owned() + "%3D", ImageError::Base64),
            (data("image/jpeg", JPEG).replace('/', "_").replace("image_jpeg", "image/jpeg"), ImageError::Base64),
            ("data:image/png;base64,".to_owned(), ImageError::NotThatType),
            ("data:image/svg+xml;utf8,<svg onload=alert(1)>".to_owned(), ImageError::Scheme),
            ("data:,x".to_owned(), ImageError::Scheme),
        ] {
            assert_eq!(Image::parse(&text, 1024).err(), Some(expected), "{text}");
        }
        let exactly = PNG.len();
        assert!(Image::parse(&right, exactly).is_ok());
        for max in [exactly - 1, 1] {
            assert_eq!(Image::parse(&right, max).err(), Some(ImageError::TooLarge));
        }
    }

    #[test]
    fn addresses_lead_to_the_web() {
        let long = format!("https://x.example/{}", "a".repeat(MAX_IMAGE_URL));
        for (text, expected) in [
            ("https://x.example/a.png", None),
            ("http://localhost:3000/a.png", None),
            ("/a.png", None),
            ("a.png", None),
            ("", None),
            (&long, Some(ImageError::TooLong)),
            ("https://x.example/\n", Some(ImageError::TooLong)),
            ("javascript:alert(1)", Some(ImageError::Scheme)),
            (" javascript:alert(1)", Some(ImageError::Scheme)),
            ("JavaScript:alert(1)", Some(ImageError::Scheme)),
            (" data:image/png;base64,AAAA", Some(ImageError::Scheme)),
            ("Data:text/html,x", Some(ImageError::Scheme)),
            ("blob:https://x.example/1", Some(ImageError::Scheme)),
            ("file:///etc/passwd", Some(ImageError::Scheme)),
            ("vbscript:x", Some(ImageError::Scheme)),
            ("https://", Some(ImageError::Scheme)),
        ] {
            assert_eq!(Image::parse(text, 1024).err(), expected, "{text}");
        }
    }

    #[test]
    fn a_name_has_one_spelling() {
        let hex = "0123456789abcdef".repeat(4);
        let name = PictureName::parse(&format!("{hex}.jpg")).unwrap();
        assert_eq!((name.hex(), name.kind()), (hex.clone(), PictureType::Jpeg));
        for text in [
            String::new(),
            hex.clone(),
            format!("{hex}.svg"),
            format!("{hex}.jpeg"),
            format!("{hex}.JPG"),
            format!("{hex}.jpg.jpg"),
            format!("{}.jpg", hex.to_uppercase()),
            format!("{hex}0.jpg"),
            format!("{}.jpg", &hex[1..]),
            format!("{}.jpg", &hex[2..]),
            format!("+{}.jpg", &hex[1..]),
        ] {
            assert_eq!(PictureName::parse(&text), None, "{text}");
        }
    }
}
