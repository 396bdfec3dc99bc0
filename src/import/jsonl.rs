//! Reads lines of JSON, each of which is a [`Record`]: what `authgate export` writes.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    sync::Arc,
};

use crate::import::{
    error::ImportError,
    file::Source,
    finding::Reason,
    in_progress::Import,
    mistake::mistake,
    place::Place,
    progress::Unit,
    record::{Kind, Record},
};

/// Limits a line, in bytes.
const MAX_LINE: u64 = 1024 * 1024;

/// Says where the file is. A line holds 1 MiB at most.
#[derive(Debug)]
pub struct Jsonl {
    pub path: PathBuf,
}

/// Reads the records of the file, and hands them to the import.
pub(super) async fn read(settings: &Jsonl, import: &mut Import) -> Result<(), ImportError> {
    let source = Source::open(&settings.path)?;
    let done = source.resume(import)?;
    import.progress.begin(source.bytes, Unit::Bytes);
    import.progress.say("records");
    let mut lines = BufReader::new(&source.file);
    let (mut number, mut text) = (0, Vec::new());
    loop {
        text.clear();
        number += 1;
        let length = std::io::Read::take(&mut lines, MAX_LINE).read_until(b'\n', &mut text);
        let length = length.map_err(|error| source.failed(error))?;
        if length == 0 {
            return Ok(());
        }
        if length as u64 == MAX_LINE && !text.ends_with(b"\n") {
            return Err(ImportError::Origin(format!("{}:{number}: the line is longer than 1 MiB", source.name)));
        }
        import.progress.advance(length as u64);
        if number <= done || text.trim_ascii().is_empty() {
            continue;
        }
        let place = Place::Line { file: Arc::clone(&source.name), line: number };
        match serde_json::from_slice::<Record>(&text) {
            Ok(record) => import.push(place, record),
            Err(error) => import.leave_out(kind(&text), place, unreadable(&error)),
        }
        import.passed(source.position(number)).await?;
    }
}

/// Returns the kind that a line says, or that most are of.
fn kind(text: &[u8]) -> Kind {
    #[derive(serde::Deserialize)]
    struct Typed {
        r#type: Kind,
    }
    serde_json::from_slice::<Typed>(text).map_or(Kind::User, |typed| typed.r#type)
}

fn unreadable(error: &serde_json::Error) -> Reason {
    Reason::new(
        "LINE_UNREADABLE",
        mistake(error),
        "correct the line; docs/moving-in/tables-and-lines.md describes the records",
    )
}
