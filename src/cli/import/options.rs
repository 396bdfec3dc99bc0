//! Defines what the origins of `authgate import` have in common on the command line.

use std::{collections::HashMap, path::PathBuf};

use clap::{Args, ValueEnum};

use crate::{
    cli::administer::Common,
    import::{Names, record::Kind},
    types::Secret,
};

/// Holds what all origins take.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line, and any may be given")]
pub(crate) struct Run {
    /// Write nothing, and report what would come and what would not
    #[arg(long = "dry-run", id = "dry_run")]
    pub(super) is_dry: bool,
    /// Go on where the last import was ended
    #[arg(long, conflicts_with_all = ["dry_run", "restart"])]
    pub(super) resume: bool,
    /// Begin anew although the last import was not through; nothing comes twice
    #[arg(long)]
    pub(super) restart: bool,
    /// Decide about users whose address somebody has here already
    #[arg(long, value_enum, default_value_t = Clash::Skip)]
    pub(super) on_clash: Clash,
    /// Leave out a kind of record; may be given several times
    #[arg(long, value_enum, value_name = "KIND")]
    pub(super) without: Vec<KindName>,
    /// Bring a kind of record that an earlier import saw and that is not here any more; may be given several times
    #[arg(long, value_enum, value_name = "KIND")]
    pub(super) again: Vec<KindName>,
    /// Take every address as verified, whatever the origin says; only where its owners proved all of them
    #[arg(long)]
    pub(super) trust_addresses: bool,
    /// A provider that is called otherwise in the configuration, for example google.com=google; may be given several
    /// times
    #[arg(long = "provider", value_name = "OLD=NEW", value_parser = provider_name)]
    pub(super) providers: Vec<(String, String)>,
    /// Write every record that does not come as it was to this file, an object a line
    #[arg(long, value_name = "FILE", default_value = "authgate-import.jsonl")]
    pub(super) report: PathBuf,
    /// Tell origins of one kind apart by a name
    #[arg(long, value_name = "NAME", value_parser = origin_name)]
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

impl Run {
    /// Tells whether passwords are not left out.
    pub(crate) fn takes_passwords(&self) -> bool {
        !self.without.contains(&KindName::Password)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Clash {
    /// They do not come, nor does anything of theirs
    Skip,
    /// Give the user who is here the other's ways to sign in, where both addresses are verified
    Merge,
    /// The import ends there
    Fail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindName {
    Password,
    Identity,
    TwoFactor,
    Passkey,
    Session,
    Organization,
    ApiKey,
    Verification,
}

impl KindName {
    /// Lists what goes with it.
    pub(super) fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Password => &[Kind::Password],
            Self::Identity => &[Kind::Identity],
            Self::TwoFactor => &[Kind::TwoFactor],
            Self::Passkey => &[Kind::Passkey],
            Self::Session => &[Kind::Session],
            Self::Organization => &[Kind::Organization, Kind::Team, Kind::Member, Kind::TeamMember, Kind::Invitation],
            Self::ApiKey => &[Kind::ApiKey],
            Self::Verification => &[Kind::Verification],
        }
    }
}

/// Holds what origins in a database of PostgreSQL take.
#[derive(Debug, Args)]
pub(crate) struct Database {
    /// The origin's database; a role that may read is enough
    #[arg(long, value_name = "URL", env = "IMPORT_DATABASE_URL", hide_env_values = true)]
    pub(super) from: String,
    /// A table under another name, for example user=people; may be given several times
    #[arg(long = "table", value_name = "WHAT=NAME", value_parser = table_name)]
    pub(super) tables: Vec<(String, String)>,
    /// A column under another name, for example user.email=mail; may be given several times
    #[arg(long = "column", value_name = "TABLE.WHAT=NAME", value_parser = column_name)]
    pub(super) columns: Vec<((String, String), String)>,
}

impl Database {
    pub(crate) fn names(&self, schema: String) -> Names {
        Names {
            schema,
            tables: self.tables.iter().cloned().collect::<HashMap<_, _>>(),
            columns: self.columns.iter().cloned().collect::<HashMap<_, _>>(),
        }
    }

    pub(crate) fn url(&self) -> Secret {
        Secret::new(self.from.clone())
    }
}

fn origin_name(text: &str) -> Result<String, String> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    if (1..=64).contains(&text.len()) && text.bytes().all(is_word) {
        Ok(text.to_owned())
    } else {
        Err("a name is 1 to 64 characters out of A-Z a-z 0-9 _ . -".to_owned())
    }
}

fn table_name(text: &str) -> Result<(String, String), String> {
    pair(text).ok_or_else(|| "say which table it is, for example user=people".to_owned())
}

/// Takes apart what a column of a file is called.
pub(super) fn file_column_name(text: &str) -> Result<(String, String), String> {
    pair(text).ok_or_else(|| "say which column it is, for example email=mail".to_owned())
}

fn provider_name(text: &str) -> Result<(String, String), String> {
    pair(text).ok_or_else(|| "say what it is called here, for example google.com=google".to_owned())
}

fn column_name(text: &str) -> Result<((String, String), String), String> {
    let (what, name) = pair(text).unwrap_or_default();
    let parts = what.split_once('.').filter(|(table, column)| !table.is_empty() && !column.is_empty());
    let (table, column) = parts.ok_or("say which column it is, for example user.email=mail")?;
    Ok(((table.to_owned(), column.to_owned()), name))
}

/// Returns both sides, none of which may be empty.
fn pair(text: &str) -> Option<(String, String)> {
    let (left, right) = text.split_once('=')?;
    let (left, right) = (left.trim(), right.trim());
    (!left.is_empty() && !right.is_empty()).then(|| (left.to_owned(), right.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_sides() {
        assert_eq!(table_name("user=people"), Ok(("user".to_owned(), "people".to_owned())));
        let column = (("user".to_owned(), "email".to_owned()), "mail".to_owned());
        assert_eq!(column_name("user.email=mail"), Ok(column));
        for text in ["user", "=people", "user=", "", " = "] {
            assert!(
                table_name(text).is_err() && file_column_name(text).is_err() && provider_name(text).is_err(),
                "{text}"
            );
        }
        for text in ["email=mail", "user.=mail", ".email=mail", "user.email=", "user.email"] {
            assert!(column_name(text).is_err(), "{text}");
        }
        assert!(file_column_name("mail").unwrap_err().contains("email=mail"), "it has no tables");
    }
}
