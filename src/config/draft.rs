//! Holds a configuration that is parsed and not compiled yet, so that `authgate dev` can decide parts of it itself.

use std::{path::Path, sync::Arc};

use serde_json::Value;

use crate::config::{
    Config, ConfigErrors, Environment, load,
    source::{
        document::{Entry, Kind, Node, Origin},
        environment,
        location::SourceLocation,
        path::KeyPath,
    },
};

/// Holds a parsed configuration. `AUTHGATE_…` variables override nothing in it.
pub(crate) struct Draft {
    name: Arc<str>,
    tree: Node,
    environment: Environment,
}

impl Draft {
    /// Begins with nothing. `name` is what errors call it.
    pub(crate) fn empty(name: &str, environment: Environment) -> Result<Self, ConfigErrors> {
        Ok(Self { name: name.into(), tree: load::parse(name, "")?, environment })
    }

    /// Begins with what a file says. References in it are read from the environment.
    pub(crate) fn read(path: &Path, environment: Environment) -> Result<Self, ConfigErrors> {
        let name = path.display().to_string();
        let tree = load::parse(&name, &load::read(path, &name)?)?;
        Ok(Self { name: name.into(), tree, environment })
    }

    /// Returns the keys of the mapping at a path.
    pub(crate) fn keys(&self, path: &[&str]) -> Vec<String> {
        match self.tree.find(&KeyPath::from_keys(path)).map(|node| &node.kind) {
            Some(Kind::Map(entries)) => entries.iter().map(|entry| entry.key.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the text at a path, or the texts of its items. What cannot be read is left out.
    pub(crate) fn texts(&self, path: &[&str]) -> Vec<String> {
        let Some(mut node) = self.tree.find(&KeyPath::from_keys(path)).cloned() else { return Vec::new() };
        let folder = Path::new(&*self.name).parent().unwrap_or(Path::new(""));
        environment::resolve_references(&mut node, &self.environment, folder);
        node.texts().into_iter().map(str::to_owned).collect()
    }

    /// Puts a value in place of what is at a path, or where nothing is. Errors name `by` as its place.
    pub(crate) fn replace(&mut self, path: &[&str], value: &Value, by: &'static str) {
        let node = path.iter().fold(&mut self.tree, |node, key| child(node, key, by));
        *node = from_value(value, by);
    }

    /// Takes a key out.
    pub(crate) fn remove(&mut self, path: &[&str]) {
        self.tree.remove(&KeyPath::from_keys(path));
    }

    pub(crate) fn compile(self) -> Result<Config, ConfigErrors> {
        load::compile_parsed(&self.name, self.tree, &self.environment).map(|(config, ..)| config)
    }
}

fn child<'a>(node: &'a mut Node, key: &str, by: &'static str) -> &'a mut Node {
    if !matches!(node.kind, Kind::Map(_)) {
        *node = from_value(&Value::Object(serde_json::Map::new()), by);
    }
    let Kind::Map(entries) = &mut node.kind else { unreachable!("it is a mapping by now") };
    let at = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
        entries.push(entry(key, &Value::Null, by));
        entries.len() - 1
    });
    &mut entries[at].value
}

fn entry(key: &str, value: &Value, by: &'static str) -> Entry {
    Entry { key: key.to_owned(), location: SourceLocation::Argument(by), value: from_value(value, by) }
}

fn from_value(value: &Value, by: &'static str) -> Node {
    let kind = match value {
        Value::String(text) => Kind::Scalar { text: text.clone(), plain: false },
        Value::Array(items) => Kind::List(items.iter().map(|item| from_value(item, by)).collect()),
        Value::Object(entries) => Kind::Map(entries.iter().map(|(key, value)| entry(key, value, by)).collect()),
        plain => Kind::Scalar { text: plain.to_string(), plain: true },
    };
    Node::new(kind, SourceLocation::Argument(by), Origin::Inline)
}
