//! Reads the catalogues, which are part of the program.

use std::sync::LazyLock;

use fluent_bundle::{FluentError, FluentResource, FluentValue, concurrent::FluentBundle, types::FluentNumber};

use crate::language::{Language, number};

pub(super) type Catalogue = FluentBundle<FluentResource>;

/// Lists the files of one language, which all languages have.
macro_rules! files {
    ($code:literal) => {
        [
            include_str!(concat!("catalogues/", $code, "/common.ftl")),
            include_str!(concat!("catalogues/", $code, "/mail.ftl")),
            include_str!(concat!("catalogues/", $code, "/pages.ftl")),
            include_str!(concat!("catalogues/", $code, "/links.ftl")),
            include_str!(concat!("catalogues/", $code, "/sign_in.ftl")),
            include_str!(concat!("catalogues/", $code, "/account.ftl")),
            include_str!(concat!("catalogues/", $code, "/admin.ftl")),
            include_str!(concat!("catalogues/", $code, "/problems.ftl")),
        ]
    };
}

static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| load(Language::English, &files!("en")));
static GERMAN: LazyLock<Catalogue> = LazyLock::new(|| load(Language::German, &files!("de")));
static FRENCH: LazyLock<Catalogue> = LazyLock::new(|| load(Language::French, &files!("fr")));
static SPANISH: LazyLock<Catalogue> = LazyLock::new(|| load(Language::Spanish, &files!("es")));

pub(super) fn of(language: Language) -> &'static Catalogue {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::French => &FRENCH,
        Language::Spanish => &SPANISH,
    }
}

/// Loads a catalogue. A mistake in one is a fault of the build, which the tests find: at run time the rest of it serves.
fn load(language: Language, files: &[&str]) -> Catalogue {
    let code = language.code().parse().expect("the codes of the languages that ship are well-formed");
    let mut catalogue = FluentBundle::new_concurrent(vec![code]);
    // Marks are set around values that need them alone: see `Texts::with`.
    catalogue.set_use_isolating(false);
    catalogue.set_formatter(Some(match language {
        Language::English => |value, _| whole_number(Language::English, value),
        Language::German => |value, _| whole_number(Language::German, value),
        Language::French => |value, _| whole_number(Language::French, value),
        Language::Spanish => |value, _| whole_number(Language::Spanish, value),
    }));
    for file in files {
        let (resource, mut faults) = match FluentResource::try_new((*file).to_owned()) {
            Ok(resource) => (resource, Vec::new()),
            Err((resource, faults)) => (resource, faults.into_iter().map(FluentError::ParserError).collect()),
        };
        faults.extend(catalogue.add_resource(resource).err().unwrap_or_default());
        debug_assert!(faults.is_empty(), "the catalogue of {language:?}: {faults:?}");
    }
    catalogue
}

/// Groups the digits of counts.
fn whole_number(language: Language, value: &FluentValue<'_>) -> Option<String> {
    let FluentValue::Number(FluentNumber { value, .. }) = value else { return None };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only counts are given, as u64")]
    let number = *value as u64;
    Some(number::format(language, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalogue_is_well_formed_and_has_no_text_twice() {
        for language in Language::ALL {
            assert!(of(language).has_message("month-1"), "{language:?}");
        }
    }
}
