//! Says what is imported, and how.

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
};

use crate::{
    crypto::{Mac, Sealer},
    import::record::Kind,
    types::{UserFields, UsernameRules},
};

/// Says what becomes of a user whose address somebody has here already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnClash {
    /// They do not come, nor does anything of theirs.
    Skip,
    /// The user who is here gets the ways to sign in, where both addresses are verified.
    Merge,
    /// The import ends there.
    Fail,
}

/// Says how an import goes.
#[derive(Debug)]
pub struct Options {
    /// Is what the origin is called: imports of one name know of each other.
    pub name: String,
    pub on_clash: OnClash,
    /// Writes nothing but the report.
    pub dry_run: bool,
    pub start: Start,
    /// Are kinds of records that do not come.
    pub without: BTreeSet<Kind>,
    /// Are kinds of records that come although an earlier import saw them and they are not here any more.
    pub again: BTreeSet<Kind>,
    /// Holds names of providers here by those that they have in the origin.
    pub providers: HashMap<String, String>,
    pub report: Option<PathBuf>,
}

/// Says where an import begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Is the beginning, unless an earlier import was not through.
    Fresh,
    /// Is where the last import was ended.
    Resume,
    /// Is the beginning, whatever became of an earlier import.
    Restart,
}

/// Holds what the configuration says of those who come.
#[derive(Debug)]
pub struct Rules {
    pub user_fields: UserFields,
    pub usernames: Option<UsernameRules>,
    /// Takes every address of the origin as verified, whatever the origin says.
    pub trusts_addresses: bool,
    /// Seals secrets of authenticator apps.
    pub totp_secrets: Sealer,
    /// Seals tokens of providers.
    pub provider_tokens: Sealer,
    /// Hashes mailed codes.
    pub mailed_codes: Mac,
    /// Is the longest that a session lives, whatever happens.
    pub session_absolute: std::time::Duration,
}
