//! Reads Accept-Language (RFC 9110 §12.5.4) by basic filtering (RFC 4647 §3.3.1): a range names a language, perhaps with
//! a region that makes no difference here.

use crate::language::{Language, Languages};

/// Limits how much of the header is read. Browsers send a tenth of it at most.
const MAX_BYTES: usize = 1024;
/// Limits the ranges that are read.
const MAX_RANGES: usize = 32;

impl Languages {
    /// Chooses by the header of this name (RFC 9110 §12.5.4); the default where it is missing or asks for nothing that
    /// is offered.
    #[must_use]
    pub fn choose(&self, accept_language: Option<&str>) -> Language {
        accept_language.and_then(|header| choose(self, header)).unwrap_or(self.default_language())
    }
}

/// Chooses the offered language with the highest weight; among equals the one that the header names first, then the one
/// that is offered first.
fn choose(offered: &Languages, header: &str) -> Option<Language> {
    let ranges: Vec<Range<'_>> = bounded(header).split(',').take(MAX_RANGES).filter_map(Range::parse).collect();
    let mut best: Option<(u16, usize, Language)> = None;
    for language in offered.iter() {
        let Some((weight, place)) = preference(&ranges, language) else { continue };
        let is_better = best.is_none_or(|(highest, first, _)| weight > highest || (weight == highest && place < first));
        if weight > 0 && is_better {
            best = Some((weight, place, language));
        }
    }
    best.map(|(_, _, language)| language)
}

/// Returns what is read of a header.
pub(super) fn bounded(header: &str) -> &str {
    &header[..header.floor_char_boundary(MAX_BYTES)]
}

/// Returns the weight of a language, and the place of the range that gives it. What names the language counts before
/// the asterisk, and `de` before `de-AT`: refusing one region refuses no language.
fn preference(ranges: &[Range<'_>], language: Language) -> Option<(u16, usize)> {
    let named = |is_it: &dyn Fn(&Range<'_>) -> bool| {
        let found = ranges.iter().enumerate().filter(|(_, range)| is_it(range));
        // The first of several with the same weight.
        found.map(|(place, range)| (range.weight, place)).max_by_key(|(weight, place)| (*weight, usize::MAX - place))
    };
    let exact = named(&|range| range.tag.eq_ignore_ascii_case(language.code()));
    let regional = named(&|range| range.weight > 0 && range.language().eq_ignore_ascii_case(language.code()));
    match (exact, regional) {
        // A reader who refuses German as a whole reads no Austrian German.
        (Some((0, place)), _) => Some((0, place)),
        (Some(exact), Some(regional)) => {
            let regional_counts = regional.0 > exact.0 || (regional.0 == exact.0 && regional.1 < exact.1);
            Some(if regional_counts { regional } else { exact })
        }
        (Some(only), None) | (None, Some(only)) => Some(only),
        (None, None) => named(&|range| range.tag == "*"),
    }
}

struct Range<'a> {
    tag: &'a str,
    /// Is in thousandths.
    weight: u16,
}

impl<'a> Range<'a> {
    /// Reads `de-AT;q=0.8`; nothing where that is malformed.
    fn parse(text: &'a str) -> Option<Self> {
        let (tag, parameter) = match text.split_once(';') {
            Some((tag, parameter)) => (tag.trim(), Some(parameter.trim())),
            None => (text.trim(), None),
        };
        let is_tag =
            tag == "*" || (!tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        let weight = parameter.map_or(Some(1000), weight)?;
        is_tag.then_some(Self { tag, weight })
    }

    fn language(&self) -> &'a str {
        self.tag.split('-').next().unwrap_or_default()
    }
}

/// Reads `q=0.8` (RFC 9110 §12.4.2) as thousandths.
fn weight(parameter: &str) -> Option<u16> {
    let value = parameter.strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('=')?.trim_start();
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", _) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, French, German, Spanish};

    #[test]
    fn the_header_chooses_among_the_offered_languages() {
        let all = Languages::new(English, [German, French, Spanish]);
        for (header, expected) in [
            ("de", German),
            ("DE", German),
            ("de-AT", German),
            ("de-AT,de;q=0.9,en;q=0.8", German),
            ("it, fr;q=0.5, de;q=0.6", German),
            ("fr;q=0.5, de;q=0.5", French),
            ("en;q=0.3,es ; q=0.9", Spanish),
            ("en;q=0.2, de-AT;q=0.7, fr;q=0.5", German),
            ("*", English),
            ("*, en;q=0", German),
            ("*;q=0.5, fr", French),
            ("fr;q=0, *;q=0.1, en;q=0, de;q=0", Spanish),
            ("de;q=0, de-AT", English),
            ("de-AT;q=0, de", German),
            ("de-AT;q=0, fr;q=0.1", French),
            ("de;q=0.001", German),
            ("", English),
            ("it", English),
            ("de;q=2", English),
            ("de;q=1.5", English),
            ("de;q=0.1234", English),
            ("de;q=-1", English),
            ("de;level=1", English),
            ("d e, fr", French),
            (",,;;,fr", French),
            ("deutsch", English),
        ] {
            assert_eq!(all.choose(Some(header)), expected, "{header}");
        }
        assert_eq!(all.choose(None), English);
        assert_eq!(Languages::new(Spanish, [French]).choose(Some("de")), Spanish);
    }

    #[test]
    fn a_long_header_is_cut() {
        let all = Languages::new(English, [German]);
        assert_eq!(all.choose(Some(&format!("{}de", "it,".repeat(5000)))), English);
        assert_eq!(all.choose(Some(&"ä".repeat(5000))), English);
    }
}
