//! Follows the paths that a file writes to the files that it imports: through `use`, `self`, `super` and re-exports.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};

use crate::architecture::source::{Scope, Source, modules};

/// The segments of a path to a module or an item.
pub(super) type Path = Vec<String>;

/// Tells which file imports which others.
pub(super) type Graph = BTreeMap<String, BTreeSet<String>>;

/// Returns the files that each file imports, where an import is followed to the file that defines the item.
pub(super) fn graph(sources: &[Source]) -> Graph {
    let known = Crate::new(sources);
    let mut graph = Graph::new();
    for source in sources {
        let imported = graph.entry(source.name.clone()).or_default();
        for scope in &source.scopes {
            for path in written(scope) {
                let Some(path) = known.absolute(&scope.module, path, 0) else { continue };
                imported.extend(known.file_of(&path, 0).filter(|file| *file != source.name).map(str::to_owned));
            }
            for path in &scope.globs {
                let module = known.absolute(&scope.module, path, 0).and_then(|path| known.module_of(&path, 0));
                imported.extend(
                    module
                        .and_then(|module| known.files.get(&module))
                        .filter(|file| **file != source.name)
                        .map(|file| (*file).to_owned()),
                );
            }
        }
    }
    graph
}

/// Returns the rooms (the first segments of absolute paths) that a file names, as written.
pub(super) fn rooms(source: &Source) -> BTreeSet<String> {
    let paths = source.scopes.iter().flat_map(|scope| {
        let all = written(scope).chain(&scope.globs);
        all.filter_map(|path| absolute_as_written(&scope.module, path))
    });
    paths.filter_map(|path| path.first().cloned()).collect()
}

fn written(scope: &Scope) -> impl Iterator<Item = &Path> {
    scope.uses.iter().map(|(_, path)| path).chain(&scope.paths)
}

/// Resolves `crate`, `self` and `super`; `authgate` is how the program names the library.
fn absolute_as_written(module: &[String], path: &[String]) -> Option<Path> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" | "authgate" => Some(rest.to_vec()),
        "self" => Some([module, rest].concat()),
        "super" => {
            let above = path.iter().take_while(|segment| *segment == "super").count();
            let base = module.get(..module.len().checked_sub(above)?)?;
            Some([base, &path[above..]].concat())
        }
        _ => None,
    }
}

/// Holds what the files declare, to follow a path from module to module.
struct Crate<'a> {
    files: BTreeMap<&'a Path, &'a str>,
    scopes: BTreeMap<&'a Path, &'a Scope>,
}

/// Re-exports of re-exports end somewhere; a circle of them does not compile.
const MAX_REEXPORTS: usize = 16;

impl<'a> Crate<'a> {
    fn new(sources: &'a [Source]) -> Self {
        let scopes = sources.iter().flat_map(|source| &source.scopes).map(|scope| (&scope.module, scope)).collect();
        Self { files: modules(sources), scopes }
    }

    /// Returns the path from the root of the crate, or `None` for one into another crate or to a local name.
    fn absolute(&self, module: &Path, path: &[String], depth: usize) -> Option<Path> {
        if let Some(path) = absolute_as_written(module, path) {
            return Some(path);
        }
        let (first, rest) = path.split_first()?;
        let child = [module.as_slice(), std::slice::from_ref(first)].concat();
        if self.files.contains_key(&child) {
            return Some([child.as_slice(), rest].concat());
        }
        let used = self.used(module, first, depth)?;
        Some([used.as_slice(), rest].concat())
    }

    /// Returns what a `use` of the module brings into scope under the name.
    fn used(&self, module: &Path, name: &str, depth: usize) -> Option<Path> {
        let (_, path) = self.scopes.get(module)?.uses.iter().find(|(local, _)| local == name)?;
        if depth > MAX_REEXPORTS || path.first().is_some_and(|first| first == name) {
            return None;
        }
        self.absolute(module, path, depth + 1)
    }

