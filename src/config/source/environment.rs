//! Brings in values from outside the file: `AUTHGATE_SECTION__KEY` overrides, then `{ env: NAME }` and
//! `{ file: PATH }`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use crate::config::source::{
    document::{self, Entry, Kind, Node, Origin},
    location::SourceLocation,
    path::KeyPath,
    report::Report,
};

const PREFIX: &str = "AUTHGATE_";
/// Limits the size of a `{ file: … }`: what is larger is not a secret but a mistake.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Holds environment variables as they were when the configuration was loaded. There is no `Debug` of its values.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Returns the variables of this process whose names and values are UTF-8.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// Sets these variables as well.
    #[must_use]
    pub(crate) fn with<'a>(mut self, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.0.extend(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        self
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(variables: T) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}

/// Puts every override into the tree. A variable that an `{ env: … }` of the file names is not an override, so that
/// `secret: [{ env: AUTHGATE_SECRET }, …]` stays a list.
pub(crate) fn apply_overrides(root: &mut Node, environment: &Environment) {
    let mut referenced = BTreeSet::new();
    collect_references(root, &mut referenced);
    let overrides = environment.0.iter().filter(|(name, _)| !referenced.contains(name.as_str()));
    for (name, value) in overrides {
        if let Some(key) = name.strip_prefix(PREFIX).filter(|key| is_key(key)) {
            let variable: Arc<str> = name.as_str().into();
            let steps: Vec<String> = key.split("__").map(str::to_lowercase).collect();
            insert(root, &steps, override_value(value, &variable), &variable);
        }
    }
}

/// Tells whether a variable stands for a key: `AUTHGATE_CONFIG` does not, as it names the file itself (`--config`).
fn is_key(name: &str) -> bool {
    !name.is_empty() && name != "CONFIG" && !is_service_link(name)
}

/// Tells whether a name is one that Kubernetes sets: `AUTHGATE_PORT`, `AUTHGATE_SERVICE_HOST`,
/// `AUTHGATE_PORT_8080_TCP_ADDR` … in every container beside a service named `authgate`. No key of ours is called so.
fn is_service_link(key: &str) -> bool {
    let link = |key: &str| key == "PORT" || key.starts_with("PORT_") || key.starts_with("SERVICE_");
    !key.contains("__") && (link(key) || key.match_indices('_').any(|(at, _)| link(&key[at + 1..])))
}

fn collect_references(node: &Node, names: &mut BTreeSet<String>) {
    match (&node.kind, reference(node)) {
        (_, Some(("env", name))) => drop(names.insert(name.to_owned())),
        (Kind::List(items), _) => items.iter().for_each(|item| collect_references(item, names)),
        (Kind::Map(entries), _) => entries.iter().for_each(|entry| collect_references(&entry.value, names)),
        _ => {}
    }
}

/// Reads an override: `["a", "b"]` and `{ a: b }` are read as YAML; everything else (an IPv6 address, too) is text.
fn override_value(value: &str, variable: &Arc<str>) -> Node {
    let location = SourceLocation::Variable(Arc::clone(variable));
    let looks_like_flow =
        (value.starts_with('[') && value.ends_with(']')) || (value.starts_with('{') && value.ends_with('}'));
    match looks_like_flow.then(|| document::parse(value)) {
        Some(Ok(mut node)) => {
            mark(&mut node, &location, variable);
            node
        }
        _ => Node::new(
            Kind::Scalar { text: value.to_owned(), plain: true },
            location,
            Origin::Override(Arc::clone(variable)),
        ),
    }
}

fn mark(node: &mut Node, location: &SourceLocation, variable: &Arc<str>) {
    node.location = location.clone();
    node.origin = Origin::Override(Arc::clone(variable));
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().for_each(|item| mark(item, location, variable)),
        Kind::Map(entries) => {
            for entry in entries {
                entry.location = location.clone();
                mark(&mut entry.value, location, variable);
            }
        }
        Kind::Scalar { .. } | Kind::Invalid => {}
    }
}

