//! Compiles `auth.multi_session:`.

use crate::{
    auth::MultiSessionSettings,
    config::{
        compile::values::{number, value},
        raw,
        source::{path::KeyPath, report::Report},
    },
};

pub(crate) fn compile(
    raw: &raw::MultiSession,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<MultiSessionSettings> {
    let default = MultiSessionSettings::default();
    let is_enabled = value(raw.enabled, false, &path.key("enabled"), report);
    let max = number(raw.max, default.max, 2..=MultiSessionSettings::MAX, &path.key("max"), report);
    is_enabled.then_some(MultiSessionSettings { max })
}
