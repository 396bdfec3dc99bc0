//! Compiles `pages:`.

use crate::{
    auth,
    config::{
        raw,
        source::{
            path::KeyPath,
            report::{Report, did_you_mean, listed},
            text::Text,
        },
    },
    language::{Language, Languages},
};

pub(crate) fn compile(raw: &raw::Pages, report: &mut Report<'_>) -> Languages {
    languages(raw.languages.as_deref(), &KeyPath::from_keys(&["pages", "languages"]), report)
}

fn languages(raw: Option<&[Text]>, path: &KeyPath, report: &mut Report<'_>) -> Languages {
    let Some(raw) = raw else {
        report.record(path, ["en"]);
        return Languages::default();
    };
    report.record(path, raw);
    let mut languages = Vec::new();
    let codes = Language::ALL.map(Language::code);
    for (index, Text(text)) in raw.iter().enumerate() {
        match Language::parse(text) {
            Some(language) if languages.contains(&language) => {
                report.at(&path.index(index), format!("{text} stands here twice"));
            }
            Some(language) => languages.push(language),
            None => {
                let hint = did_you_mean(text, codes);
                report.at(&path.index(index), format!("unknown language{hint} valid: {}", listed(codes)));
            }
        }
    }
    let Some((default, further)) = languages.split_first() else {
        if raw.is_empty() {
            report.at(path, "at least one language is offered, for example [en]");
        }
        return Languages::default();
    };
    Languages::new(*default, further.iter().copied())
}

/// Lets people choose among the languages. Where there is anything to choose, users have a `language`, and no additional
/// field may be called so.
pub(crate) fn offer_languages(auth: &mut auth::Settings, languages: Languages, report: &mut Report<'_>) {
    if languages.are_several() && auth.user_fields.iter().any(|field| field.name == "language") {
        let path = KeyPath::from_keys(&["auth", "user", "additional_fields", "language"]);
        report.at_key(&path, "the name is taken where pages.languages offers several; choose another");
    }
    auth.offer_languages(languages);
}
