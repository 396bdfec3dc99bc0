//! Compiles `retention:` (DATA-02).

use std::time::Duration;

use crate::{
    config::{
        compile::values::duration,
        raw,
        source::{path::KeyPath, report::Report},
    },
    jobs::Retention,
};

/// Is the shortest time that audit events are kept: the database does not let younger ones be deleted.
const MIN_AUDIT_EVENTS: Duration = Duration::from_hours(24);

pub(crate) fn compile(raw: &raw::Retention, report: &mut Report<'_>) -> Retention {
    let path = KeyPath::from_keys(&["retention"]);
    let default = Retention::default();
    let audit_path = path.key("audit_events");
    let audit_events = duration(raw.audit_events.as_ref(), default.audit_events, &audit_path, report);
    if audit_events < MIN_AUDIT_EVENTS {
        report.invalid(&audit_path, "must be at least 1d: what just happened stays");
    }
    let failed_mail = duration(raw.failed_mail.as_ref(), default.failed_mail, &path.key("failed_mail"), report);
    Retention { audit_events, failed_mail }
}
