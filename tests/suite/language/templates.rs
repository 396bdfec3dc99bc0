//! Templates hold no text of their own: it would stand in one language whatever somebody reads.

use std::{fs, path::PathBuf};

use crate::language::ftl::{all_files, source};

/// Folders of templates that people read. Those of `authgate dev` are for developers.
const FOLDERS: [&str; 2] = ["mail/templates", "pages/templates"];
/// Attributes whose values people read or hear.
const READ_ATTRIBUTES: [&str; 4] = ["aria-label", "title", "placeholder", "alt"];

#[test]
fn no_template_has_text_of_its_own() {
    let mut faults = Vec::new();
    let is_template = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "html" || kind == "txt");
    for path in FOLDERS.iter().flat_map(|folder| all_files(&source(folder))).filter(is_template) {
        let mut text = fs::read_to_string(&path).unwrap();
        // These are included within a tag.
        if path.to_string_lossy().ends_with("_attributes.html") {
            text = format!("<x{text}>");
        }
        for found in own_text(&text) {
            faults.push(format!("{}: {found:?}", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Returns what is left of a template without its blocks, tags, comments and entities, if that has letters; and the attributes
/// that people read.
fn own_text(template: &str) -> Vec<String> {
    let mut text = template.to_owned();
    for (from, to) in [("{#", "#}"), ("{{", "}}"), ("{%", "%}"), ("<!--", "-->")] {
        text = without(&text, from, to);
    }
    for element in ["style", "script"] {
        text = without(&text, &format!("<{element}"), &format!("</{element}>"));
    }
    let mut found = Vec::new();
    for attribute in READ_ATTRIBUTES {
        for (at, _) in text.match_indices(&format!(" {attribute}=\"")) {
            let value = text[at + attribute.len() + 3..].split('"').next().unwrap_or_default();
            found.push(value.to_owned());
        }
    }
    text = without(&text, "<", ">");
    text = without(&text, "&", ";");
    found.extend(text.lines().map(|line| line.trim().to_owned()));
    found.retain(|text| text.chars().any(char::is_alphabetic));
    found
}

fn without(text: &str, from: &str, to: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once(from) {
        kept.push_str(before);
        kept.push('\u{1f}');
        rest = after.split_once(to).map_or("", |(_, after)| after);
    }
    kept + rest
}

#[test]
fn text_is_found_wherever_it_stands() {
    for (template, expected) in [
        ("<p class=\"a\">{{ t.get(\"x\") }}</p>\n{% if a > b %}·{% endif %}{# why #}&nbsp;", &[] as &[&str]),
        ("<p>Hello</p>", &["\u{1f}Hello\u{1f}"]),
        ("{{ a }} at {{ b }}", &["\u{1f} at \u{1f}"]),
        ("<img alt=\"A picture\" src=\"x\"><i title=\"{{ t }}\">", &["A picture"]),
        ("<style>p{color:red}</style><!-- why --><br>", &[]),
    ] {
        assert_eq!(own_text(template), expected, "{template}");
    }
}
