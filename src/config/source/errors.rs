//! Describes what is wrong with a configuration, written for the person who has to put it right.

use std::{borrow::Cow, fmt};

use crate::config::source::{location::SourceLocation, path::KeyPath};

/// Describes one mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigError {
    location: SourceLocation,
    path: KeyPath,
    message: String,
}

impl ConfigError {
    pub(crate) fn new(location: SourceLocation, path: KeyPath, message: impl Into<String>) -> Self {
        Self { location, path, message: message.into() }
    }
}

/// Holds everything that is wrong with one configuration, in the order of the file. Shows no secret and no value that
/// was read from the environment or from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    name: String,
    errors: Vec<ConfigError>,
}

impl ConfigErrors {
    pub(crate) fn new(name: &str, mut errors: Vec<ConfigError>) -> Self {
        errors.sort_by(|a, b| a.location.cmp(&b.location));
        errors.dedup();
        Self { name: name.to_owned(), errors }
    }

    /// Returns how many mistakes there are; at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.errors.len()
    }
}

/// Writes one line an error, `file:line:column: key: what is wrong and what would be right`; after several, their
/// count.
impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            match &error.location {
                SourceLocation::File => write!(f, "{}: ", self.name)?,
                SourceLocation::Text { .. } => write!(f, "{}:{}: ", self.name, error.location)?,
                SourceLocation::Variable(_) | SourceLocation::Argument(_) => write!(f, "{}: ", error.location)?,
            }
            if !error.path.steps().is_empty() {
                write!(f, "{}: ", printable(&error.path.to_string()))?;
            }
            f.write_str(&printable(&error.message))?;
        }
        match self.errors.len() {
            1 => Ok(()),
            count => write!(f, "\n{count} errors in {}", self.name),
        }
    }
}

impl std::error::Error for ConfigErrors {}

/// Escapes what a terminal would act on; keys and tags are shown as they are written.
fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text.into();
    }
    let escaped = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escaped).collect::<String>().into()
}
