//! The source files of the crate, parsed, without what only tests see.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, ImplItem, Item, ItemMod, ItemUse, UseTree, visit::Visit};

use crate::architecture::imports::{Path as ItemPath, token_paths};

/// One file of `src/`, and what it says of others.
#[derive(Debug)]
pub(super) struct Source {
    /// The path below `src/`.
    pub(super) name: String,
    pub(super) scopes: Vec<Scope>,
    /// Modules that only tests see, and whose files are therefore left out.
    test_modules: Vec<ItemPath>,
}

/// One module: a file, or an inline `mod` of one.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) module: ItemPath,
    /// Holds what `use` brings into scope: the name and the path as written.
    pub(super) uses: Vec<(String, ItemPath)>,
    pub(super) globs: Vec<ItemPath>,
    /// Every other path with at least two segments, as written.
    pub(super) paths: Vec<ItemPath>,
    /// Names of the items that are defined here, modules left out.
    pub(super) items: Vec<String>,
}

/// Returns the parsed sources of the crate.
pub(super) fn read() -> Vec<Source> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let files: Vec<_> = files(root)
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root).expect("it was found there").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a source file is readable"))
        })
        .collect();
    parse(&files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>())
}

/// Parses files that are given as (path below `src/`, text).
pub(super) fn parse(files: &[(&str, &str)]) -> Vec<Source> {
    let sources: Vec<_> = files.iter().map(|(name, text)| parse_one(name, text)).collect();
    let of_tests: Vec<ItemPath> = sources.iter().flat_map(|source| source.test_modules.clone()).collect();
    let is_test = |source: &Source| of_tests.iter().any(|module| source.scopes[0].module.starts_with(module));
    sources.into_iter().filter(|source| !is_test(source)).collect()
}

/// Returns all Rust files below a directory.
pub(super) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory can be listed") {
        let path = entry.expect("a directory can be listed").path();
        if path.is_dir() {
            found.append(&mut files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Maps each module that has a file of its own to the file's name.
pub(super) fn modules(sources: &[Source]) -> BTreeMap<&ItemPath, &str> {
    sources.iter().flat_map(|source| source.scopes.iter().map(|scope| (&scope.module, source.name.as_str()))).collect()
}

fn parse_one(name: &str, text: &str) -> Source {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut reader = Reader {
        scopes: vec![Scope { module: module_of(name), ..Scope::default() }],
        current: 0,
        test_modules: Vec::new(),
    };
    reader.visit_file(&file);
    Source { name: name.to_owned(), scopes: reader.scopes, test_modules: reader.test_modules }
}

/// `a/b.rs` and `a/b/mod.rs` are the module `a::b`; `lib.rs` is the root.
fn module_of(name: &str) -> ItemPath {
    let mut parts: ItemPath = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    parts
}

struct Reader {
    scopes: Vec<Scope>,
    current: usize,
    test_modules: Vec<ItemPath>,
}

impl Reader {
    fn scope(&mut self) -> &mut Scope {
        &mut self.scopes[self.current]
    }

    fn note_tree(&mut self, prefix: &[String], tree: &UseTree) {
        let joined = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.note_tree(&joined(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" => {
                let local = prefix.last().cloned().unwrap_or_default();
                self.scope().uses.push((local, prefix.to_vec()));
            }
            UseTree::Name(name) => {
                let path = joined(&name.ident);
                self.scope().uses.push((name.ident.to_string(), path));
            }
            UseTree::Rename(rename) => {
                let path = if rename.ident == "self" { prefix.to_vec() } else { joined(&rename.ident) };
                self.scope().uses.push((rename.rename.to_string(), path));
            }
            UseTree::Glob(_) => self.scope().globs.push(prefix.to_vec()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(prefix, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_for_tests(attributes(item)) {
            if let Item::Mod(module) = item {
                let path = [self.scope().module.as_slice(), &[module.ident.to_string()]].concat();
                self.test_modules.push(path);
            }
            return;
        }
        if let Some(name) = defined_name(item) {
            self.scope().items.push(name);
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !matches!(item, ImplItem::Fn(function) if is_for_tests(&function.attrs)) {
            syn::visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if module.content.is_none() {
            return;
        }
        let outer = self.current;
        let path = [self.scope().module.as_slice(), &[module.ident.to_string()]].concat();
        self.scopes.push(Scope { module: path, ..Scope::default() });
        self.current = self.scopes.len() - 1;
        syn::visit::visit_item_mod(self, module);
        self.current = outer;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.note_tree(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.scope().paths.push(segments);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let paths = token_paths(call.tokens.clone());
        self.scope().paths.extend(paths);
        syn::visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            let paths = token_paths(list.tokens.clone());
            self.scope().paths.extend(paths);
        }
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return false };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn defined_name(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        _ => return None,
    })
}
