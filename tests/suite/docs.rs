//! The page on security names a test for what it claims; each of them exists, no requirement of the first order is
//! without one, and what is not built is said.

use std::{collections::BTreeMap, fs, path::Path};

/// Rows that have to be there, with a test.
const REQUIRED: [(&str, &[u8]); 23] = [
    ("HDR", &[1, 2, 3, 4, 5, 7, 8]),
    ("PATH", &[1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13]),
    ("METH", &[1]),
    ("SMUG", &[1, 2, 3, 4, 6, 7, 8, 9, 10]),
    ("WS", &[1, 2]),
    ("SESS", &[1, 2, 3, 4, 5, 7, 8, 10]),
    ("CSRF", &[1, 2, 3]),
    ("CORS", &[1]),
    ("REDIR", &[1, 2]),
    ("OAUTH", &[1, 2, 3, 4, 5, 6]),
    ("MAIL", &[1, 2, 3, 4, 5, 6, 7]),
    ("ENUM", &[1, 2]),
    ("BRUTE", &[1, 2, 3, 4, 9]),
    ("PASS", &[1, 5, 6, 7]),
    ("TOTP", &[1, 2, 3, 4, 5, 6, 7, 8]),
    ("PKEY", &[1, 2, 3, 4, 5, 6, 7]),
    ("KEY", &[1, 2, 4, 6]),
    ("FAIL", &[1, 2]),
    ("DOS", &[1, 2, 4, 6]),
    ("ADMIN", &[1]),
    ("LOG", &[1]),
    ("SECR", &[1]),
    ("SUPPLY", &[1]),
];

/// Areas of which every requirement, up to this number, has a row or is said not to be built.
const COMPLETE: [(&str, u8); 13] = [
    ("HDR", 12),
    ("PATH", 14),
    ("METH", 4),
    ("SMUG", 13),
    ("WS", 5),
    ("PKEY", 7),
    ("KEY", 7),
    ("FAIL", 8),
    ("DOS", 8),
    ("ADMIN", 3),
    ("LOG", 4),
    ("SECR", 4),
    ("SUPPLY", 6),
];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    fs::read_to_string(repository().join("docs/security.md")).expect("the page is there")
}

/// Requirements and the tests that their rows name.
fn rows(page: &str) -> BTreeMap<String, Vec<String>> {
    let mut rows = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [requirement, _, tests] = cells[..] else { continue };
        if is_id(requirement) {
            let tests = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            assert!(rows.insert(requirement.to_owned(), tests).is_none(), "{requirement} has two rows");
        }
    }
    rows
}

fn is_id(cell: &str) -> bool {
    cell.split_once('-').is_some_and(|(_, number)| number.parse::<u8>().is_ok())
}

/// Requirements that are said not to be built, with the reason.
fn not_built(page: &str) -> BTreeMap<&str, &str> {
    let (_, rest) = page.split_once("\n## What is not built\n").expect("the section is there");
    let rows = rest.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    rows.filter(|(requirement, _)| is_id(requirement)).collect()
}

/// Tells whether a test of this path exists: `suite::a::b` is of this binary, everything else stands beside its code.
fn exists(path: &str) -> bool {
    let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
    let module = match module.split_once("::") {
        Some(("suite", module)) => format!("tests/suite/{module}"),
        None if module == "suite" => "tests/suite".to_owned(),
        _ => format!("src/{module}"),
    };
    let module = module.replace("::", "/");
    let beside = module.strip_suffix("/tests").unwrap_or(&module);
    let files =
        [format!("{module}.rs"), format!("{module}/mod.rs"), format!("{beside}.rs"), format!("{beside}/mod.rs")];
    files.iter().filter_map(|file| fs::read_to_string(repository().join(file)).ok()).any(|text| is_test(&text, name))
}

