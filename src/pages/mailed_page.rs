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
use http::{HeaderMap, StatusCode, header};

use crate::{
    language::{TextId, Texts, text},
    pages::{
        layout::Layout,
        page_headers::{Referrer, page_headers},
        state::Pages,
        visit::{language, with_parameter},
    },
    types::Origin,
};

/// Names a text of the catalogue, with its arguments.
#[derive(Debug, Clone)]
pub struct Text {
    id: TextId,
    arguments: Vec<(&'static str, Argument)>,
}

/// Is put into a text.
#[derive(Debug, Clone)]
enum Argument {
    Value(String),
    /// Are texts of the catalogue themselves, with commas between them.
    Texts(Vec<Text>),
}

impl Text {
    /// Names a text without arguments.
    #[must_use]
    pub fn new(id: TextId) -> Self {
        Self { id, arguments: Vec::new() }
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.arguments.push((name, Argument::Value(value.into())));
        self
    }

    /// Adds an argument that is text itself.
    #[must_use]
    pub fn with_texts(mut self, name: &'static str, texts: Vec<Self>) -> Self {
        self.arguments.push((name, Argument::Texts(texts)));
        self
    }

    fn write(&self, t: Texts) -> String {
        let written: Vec<(&str, String)> =
            self.arguments.iter().map(|(name, argument)| (*name, argument.write(t))).collect();
        let arguments: Vec<(&str, &str)> = written.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if arguments.is_empty() { t.text(self.id).into_owned() } else { t.with(self.id.as_str(), &arguments) }
    }
}

impl Argument {
    fn write(&self, t: Texts) -> String {
        match self {
            Self::Value(value) => value.clone(),
            Self::Texts(texts) => texts.iter().map(|text| text.write(t)).collect::<Vec<_>>().join(", "),
        }
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
    pub target: MailedTarget,
    pub text: Text,
}

/// Says where that is.
#[derive(Debug, Clone)]
pub enum MailedTarget {
    /// Is the app.
    Home,
    /// Is the built-in page to sign in at, and then this page; the app where there are no built-in pages.
    SignIn { back: Option<String> },
    /// Is a path or URL.
    Page(String),
}

impl MailedTarget {
    fn path(&self, pages: &Pages) -> String {
        let settings = &pages.settings;
        let sign_in = || format!("{}/sign-in", settings.auth_path);
        match self {
            Self::Page(page) => page.clone(),
            Self::SignIn { back: None } if settings.is_enabled => sign_in(),
            Self::SignIn { back: Some(back) } if settings.is_enabled => with_parameter(&sign_in(), "redirect", back),
            Self::Home | Self::SignIn { .. } => settings.links.home.clone(),
        }
    }
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
    pub links: Vec<MailedLink>,
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
            links: Vec::new(),
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
    links: Vec<(String, String)>,
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
        let min = |id: TextId, min: usize| t.with(id.as_str(), &[("min", &min.to_string())]);
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
                password("newPassword", min(text!("link-new-password"), *length), *length, true)
            }
            MailedField::OptionalPassword(length) => Self {
                hint: Some(t.get("link-verify-email-password-hint").into_owned()),
                ..password("password", min(text!("link-verify-email-password"), *length), *length, false)
            },
        }
    }
}

/// Marks a response of an endpoint that serves such pages, whatever came of the request.
#[derive(Debug, Clone, Copy)]
pub struct MailedRoute;

/// Writes the pages that responses of the auth API carry. Where such a page failed before it was one, a person's browser
/// gets a page too.
pub(crate) async fn render_mailed_pages(State(pages): State<Arc<Pages>>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let t = Texts::new(language(&pages, &headers));
    let mut response = next.run(request).await;
    let is_mailed_route = response.extensions_mut().remove::<MailedRoute>().is_some();
    let status = response.status();
    let has_failed = status.is_client_error() || status.is_server_error();
    if let Some(page) = response.extensions_mut().remove::<MailedPage>() {
        write(&pages, t, (&page, &headers), &mut response);
    } else if is_mailed_route && has_failed && accepts_html(&headers) {
        write(&pages, t, (&failure(status), &headers), &mut response);
    }
    response
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|value| value.to_str().is_ok_and(|text| text.contains("text/html")))
}

