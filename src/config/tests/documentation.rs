//! Checks that docs/configuration.md and gateway.yaml mention every key there is; the JSON Schema is the list.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::config::{
    schema,
    tests::{DATABASE_URL, MINIMAL, SECRET, errors},
};

/// Returns every path of the schema with `NAME` for a mapping's free keys and `[]` for a list's items.
pub(crate) fn key_paths() -> BTreeSet<String> {
    let schema = schema();
    let mut paths = BTreeSet::new();
    walk(&schema, &schema, "", &mut paths);
    paths
}

fn walk(root: &Value, node: &Value, path: &str, paths: &mut BTreeSet<String>) {
    if let Some(reference) = node["$ref"].as_str() {
        let name = reference.trim_start_matches("#/$defs/");
        if name != "Reference" {
            walk(root, &root["$defs"][name], path, paths);
        }
    }
    for alternative in ["anyOf", "oneOf", "allOf"] {
        for inner in node[alternative].as_array().into_iter().flatten() {
            walk(root, inner, path, paths);
        }
    }
    for (key, inner) in node["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        paths.insert(path.clone());
        walk(root, inner, &path, paths);
    }
    if node["additionalProperties"].is_object() {
        walk(root, &node["additionalProperties"], &format!("{path}.NAME"), paths);
    }
    if node["items"].is_object() {
        walk(root, &node["items"], &format!("{path}[]"), paths);
    }
}

#[test]
fn every_key_is_documented() {
    let documentation = include_str!("../../../docs/configuration.md");
    let paths = key_paths();
    assert!(paths.contains("routes[].match.path") && paths.contains("upstreams.NAME.timeouts.read"), "{paths:?}");
    let missing: Vec<&String> = paths.iter().filter(|path| !documentation.contains(&format!("`{path}`"))).collect();
    assert!(missing.is_empty(), "docs/configuration.md does not mention {missing:#?}");
}

#[test]
fn every_key_is_in_the_annotated_example() {
    let example = include_str!("../../../gateway.yaml");
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let missing: Vec<String> = key_paths().into_iter().filter(|path| !example.contains(&last(path))).collect();
    assert!(missing.is_empty(), "gateway.yaml does not show {missing:#?}");
}

#[test]
fn the_schema_describes_every_key_and_refuses_others() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["additionalProperties"], false);
    for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
        if let Some(properties) = definition["properties"].as_object() {
            assert_eq!(definition["additionalProperties"], false, "{name}");
            for (key, property) in properties {
                assert!(property["description"].is_string() || property["$ref"].is_string(), "{name}.{key}");
            }
        }
    }
    let secret = &schema["$defs"]["Database"]["properties"]["url"];
    assert!(!secret.to_string().contains("\"string\""), "a secret cannot be text: {secret}");
}

/// The blocks of a page that are marked as YAML, those of a deeper level put where they belong.
fn yaml_blocks(page: &str) -> Vec<String> {
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let whole = blocks
        .map(|block| if block.starts_with("    ") { format!("auth:\n  social:\n{block}") } else { block.to_owned() });
    whole.filter(|block| !block.starts_with("containers:")).collect()
}

/// Adds what every configuration needs and the block leaves out.
fn completed(block: &str) -> String {
    let has = |key: &str| block.lines().any(|line| line.starts_with(key));
    let required = MINIMAL.lines().filter(|line| line.split_once(':').is_some_and(|(key, _)| !has(&format!("{key}:"))));
    let upstreams = "upstreams: { api: { servers: [\"http://127.0.0.1:8000\"] } }".to_owned();
    let upstreams = (block.contains("upstream: api") && !has("upstreams:")).then_some(upstreams);
    required.map(str::to_owned).chain(upstreams).chain([block.to_owned()]).collect::<Vec<_>>().join("\n")
}

fn value_of(variable: &str) -> String {
    match variable {
        "AUTHGATE_SECRET" => SECRET.to_owned(),
        name if name.starts_with("DATABASE") => DATABASE_URL.to_owned(),
        name => format!("{name}-of-0123456789-abcdefghij"),
    }
}

#[test]
fn every_example_of_the_pages_compiles() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut count = 0;
    for page in pages.chain([root.join("README.md")]) {
        for block in yaml_blocks(&fs::read_to_string(&page).unwrap()) {
            let names = block.split("env: ").skip(1).filter_map(|rest| rest.split([' ', ',', '}', ']', '\n']).next());
            let variables: Vec<(&str, String)> = names.map(|name| (name, value_of(name))).collect();
            let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
            // The files of the examples are not here.
            let told = errors(&completed(&block), &variables)
                .into_iter()
                .filter(|error| !error.contains("cannot be read") && !error.contains("cannot read the file"));
            let told: Vec<String> = told.collect();
            assert!(told.is_empty(), "{}:\n{block}\n{told:#?}", page.display());
            count += 1;
        }
    }
    assert!(count > 15, "{count} examples");
}
