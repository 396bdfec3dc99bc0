//! Holds a request for a page: the language, the form token, and the auth API as this browser may call it.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use askama::Template;
use axum::{body::Body, extract::FromRequestParts, response::Response};
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts};
use serde_json::Value;

use crate::{
    auth::{SignUpMode, admin::presented_admin_session},
    language::{AskedLanguage, Language, Texts},
    pages::{
        api_client::{self, Reply},
        error::PageError,
        form_token::{FormCookie, ShownTo},
        layout::Layout,
        origin::{FormSource, form_source, own_origin},
        page_headers::{Referrer, page_headers},
        problem::Problem,
        redirect_target::RedirectTarget,
        state::Pages,
    },
};

/// Names the parameter, and the field, with an invitation to open an account.
pub(crate) const INVITATION: &str = "invitation";

/// Is what a page's handler returns.
pub(crate) type PageResult = Result<Response, PageError>;

/// Holds a request for a page.
pub(crate) struct Visit {
    pub(crate) pages: Arc<Pages>,
    /// Holds the texts in the visitor's language.
    pub(crate) t: Texts,
    pub(crate) form_cookie: FormCookie,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    extensions: Extensions,
    query: Vec<(String, String)>,
    collected: Collected,
    /// Is the address of the user in whose place an administrator acts.
    in_place_of: Option<String>,
}

/// Collects what the API says on the way that belongs into whatever response follows: the page's own, or that of an error.
#[derive(Clone, Default)]
pub(crate) struct Collected(Arc<Mutex<Fields>>);

#[derive(Default)]
struct Fields {
    cookies: Vec<HeaderValue>,
    retry_after: Option<u64>,
}

impl Collected {
    fn lock(&self) -> MutexGuard<'_, Fields> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromRequestParts<Arc<Pages>> for Visit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, pages: &Arc<Pages>) -> Result<Self, PageError> {
        Ok(Self::new(parts, pages).with_impersonation().await)
    }
}

/// Returns the language that was chosen on a page, or the one that the browser prefers.
pub(crate) fn language(pages: &Pages, headers: &HeaderMap) -> Language {
    AskedLanguage::new(headers).among(&pages.settings.languages)
}

impl Visit {
    pub(crate) fn new(parts: &Parts, pages: &Arc<Pages>) -> Self {
        let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        Self {
            t: Texts::new(language(pages, &parts.headers)),
            form_cookie: FormCookie::from_headers(&parts.headers, &pages.auth.cookie),
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            extensions: parts.extensions.clone(),
            query: query.into_owned().collect(),
            collected: parts.extensions.get::<Collected>().cloned().unwrap_or_default(),
            in_place_of: None,
            pages: Arc::clone(pages),
        }
    }

    /// Looks up in whose place an administrator acts. Only browsers that keep an administrator's own session can say so:
    /// nobody else's pages ask for it.
    pub(crate) async fn with_impersonation(mut self) -> Self {
        if self.keeps_admin_session()
            && let Ok(Reply { body, .. }) = self.get("/get-session").await
            && body["session"]["impersonatedBy"].is_string()
        {
            self.in_place_of = body["user"]["email"].as_str().map(str::to_owned);
        }
        self
    }

    /// Tells whether the browser keeps an administrator's own session, to come back to.
    pub(crate) fn keeps_admin_session(&self) -> bool {
        presented_admin_session(&self.headers, &self.pages.auth.cookie).is_some()
    }

    /// Tells whether the browser presents a session, which may be over.
    pub(crate) fn presents_session(&self) -> bool {
        self.shown_to().is_somebody()
    }

    /// Says which session the browser presents when the response is there.
    fn shown_to(&self) -> ShownTo {
        let settings = &self.pages.auth.cookie;
        ShownTo::from_headers(&self.headers, settings).after(&self.collected.lock().cookies, settings)
    }

    pub(crate) fn is_get(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }

    /// Returns the page's own path with its query.
    pub(crate) fn here(&self) -> String {
        self.uri.path_and_query().map_or_else(|| self.uri.path().to_owned(), ToString::to_string)
    }

    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// Returns a parameter of the page's address.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Returns where the visitor goes on after all steps, where a page said so.
    pub(crate) fn target(&self) -> Option<RedirectTarget> {
        self.query("redirect").and_then(|text| RedirectTarget::parse(text, &self.pages.auth))
    }

