//! No file imports, directly or around corners, a file that imports it.

use std::collections::{BTreeMap, BTreeSet};

use crate::architecture::{
    imports::{Graph, graph},
    source,
};

/// Returns the largest groups of files each of which reaches all others of its group.
fn circles(graph: &Graph) -> Vec<BTreeSet<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|file| (file.as_str(), reach(graph, file))).collect();
    let mut found: Vec<BTreeSet<&str>> = Vec::new();
    for (file, others) in &reached {
        if found.iter().any(|circle| circle.contains(file)) || !others.contains(file) {
            continue;
        }
        let circle = others.iter().filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)));
        found.push(circle.copied().collect());
    }
    found
}

fn reach<'a>(graph: &'a Graph, start: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut ahead = vec![start];
    while let Some(file) = ahead.pop() {
        for next in graph.get(file).into_iter().flatten() {
            if seen.insert(next.as_str()) {
                ahead.push(next);
            }
        }
    }
    seen
}

fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let graph = graph(&source::parse(files));
    circles(&graph).into_iter().map(|circle| circle.into_iter().map(str::to_owned).collect()).collect()
}

#[test]
fn no_files_import_each_other() {
    let graph = graph(&source::read());
    let found = circles(&graph);
    assert!(found.is_empty(), "these files import each other:\n{found:#?}");
}

#[test]
fn a_circle_of_two_files_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "pub struct B(super::a::A);"),
    ];
    assert_eq!(circles_of(&files), [["a.rs", "b.rs"]]);
}

#[test]
fn a_circle_of_three_files_is_found_across_rooms() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a/mod.rs", "pub mod x;"),
        ("a/x.rs", "use crate::b; fn f() { b::g(); }"),
        ("b.rs", "pub fn g() { tell!(crate::c::h()); }"),
        ("c.rs", "use crate::a::x; pub fn h(_: x::T) {}"),
        ("d.rs", "use crate::{a::x::f, c::h};"),
    ];
    assert_eq!(circles_of(&files), [["a/x.rs", "b.rs", "c.rs"]]);
}

#[test]
fn a_circle_through_a_re_export_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "mod deep; pub use deep::Thing;"),
        ("a/deep.rs", "use crate::b::Other; pub struct Thing;"),
        ("b.rs", "use crate::a::Thing; pub struct Other;"),
    ];
    assert_eq!(circles_of(&files), [["a/deep.rs", "b.rs"]]);
}

#[test]
fn a_child_that_needs_what_the_module_above_defines_beside_re_exporting_the_child_is_found() {
    let files = [
        ("a/mod.rs", "mod deep; pub use deep::Thing; pub struct Base;"),
        ("a/deep.rs", "use super::Base; pub struct Thing;"),
    ];
    assert_eq!(circles_of(&files), [["a/deep.rs", "a/mod.rs"]]);
    let files = [("a/mod.rs", "mod deep; pub struct Base;"), ("a/deep.rs", "use super::Base; pub struct Thing;")];
    assert_eq!(circles_of(&files), Vec::<Vec<String>>::new());
}

#[test]
fn a_circle_that_only_tests_see_is_none() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "use crate::b::B; pub struct A; #[cfg(test)] mod tests; #[cfg(test)] fn f(_: crate::b::B) {}"),
        ("a/tests.rs", "use crate::{a::A, b::B};"),
        (
            "b.rs",
            "pub struct B; #[cfg(test)] mod tests { use crate::a::A; } impl B { #[cfg(test)] fn f(_: crate::a::A) {} }",
        ),
    ];
    assert_eq!(circles_of(&files), Vec::<Vec<String>>::new());
}
