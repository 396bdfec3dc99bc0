//! Tests that pages know the API by the codes that it sends.

use std::{fs, path::Path};

use crate::language::ftl::{all_files, source};

#[test]
fn every_code_that_a_page_knows_is_one_that_the_api_sends() {
    let pages = source("pages");
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    let sources = all_files(&source("")).into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "rs"));
    let (ours, others): (Vec<_>, Vec<_>) = sources.partition(|path| path.starts_with(&pages));
    let sent: Vec<String> = others.iter().map(|path| read(path)).collect();
    let mut seen = 0;
    for path in &ours {
        let text = read(path);
        for code in text.split('"').filter(|text| is_code(text)) {
            seen += 1;
            let is_sent = sent.iter().any(|text| text.contains(&format!("\"{code}\"")));
            assert!(is_sent, "{} knows {code}, which the API never sends", path.display());
        }
    }
    assert!(seen > 20, "{seen}");
}

fn is_code(text: &str) -> bool {
    text.contains('_') && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