fn insert(node: &mut Node, steps: &[String], value: Node, variable: &Arc<str>) {
    let [step, rest @ ..] = steps else {
        *node = value;
        return;
    };
    let location = SourceLocation::Variable(Arc::clone(variable));
    let empty = || Node::new(Kind::Map(Vec::new()), location.clone(), Origin::Override(Arc::clone(variable)));
    if let Kind::List(items) = &mut node.kind
        && let Ok(index) = step.parse::<usize>()
    {
        // An index past the end is left as an unknown key, which is reported.
        if index == items.len() {
            items.push(empty());
        }
        if let Some(item) = items.get_mut(index) {
            insert(item, rest, value, variable);
            return;
        }
    }
    if !matches!(node.kind, Kind::Map(_)) || reference(node).is_some() {
        *node = empty();
    }
    let Kind::Map(entries) = &mut node.kind else { return };
    let folded = |key: &str| key.to_lowercase().replace('-', "_");
    if let Some(entry) = entries.iter_mut().find(|entry| folded(&entry.key) == *step) {
        insert(&mut entry.value, rest, value, variable);
    } else {
        let mut child = empty();
        insert(&mut child, rest, value, variable);
        entries.push(Entry { key: step.clone(), location, value: child });
    }
}

/// Returns the kind and argument of `{ env: NAME }` or `{ file: PATH }`. An upstream or a provider may be called `env`
/// too; then its value is no text.
fn reference(node: &Node) -> Option<(&'static str, &str)> {
    let Kind::Map(entries) = &node.kind else { return None };
    let [Entry { key, value: Node { kind: Kind::Scalar { text, .. }, .. }, .. }] = entries.as_slice() else {
        return None;
    };
    match key.as_str() {
        "env" => Some(("env", text)),
        "file" => Some(("file", text)),
        _ => None,
    }
}

/// Lists the paths of values that could not be read, with why.
pub(crate) type Unreadable = Vec<(KeyPath, String)>;

/// Replaces every reference by its value. What cannot be read becomes void and is returned.
pub(crate) fn resolve_references(root: &mut Node, environment: &Environment, folder: &Path) -> Unreadable {
    let mut unreadable = Vec::new();
    resolve(root, &KeyPath::default(), &mut unreadable, &|kind, argument| match kind {
        "env" => environment.get(argument).map(str::to_owned).ok_or_else(|| match argument {
            "" => "env: needs the name of an environment variable, as in { env: DATABASE_URL }".to_owned(),
            _ => format!("the environment variable {argument:?} is not set"),
        }),
        _ => read_file(&folder.join(argument)),
    });
    unreadable
}

fn resolve(
    node: &mut Node,
    path: &KeyPath,
    unreadable: &mut Unreadable,
    read: &dyn Fn(&str, &str) -> Result<String, String>,
) {
    if let Some((kind, argument)) = reference(node) {
        let origin = if kind == "env" { Origin::Env(argument.into()) } else { Origin::File(argument.into()) };
        match read(kind, argument) {
            // It is not plain: the text `null` of a variable is that text.
            Ok(text) => node.kind = Kind::Scalar { text, plain: false },
            Err(why) => {
                unreadable.push((path.clone(), why));
                node.kind = Kind::Invalid;
            }
        }
        node.origin = origin;
        return;
    }
    match &mut node.kind {
        Kind::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                resolve(item, &path.index(index), unreadable, read);
            }
        }
        Kind::Map(entries) => {
            for entry in entries {
                resolve(&mut entry.value, &path.key(&entry.key), unreadable, read);
            }
        }
        Kind::Scalar { .. } | Kind::Invalid => {}
    }
}

fn read_file(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| format!("cannot read the file {shown}: {error}");
    let mut text = String::new();
    // The file's stated size does not count: devices and pipes have none.
    let limited = std::fs::File::open(path).map_err(unreadable)?.take(MAX_FILE_BYTES + 1);
    let length = io::BufReader::new(limited).read_to_string(&mut text).map_err(unreadable)?;
    if u64::try_from(length).is_ok_and(|length| length <= MAX_FILE_BYTES) {
        let trimmed = text.strip_suffix('\n').unwrap_or(&text);
        Ok(trimmed.strip_suffix('\r').unwrap_or(trimmed).to_owned())
    } else {
        Err(format!("the file {shown} is too large; a value has at most {MAX_FILE_BYTES} bytes"))
    }
}

/// Reports what could not be read.
pub(crate) fn report_unreadable(unreadable: Unreadable, report: &mut Report<'_>) {
    for (path, why) in unreadable {
        report.at(&path, why);
        report.suppress(&path);
    }
}
