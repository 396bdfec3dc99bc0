//! Reads a realm as Keycloak exports it: one file, or a folder of files.

mod credentials;
mod files;
mod settings;
mod users;

use crate::import::{
    error::ImportError,
    file::Source,
    in_progress::Import,
    keycloak::users::Context,
    list::{self, Object},
    progress::Unit,
    record::Kind,
    tables::{Found, take},
};

pub use settings::Keycloak;

/// Reads the users of all files of the realm.
pub(super) async fn read(settings: &Keycloak, import: &mut Import) -> Result<(), ImportError> {
    let files = files::list(settings)?;
    let (mut bytes, mut done, mut first) = (0, 0, 0);
    for (number, path) in files.iter().enumerate() {
        let source = Source::open(path)?;
        if source.is_where_it_ended(import) {
            first = number;
            done = bytes;
        }
        bytes += source.bytes;
    }
    import.progress.begin(bytes, Unit::Bytes);
    import.progress.say("users");
    import.progress.skip(done);
    let mut lists = 0;
    let context = Context { settings, protected_fields: import.protected_fields(), now: import.now() };
    for path in files.iter().skip(first) {
        let source = Source::open(path)?;
        let read = |object: Object, import: &mut Import| {
            let mut found = Found::default();
            let read = users::read(&object.fields, &context, &mut found);
            take(import, Kind::User, &object.place, read, found);
        };
        lists += list::read(&source, "users", import, read).await?;
    }
    if lists == 0 {
        return Err(ImportError::Origin(format!(
            "{} has no list of users; export the realm with its users",
            settings.path.display()
        )));
    }
    Ok(())
}
