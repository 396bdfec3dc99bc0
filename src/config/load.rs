//! Leads from a file, or a text, to a configuration.

use std::path::Path;

use crate::config::{
    Config, ConfigErrors, Environment, compile as sections, print,
    source::{
        decode,
        document::{self, Kind, Node, Origin},
        effective::Effective,
        environment,
        errors::ConfigError,
        files,
        location::SourceLocation,
        path::KeyPath,
        report::Report,
    },
};

/// Loads a file with the environment of this process.
pub fn load(path: &Path) -> Result<Config, ConfigErrors> {
    let name = path.display().to_string();
    compile(&name, &read(path, &name)?, &Environment::of_process())
}

/// Compiles a text. `name` is what errors call it; `{ file: … }` is relative to its folder.
pub fn compile(name: &str, text: &str, environment: &Environment) -> Result<Config, ConfigErrors> {
    compile_tree(name, text, environment).map(|(config, ..)| config)
}

/// Returns the effective configuration of a file as YAML, with all defaults and overrides, secrets masked.
pub fn print_effective(path: &Path) -> Result<String, ConfigErrors> {
    let name = path.display().to_string();
    print_compiled(&name, &read(path, &name)?, &Environment::of_process())
}

pub(crate) fn print_compiled(name: &str, text: &str, environment: &Environment) -> Result<String, ConfigErrors> {
    compile_tree(name, text, environment).map(|(_, tree, effective)| print::print(&effective, &tree))
}

pub(crate) fn read(path: &Path, name: &str) -> Result<String, ConfigErrors> {
    std::fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read the configuration: {error}");
        ConfigErrors::new(name, vec![ConfigError::new(SourceLocation::File, KeyPath::default(), message)])
    })
}

fn compile_tree(name: &str, text: &str, environment: &Environment) -> Result<(Config, Node, Effective), ConfigErrors> {
    let mut tree = parse(name, text)?;
    environment::apply_overrides(&mut tree, environment);
    compile_parsed(name, tree, environment)
}

pub(crate) fn parse(name: &str, text: &str) -> Result<Node, ConfigErrors> {
    let tree = document::parse(text).map_err(|errors| ConfigErrors::new(name, errors))?;
    let empty = || Node::new(Kind::Map(Vec::new()), SourceLocation::line_and_column(1, 1), Origin::Inline);
    Ok(if tree.is_null() { empty() } else { tree })
}

/// Compiles what was parsed, and overridden where that is wanted.
pub(crate) fn compile_parsed(
    name: &str,
    mut tree: Node,
    environment: &Environment,
) -> Result<(Config, Node, Effective), ConfigErrors> {
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let unreadable = environment::resolve_references(&mut tree, environment, folder);
    let mut report = Report::new(&tree);
    environment::report_unreadable(unreadable, &mut report);
    let config = decode::decode(&tree, &mut report).and_then(|raw| sections::compile(raw, folder, &mut report));
    match config {
        Some(config) if report.is_clean() => {
            let files = files::referenced(&tree, folder);
            let effective = report.into_effective();
            let (source, printed) = (name.to_owned(), print::print(&effective, &tree));
            Ok((Config { files, source, printed, ..config }, tree, effective))
        }
        _ => Err(ConfigErrors::new(name, report.into_errors())),
    }
}