    /// Returns the file that defines the item; `None` for a module alone, which is no item.
    fn file_of(&self, path: &[String], depth: usize) -> Option<&'a str> {
        let mut module = Path::new();
        for (at, segment) in path.iter().enumerate() {
            let is_last = at + 1 == path.len();
            let child = [module.as_slice(), std::slice::from_ref(segment)].concat();
            let defines = self.scopes.get(&module).is_some_and(|scope| scope.items.contains(segment));
            if self.files.contains_key(&child) && !(is_last && defines) {
                if is_last && let Some(used) = self.used(&module, segment, depth).filter(|used| *used != child) {
                    return self.file_of(&used, depth + 1);
                }
                module = child;
                continue;
            }
            if let Some(used) = self.used(&module, segment, depth).filter(|_| depth <= MAX_REEXPORTS) {
                return self.file_of(&[used.as_slice(), &path[at + 1..]].concat(), depth + 1);
            }
            return self.files.get(&module).copied();
        }
        None
    }

    fn module_of(&self, path: &[String], depth: usize) -> Option<Path> {
        if self.files.contains_key(&path.to_vec()) {
            return Some(path.to_vec());
        }
        let (last, module) = path.split_last()?;
        let used = self.used(&module.to_vec(), last, depth)?;
        (depth <= MAX_REEXPORTS).then(|| self.module_of(&used, depth + 1)).flatten()
    }
}

/// Returns the paths in the tokens of a macro or an attribute, those in string literals (`with = "crate::x"`) included.
pub(super) fn token_paths(tokens: TokenStream) -> Vec<Path> {
    let mut found = Vec::new();
    let mut path = Path::new();
    let mut colons = 0;
    for token in tokens {
        match &token {
            TokenTree::Ident(name) if colons == 2 && !path.is_empty() => path.push(name.to_string()),
            TokenTree::Ident(name) => {
                found.push(std::mem::replace(&mut path, vec![name.to_string()]));
            }
            TokenTree::Punct(punctuation) if punctuation.as_char() == ':' => {
                colons += 1;
                continue;
            }
            _ => found.push(std::mem::take(&mut path)),
        }
        colons = 0;
        match token {
            TokenTree::Group(group) => found.extend(token_paths(group.stream())),
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|literal| literal.value());
                let quoted = text.ok().filter(|text| text.starts_with("crate::"));
                if let Some(Ok(quoted)) = quoted.map(|text| syn::parse_str::<syn::Path>(&text)) {
                    found.push(quoted.segments.iter().map(|segment| segment.ident.to_string()).collect());
                }
            }
            _ => {}
        }
    }
    found.push(path);
    found.retain(|path| path.len() > 1);
    found
}

#[test]
fn paths_are_followed_to_the_file_that_defines_the_item() {
    let sources = crate::architecture::source::parse(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a/mod.rs", "mod deep; mod quiet; pub use deep::Thing; pub fn here() {}"),
        ("a/deep.rs", "pub struct Thing;"),
        ("a/quiet.rs", "pub fn hush() {}"),
        ("b.rs", "pub use crate::a; pub use super::a::Thing as Renamed;"),
        ("c.rs", "use crate::{b::{a::Thing, self}, a::here}; fn f(_: b::Renamed) { tell!(crate::a::quiet::hush()) }"),
    ]);
    let imported: Vec<_> = graph(&sources).remove("c.rs").expect("it is a source").into_iter().collect();
    assert_eq!(imported, ["a/deep.rs", "a/mod.rs", "a/quiet.rs"]);
}

#[test]
fn rooms_are_read_out_of_groups_bodies_and_macros() {
    let text =
        "use crate::{auth, mail::{self, X}, types::{A, B}}; fn f() { crate::store::y(); tell!(a = crate::jobs::Z); }";
    let sources = crate::architecture::source::parse(&[("x.rs", text)]);
    assert_eq!(rooms(&sources[0]).into_iter().collect::<Vec<_>>(), ["auth", "jobs", "mail", "store", "types"]);
}
