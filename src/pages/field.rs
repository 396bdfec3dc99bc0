//! Describes the fields and forms of pages: templates only write down what stands here.

use crate::pages::form::Form;

/// Is the length of the longest address (RFC 5321, section 4.5.3.1.3).
const MAX_EMAIL: usize = 254;

/// Says what is typed into a field, which decides on keyboards, autofill and checks in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Email,
    Password,
    /// Takes a code of digits.
    Code,
    Number,
    Date,
    LongText,
    Checkbox,
    Select,
}

/// Describes one field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Is the name unless another form of the page has a field of that name.
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) kind: Kind,
    pub(crate) value: String,
    /// Tells what is wrong with the value.
    pub(crate) error: Option<String>,
    pub(crate) hint: Option<String>,
    /// Is a token of the HTML standard's list; password managers go by it.
    pub(crate) autocomplete: &'static str,
    pub(crate) is_required: bool,
    pub(crate) has_focus: bool,
    pub(crate) min_length: Option<usize>,
    pub(crate) max_length: Option<usize>,
    /// Lists value and label of each choice.
    pub(crate) options: Vec<(String, String)>,
    /// Is a page that the label is about, with its name.
    pub(crate) link: Option<(String, String)>,
}

impl Field {
    /// Describes a required field.
    pub(crate) fn new(kind: Kind, name: &str, label: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            id: name.to_owned(),
            label: label.into(),
            kind,
            value: String::new(),
            error: None,
            hint: None,
            autocomplete: "off",
            is_required: true,
            has_focus: false,
            min_length: None,
            max_length: (kind == Kind::Email).then_some(MAX_EMAIL),
            options: Vec::new(),
            link: None,
        }
    }

    pub(crate) fn id(self, id: impl Into<String>) -> Self {
        Self { id: id.into(), ..self }
    }

    pub(crate) fn autocomplete(self, autocomplete: &'static str) -> Self {
        Self { autocomplete, ..self }
    }

    pub(crate) fn value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }

    pub(crate) fn focused(self) -> Self {
        Self { has_focus: true, ..self }
    }

    pub(crate) fn lengths(self, min: usize, max: usize) -> Self {
        Self { min_length: Some(min), max_length: Some(max), ..self }
    }

    /// Ticks a box, or not.
    pub(crate) fn checked(self, is_checked: bool) -> Self {
        self.value(if is_checked { CHECKED } else { "" })
    }

    pub(crate) fn options(self, options: Vec<(String, String)>) -> Self {
        Self { options, ..self }
    }

    pub(crate) fn link(self, path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { link: Some((path.into(), text.into())), ..self }
    }

    pub(crate) fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Email => "email",
            Kind::Password => "password",
            Kind::Number => "number",
            Kind::Date => "date",
            Kind::Checkbox => "checkbox",
            Kind::Text | Kind::Code | Kind::LongText | Kind::Select => "text",
        }
    }

    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }

    pub(crate) fn is_checked(&self) -> bool {
        self.value == CHECKED
    }

    /// Tells whether HTML lets the field have a least and a greatest length.
    pub(crate) fn has_lengths(&self) -> bool {
        match self.kind {
            Kind::Text | Kind::Email | Kind::Password | Kind::Code | Kind::LongText => true,
            Kind::Number | Kind::Date | Kind::Checkbox | Kind::Select => false,
        }
    }

    /// Returns the ids of what describes the field, for screen readers.
    pub(crate) fn described_by(&self) -> String {
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        [error, hint].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Is the value of a box that is ticked.
pub(crate) const CHECKED: &str = "on";

/// Says how much a button asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Primary,
    Secondary,
    /// Takes something away for good.
    Danger,
}

/// Describes a form with one button.
#[derive(Debug, Clone)]
pub(crate) struct FormView {
    pub(crate) action: String,
    pub(crate) hidden: Vec<(&'static str, String)>,
    /// Holds what was typed into a form before this one.
    pub(crate) kept: Vec<(String, String)>,
    pub(crate) fields: Vec<Field>,
    pub(crate) submit: String,
    /// Says what the button is about, where several of a page are called alike.
    pub(crate) about: Option<String>,
    pub(crate) weight: Weight,
}

impl FormView {
    pub(crate) fn new(action: impl Into<String>, fields: Vec<Field>, submit: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            hidden: Vec::new(),
            kept: Vec::new(),
            fields,
            submit: submit.into(),
            about: None,
            weight: Weight::Primary,
        }
    }

    /// Describes a button that sends values which nobody types.
    pub(crate) fn button(
        action: impl Into<String>,
        hidden: Vec<(&'static str, String)>,
        submit: impl Into<String>,
    ) -> Self {
        Self { hidden, weight: Weight::Secondary, ..Self::new(action, Vec::new(), submit) }
    }

    pub(crate) fn weight(self, weight: Weight) -> Self {
        Self { weight, ..self }
    }

    pub(crate) fn hidden(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    pub(crate) fn about(self, about: impl Into<String>) -> Self {
        Self { about: Some(about.into()), ..self }
    }

    pub(crate) fn class(&self) -> &'static str {
        match self.weight {
            Weight::Primary => "primary",
            Weight::Secondary => "secondary",
            Weight::Danger => "danger",
        }
    }

    /// Shows what was typed once more, but for passwords and codes; nothing changes where the form was not sent.
    pub(crate) fn refill(&mut self, form: &Form) {
        if !form.is_sent() {
            return;
        }
        for field in &mut self.fields {
            field.value = match field.kind {
                Kind::Checkbox if form.is_checked(&field.name) => CHECKED.to_owned(),
                Kind::Password | Kind::Code | Kind::Checkbox => String::new(),
                _ => form.text(&field.name).to_owned(),
            };
        }
    }

    /// Puts a text beside the fields of these names, the first of which gets the focus. False where the form has none of them.
    pub(crate) fn place(&mut self, names: &[&str], text: &str) -> bool {
        let is_named = |field: &Field| names.contains(&field.name.as_str());
        let Some(first) = self.fields.iter().position(is_named) else { return false };
        for (place, field) in self.fields.iter_mut().enumerate() {
            field.has_focus = place == first;
            if names.contains(&field.name.as_str()) {
                field.error = Some(text.to_owned());
            }
        }
        true
    }
}