    /// Returns where the visitor goes on, which is home where nothing says otherwise.
    pub(crate) fn target_or_home(&self) -> String {
        self.target().map_or_else(|| self.pages.settings.links.home.clone(), |target| target.as_str().to_owned())
    }

    /// Returns the path of a page below the path of sign-in, such as `sign-in`, which keeps where to go on.
    pub(crate) fn auth_path(&self, page: &str) -> String {
        self.with_target(&format!("{}/{page}", self.pages.settings.auth_path))
    }

    /// Returns the same for a page that begins with good news.
    pub(crate) fn auth_path_saying(&self, page: &str, said: &str) -> String {
        with_parameter(&self.auth_path(page), "said", said)
    }

    /// Returns the same for a page on the way to an account, which keeps the invitation too, where there is one.
    pub(crate) fn auth_path_invited(&self, page: &str, invitation: Option<&str>) -> String {
        let path = self.auth_path(page);
        invitation.map_or_else(|| path.clone(), |token| with_parameter(&path, INVITATION, token))
    }

    /// Returns the path of a page of the account.
    pub(crate) fn account_path(&self, page: &str) -> String {
        format!("{}/{page}", self.pages.settings.account_path)
    }

    /// Returns the invitation that the page's address brings.
    pub(crate) fn invitation(&self) -> Option<&str> {
        self.query(INVITATION).filter(|token| !token.is_empty())
    }

    /// Tells whether the visitor may open an account, with or without an invitation.
    pub(crate) fn can_sign_up(&self, invitation: Option<&str>) -> bool {
        match self.pages.auth.sign_up.mode {
            SignUpMode::Open => true,
            SignUpMode::Invitation => invitation.is_some(),
            SignUpMode::Closed => false,
        }
    }

    fn with_target(&self, path: &str) -> String {
        match self.target() {
            Some(target) => format!("{path}?redirect={}", encoded(target.as_str())),
            None => path.to_owned(),
        }
    }

    /// Asks the API.
    pub(crate) async fn get(&self, target: &str) -> Result<Reply, PageError> {
        self.call(Method::GET, target, None).await
    }

    /// Lets the API act.
    pub(crate) async fn post(&self, target: &str, body: &Value) -> Result<Reply, PageError> {
        self.call(Method::POST, target, Some(body)).await
    }

    async fn call(&self, method: Method, target: &str, body: Option<&Value>) -> Result<Reply, PageError> {
        let auth = &self.pages.auth;
        let target = format!("{}{target}", auth.base_path);
        let origin = match form_source(&self.headers, &self.pages) {
            FormSource::Own(origin) => origin,
            FormSource::Untrusted(_) | FormSource::Foreign => own_origin(&self.headers, &self.pages),
        };
        let browser = (&self.headers, &self.extensions, origin.as_str());
        let reply = api_client::call(&self.pages.api, (method, &target), body, browser).await?;
        let mut collected = self.collected.lock();
        collected.cookies.extend(reply.cookies.iter().cloned());
        collected.retry_after = reply.retry_after.or(collected.retry_after);
        drop(collected);
        Ok(reply)
    }

    /// Returns the text of a problem in the visitor's language. Where the catalogue has none for its code, English visitors
    /// read the API's own words, and others what its status means. What passes by itself ends with when to try again.
    pub(crate) fn problem_text(&self, problem: &Problem) -> String {
        let by_code = format!("problem-{}", problem.code);
        let by_status = format!("problem-status-{}", problem.status.as_u16());
        let text: Cow<'_, str> = if self.t.has(&by_code) {
            self.t.get(&by_code)
        } else if self.t.has(&by_status) && (self.t.language() != Language::English || problem.message.is_empty()) {
            self.t.get(&by_status)
        } else if problem.message.is_empty() {
            self.t.get("error-heading")
        } else {
            problem.message.as_str().into()
        };
        // The texts do not say when to try again, so that two sentences never name different times.
        let passes = matches!(problem.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        match problem.retry_after {
            Some(seconds) => format!("{text} {}", self.t.count("retry-in-minutes", seconds.div_ceil(60))),
            None if passes => format!("{text} {}", self.t.get("try-again-soon")),
            None => text.into_owned(),
        }
    }

