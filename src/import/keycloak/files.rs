//! Finds the files of a realm in a folder: that of the realm, and those of its users, which are numbered.

use std::{collections::BTreeSet, fs, io, path::PathBuf};

use crate::import::{error::ImportError, keycloak::settings::Keycloak};

const EXAMPLE: &str = "`kc.sh export --dir … --realm …` writes such files";

/// Returns the files in the order in which they are read.
pub(super) fn list(settings: &Keycloak) -> Result<Vec<PathBuf>, ImportError> {
    let failed = |source: io::Error| ImportError::File { path: settings.path.clone(), source };
    if !fs::metadata(&settings.path).map_err(failed)?.is_dir() {
        return Ok(vec![settings.path.clone()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&settings.path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let part = name.to_str().and_then(Part::parse);
        found.extend(part.map(|part| (part, settings.path.join(&name))));
    }
    if let Some(realm) = &settings.realm {
        found.retain(|(part, _)| part.realm == *realm);
    }
    let realms: BTreeSet<&str> = found.iter().map(|(part, _)| part.realm.as_str()).collect();
    let folder = settings.path.display();
    match realms.len() {
        0 => Err(ImportError::Origin(format!("{folder} holds no REALM-realm.json or REALM-users-0.json; {EXAMPLE}"))),
        1 => {
            found.sort();
            Ok(found.into_iter().map(|(_, path)| path).collect())
        }
        _ => {
            let realms = realms.into_iter().collect::<Vec<_>>().join(", ");
            Err(ImportError::Origin(format!("{folder} holds several realms: {realms}; say which with --realm NAME")))
        }
    }
}

/// Is what a name says.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    realm: String,
    /// Is nothing for the realm itself.
    number: Option<u64>,
}

impl Part {
    fn parse(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(".json")?;
        if let Some(realm) = stem.strip_suffix("-realm") {
            return Some(Self { realm: realm.to_owned(), number: None });
        }
        let (realm, number) = stem.rsplit_once("-users-")?;
        // Those only say what users of a directory elsewhere have here: nobody can be made of them.
        if realm.ends_with("-federated") {
            return None;
        }
        Some(Self { realm: realm.to_owned(), number: Some(number.parse().ok()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_say_what_they_hold() {
        let part = |realm: &str, number| Some(Part { realm: realm.to_owned(), number });
        for (name, expected) in [
            ("acme-realm.json", part("acme", None)),
            ("acme-users-0.json", part("acme", Some(0))),
            ("acme-users-10.json", part("acme", Some(10))),
            ("my-users-users-2.json", part("my-users", Some(2))),
            ("acme-federated-users-0.json", None),
            ("acme-users-x.json", None),
            ("notes.json", None),
            ("acme-users-0.json.bak", None),
        ] {
            assert_eq!(Part::parse(name), expected, "{name}");
        }
        let mut parts = ["a-users-10.json", "a-users-9.json", "a-realm.json"].map(Part::parse);
        parts.sort();
        assert_eq!(parts, [part("a", None), part("a", Some(9)), part("a", Some(10))]);
    }
}
