//! Holds that all that comments and guides refer to is in the repository: ids of requirements, sections of the contract, files.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below a directory whose names end in one of these.
fn files(directory: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![repository().join(directory)];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a directory can be listed") {
            let path = entry.expect("a directory can be listed").path();
            if path.is_dir() && !path.ends_with("node_modules") {
                open.push(path);
            } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found
}

/// Words such as `SESS-03`, wherever they stand.
fn ids(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let is_id = |word: &&str| {
        word.split_once('-').is_some_and(|(area, number)| {
            area.len() >= 2
                && area.bytes().all(|c| c.is_ascii_uppercase())
                && number.len() == 2
                && number.bytes().all(|c| c.is_ascii_digit())
        })
    };
    words.filter(is_id).collect()
}

/// Numbers after `§` in lines that speak of the contract.
fn sections(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| line.to_lowercase().contains("contract"));
    let after = lines.flat_map(|line| line.split('§').skip(1));
    let number = |rest: &str| rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect::<String>();
    after
        .map(number)
        .map(|number| number.trim_end_matches('.').to_owned())
        .filter(|number| !number.is_empty())
        .collect()
}

/// The numbers of a page's headings, and `chapter.item` of the numbered lists in chapters without sections.
fn headings(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut chapter = String::new();
    for line in page.lines() {
        let is_heading = line.starts_with("## ") || line.starts_with("### ");
        let number: String =
            line.trim_start_matches(['#', ' ']).chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let number = number.trim_end_matches('.').to_owned();
        if is_heading {
            chapter.clone_from(&number);
            found.insert(number);
        } else if !number.is_empty() && line.starts_with(&format!("{number}. ")) {
            found.insert(format!("{chapter}.{number}"));
        }
    }
    found
}

fn sources() -> Vec<PathBuf> {
    ["src", "tests/suite", "benches", "fuzz/fuzz_targets", "migrations"]
        .iter()
        .flat_map(|directory| files(directory, &[".rs", ".sql"]))
        .collect()
}

#[test]
fn every_requirement_that_a_comment_cites_has_its_row() {
    let page = read(&repository().join("docs/security.md"));
    let known: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()).flat_map(ids).collect();
    let areas: BTreeSet<&str> = known.iter().filter_map(|id| id.split('-').next()).collect();
    assert!(known.len() > 150, "{}", known.len());
    let mut unknown = Vec::new();
    for file in sources() {
        let text = read(&file);
        for id in ids(&text) {
            // Others' names look alike: DSA-44, UTF-16.
            if id.split('-').next().is_some_and(|area| areas.contains(area)) && !known.contains(id) {
                unknown.push(format!("{}: {id}", file.display()));
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn every_section_of_the_contract_that_a_comment_cites_is_there() {
    let known = headings(&read(&repository().join("docs/better-auth-contract.md")));
    assert!(known.contains("3.4") && known.contains("15.6"), "{known:?}");
    let (mut cited, mut unknown) = (0, Vec::new());
    for file in sources() {
        let text = read(&file);
        // Written `§3.4`, in whichever page of the repository that has it.
        assert!(!text.contains("DESIGN \u{a7}"), "{} cites a page that is not here", file.display());
        for section in sections(&text) {
            cited += 1;
            if !known.contains(&section) {
                unknown.push(format!("{}: §{section}", file.display()));
            }
        }
    }
    assert!(cited > 20 && unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn every_file_that_a_guide_names_is_there() {
    let mut guides = files("docs", &[".md"]);
    guides.extend(["README.md", "CONTRIBUTING.md"].map(|name| repository().join(name)));
    let (mut named, mut missing) = (0, Vec::new());
    for guide in guides {
        let text = read(&guide);
        let folder = guide.parent().expect("a file is in a directory");
        let paths = text.split('`').skip(1).step_by(2).filter(|code| {
            ["src/", "tests/", "docs/", "benches/", "migrations/", "scripts/"]
                .iter()
                .any(|start| code.starts_with(start))
                && !code.contains([' ', '*', '…', '<', '{', ':'])
                && !code.contains("YYYY")
        });
        let paths = paths.map(|path| repository().join(path));
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let links =
            links.filter(|link| !link.contains("://") && !link.starts_with('#') && !link.starts_with("mailto:"));
        let links = links.filter_map(|link| link.split('#').next()).map(|link| folder.join(link));
        for path in paths.chain(links) {
            named += 1;
            if !path.exists() {
                missing.push(format!("{}: {}", guide.display(), path.display()));
            }
        }
    }
    assert!(named > 100 && missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn citations_are_found_where_they_stand() {
    assert_eq!(ids("(SESS-03, `MAIL-10`) UTF-8 x-1 AB-123").into_iter().collect::<Vec<_>>(), ["MAIL-10", "SESS-03"]);
    let text = "// contract §3.4, §13.\n// RFC 9112 §6.3\n";
    assert_eq!(sections(text).into_iter().collect::<Vec<_>>(), ["13", "3.4"]);
    let page = "## 2. Cookies\n### 2.1 Names\n## 15. Checklist\n6. Origins first.\n";
    assert_eq!(headings(page).into_iter().collect::<Vec<_>>(), ["15", "15.6", "2", "2.1"]);
}