/// Describes the page of a failure. The only one of these that is forbidden is a form of another site.
fn failure(status: StatusCode) -> MailedPage {
    let (heading, text) = match status {
        StatusCode::FORBIDDEN => (text!("error-form-expired-heading"), text!("error-form-expired-text")),
        StatusCode::TOO_MANY_REQUESTS => (text!("error-429-heading"), text!("error-429-text")),
        StatusCode::SERVICE_UNAVAILABLE => (text!("error-503-heading"), text!("error-503-text")),
        status if status.is_client_error() => (text!("error-400-heading"), text!("error-400-text")),
        _ => (text!("error-500-heading"), text!("error-500-text")),
    };
    MailedPage { paragraphs: vec![Text::new(text)], ..MailedPage::new(Text::new(heading)) }
}

fn write(pages: &Pages, t: Texts, (page, headers): (&MailedPage, &HeaderMap), response: &mut Response) {
    let heading = page.heading.write(t);
    let rendered = Rendered {
        layout: Layout::plain(pages, t, &heading, headers),
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
        links: page.links.iter().map(|link| (link.target.path(pages), link.text.write(t))).collect(),
    };
    let target = page.form_target.as_ref().map(Origin::policy_source);
    let (Ok(html), Some(fields)) = (rendered.render(), page_headers(&pages.look, target, Referrer::Origin)) else {
        tracing::error!("the page of a mailed link could not be rendered");
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return;
    };
    *response.body_mut() = Body::from(html);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    for (name, value) in fields {
        headers.insert(name, value);
    }
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
        write(&pages, Texts::new(Language::English), (&page, &HeaderMap::new()), &mut response);
        let (parts, body) = response.into_parts();
        let html = body.collect().await.unwrap().to_bytes();
        (Response::from_parts(parts, ()), String::from_utf8(html.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn what_came_with_the_link_and_what_people_wrote_is_text() {
        const ODD: &str = "\"><script>alert(1)</script><b>'&";
        let page = MailedPage {
            reason: Some(Text::new(text!("link-broken"))),
            paragraphs: vec![
                Text::new(text!("link-invitation-text")).with("inviter", ODD).with("email", ODD).with("role", ODD),
            ],
            subject: Some(ODD.to_owned()),
            form: Some(MailedForm {
                action: "/api/auth/verify-email/confirm".to_owned(),
                hidden: vec![("token", ODD.to_owned()), ("callbackURL", "/a?b='\"&c".to_owned())],
                field: Some(MailedField::OptionalPassword(8)),
                button: Text::new(text!("link-invitation-button")).with("organization", ODD),
            }),
            links: vec![MailedLink {
                target: MailedTarget::Page(format!("/sign-up?a={ODD}")),
                text: Text::new(text!("link-sign-in")),
            }],
            ..MailedPage::new(Text::new(text!("link-invitation-heading")).with("organization", ODD))
        };
        let (response, html) = rendered(page).await;
        assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("b='\""), "{html}");
        assert!(html.contains(r#"method="post" action="/api/auth/verify-email/confirm""#), "{html}");
        assert_eq!(response.headers()[header::REFERRER_POLICY], "strict-origin");
        assert_eq!(response.headers()[header::X_FRAME_OPTIONS], "DENY");
    }

    #[tokio::test]
    async fn the_policy_names_where_the_button_leads() {
        let page = |target: &str| MailedPage {
            form_target: Some(Origin::parse_any(target).unwrap()),
            ..MailedPage::new(Text::new(text!("link-email-verified-heading")))
        };
        for (target, source) in [("http://localhost:3000", "http://localhost:3000"), ("myapp://welcome", "myapp:")] {
            let (response, _) = rendered(page(target)).await;
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.contains(&format!("form-action 'self' {source}; ")), "{policy}");
        }
    }
}
