//! Holds the pages that mailed links open, and renders them. The auth API serves them below its own base and says what
//! stands on them by the ids of texts; language and look are decided here, once for all of them.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use crate::{
    language::Texts,
    pages::{layout::Layout, state::Pages, visit::language},
    types::Origin,
};

/// Names a text of the catalogue, with its arguments.
#[derive(Debug, Clone)]
pub struct Text {
    id: &'static str,
    arguments: Vec<(&'static str, String)>,
}

impl Text {
    /// Names a text without arguments.
    #[must_use]
    pub fn new(id: &'static str) -> Self {
        Self { id, arguments: Vec::new() }
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.arguments.push((name, value.into()));
        self
    }

    fn write(&self, t: Texts) -> String {
        let arguments: Vec<(&str, &str)> = self.arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if arguments.is_empty() { t.get(self.id).into_owned() } else { t.with(self.id, &arguments) }
    }
}

/// Describes what is typed on such a page.
#[derive(Debug, Clone)]
pub enum MailedField {
    /// Is an address.
    Email,
    /// Is a new password, of so many characters or more, which has to be typed.
    NewPassword(usize),
    /// Is a password that may be left out.
    OptionalPassword(usize),
}

/// Describes the one form of such a page. It acts on a mailed token, or on what is typed, and looks at no cookie.
#[derive(Debug, Clone)]
pub struct MailedForm {
    pub action: String,
    pub hidden: Vec<(&'static str, String)>,
    pub field: Option<MailedField>,
    pub button: Text,
}

/// Describes where such a page leads.
#[derive(Debug, Clone)]
pub struct MailedLink {
    /// Is a path or URL; the app where there is none.
    pub path: Option<String>,
    pub text: Text,
}

/// Describes such a page.
#[derive(Debug, Clone)]
pub struct MailedPage {
    pub heading: Text,
    /// Tells what went wrong.
    pub reason: Option<Text>,
    pub paragraphs: Vec<Text>,
    /// Names who or what the button acts on.
    pub subject: Option<String>,
    pub form: Option<MailedForm>,
    /// Tells those who did not ask for the mail what to do.
    pub otherwise: Option<Text>,
    pub link: Option<MailedLink>,
    /// The form's redirect leads to this origin in the end, which the policy has to name.
    pub form_target: Option<Origin>,
}

impl MailedPage {
    /// Describes a page that only says something.
    #[must_use]
    pub fn new(heading: Text) -> Self {
        Self {
            heading,
            reason: None,
            paragraphs: Vec::new(),
            subject: None,
            form: None,
            otherwise: None,
            link: None,
            form_target: None,
        }
    }

