//! Lists the languages that ship, and holds those of them that a configuration offers.

use serde::{Deserialize, Serialize};

/// Names a language that ships. Its serialised form is its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "de")]
    German,
    #[serde(rename = "fr")]
    French,
    #[serde(rename = "es")]
    Spanish,
}

impl Language {
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// Returns the code of ISO 639-1, as in `lang` attributes and in gateway.yaml.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
        }
    }

    /// Finds the language of exactly this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// Returns what its speakers call it.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
        }
    }
}

/// Lists the languages that a configuration offers. There is at least one; the first is the default. English alone is
/// what stands where nothing is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages {
    default: Language,
    others: Vec<Language>,
}

impl Languages {
    /// Takes the default, and the further ones in any order. A language that comes twice counts once.
    #[must_use]
    pub fn new(default: Language, further: impl IntoIterator<Item = Language>) -> Self {
        let mut others = Vec::new();
        for language in further {
            if language != default && !others.contains(&language) {
                others.push(language);
            }
        }
        Self { default, others }
    }

    /// Returns the language of those who ask for none of the others.
    #[must_use]
    pub fn default_language(&self) -> Language {
        self.default
    }

    /// Lists them, the default first.
    pub fn iter(&self) -> impl Iterator<Item = Language> + '_ {
        std::iter::once(self.default).chain(self.others.iter().copied())
    }

    #[must_use]
    pub fn contains(&self, language: Language) -> bool {
        self.iter().any(|offered| offered == language)
    }

    /// Tells whether there is anything to choose.
    #[must_use]
    pub fn are_several(&self) -> bool {
        !self.others.is_empty()
    }
}

impl Default for Languages {
    fn default() -> Self {
        Self::new(Language::English, [])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_found_by_its_exact_code_and_stored_as_such() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.code()), Some(language));
            assert_eq!(serde_json::to_value(language).unwrap(), language.code());
        }
        for unknown in ["", "DE", "de-AT", "it", " de"] {
            assert_eq!(Language::parse(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn english_alone_is_offered_unless_told_otherwise() {
        assert_eq!(Languages::default().iter().collect::<Vec<_>>(), [Language::English]);
        assert!(!Languages::default().are_several());
        let languages = Languages::new(Language::German, [Language::English, Language::German, Language::English]);
        assert_eq!(languages.iter().collect::<Vec<_>>(), [Language::German, Language::English]);
        assert!(languages.contains(Language::English) && !languages.contains(Language::French));
    }
}
