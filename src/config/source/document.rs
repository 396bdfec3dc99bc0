//! Parses YAML text into a tree in which every key and value knows its position. The tree knows nothing of the keys'
//! meaning.

use std::{collections::HashMap, sync::Arc};

use serde_yaml::granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput};

use crate::config::source::{
    errors::ConfigError,
    location::SourceLocation,
    path::{KeyPath, Step},
};

/// Bounds the nodes in one document, expanded aliases included, against alias bombs.
const MAX_NODES: usize = 50_000;
/// Bounds the nesting of one document; the deepest key of ours has 5.
const MAX_DEPTH: usize = 32;

/// Says where a value's text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Means that the value is written in the file.
    Inline,
    /// Means that the value comes from `{ env: NAME }`.
    Env(Arc<str>),
    /// Means that the value comes from `{ file: PATH }`.
    File(Arc<str>),
    /// Means that an `AUTHGATE_…` variable overrides the key.
    Override(Arc<str>),
}

/// Says what a node is.
#[derive(Clone)]
pub(crate) enum Kind {
    /// Holds the text after YAML's escapes; `plain` is true where it was written without quotes.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// Stands for a value that was reported and taken out, so that the rest can be looked at.
    Invalid,
}

/// Holds a value. There is no `Debug`: it may hold a secret.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) location: SourceLocation,
    pub(crate) origin: Origin,
}

/// Holds a key and its value.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) location: SourceLocation,
    pub(crate) value: Node,
}

impl Node {
    pub(crate) fn new(kind: Kind, location: SourceLocation, origin: Origin) -> Self {
        Self { kind, location, origin }
    }

    /// Returns whether YAML reads it as nothing: an empty, `null` or `~` value.
    pub(crate) fn is_null(&self) -> bool {
        match &self.kind {
            Kind::Scalar { text, plain: true } => matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"),
            Kind::Invalid => true,
            _ => false,
        }
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// Returns its text, or the texts of its items; an override's `a,b` is cut into its items.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match (&self.kind, &self.origin) {
            (Kind::Scalar { text, .. }, Origin::Override(_)) => {
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
            }
            (Kind::Scalar { text, .. }, _) => vec![text],
            (Kind::List(items), _) => items.iter().flat_map(Self::texts).collect(),
            (Kind::Map(_) | Kind::Invalid, _) => Vec::new(),
        }
    }

    /// Returns the node at a path.
    pub(crate) fn find(&self, path: &KeyPath) -> Option<&Self> {
        path.steps().iter().try_fold(self, |node, step| match (step, &node.kind) {
            (Step::Key(key), Kind::Map(_)) => node.entry(key).map(|entry| &entry.value),
            (Step::Index(index), Kind::List(items)) => items.get(*index),
            _ => None,
        })
    }

    /// Returns the node at a path, to be changed.
    pub(crate) fn find_mut(&mut self, path: &KeyPath) -> Option<&mut Self> {
        path.steps().iter().try_fold(self, |node, step| match (step, &mut node.kind) {
            (Step::Key(key), Kind::Map(entries)) => {
                entries.iter_mut().find(|entry| entry.key == *key).map(|entry| &mut entry.value)
            }
            (Step::Index(index), Kind::List(items)) => items.get_mut(*index),
            _ => None,
        })
    }

    /// Takes a key out of its mapping.
    pub(crate) fn remove(&mut self, path: &KeyPath) {
        if let Some((parent, Step::Key(key))) = path.split_last()
            && let Some(Self { kind: Kind::Map(entries), .. }) = self.find_mut(&parent)
        {
            entries.retain(|entry| entry.key != *key);
        }
    }

    /// Returns the location of the key itself that ends this path, or of the nearest thing above that exists.
    pub(crate) fn key_location_of(&self, path: &KeyPath) -> SourceLocation {
        match path.split_last() {
            Some((parent, Step::Key(key))) => self
                .find(&parent)
                .and_then(|node| node.entry(key))
                .map_or_else(|| self.location_of(path), |entry| entry.location.clone()),
            _ => self.location_of(path),
        }
    }

    /// Returns where an editor should jump to for this path: a scalar's own location, the key of a list or mapping, or
    /// the nearest thing above that exists.
    pub(crate) fn location_of(&self, path: &KeyPath) -> SourceLocation {
        let mut location = self.location.clone();
        let mut node = self;
        for step in path.steps() {
            let child = match (step, &node.kind) {
                (Step::Key(key), Kind::Map(_)) => node.entry(key).map(|entry| (&entry.location, &entry.value)),
                (Step::Index(index), Kind::List(items)) => items.get(*index).map(|item| (&item.location, item)),
                _ => None,
            };
            let Some((key_location, value)) = child else { return location };
            let is_scalar = matches!(value.kind, Kind::Scalar { .. }) && !value.is_null();
            location = if is_scalar { value.location.clone() } else { key_location.clone() };
            node = value;
        }
        location
    }
}

