//! Says what is wrong with a text without repeating it: values may be secrets, and names may hold what moves a terminal's
//! cursor.

use serde_json::error::Category;

/// Limits what a message repeats of a name, in characters.
const MAX_NAME: usize = 64;

/// Describes what is wrong with JSON, with the place, and without any value.
pub(crate) fn mistake(error: &serde_json::Error) -> String {
    // Errors of syntax say what was expected and nothing of what was there.
    if error.classify() != Category::Data {
        return error.to_string();
    }
    let text = error.to_string();
    let (text, place) = match text.rfind(" at line ") {
        Some(at) => text.split_at(at),
        None => (text.as_str(), ""),
    };
    let place = if place.is_empty() && error.line() > 0 {
        format!(" at line {} column {}", error.line(), error.column())
    } else {
        place.to_owned()
    };
    let key = |start: &str| text.strip_prefix(start)?.split('`').next();
    let kind = if let Some(key) = key("missing field `") {
        format!("the key {key:?} is missing")
    } else if let Some(key) = key("unknown field `") {
        format!("the key {:?} is not known", key.chars().take(MAX_NAME).collect::<String>())
    } else if let Some(key) = key("duplicate field `") {
        format!("the key {key:?} is there twice")
    } else if text.starts_with("unknown variant") {
        "the type is not known".to_owned()
    } else if text.starts_with("the '") || text.contains("component could not be parsed") {
        "a time is not in the form of RFC 3339".to_owned()
    } else if let Some((_, expected)) = text.rsplit_once(", expected ") {
        // Behind the last of these words stand serde's own.
        format!("a value is another than {expected}")
    } else {
        "a value is of another form than its key takes".to_owned()
    };
    kind + &place
}

/// Writes control characters, and those that turn the direction of text, as their escapes.
pub(crate) fn escaped(text: &str) -> String {
    let moves = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().flat_map(|c| if moves(c) { c.escape_default().collect() } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::record::Record;

    #[test]
    fn a_mistake_is_named_without_its_value() {
        let user = r#""type":"user","id":"a","email":"a@example.com","createdAt":"2024-01-02T03:04:05Z""#;
        let factor = r#""type":"twoFactor","userId":"a","enabledAt":"2024-01-02T03:04:05Z""#;
        for (line, expected) in [
            (format!("{{{user}}}"), "the key \"updatedAt\" is missing"),
            (format!("{{{user},\"emial\\u001b\":\"SECRET\"}}"), "the key \"emial\\u{1b}\" is not known"),
            (format!("{{{user},\"updatedAt\":\"SECRET, expected x\"}}"), "a time is not in the form of RFC 3339"),
            (format!("{{{factor},\"backupCodes\":\"SECRET\"}}"), "a value is another than a sequence"),
            ("{\"type\":\"SECRET\"}".to_owned(), "the type is not known"),
            ("{\"type\":\"user\",SECRET".to_owned(), "key must be a string at line 1 column 16"),
        ] {
            let told = mistake(&serde_json::from_str::<Record>(&line).unwrap_err());
            assert!(told.starts_with(expected) && !told.contains("SECRET"), "{line}: {told}");
        }
    }

    #[test]
    fn nothing_moves_a_terminal() {
        assert_eq!(escaped("a\u{1b}[31mä\n\u{202e}"), "a\\u{1b}[31mä\\n\\u{202e}");
    }
}
