//! Prints the effective configuration as YAML: all defaults and overrides, each with where it comes from; secrets
//! masked. The values are those that were recorded while they were compiled, so what is shown is what the gateway does.

use std::fmt::Write as _;

use serde_json::Value;

use crate::config::source::{
    document::{Node, Origin},
    effective::Effective,
    path::{KeyPath, Step},
};

/// Writes valid YAML, except that a secret given by an override shows as `"***"`.
pub(crate) fn print(effective: &Effective, tree: &Node) -> String {
    let mut text = String::new();
    write(&mut text, effective, &KeyPath::default(), tree);
    text
}

/// Writes what follows the key, or the dash of a list item, that ends the path; below it two blanks a level.
fn write(out: &mut String, effective: &Effective, path: &KeyPath, tree: &Node) {
    let (shown, comment) = match effective {
        Effective::Value(value) => (scalar(value), source(tree, path)),
        Effective::Secret => masked(tree, path),
        Effective::Section(children) => {
            let is_item = matches!(path.steps().last(), Some(Step::Index(_)));
            if !is_item && !path.steps().is_empty() {
                out.push('\n');
            }
            for (position, (step, child)) in children.iter().enumerate() {
                let margin = "  ".repeat(path.steps().len());
                // The first key of a list item follows its dash.
                out.push_str(if is_item && position == 0 { " " } else { &margin });
                match step {
                    Step::Key(key) => _ = write!(out, "{}:", text(key)),
                    Step::Index(_) => out.push('-'),
                }
                write(out, child, &path.child(step.clone()), tree);
            }
            return;
        }
    };
    let _ = writeln!(out, " {shown}{comment}");
}

/// Returns what stands for a secret, with its comment.
fn masked(tree: &Node, path: &KeyPath) -> (String, String) {
    match tree.find(path).map(|node| &node.origin) {
        Some(Origin::Env(name)) => (format!("{{ env: {} }}", text(name)), "  # set".to_owned()),
        Some(Origin::File(name)) => (format!("{{ file: {} }}", text(name)), "  # read".to_owned()),
        _ => ("\"***\"".to_owned(), source(tree, path)),
    }
}

/// Returns the comment that tells where a value comes from.
fn source(tree: &Node, path: &KeyPath) -> String {
    match tree.find(path).filter(|node| !node.is_null()).map(|node| &node.origin) {
        None => "  # default".to_owned(),
        Some(Origin::Inline) => String::new(),
        Some(Origin::Env(name)) => format!("  # from the environment variable {name}"),
        Some(Origin::File(name)) => format!("  # from the file {name}"),
        Some(Origin::Override(name)) => format!("  # overridden by {name}"),
    }
}

/// Writes a value as JSON, which is YAML.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(plain) => text(plain),
        Value::Array(items) => format!("[{}]", items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        _ => value.to_string(),
    }
}

/// Quotes a text unless every YAML reader takes it for itself without.
fn text(text: &str) -> String {
    let is_word = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_quantity = unit.len() < text.len() && ["d", "h", "m", "s", "ms", "B", "KiB", "MiB"].contains(&unit);
    let is_name = is_word && text.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_plain = is_quantity || (is_name && !reserved.contains(&text.to_lowercase().as_str()));
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}
