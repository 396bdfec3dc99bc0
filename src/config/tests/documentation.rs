//! Checks that docs/configuration.md and gateway.yaml mention every key there is; the JSON Schema is the list.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::config::schema;

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
