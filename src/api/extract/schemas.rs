//! Describes the fields of bodies, with the limits that their parsers hold.

use utoipa::openapi::{
    KnownFormat, Object, ObjectBuilder, SchemaFormat,
    schema::{SchemaType, Type},
};

use crate::{
    auth::{AvatarSettings, DisplayName, MAX_IMAGE_URL},
    types::{Email, PasswordRules},
};

/// Describes [`Fields::display_name`](super::fields::Fields::display_name).
pub(crate) fn display_name() -> Object {
    text().description(Some("One line; may be empty.")).max_length(Some(DisplayName::MAX_CHARACTERS)).build()
}

/// Describes an address.
pub(crate) fn email() -> Object {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Email))).max_length(Some(Email::MAX_BYTES)).build()
}

/// Describes a password that is chosen now, with the limits that hold unless they are configured.
pub(crate) fn new_password() -> Object {
    let PasswordRules { min_length, max_length, .. } = PasswordRules::default();
    let described = password().description(Some("Counted in characters."));
    described.min_length(Some(min_length)).max_length(Some(max_length)).build()
}

/// Describes a password that is held against the stored one: older, shorter ones must still work.
pub(crate) fn known_password() -> Object {
    password().max_length(Some(PasswordRules::default().max_length)).build()
}

/// Describes [`Fields::image`](super::fields::Fields::image) where it is set for the first time.
pub(crate) fn image() -> Object {
    nullable_image("The address of a picture, or a picture as `data:image/png;base64,…` (png, jpeg, webp, gif).")
}

/// Describes [`Fields::image`](super::fields::Fields::image) where there may be one.
pub(crate) fn removable_image() -> Object {
    nullable_image(
        "The address of a picture, or a picture as `data:image/png;base64,…` (png, jpeg, webp, gif); `null` takes it away.",
    )
}

/// Describes roles as the client's plugin sends them.
pub(crate) fn roles() -> Object {
    let one_or_several = SchemaType::from_iter([Type::String, Type::Array]);
    let described = text()
        .schema_type(one_or_several)
        .description(Some("One role, several with commas between them, or an array of them."));
    described.build()
}

/// Describes a hint for the page of a provider.
pub(crate) fn login_hint() -> Object {
    text().description(Some("The address, mostly.")).max_length(Some(Email::MAX_BYTES)).build()
}

fn nullable_image(description: &str) -> Object {
    let longest = AvatarSettings::default().encoded_size() + MAX_IMAGE_URL;
    let nullable = SchemaType::from_iter([Type::String, Type::Null]);
    text().schema_type(nullable).description(Some(description)).max_length(Some(longest)).build()
}

fn password() -> ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
