//! Collects mistakes, and the values in effect, while a configuration is decoded and compiled.

use std::{collections::HashSet, fmt};

use serde::Serialize;

use crate::config::source::{
    document::{Kind, Node, Origin},
    effective::Effective,
    errors::ConfigError,
    location::SourceLocation,
    path::KeyPath,
};

/// Collects mistakes, and the values in effect, during decoding and compiling.
pub(crate) struct Report<'a> {
    root: &'a Node,
    /// Holds what is already reported; what follows from their absence is not reported again.
    suppressed: HashSet<KeyPath>,
    errors: Vec<ConfigError>,
    effective: Effective,
}

impl<'a> Report<'a> {
    pub(crate) fn new(root: &'a Node) -> Self {
        Self { root, suppressed: HashSet::new(), errors: Vec::new(), effective: Effective::Section(Vec::new()) }
    }

    /// Reports that something is wrong with the value at the path.
    pub(crate) fn at(&mut self, path: &KeyPath, message: impl Into<String>) {
        let location = self.root.location_of(path);
        self.at_location(location, path, message);
    }

    /// Reports that something is wrong with the key itself.
    pub(crate) fn at_key(&mut self, path: &KeyPath, message: impl Into<String>) {
        let location = self.root.key_location_of(path);
        self.at_location(location, path, message);
    }

    /// Reports the same with a location of its own.
    pub(crate) fn at_location(&mut self, location: SourceLocation, path: &KeyPath, message: impl Into<String>) {
        if !self.is_suppressed(path) {
            self.errors.push(ConfigError::new(location, path.clone(), message));
        }
    }

    /// Reports a value of no use, with what would be valid: `found "x"; write …`.
    pub(crate) fn invalid(&mut self, path: &KeyPath, valid: impl fmt::Display) {
        let found = self.found(path);
        self.at(path, format!("{valid}; found {found}"));
    }

    /// Reports a key that must be there and is not.
    pub(crate) fn missing(&mut self, path: &KeyPath, example: &str) {
        self.at(path, format!("missing; write {example}"));
    }

    /// Says nothing more of this path and what is below it.
    pub(crate) fn suppress(&mut self, path: &KeyPath) {
        self.suppressed.insert(path.clone());
    }

    pub(crate) fn is_suppressed(&self, path: &KeyPath) -> bool {
        path.ancestors().any(|above| self.suppressed.contains(&above))
    }

    /// Returns the value at a path as it may be shown: only what is written in the file itself.
    pub(crate) fn found(&self, path: &KeyPath) -> String {
        self.root.find(path).map_or_else(|| "nothing".to_owned(), describe)
    }

    /// Returns the document the errors are about.
    pub(crate) fn root(&self) -> &'a Node {
        self.root
    }

    /// Records the value in effect at a path, and returns it. A `Secret` cannot be serialised, and so not be recorded.
    pub(crate) fn record<T: Serialize>(&mut self, path: &KeyPath, value: T) -> T {
        let shown = serde_json::to_value(&value).unwrap_or_default();
        self.effective.record(path.steps(), Effective::Value(shown));
        value
    }

    /// Records that a secret is in effect at a path.
    pub(crate) fn record_secret(&mut self, path: &KeyPath) {
        self.effective.record(path.steps(), Effective::Secret);
    }

    /// Returns whether nothing was reported so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    /// Returns every value in effect.
    pub(crate) fn into_effective(self) -> Effective {
        self.effective
    }

    /// Returns every error, in no particular order.
    pub(crate) fn into_errors(self) -> Vec<ConfigError> {
        self.errors
    }
}

/// Returns what a node is, for "found …"; never a value from outside the file.
pub(crate) fn describe(node: &Node) -> String {
    match (&node.kind, &node.origin) {
        (Kind::List(_), _) => "a list".to_owned(),
        (Kind::Map(_), _) => "a mapping".to_owned(),
        (Kind::Invalid, _) => "nothing".to_owned(),
        (_, Origin::Env(name) | Origin::Override(name)) => format!("the value of environment variable {name}"),
        (_, Origin::File(path)) => format!("the contents of file {path}"),
        (Kind::Scalar { .. }, Origin::Inline) if node.is_null() => "nothing".to_owned(),
        (Kind::Scalar { text, .. }, Origin::Inline) => quoted(text),
    }
}

/// Returns the text in quotes, cut where it is long, control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    if short.len() < text.len() { format!("{short:?}…") } else { format!("{short:?}") }
}

/// Joins names as in `"a", "b"`.
pub(crate) fn listed<'t>(names: impl IntoIterator<Item = &'t str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Returns `; did you mean "x"?` for the nearest of the valid names, `;` where none is near.
pub(crate) fn did_you_mean<'t>(found: &str, valid: impl IntoIterator<Item = &'t str>) -> String {
    nearest(found, valid).map_or_else(|| ";".to_owned(), |name| format!("; did you mean {name:?}?"))
}

/// Returns the valid name that was probably meant.
pub(crate) fn nearest<'t>(found: &str, valid: impl IntoIterator<Item = &'t str>) -> Option<&'t str> {
    let folded = |name: &str| name.to_lowercase().replace('-', "_");
    let found = folded(found);
    let distance = |name: &str| strsim::damerau_levenshtein(&found, &folded(name));
    let (distance, name) =
        valid.into_iter().map(|name| (distance(name), name)).min_by_key(|(distance, _)| *distance)?;
    (distance <= (name.len() / 3).max(1)).then_some(name)
}