/// Parses one document. Syntax errors end it at once; duplicate keys and the like are all collected.
pub(crate) fn parse(text: &str) -> Result<Node, Vec<ConfigError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut options = Options::default();
    options.set_emit_comments(false);
    let events = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder { events, anchors: HashMap::new(), nodes: 0, errors: Vec::new() };
    match builder.document() {
        Ok(root) if builder.errors.is_empty() => Ok(root),
        Ok(_) => Err(builder.errors),
        Err(fatal) => {
            builder.errors.push(fatal);
            Err(builder.errors)
        }
    }
}

struct Builder<'a> {
    events: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    errors: Vec<ConfigError>,
}

impl<'a> Builder<'a> {
    fn document(&mut self) -> Result<Node, ConfigError> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::StreamEnd => {
                    return Ok(Node::new(Kind::Map(vec![]), SourceLocation::line_and_column(1, 1), Origin::Inline));
                }
                event => {
                    let root = self.node(event, span, 0)?;
                    self.expect_end()?;
                    return Ok(root);
                }
            }
        }
    }

    fn expect_end(&mut self) -> Result<(), ConfigError> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::DocumentEnd => {}
                Event::StreamEnd => return Ok(()),
                _ => return Err(problem(span, "a second YAML document begins here; a configuration is one document")),
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, ConfigError> {
        self.count(1, span)?;
        if depth > MAX_DEPTH {
            return Err(problem(span, "nested too deeply"));
        }
        if let Some(tag) = event.tag().filter(|tag| !tag.is_yaml_core_schema_tag("str")) {
            let message = format!("the YAML tag {} has no meaning here; leave it out", tag.original());
            self.errors.push(problem(span, message));
        }
        let tagged = event.tag().is_some();
        let anchor = event.anchor_id().unwrap_or(0);
        let kind = match event {
            Event::Scalar(text, style, ..) => {
                Kind::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain && !tagged }
            }
            Event::SequenceStart(..) => self.list(depth)?,
            Event::MappingStart(..) => self.map(depth)?,
            Event::Alias(id) => return self.alias(id, span),
            _ => return Err(problem(span, "not valid YAML")),
        };
        let node = Node::new(kind, location(span), Origin::Inline);
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Node, ConfigError> {
        let Some(node) = self.anchors.get(&id).cloned() else {
            return Err(problem(span, "an alias inside the value it stands for"));
        };
        self.count(size(&node), span)?;
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Kind, ConfigError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Kind::List(items)),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Kind, ConfigError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Kind::Map(entries)),
                next => next,
            };
            let key = self.node(event, span, depth + 1)?;
            let (event, value_span) = self.next()?;
            let value = self.node(event, value_span, depth + 1)?;
            let Kind::Scalar { text: key, .. } = key.kind else {
                self.errors.push(problem(span, "a key is plain text, not a list or a mapping"));
                continue;
            };
            if key == "<<" {
                self.errors.push(problem(span, "merge keys (<<) are not part of YAML 1.2; write the keys out"));
            } else if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                let message = format!("the key {key:?} is written twice; it was first written at {}", first.location);
                self.errors.push(problem(span, message));
            } else {
                entries.push(Entry { key, location: location(span), value });
            }
        }
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), ConfigError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES { Err(problem(span, "the document is too large")) } else { Ok(()) }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), ConfigError> {
        match self.events.next() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => {
                let mark = error.marker();
                let location = SourceLocation::line_and_column(mark.line(), mark.col() + 1);
                Err(ConfigError::new(location, KeyPath::default(), format!("not valid YAML: {}", error.info())))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }
}

fn size(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar { .. } | Kind::Invalid => 1,
        Kind::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Kind::Map(entries) => 1 + entries.iter().map(|entry| 1 + size(&entry.value)).sum::<usize>(),
    }
}

fn location(span: Span) -> SourceLocation {
    SourceLocation::line_and_column(span.start.line(), span.start.col() + 1)
}

fn problem(span: Span, message: impl Into<String>) -> ConfigError {
    ConfigError::new(location(span), KeyPath::default(), message)
}
