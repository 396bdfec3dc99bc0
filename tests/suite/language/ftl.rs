//! Reads catalogues: their messages and the arguments that these take.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

pub(crate) const LANGUAGES: [&str; 4] = ["en", "de", "fr", "es"];

/// The arguments of each message.
pub(crate) type Messages = BTreeMap<String, BTreeSet<String>>;

pub(crate) fn source(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).join(path)
}

/// The names of the files of a language, sorted.
pub(crate) fn files(language: &str) -> Vec<String> {
    let folder = fs::read_dir(source("language/catalogues").join(language)).unwrap();
    let mut names: Vec<_> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The messages of a file; one that stands twice or cannot be parsed is a failure.
pub(crate) fn messages(language: &str, file: &str) -> Messages {
    let text = fs::read_to_string(source("language/catalogues").join(language).join(file)).unwrap();
    let resource = parser::parse(text.as_str()).unwrap_or_else(|(_, faults)| panic!("{language}/{file}: {faults:?}"));
    let mut messages = Messages::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let value = message.value.as_ref().unwrap_or_else(|| panic!("{language}: {} has no text", message.id.name));
        let mut arguments = BTreeSet::new();
        of_pattern(value, &mut arguments);
        let former = messages.insert(message.id.name.to_owned(), arguments);
        assert!(former.is_none(), "{language}: {} stands twice", message.id.name);
    }
    messages
}

/// The messages of all files of a language.
pub(crate) fn catalogue(language: &str) -> Messages {
    files(language).iter().flat_map(|file| messages(language, file)).collect()
}

/// All files below a folder; none where it is missing.
pub(crate) fn all_files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(all_files(&path)) } else { found.push(path) }
    }
    found
}

fn of_pattern(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, arguments);
        }
    }
}

fn of_expression(expression: &Expression<&str>, arguments: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, arguments),
        Expression::Select { selector, variants } => {
            of_inline(selector, arguments);
            for variant in variants {
                of_pattern(&variant.value, arguments);
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, arguments: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => of_expression(expression, arguments),
        InlineExpression::StringLiteral { .. } => {}
        other => panic!("texts are plain, without references to others: {other:?}"),
    }
}
