//! Reads what `firebase auth:export` writes, JSON or CSV.

mod table;
mod users;

use std::path::PathBuf;

use crate::{
    auth::FirebaseProject,
    import::{
        error::ImportError,
        file::Source,
        in_progress::Import,
        list::{self, Object},
        progress::Unit,
        record::Kind,
        tables::{Found, take},
    },
};

/// Says where the file is, and how the project hashes passwords.
#[derive(Debug)]
pub struct Firebase {
    pub path: PathBuf,
    /// Verifies passwords. Without it these do not come.
    pub project: Option<FirebaseProject>,
}

/// Are what Firebase calls the providers that the examples of the configuration call otherwise.
const PROVIDERS: [(&str, &str); 6] = [
    ("google.com", "google"),
    ("github.com", "github"),
    ("apple.com", "apple"),
    ("facebook.com", "facebook"),
    ("twitter.com", "twitter"),
    ("microsoft.com", "microsoft"),
];

/// Reads the users of the export, whichever form it has.
pub(super) async fn read(settings: &Firebase, import: &mut Import) -> Result<(), ImportError> {
    for (origin, here) in PROVIDERS {
        import.rename_provider(origin, here);
    }
    let source = Source::open(&settings.path)?;
    import.progress.begin(source.bytes, Unit::Bytes);
    import.progress.say("users");
    let (now, project) = (import.now(), settings.project.as_ref());
    if !is_json(&source)? {
        return table::read(&source, project, import).await;
    }
    let read = |object: Object, import: &mut Import| {
        let mut found = Found::default();
        let read = users::read(&object.fields, project, now, &mut found);
        take(import, Kind::User, &object.place, read, found);
    };
    match list::read(&source, "users", import, read).await? {
        0 => Err(ImportError::Origin(format!("{}: there is no list of users", source.name))),
        _ => Ok(()),
    }
}

/// Tells the two forms apart by the first character: ids of users begin with none such.
fn is_json(source: &Source) -> Result<bool, ImportError> {
    let head = source.peek(64)?;
    Ok(head.trim_ascii_start().first().is_some_and(|first| b"{[".contains(first)))
}