    /// Returns what every page has around it.
    pub(crate) fn layout(&self, title: &str) -> Layout<'_> {
        // A form's response has no address that GET shows again, unless the page has the same.
        let here = if self.is_get() { self.here() } else { self.path().to_owned() };
        let form_token = self.form_cookie.token(&self.shown_to(), &self.pages.form_mac);
        let impersonating = self.in_place_of.as_deref().map(|email| self.t.with("impersonating", &[("email", email)]));
        Layout { impersonating, ..Layout::new(&self.pages, self.t, title, form_token, here) }
    }

    /// Writes a page.
    pub(crate) fn page(&self, status: StatusCode, page: &impl Template) -> Response {
        let Ok(html) = page.render() else {
            tracing::error!("a page could not be rendered");
            return self.respond(StatusCode::INTERNAL_SERVER_ERROR, Body::empty());
        };
        // An address with something secret in it that came by mail is not told to the app either, to which links of the page
        // lead (MAIL-09).
        let has_token = ["token", INVITATION].iter().any(|name| self.query(name).is_some())
            || self.target().is_some_and(|to| to.as_str().contains("token="));
        let referrer = if has_token { Referrer::Origin } else { Referrer::SameOrigin };
        let target = self.target().and_then(|target| target.policy_source());
        let Some(fields) = page_headers(&self.pages.look, target.as_deref(), referrer) else {
            tracing::error!("the policy of a page could not be written");
            return self.respond(StatusCode::INTERNAL_SERVER_ERROR, Body::empty());
        };
        let mut response = self.respond(status, Body::from(html));
        let headers = response.headers_mut();
        for (name, value) in fields {
            headers.insert(name, value);
        }
        if let Some(line) = self.form_cookie.set_cookie(&self.pages.auth.cookie)
            && let Ok(line) = HeaderValue::from_str(&line)
        {
            headers.append(header::SET_COOKIE, line);
        }
        response
    }

    /// Writes a page that all went well on.
    #[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
    pub(crate) fn show(&self, page: &impl Template) -> PageResult {
        Ok(self.page(StatusCode::OK, page))
    }

    /// Leads on to another page, which the browser asks for with GET.
    pub(crate) fn see_other(&self, location: &str) -> Response {
        let mut response = self.respond(StatusCode::SEE_OTHER, Body::empty());
        if let Ok(location) = HeaderValue::from_str(location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }

    /// Leads to the page to sign in at, and from there back to this one.
    pub(crate) fn sign_in_first(&self) -> Response {
        self.see_other(&self.sign_in_path())
    }

    /// Returns the path of the page to sign in at, which leads back to this one.
    pub(crate) fn sign_in_path(&self) -> String {
        let back = if self.is_get() { self.here() } else { self.path().to_owned() };
        with_parameter(&format!("{}/sign-in", self.pages.settings.auth_path), "redirect", &back)
    }

    /// Leads to the page that asks for a further proof, and from there back to this one.
    pub(crate) fn prove_first(&self, what: &str) -> Response {
        let back = if self.is_get() { self.here() } else { self.path().to_owned() };
        self.see_other(&format!("{}/step-up?step_up={what}&redirect={}", self.pages.settings.auth_path, encoded(&back)))
    }

    /// Writes a response that nobody keeps, with the cookies that the API set on the way.
    pub(crate) fn respond(&self, status: StatusCode, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let mut collected = self.collected.lock();
        for cookie in collected.cookies.drain(..) {
            headers.append(header::SET_COOKIE, cookie);
        }
        let is_later = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        if let Some(seconds) = collected.retry_after.filter(|_| is_later) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        drop(collected);
        response
    }
}

/// Adds a parameter to a path of ours.
pub(crate) fn with_parameter(path: &str, name: &str, value: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}{name}={}", encoded(value))
}

/// Encodes a text as the value of a parameter.
pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