fn is_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let declares =
        |line: &str| line.starts_with(&format!("fn {name}(")) || line.starts_with(&format!("async fn {name}("));
    let at = lines.iter().position(|line| declares(line));
    // Comments and further attributes may stand between.
    at.is_some_and(|at| {
        lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.starts_with("#[") || line.starts_with("//"))
            .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    })
}

#[test]
fn every_test_that_the_page_on_security_names_exists() {
    let page = page();
    let named: Vec<String> = rows(&page).into_values().flatten().collect();
    let missing: Vec<&String> = named.iter().filter(|path| !exists(path)).collect();
    assert!(named.len() > 50 && missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_requirement_of_the_first_order_names_a_test() {
    let rows = rows(&page());
    let ids =
        REQUIRED.iter().flat_map(|(area, numbers)| numbers.iter().map(move |number| format!("{area}-{number:02}")));
    let without: Vec<String> = ids.filter(|id| rows.get(id).is_none_or(Vec::is_empty)).collect();
    assert!(without.is_empty(), "{without:?}");
    let empty: Vec<&String> = rows.iter().filter(|(_, tests)| tests.is_empty()).map(|(id, _)| id).collect();
    assert!(empty.is_empty(), "{empty:?}");
}

#[test]
fn every_requirement_of_these_areas_is_spoken_of() {
    let page = page();
    let (rows, not_built) = (rows(&page), not_built(&page));
    let ids = COMPLETE.iter().flat_map(|(area, last)| (1..=*last).map(move |number| format!("{area}-{number:02}")));
    let silent: Vec<String> = ids.filter(|id| !rows.contains_key(id) && !not_built.contains_key(id.as_str())).collect();
    assert!(silent.is_empty(), "{silent:?}");
    let unreasoned: Vec<&&str> = not_built.iter().filter(|(_, why)| why.len() < 40).map(|(id, _)| id).collect();
    assert!(unreasoned.is_empty(), "{unreasoned:?}");
    // A row that holds in part says where the rest is.
    let both = not_built.keys().filter(|id| rows.contains_key(**id));
    for id in both {
        let row = page.lines().find(|line| line.starts_with(&format!("| {id} | ")));
        assert!(row.is_some_and(|row| row.contains("see below") || row.contains("not counted")), "{id}");
    }
}

#[test]
fn the_reader_of_tests_tells_tests_from_functions() {
    let text = "#[tokio::test]\n// why\nasync fn one() {}\n\nfn two() {}\n    #[test]\n    fn three() {}\n";
    assert!(is_test(text, "one") && is_test(text, "three"));
    assert!(!is_test(text, "two") && !is_test(text, "on"));
    assert!(exists("suite::docs::the_reader_of_tests_tells_tests_from_functions"));
    assert!(exists("types::origin::tests::origins_are_compared_as_whole_triples"));
    assert!(exists("api::router::tests::signed_out_answers"));
    assert!(!exists("types::origin::tests::parse") && !exists("suite::docs::exists") && !exists("nothing"));
}

#[test]
fn the_tests_that_the_page_on_fuzzing_names_exist() {
    let page = fs::read_to_string(repository().join("docs/fuzzing.md")).expect("the page is there");
    let (_, found) = page.split_once("\n## Found so far\n").expect("the section is there");
    let named: Vec<&str> = found.split('`').skip(1).step_by(2).filter(|code| code.contains("::")).collect();
    assert!(named.len() >= 3 && named.iter().all(|path| exists(path)), "{named:?}");
}

#[test]
fn the_tests_that_the_page_on_reliability_names_exist() {
    let page = fs::read_to_string(repository().join("docs/reliability.md")).expect("the page is there");
    let names: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|code| code.contains("::") && !code.ends_with("::"))
        .collect();
    assert!(names.len() >= 15, "{names:?}");
    for name in names {
        let rooms = ["suite::operations::failures", "suite"];
        assert!(rooms.iter().any(|room| exists(&format!("{room}::{name}"))), "{name}");
    }
}
