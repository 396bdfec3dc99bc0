//! Writes names, and whatever else is known of people, as a header carries it.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, utf8_percent_encode};
use serde_json::Value;

const ENCODED: &AsciiSet = &CONTROLS.add(b'%');
/// The items of a list are separated by commas, and hold none.
const ITEM: &AsciiSet = &ENCODED.add(b',');

/// Percent-encodes what a header cannot carry unambiguously: controls, everything beyond ASCII, and `%` itself.
#[must_use]
pub fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ENCODED)
}

/// Writes the value of an additional field. `None` where there is none.
#[must_use]
pub fn of_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(encode(text).to_string()),
        Value::Array(items) => Some(encoded(items).map(Cow::from).collect::<Vec<_>>().join(",")),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Object(_) => None,
    }
}

/// Returns the length of what [`of_value`] writes, without writing it.
#[must_use]
pub fn length(value: &Value) -> usize {
    let sum = |text: PercentEncode<'_>| text.map(str::len).sum::<usize>();
    match value {
        Value::String(text) => sum(encode(text)),
        Value::Array(items) => encoded(items).map(sum).sum::<usize>() + items.len().saturating_sub(1),
        _ => of_value(value).map_or(0, |text| text.len()),
    }
}

fn encoded(items: &[Value]) -> impl Iterator<Item = PercentEncode<'_>> {
    items.iter().filter_map(Value::as_str).map(|item| utf8_percent_encode(item, ITEM))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_length_is_that_of_the_text() {
        for (value, expected) in [
            (json!("Zo\u{eb} 100%,\r\n"), Some("Zo%C3%AB 100%25,%0D%0A")),
            (json!(["a,b", "\u{fc}"]), Some("a%2Cb,%C3%BC")),
            (json!([]), Some("")),
            (json!([""]), Some("")),
            (json!(-1.5), Some("-1.5")),
            (json!(true), Some("true")),
            (json!(null), None),
            (json!({ "a": 1 }), None),
        ] {
            let text = of_value(&value);
            assert_eq!(text.as_deref(), expected, "{value}");
            assert_eq!(length(&value), text.map_or(0, |text| text.len()), "{value}");
        }
    }
}
