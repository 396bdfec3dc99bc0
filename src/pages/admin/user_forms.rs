//! Describes the forms on the page about a user, each where the administrator may use it.

use crate::{
    auth::admin::Permission,
    language::{TextId, text},
    pages::{
        admin::{
            access::{Administrator, path},
            page::Section,
            user_view::{Failed, User},
        },
        field::{Field, FormView, Kind, Weight},
        visit::Visit,
    },
};

/// Returns the sections with forms.
pub(crate) fn sections(
    visit: &Visit,
    administrator: &Administrator,
    user: &User,
    failed: Option<&Failed<'_>>,
) -> Vec<Section> {
    let may = |permission| administrator.may(permission);
    let is_oneself = administrator.session.user.id == user.id;
    let forms = Forms { visit, user, failed };
    let mut sections = Vec::new();
    if may(Permission::UserSetRole) {
        sections.push(forms.roles());
    }
    if may(Permission::UserBan) && !is_oneself {
        sections.push(if user.banned { forms.unban() } else { forms.ban() });
    }
    if may(Permission::UserSetPassword) && !is_oneself {
        sections.push(forms.password());
    }
    if may(Permission::UserImpersonate) && !is_oneself && !user.banned {
        sections.push(forms.impersonate());
    }
    if may(Permission::UserDelete) && !is_oneself {
        sections.push(forms.remove());
    }
    sections
}

struct Forms<'f> {
    visit: &'f Visit,
    user: &'f User,
    failed: Option<&'f Failed<'f>>,
}

impl Forms<'_> {
    fn action(&self, action: &str) -> String {
        path(self.visit, &format!("users/{}/{action}", self.user.id))
    }

    fn text(&self, id: TextId) -> String {
        self.visit.t.text(id).into_owned()
    }

    /// Returns what was typed into a field of a form that failed.
    fn typed(&self, action: &str, field: &str) -> Option<&str> {
        self.failed.filter(|failed| failed.action == action).map(|failed| failed.form.text(field))
    }

    fn section(&self, heading: TextId, text: String, action: &str, mut form: FormView) -> Section {
        if let Some(failed) = self.failed.filter(|failed| failed.action == action) {
            form.place(failed.field.as_slice(), &failed.text);
        }
        Section { heading: self.text(heading), text: Some(text), forms: vec![form], ..Section::default() }
    }

    fn roles(&self) -> Section {
        let roles = self
            .typed("roles", "role")
            .map_or_else(|| self.user.role.as_deref().unwrap_or_default().replace(',', ", "), str::to_owned);
        let field = Field::new(Kind::Text, "role", self.text(text!("admin-roles"))).optional().value(roles);
        let form = FormView::new(
            self.action("roles"),
            vec![field.hint(self.text(text!("admin-roles-hint")))],
            self.text(text!("save")),
        );
        self.section(text!("admin-roles"), self.text(text!("admin-roles-text")), "roles", form)
    }

    fn ban(&self) -> Section {
        let reason = Field::new(Kind::Text, "reason", self.text(text!("admin-ban-reason")))
            .optional()
            .value(self.typed("ban", "reason").unwrap_or_default())
            .hint(self.text(text!("admin-ban-reason-hint")))
            .lengths(0, 500);
        let until = Field::new(Kind::Date, "until", self.text(text!("admin-ban-until")))
            .optional()
            .value(self.typed("ban", "until").unwrap_or_default())
            .hint(self.text(text!("admin-ban-until-hint")));
        let form = FormView::new(self.action("ban"), vec![reason, until], self.text(text!("admin-ban")))
            .weight(Weight::Danger);
        self.section(text!("admin-ban-heading"), self.text(text!("admin-ban-text")), "ban", form)
    }

    fn unban(&self) -> Section {
        let form = FormView::button(self.action("unban"), Vec::new(), self.text(text!("admin-unban")));
        self.section(text!("admin-unban-heading"), self.text(text!("admin-unban-text")), "unban", form)
    }

    fn password(&self) -> Section {
        let (min, max) = (self.visit.pages.auth.password.min_length, self.visit.pages.auth.password.max_length);
        let field = Field::new(Kind::Password, "password", self.text(text!("new-password")))
            .autocomplete("new-password")
            .lengths(min, max);
        let form = FormView::new(self.action("password"), vec![field], self.text(text!("set-password")));
        self.section(
            text!("admin-password-heading"),
            self.text(text!("admin-password-text")),
            "password",
            form.weight(Weight::Secondary),
        )
    }

    fn impersonate(&self) -> Section {
        let form = FormView::button(self.action("impersonate"), Vec::new(), self.text(text!("admin-impersonate")));
        let t = self.visit.t;
        let lasts = self.visit.pages.auth.admin.as_ref().and_then(|admin| admin.impersonation).unwrap_or_default();
        let text = t.with("admin-impersonate-for", &[("duration", &t.duration(lasts))]);
        self.section(text!("admin-impersonate-heading"), text, "impersonate", form)
    }

    fn remove(&self) -> Section {
        let link = (self.action("remove"), self.text(text!("admin-remove-user")), "danger");
        Section {
            heading: self.text(text!("admin-remove-heading")),
            text: Some(self.text(text!("admin-remove-text"))),
            links: vec![link],
            ..Section::default()
        }
    }
}
