//! Shows somebody's picture, as part of their settings.

use crate::pages::{
    account::page::{Part, PictureForm, Section},
    field::FormView,
    session::Session,
    settings::PICTURE_PAGE,
    upload::FILE,
    visit::Visit,
};

/// Shows the picture with the form that sends another.
pub(crate) fn section(visit: &Visit, session: &Session) -> Section {
    let t = visit.t;
    let user = &session.user;
    let kibibytes = visit.pages.auth.avatars.max_size / 1024;
    let remove =
        FormView::button(visit.account_path("settings/picture/remove"), Vec::new(), t.get("account-picture-remove"));
    let name = if user.name.trim().is_empty() { &user.email } else { &user.name };
    Section::new(t.get("account-picture")).part(Part::Picture(PictureForm {
        address: user.image.clone().filter(|address| is_own(visit, address)),
        initial: name.trim().chars().next().map(|first| first.to_uppercase().collect()).unwrap_or_default(),
        action: format!("{}{PICTURE_PAGE}", visit.pages.settings.account_path),
        field: FILE,
        hint: t.with("account-picture-hint", &[("size", &t.number(kibibytes as u64))]),
        remove: user.image.as_ref().map(|_| remove),
    }))
}

/// Tells whether a picture is one that the gateway serves: the policy of the pages loads no other.
fn is_own(visit: &Visit, address: &str) -> bool {
    let origin = visit.pages.auth.public_url.origin();
    let path = address.strip_prefix(origin.as_str()).unwrap_or(address);
    path.starts_with('/') && !path.starts_with("//")
}

/// Recognises the kinds that the API takes by their first bytes; the names of files tell nothing.
pub(crate) fn media_type(file: &[u8]) -> Option<&'static str> {
    match file {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
