//! Makes the routes of the built-in configuration.

use serde_json::{Value, json};

use crate::routing::PathPattern;

/// Returns the routes: what was asked to be public, then the usual ones as far as that leaves them anything.
pub(super) fn built_in_routes(public: &[String]) -> Vec<Value> {
    let is_covered = |path: &str| {
        let path = PathPattern::parse(path);
        public.iter().any(|pattern| {
            PathPattern::parse(pattern).is_ok_and(|pattern| path.as_ref().is_ok_and(|path| pattern.covers(path)))
        })
    };
    let asked_for = public.iter().enumerate().map(|(index, pattern)| {
        let name = format!("public-{}", index + 1);
        json!({ "name": name, "match": { "path": pattern }, "upstream": "app", "access": "public", "websocket": true })
    });
    let usual = [
        ("public", "/public/**", json!({ "access": "public" })),
        ("optional", "/optional/**", json!({ "access": "optional" })),
        ("admin", "/admin/**", json!({ "access": "required", "roles": ["admin"] })),
        ("app", "/**", json!({ "access": "required", "websocket": true })),
    ];
    let usual = usual.into_iter().filter(|(_, path, _)| !is_covered(path)).map(|(name, path, mut route)| {
        route["name"] = name.into();
        route["match"] = json!({ "path": path });
        route["upstream"] = "app".into();
        route
    });
    asked_for.chain(usual).collect()
}
