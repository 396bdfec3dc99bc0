//! Makes of a person's name what may appear in a mail (MAIL-10): one line, of a bounded length, and nothing that a mail
//! program makes clickable. Whoever signs up chooses the name, and anybody's address may be the recipient.

const MAX_CHARS: usize = 100;

/// Returns the name to greet with; `None` where there is none, or where it could be taken for a link.
pub(crate) fn presentable(name: &str) -> Option<String> {
    let line = single_line(name);
    (!line.is_empty() && !looks_like_a_link(&line)).then_some(line)
}

/// Removes control characters, line breaks and invisible direction marks, collapses blanks and keeps 100 characters at
/// most.
pub(crate) fn single_line(text: &str) -> String {
    // A break separates words; invisible marks would reorder the text that follows the name, or hide a link from us.
    let visible: String = text
        .chars()
        .filter(|c| !is_invisible_mark(*c))
        .map(|c| if c.is_control() || is_line_separator(c) { ' ' } else { c })
        .collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(MAX_CHARS).collect();
    line.trim_end().to_owned()
}

fn is_line_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Recognises zero-width and bidirectional formatting. The two joiners U+200C and U+200D stay: Persian and Indic names
/// need them.
fn is_invisible_mark(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Finds any scheme, path or address, and any bare domain: mail programs turn `evil.com` into a link too. `J. R. R.
/// Tolkien` and `Dr. Smith` pass; a name that is refused by mistake only costs its greeting.
fn looks_like_a_link(line: &str) -> bool {
    let line: String = line
        .chars()
        .filter(|c| !matches!(c, '\u{200c}' | '\u{200d}'))
        // Browsers read these as a full stop in a host name.
        .map(|c| if matches!(c, '。' | '．' | '｡') { '.' } else { c })
        .collect::<String>()
        .to_lowercase();
    let has_domain = line.split_whitespace().any(|word| {
        word.match_indices('.').any(|(dot, _)| {
            let before = word[..dot].chars().next_back();
            let after = word[dot + 1..].chars().take_while(|c| c.is_alphanumeric() || *c == '-').count();
            before.is_some_and(char::is_alphanumeric) && after >= 2
        })
    });
    has_domain || line.contains("www.") || line.contains(['/', '\\', '@', ':', '／', '＠', '：'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets_people_but_not_links() {
        for (name, expected) in [
            ("Alice", Some("Alice")),
            ("  Zoë   Müller-Lüdenscheidt ", Some("Zoë Müller-Lüdenscheidt")),
            ("Dr. Martin Luther King Jr.", Some("Dr. Martin Luther King Jr.")),
            ("J.R.R. Tolkien", Some("J.R.R. Tolkien")),
            ("O'Brien & Söhne (Ltd)", Some("O'Brien & Söhne (Ltd)")),
            ("李小龍", Some("李小龍")),
            ("می\u{200c}خواهم", Some("می\u{200c}خواهم")),
            ("", None),
            (" \u{200b}\r\n", None),
            ("Visit http://evil", None),
            ("www.evil", None),
            ("evil.com", None),
            ("Win at EVIL.Com now", None),
            ("ev\u{200d}il.\u{200d}com", None),
            ("evil.\u{200b}com", None),
            ("evil。com", None),
            ("me@evil", None),
            ("mailto:me", None),
            ("a/b", None),
            ("a\\b", None),
            ("A\u{202e}B\tC\nD\0E", Some("AB C D E")),
            ("A\u{2028}B", Some("A B")),
        ] {
            assert_eq!(presentable(name).as_deref(), expected, "{name:?}");
        }
    }

    #[test]
    fn is_bounded() {
        assert_eq!(presentable(&"ä".repeat(5000)).unwrap().chars().count(), 100);
        assert_eq!(single_line(&format!("{} b", "a".repeat(99))), "a".repeat(99));
    }
}
