//! Says which realm of Keycloak is read, and what becomes of its roles.

use std::path::PathBuf;

/// Says where the files are, and what becomes of roles.
#[derive(Debug)]
pub struct Keycloak {
    /// Is a file or a folder.
    pub path: PathBuf,
    /// Is the realm, where a folder holds several.
    pub realm: Option<String>,
    /// Are the clients whose roles come.
    pub clients: Vec<String>,
    /// Groups become roles.
    pub takes_groups: bool,
}