    /// Returns the response that carries the page to the layer that renders it.
    #[must_use]
    pub fn into_response(self, status: StatusCode) -> Response {
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Is such a page in a visitor's language.
#[derive(Template)]
#[template(path = "mailed.html")]
struct Rendered<'p> {
    layout: Layout<'p>,
    heading: String,
    reason: Option<String>,
    paragraphs: Vec<String>,
    subject: Option<&'p str>,
    form: Option<RenderedForm<'p>>,
    otherwise: Option<String>,
    link: Option<(&'p str, String)>,
}

struct RenderedForm<'p> {
    action: &'p str,
    hidden: &'p [(&'static str, String)],
    field: Option<RenderedField>,
    button: String,
}

struct RenderedField {
    name: &'static str,
    label: String,
    input_type: &'static str,
    autocomplete: &'static str,
    min_length: Option<usize>,
    is_required: bool,
    hint: Option<String>,
}

impl RenderedField {
    fn new(field: &MailedField, t: Texts) -> Self {
        let min = |id, min: usize| t.with(id, &[("min", &min.to_string())]);
        let password = |name, label, length, is_required| Self {
            name,
            label,
            input_type: "password",
            autocomplete: "new-password",
            min_length: Some(length),
            is_required,
            hint: None,
        };
        match field {
            MailedField::Email => Self {
                name: "email",
                label: t.get("link-email").into_owned(),
                input_type: "email",
                autocomplete: "email",
                min_length: None,
                is_required: true,
                hint: None,
            },
            MailedField::NewPassword(length) => {
                password("newPassword", min("link-new-password", *length), *length, true)
            }
            MailedField::OptionalPassword(length) => Self {
                hint: Some(t.get("link-verify-email-password-hint").into_owned()),
                ..password("password", min("link-verify-email-password", *length), *length, false)
            },
        }
    }
}

/// Writes the pages that responses of the auth API carry.
pub(crate) async fn render_mailed_pages(State(pages): State<Arc<Pages>>, request: Request, next: Next) -> Response {
    let language = language(&pages, request.headers());
    let mut response = next.run(request).await;
    if let Some(page) = response.extensions_mut().remove::<MailedPage>() {
        write(&pages, Texts::new(language), &page, &mut response);
    }
    response
}

fn write(pages: &Pages, t: Texts, page: &MailedPage, response: &mut Response) {
    let heading = page.heading.write(t);
    let rendered = Rendered {
        layout: Layout::plain(pages, t, &heading),
        heading,
        reason: page.reason.as_ref().map(|text| text.write(t)),
        paragraphs: page.paragraphs.iter().map(|text| text.write(t)).collect(),
        subject: page.subject.as_deref(),
        form: page.form.as_ref().map(|form| RenderedForm {
            action: &form.action,
            hidden: &form.hidden,
            field: form.field.as_ref().map(|field| RenderedField::new(field, t)),
            button: form.button.write(t),
        }),
        otherwise: page.otherwise.as_ref().map(|text| text.write(t)),
        link: page
            .link
            .as_ref()
            .map(|link| (link.path.as_deref().unwrap_or(&pages.settings.links.home), link.text.write(t))),
    };
    let target = page.form_target.as_ref().map(Origin::policy_source);
    let (Ok(html), Ok(policy)) =
        (rendered.render(), HeaderValue::from_str(&pages.look.content_security_policy(target)))
    else {
        tracing::error!("the page of a mailed link could not be rendered");
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return;
    };
    *response.body_mut() = Body::from(html);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    // The address of such a page holds a token (MAIL-09).
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use http_body_util::BodyExt;

    use super::*;
    use crate::{
        auth::fixture::auth_without_database,
        crypto::Keyring,
        language::Language,
        pages::{Settings, look::Look},
        types::Secret,
    };

    async fn rendered(page: MailedPage) -> (Response<()>, String) {
        let settings = Settings::default();
        let form_mac = Keyring::new(&[Secret::new("x".repeat(32))]).mac("forms");
        let (auth, look) = (auth_without_database().settings, Look::new(&settings));
        let pages = Pages { api: Router::new(), settings, auth, form_mac, look };
        let mut response = StatusCode::OK.into_response();
        write(&pages, Texts::new(Language::English), &page, &mut response);
        let (parts, body) = response.into_parts();
        let html = body.collect().await.unwrap().to_bytes();
        (Response::from_parts(parts, ()), String::from_utf8(html.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn what_came_with_the_link_and_what_people_wrote_is_text() {
        const ODD: &str = "\"><script>alert(1)</script><b>'&";
        let page = MailedPage {
            reason: Some(Text::new("link-broken")),
            paragraphs: vec![
                Text::new("link-invitation-text").with("inviter", ODD).with("email", ODD).with("role", ODD),
            ],
            subject: Some(ODD.to_owned()),
            form: Some(MailedForm {
                action: "/api/auth/verify-email/confirm".to_owned(),
                hidden: vec![("token", ODD.to_owned()), ("callbackURL", "/a?b='\"&c".to_owned())],
                field: Some(MailedField::OptionalPassword(8)),
                button: Text::new("link-invitation-button").with("organization", ODD),
            }),
            link: Some(MailedLink { path: Some(format!("/sign-up?a={ODD}")), text: Text::new("link-sign-in") }),
            ..MailedPage::new(Text::new("link-invitation-heading").with("organization", ODD))
        };
        let (response, html) = rendered(page).await;
        assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("b='\""), "{html}");
        assert!(html.contains(r#"method="post" action="/api/auth/verify-email/confirm""#), "{html}");
        assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(response.headers()[header::X_FRAME_OPTIONS], "DENY");
    }

    #[tokio::test]
    async fn the_policy_names_where_the_button_leads() {
        let page = |target: &str| MailedPage {
            form_target: Some(Origin::parse_any(target).unwrap()),
            ..MailedPage::new(Text::new("link-email-verified-heading"))
        };
        for (target, source) in [("http://localhost:3000", "http://localhost:3000"), ("myapp://welcome", "myapp:")] {
            let (response, _) = rendered(page(target)).await;
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.contains(&format!("form-action 'self' {source}; ")), "{policy}");
        }
    }
}
