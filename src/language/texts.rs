//! Looks texts up, and writes dates and numbers.

use std::{borrow::Cow, time::Duration};

use fluent_bundle::{FluentArgs, FluentValue};
use time::{OffsetDateTime, UtcOffset};

use crate::language::{Language, TextId, catalogue, number};

/// Gives out the texts of one language.
///
/// An id that the catalogue does not have comes out as the id itself. Tests find such ids beforehand, and find texts that
/// one language lacks.
#[derive(Debug, Clone, Copy)]
pub struct Texts(Language);

impl Texts {
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self(language)
    }

    #[must_use]
    pub fn language(self) -> Language {
        self.0
    }

    /// Returns a text without arguments.
    #[must_use]
    pub fn get(self, id: &str) -> Cow<'static, str> {
        self.format(id, None)
    }

    /// Returns a text that something else names.
    #[must_use]
    pub fn text(self, id: TextId) -> Cow<'static, str> {
        self.get(id.as_str())
    }

    /// Returns a text with these arguments in it.
    ///
    /// A value is inserted as it is, unless it contains letters that are written from right to left: an Arabic or Hebrew
    /// name stands between U+2068 and U+2069, so that it does not reorder the sentence around it (Unicode Annex 9). No
    /// other value gets these marks, because they would be copied along with it and stand in the subjects of mails.
    #[must_use]
    pub fn with(self, id: &str, arguments: &[(&str, &str)]) -> String {
        let mut values = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            values.set(*name, isolated(value));
        }
        self.format(id, Some(&values)).into_owned()
    }

    /// Returns a text about so many things: its argument `$count` selects the plural of the language.
    #[must_use]
    pub fn count(self, id: &str, count: u64) -> String {
        let mut values = FluentArgs::with_capacity(1);
        values.set("count", count);
        self.format(id, Some(&values)).into_owned()
    }

    #[must_use]
    pub fn has(self, id: &str) -> bool {
        catalogue::of(self.0).has_message(id)
    }

    /// Writes a day, like `21 November 2026`.
    #[must_use]
    pub fn date(self, at: OffsetDateTime) -> String {
        let at = at.to_offset(UtcOffset::UTC);
        let mut values = FluentArgs::with_capacity(3);
        values.set("day", at.day());
        values.set("month", self.get(&format!("month-{}", u8::from(at.month()))));
        // Text, as a year's digits are not grouped.
        values.set("year", at.year().to_string());
        self.format("date", Some(&values)).into_owned()
    }

    /// Writes a minute, like `21 November 2026, 00:45 UTC`: nothing here knows where its reader is.
    #[must_use]
    pub fn date_time(self, at: OffsetDateTime) -> String {
        let at = at.to_offset(UtcOffset::UTC);
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        self.with("date-time", &[("date", &self.date(at)), ("time", &time)])
    }

    /// Writes how long something lasts, in the largest unit that it is a whole number of, like `30 days`: from two days on in
    /// days, and from two hours on in hours.
    #[must_use]
    pub fn duration(self, duration: Duration) -> String {
        const DAY: u64 = 24 * 60;
        let minutes = duration.as_secs().div_ceil(60);
        match minutes {
            _ if minutes >= 2 * DAY && minutes.is_multiple_of(DAY) => self.count("duration-days", minutes / DAY),
            _ if minutes >= 120 && minutes.is_multiple_of(60) => self.count("duration-hours", minutes / 60),
            _ => self.count("duration-minutes", minutes),
        }
    }

    /// Writes a whole number, like `1,234`.
    #[must_use]
    pub fn number(self, number: u64) -> String {
        number::format(self.0, number)
    }

    fn format(self, id: &str, values: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
        let catalogue = catalogue::of(self.0);
        let Some(pattern) = catalogue.get_message(id).and_then(|message| message.value()) else {
            return Cow::Owned(id.to_owned());
        };
        let mut faults = Vec::new();
        let text = catalogue.format_pattern(pattern, values, &mut faults);
        debug_assert!(faults.is_empty(), "{id} in {:?}: {faults:?}", self.0);
        text
    }
}

fn isolated(value: &str) -> FluentValue<'_> {
    if value.chars().any(is_right_to_left) { format!("\u{2068}{value}\u{2069}").into() } else { value.into() }
}

/// Recognises the blocks of letters that are written from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and their
/// presentation forms, and the historic and African ones beyond the first plane.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn dates_are_written_as_each_language_does() {
        let at = datetime!(2026-11-21 01:45:10 +1);
        for (language, date, date_time) in [
            (Language::English, "21 November 2026", "21 November 2026, 00:45 UTC"),
            (Language::German, "21. November 2026", "21. November 2026, 00:45 Uhr (UTC)"),
            (Language::French, "21 novembre 2026", "21 novembre 2026 à 00:45 (UTC)"),
            (Language::Spanish, "21 de noviembre de 2026", "21 de noviembre de 2026, 00:45 (UTC)"),
        ] {
            assert_eq!(Texts::new(language).date(at), date);
            assert_eq!(Texts::new(language).date_time(at), date_time);
        }
        assert_eq!(Texts::new(Language::French).date(datetime!(2026-08-01 12:00 UTC)), "1er août 2026");
    }

    #[test]
    fn counts_take_the_plural_of_the_language() {
        for (language, count, expected) in [
            (Language::English, 0, "0 minutes"),
            (Language::English, 1, "1 minute"),
            (Language::English, 1500, "1,500 minutes"),
            (Language::German, 1, "1 Minute"),
            (Language::German, 15, "15 Minuten"),
            (Language::French, 0, "0 minute"),
            (Language::French, 2, "2 minutes"),
            (Language::Spanish, 2, "2 minutos"),
        ] {
            assert_eq!(Texts::new(language).count("duration-minutes", count), expected);
        }
    }

    #[test]
    fn values_are_inserted_as_they_are_and_arabic_ones_between_marks() {
        let texts = Texts::new(Language::English);
        let at = |date: &str| texts.with("date-time", &[("date", date), ("time", "x")]);
        assert_eq!(at("{ $time } <b>"), "{ $time } <b>, x UTC");
        assert_eq!(at("ليلى"), "\u{2068}ليلى\u{2069}, x UTC");
        assert_eq!(texts.get("no-such-text"), "no-such-text");
        assert!(!texts.has("no-such-text") && texts.has("month-12"));
    }
}
