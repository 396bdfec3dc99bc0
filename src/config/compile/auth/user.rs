//! `auth.user:`.

use crate::{
    auth::AvatarSettings,
    config::{
        compile::values::size,
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
};

pub(crate) fn avatars(raw: &raw::Avatars, path: &KeyPath, report: &mut Report<'_>) -> AvatarSettings {
    let (path, default) = (path.key("max_size"), AvatarSettings::default());
    let shown = Text(format!("{}KiB", default.max_size / 1024));
    let Some(max_size) = size(raw.max_size.as_ref().unwrap_or(&shown), &path, report) else { return default };
    match usize::try_from(max_size) {
        Ok(max_size) if (AvatarSettings::MIN_SIZE..=AvatarSettings::MAX_SIZE).contains(&max_size) => {
            AvatarSettings { max_size }
        }
        _ => {
            report.invalid(&path, "must be 1KiB to 1MiB");
            default
        }
    }
}
