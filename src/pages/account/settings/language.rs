//! Describes the choice of a language, as part of the settings.

use crate::pages::{
    account::page::Section,
    field::{Field, FormView, Kind, Weight},
    visit::Visit,
};

/// Describes the form; nothing where there is one language.
pub(crate) fn section(visit: &Visit) -> Option<Section> {
    let t = visit.t;
    let languages = &visit.pages.settings.languages;
    let options = languages.iter().map(|language| (language.code().to_owned(), language.own_name().to_owned()));
    let field = Field::new(Kind::Select, "language", t.get("language")).id("account-language");
    let field = field.value(t.language().code()).options(options.collect());
    let action = format!("{}/language", visit.pages.settings.auth_path);
    let form = FormView::new(action, vec![field], t.get("save")).weight(Weight::Secondary);
    let section = Section::new(t.get("language")).text(t.get("account-language-text"));
    languages.are_several().then(|| section.form(form.hidden("back", visit.account_path("settings"))))
}
