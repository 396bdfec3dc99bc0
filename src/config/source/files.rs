//! Lists the files that a configuration is made of, so that a change of any of them is noticed.

use std::path::{Path, PathBuf};

use crate::config::source::document::{Kind, Node, Origin};

/// Lists keys whose text is the path of a file that is read with the configuration.
const KEYS: [&str; 6] = ["ca_file", "cert_file", "key_file", "database", "logo_file", "stylesheet_file"];

/// Returns everything that was read beside the configuration itself, relative paths being relative to its folder.
pub(crate) fn referenced(tree: &Node, folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(tree, None, &mut |file| files.push(folder.join(file)));
    files
}

fn collect(node: &Node, key: Option<&str>, found: &mut impl FnMut(&str)) {
    if let Origin::File(file) = &node.origin {
        found(file);
    }
    match &node.kind {
        Kind::Scalar { text, .. } if key.is_some_and(|key| KEYS.contains(&key)) => found(text),
        Kind::Scalar { .. } | Kind::Invalid => {}
        Kind::List(items) => items.iter().for_each(|item| collect(item, key, found)),
        Kind::Map(entries) => entries.iter().for_each(|entry| collect(&entry.value, Some(&entry.key), found)),
    }
}
