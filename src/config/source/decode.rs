//! Decodes the tree into the raw mirror, by serde. Every structural mistake is reported: on an error the offending
//! value is taken out and decoding begins again, until nothing is left to object to.

use std::fmt;

use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor, value::StrDeserializer};

use crate::config::source::{
    document::{Entry, Kind, Node, Origin},
    path::KeyPath,
    report::{self, Report},
};

/// Is the name under which `deserialize_newtype_struct` takes only values from outside the file.
pub(crate) const SECRET: &str = "secret";
/// Does the same for one or a list of them.
pub(crate) const SECRETS: &str = "secrets";
/// Limits the structural errors that are reported: more are not worth reading at once.
const MAX_ERRORS: usize = 100;

/// Decodes the tree, reporting all that does not fit. Returns `None` only where even that fails.
///
/// An unknown key is removed; a value of the wrong kind becomes void, so that list indices stay as they are.
pub(crate) fn decode<T: de::DeserializeOwned>(root: &Node, report: &mut Report<'_>) -> Option<T> {
    let mut rest = root.clone();
    for _ in 0..=MAX_ERRORS {
        let error = match T::deserialize(NodeDeserializer { node: &rest, path: KeyPath::default() }) {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let path = error.path.clone().unwrap_or_default();
        let is_key = matches!(error.problem, Problem::UnknownField { .. });
        error.report(&rest, report);
        if is_key {
            rest.remove(&path);
        } else if let Some(node) = rest.find_mut(&path) {
            node.kind = Kind::Invalid;
        }
    }
    None
}

/// Says why a node does not fit.
#[derive(Debug)]
enum Problem {
    UnknownField { field: String, expected: &'static [&'static str] },
    UnknownVariant { expected: &'static [&'static str] },
    WrongType { expected: String },
    InlineSecret,
    Custom(String),
}

#[derive(Debug)]
struct DecodeError {
    path: Option<KeyPath>,
    problem: Problem,
}

impl DecodeError {
    fn new(path: &KeyPath, problem: Problem) -> Self {
        Self { path: Some(path.clone()), problem }
    }

    /// Locates the error: the innermost node that had a part in it is where it is.
    fn or_at(mut self, path: &KeyPath) -> Self {
        if self.path.is_none() {
            self.path = Some(match &self.problem {
                Problem::UnknownField { field, .. } => path.key(field),
                _ => path.clone(),
            });
        }
        self
    }

    fn report(self, rest: &Node, report: &mut Report<'_>) {
        let path = self.path.unwrap_or_default();
        let node = rest.find(&path);
        let found = node.map_or_else(|| "nothing".to_owned(), report::describe);
        match self.problem {
            Problem::UnknownField { field, expected } => {
                let valid = report::listed(expected.iter().copied());
                let hint = report::did_you_mean(&field, expected.iter().copied());
                report.at_key(&path, format!("unknown key{hint} valid keys here: {valid}"));
                // Nobody needs to hear that `access` is missing where `acess` stands.
                let meant = report::nearest(&field, expected.iter().copied());
                if let Some(meant) = meant.and_then(|meant| Some(path.split_last()?.0.key(meant)))
                    && rest.find(&meant).is_none()
                {
                    report.suppress(&meant);
                }
            }
            Problem::UnknownVariant { expected } => {
                let valid = report::listed(expected.iter().copied());
                let hint = match node.map(|node| (&node.kind, &node.origin)) {
                    Some((Kind::Scalar { text, .. }, Origin::Inline)) => {
                        report::did_you_mean(text, expected.iter().copied())
                    }
                    _ => ";".to_owned(),
                };
                report.at(&path, format!("found {found}{hint} valid: {valid}"));
            }
            Problem::WrongType { expected } => {
                // What stands where a mapping belongs may be a whole connection string.
                let is_text = node.is_some_and(|node| matches!(node.kind, Kind::Scalar { .. }) && !node.is_null());
                let is_container = expected.starts_with("a mapping") || expected.starts_with("a list");
                let found = if is_text && is_container { "text" } else { found.as_str() };
                report.at(&path, format!("expected {expected}, found {found}"));
            }
            Problem::InlineSecret => report.at(&path, inline_secret(&path)),
            Problem::Custom(message) => report.at(&path, message),
        }
        report.suppress(&path);
    }
}

fn inline_secret(path: &KeyPath) -> String {
    format!("a secret is not written into the file; write {{ env: {} }} or {{ file: PATH }}", variable_for(path))
}

/// Returns a name that such a variable usually has.
fn variable_for(path: &KeyPath) -> String {
    let text = path.to_string();
    match text.as_str() {
        "database.url" => "DATABASE_URL".to_owned(),
        "database.direct_url" => "DATABASE_DIRECT_URL".to_owned(),
        "mail.transport.password" => "SMTP_PASSWORD".to_owned(),
        _ if text.starts_with("secret") => "AUTHGATE_SECRET".to_owned(),
        _ => text.trim_start_matches("auth.social.").replace(|c: char| !c.is_ascii_alphanumeric(), "_").to_uppercase(),
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration does not fit")
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { path: None, problem: Problem::Custom(message.to_string()) }
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self { path: None, problem: Problem::WrongType { expected: expected.to_string() } }
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self { path: None, problem: Problem::UnknownVariant { expected } }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self { path: None, problem: Problem::UnknownField { field: field.to_owned(), expected } }
    }
}

