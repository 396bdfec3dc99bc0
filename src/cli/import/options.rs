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
    /// What becomes of users whose address somebody has here already
    #[arg(long, value_enum, default_value_t = Clash::Skip)]
    pub(super) on_clash: Clash,
    /// Leave out a kind of record; may be given several times
    #[arg(long, value_enum, value_name = "KIND")]
    pub(super) without: Vec<KindName>,
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
pub(super) enum Clash {
    /// They do not come, nor does anything of theirs
    Skip,
    /// Whoever is here can sign in as before and as there, where both addresses are verified
    Merge,
    /// The import ends there
    Fail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KindName {
    Password,
    Identity,
    TwoFactor,
    Passkey,
    Session,
    Organization,
    ApiKey,
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

pub(super) fn table_name(text: &str) -> Result<(String, String), String> {
    let (what, name) = text.split_once('=').ok_or("say which table it is, for example user=people")?;
    Ok((what.to_owned(), name.to_owned()))
}

fn provider_name(text: &str) -> Result<(String, String), String> {
    let (old, new) = text.split_once('=').ok_or("say what it is called here, for example google.com=google")?;
    Ok((old.to_owned(), new.to_owned()))
}

fn column_name(text: &str) -> Result<((String, String), String), String> {
    let example = || "say which column it is, for example user.email=mail".to_owned();
    let (what, name) = text.split_once('=').ok_or_else(example)?;
    let (table, column) = what.split_once('.').ok_or_else(example)?;
    Ok(((table.to_owned(), column.to_owned()), name.to_owned()))
}