struct NodeDeserializer<'a> {
    node: &'a Node,
    path: KeyPath,
}

impl<'a> NodeDeserializer<'a> {
    fn wrong(&self, expected: impl Into<String>) -> DecodeError {
        DecodeError::new(&self.path, Problem::WrongType { expected: expected.into() })
    }

    fn text(&self, expected: &str) -> Result<&'a str, DecodeError> {
        match &self.node.kind {
            Kind::Scalar { text, .. } if !self.node.is_null() => Ok(text),
            Kind::Invalid => Ok(""),
            _ => Err(self.wrong(expected)),
        }
    }

    fn number<T: std::str::FromStr + Default>(&self, expected: &str) -> Result<T, DecodeError> {
        match self.node.kind {
            Kind::Invalid => Ok(T::default()),
            _ => self.text(expected)?.parse().map_err(|_| self.wrong(expected)),
        }
    }
}

macro_rules! deserialize_numbers {
    ($($method:ident $visit:ident $expected:literal)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            let number = self.number($expected)?;
            visitor.$visit(number).map_err(|error: DecodeError| error.or_at(&self.path))
        })*
    };
}

impl<'de> de::Deserializer<'de> for NodeDeserializer<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.kind {
            Kind::Scalar { .. } => self.deserialize_str(visitor),
            Kind::List(_) => self.deserialize_seq(visitor),
            Kind::Map(_) | Kind::Invalid => self.deserialize_map(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let text = self.text("text")?;
        visitor.visit_str(text).map_err(|error: DecodeError| error.or_at(&self.path))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let value: bool = self.number("true or false")?;
        visitor.visit_bool(value).map_err(|error: DecodeError| error.or_at(&self.path))
    }

    deserialize_numbers! {
        deserialize_u32 visit_u32 "a whole number"
        deserialize_u64 visit_u64 "a whole number"
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let is_inline = self.node.origin == Origin::Inline;
        match (&self.node.kind, name) {
            (Kind::List(_), SECRETS) => self.deserialize_seq(visitor),
            (Kind::Scalar { .. }, SECRET) if is_inline => Err(DecodeError::new(&self.path, Problem::InlineSecret)),
            (Kind::Map(_) | Kind::List(_), SECRET) => Err(self.wrong("{ env: NAME } or { file: PATH }")),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let owned;
        let items = match &self.node.kind {
            Kind::List(items) => items.as_slice(),
            _ if self.node.is_null() => &[],
            Kind::Scalar { .. } if matches!(self.node.origin, Origin::Override(_)) => {
                owned = split_override(self.node);
                &owned
            }
            _ => return Err(self.wrong("a list, as in [a, b]")),
        };
        visitor
            .visit_seq(Items { rest: items.iter(), index: 0, path: self.path.clone() })
            .map_err(|error: DecodeError| error.or_at(&self.path))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let entries = match &self.node.kind {
            Kind::Map(entries) => entries.as_slice(),
            _ if self.node.is_null() => &[],
            _ => return Err(self.wrong("a mapping of keys to values")),
        };
        visitor
            .visit_map(Entries { rest: entries.iter(), value: None, path: self.path.clone() })
            .map_err(|error: DecodeError| error.or_at(&self.path))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let text = self.text(&format!("one of {}", report::listed(variants.iter().copied())))?;
        let variant: StrDeserializer<'_, DecodeError> = text.into_deserializer();
        visitor.visit_enum(variant).map_err(|error: DecodeError| error.or_at(&self.path))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct ignored_any
    }
}

/// Splits `a,b` of an override, for keys that are lists.
fn split_override(node: &Node) -> Vec<Node> {
    node.texts()
        .into_iter()
        .map(|item| {
            let kind = Kind::Scalar { text: item.to_owned(), plain: false };
            Node::new(kind, node.location.clone(), node.origin.clone())
        })
        .collect()
}

struct Items<'a> {
    rest: std::slice::Iter<'a, Node>,
    index: usize,
    path: KeyPath,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        let Some(node) = self.rest.next() else { return Ok(None) };
        let path = self.path.index(self.index);
        self.index += 1;
        seed.deserialize(NodeDeserializer { node, path: path.clone() })
            .map(Some)
            .map_err(|error: DecodeError| error.or_at(&path))
    }
}

struct Entries<'a> {
    rest: std::slice::Iter<'a, Entry>,
    value: Option<(&'a str, &'a Node)>,
    path: KeyPath,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some(entry) = self.rest.next() else { return Ok(None) };
        self.value = Some((&entry.key, &entry.value));
        let key: StrDeserializer<'_, DecodeError> = entry.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|error| error.or_at(&self.path))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, DecodeError> {
        let (key, node) = self.value.take().expect("serde asks for a value after its key");
        let path = self.path.key(key);
        seed.deserialize(NodeDeserializer { node, path: path.clone() }).map_err(|error: DecodeError| error.or_at(&path))
    }
}
