//! A browser's tab without scripts: it keeps cookies, follows redirects to wherever they lead, and sends the forms that pages
//! have.

use reqwest::{RequestBuilder, Response, redirect::Policy};

use crate::{
    api::two_factor::Browser,
    harness::{TestGateway, client::builder},
};

pub(super) struct Tab<'g> {
    gw: &'g TestGateway,
    pub(super) browser: Browser,
    /// The header that the browser sends with every request.
    language: Option<&'static str>,
    pub(super) status: u16,
    /// The address, without the gateway's origin.
    pub(super) url: String,
    pub(super) html: String,
}

impl<'g> Tab<'g> {
    pub(super) fn new(gw: &'g TestGateway) -> Self {
        Self { gw, browser: Browser::new(gw), language: None, status: 0, url: String::new(), html: String::new() }
    }

    /// A tab of a browser that prefers another language.
    pub(super) fn in_language(gw: &'g TestGateway, language: &'static str) -> Self {
        Self { language: Some(language), ..Self::new(gw) }
    }

    pub(super) async fn open(&mut self, url: &str) -> &mut Self {
        let path = url.strip_prefix(self.gw.origin()).unwrap_or(url).to_owned();
        let request = self.browser.client().get(&path).header("Accept", "text/html");
        self.arrive(path, request).await
    }

    /// Fills in the form whose address begins like this, and presses its button. A box is ticked with `on`; without a value it is
    /// not, whatever the page says.
    pub(super) async fn submit(&mut self, action: &str, typed: &[(&str, &str)]) -> &mut Self {
        let (action, body) = self.filled(action, typed);
        self.send(action, body).await
    }

    /// Presses the n-th button of those whose forms have this address.
    pub(super) async fn press(&mut self, action: &str, n: usize) -> &mut Self {
        let form = self.forms().into_iter().filter(|(found, _)| found.starts_with(action)).nth(n);
        let (action, inner) = form.unwrap_or_else(|| panic!("no form {n} of {action} in {}", self.html));
        let body = encoded(&fields_of(&inner));
        self.send(action, body).await
    }

    /// Follows the page that leads on to a provider, and from there back.
    pub(super) async fn go_on(&mut self) -> &mut Self {
        let url = between(&self.html, "content=\"0;url=", "\"").unwrap_or_else(|| panic!("no way on in {}", self.html));
        let outside = builder().no_proxy().redirect(Policy::none()).build().unwrap();
        let response = outside.get(unescaped(&url)).send().await.unwrap();
        let back = response.headers()["location"].to_str().unwrap().to_owned();
        self.open(&back).await
    }

    /// Tells where a link with this text leads.
    pub(super) fn link(&self, text: &str) -> String {
        let before = self.html.split_once(&format!(">{text}</a>")).map(|(before, _)| before);
        let link = before.and_then(|before| attribute(before.rsplit("<a ").next()?, "href"));
        link.unwrap_or_else(|| panic!("no link {text} in {}", self.html))
    }

    pub(super) async fn follow(&mut self, text: &str) -> &mut Self {
        let link = self.link(text);
        self.open(&link).await
    }

    /// Tells whether the page says it.
    pub(super) fn says(&self, text: &str) -> bool {
        unescaped(&self.html).contains(text)
    }

    pub(super) fn expect(&self, texts: &[&str]) -> &Self {
        for text in texts {
            assert!(self.says(text), "{text:?} is not on {} ({}): {}", self.url, self.status, self.html);
        }
        self
    }

    /// The tag of the field, and the text beside it that tells what is wrong.
    pub(super) fn field(&self, name: &str) -> (String, Option<String>) {
        let mut tags = ["<input ", "<select ", "<textarea "].into_iter().flat_map(|tag| self.html.split(tag).skip(1));
        let tag = tags.find_map(|rest| {
            let tag = rest.split('>').next()?;
            let is_it = attribute(tag, "name").as_deref() == Some(name) && !tag.contains("type=\"hidden\"");
            is_it.then_some(tag)
        });
        let error = between(&self.html, &format!("id=\"{name}-error\">"), "</p>").map(|text| unescaped(&text));
        (tag.unwrap_or_else(|| panic!("no field {name} in {}", self.html)).to_owned(), error)
    }

    fn filled(&self, action: &str, typed: &[(&str, &str)]) -> (String, String) {
        let form = self.forms().into_iter().find(|(found, _)| found.starts_with(action));
        let (action, inner) = form.unwrap_or_else(|| panic!("no form to {action} on {}: {}", self.url, self.html));
        let mut fields = fields_of(&inner);
        for (name, value) in typed {
            fields.retain(|(found, _)| found != name);
            if !value.is_empty() {
                fields.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        (action, encoded(&fields))
    }

    async fn send(&mut self, action: String, body: String) -> &mut Self {
        let request = self.browser.client().post(&action).header("Accept", "text/html");
        let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
        self.arrive(action, request).await
    }

    async fn arrive(&mut self, url: String, request: RequestBuilder) -> &mut Self {
        let mut response = self.spoken(request).send().await.unwrap();
        self.url = url;
        for _ in 0..10 {
            self.browser.keep(&response);
            let Some(target) = location(&response) else { break };
            let target = target.strip_prefix(self.gw.origin()).unwrap_or(&target).to_owned();
            assert!(target.starts_with('/'), "{target} is elsewhere");
            let request = self.browser.client().get(&target).header("Accept", "text/html");
            response = self.spoken(request).send().await.unwrap();
            self.url = target;
        }
        self.status = response.status().as_u16();
        self.html = response.text().await.unwrap();
        self
    }

    fn spoken(&self, request: RequestBuilder) -> RequestBuilder {
        match self.language {
            Some(language) => request.header("Accept-Language", language),
            None => request,
        }
    }

    /// Address and inside of every form.
    fn forms(&self) -> Vec<(String, String)> {
        let forms = self.html.split("<form").skip(1).filter_map(|rest| {
            let (tag, inner) = rest.split_once('>')?;
            Some((attribute(tag, "action")?, inner.split("</form>").next()?.to_owned()))
        });
        forms.collect()
    }
}

fn location(response: &Response) -> Option<String> {
    response.status().is_redirection().then(|| response.headers()["location"].to_str().unwrap().to_owned())
}

/// What a form sends where nobody types anything.
fn fields_of(form: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for tag in form.split("<input").skip(1).filter_map(|rest| rest.split('>').next()) {
        let is_box = tag.contains("type=\"checkbox\"");
        if let Some(name) = attribute(tag, "name").filter(|_| !is_box || tag.contains(" checked")) {
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    for select in form.split("<select").skip(1) {
        let (tag, inner) = select.split_once('>').unwrap();
        let inner = inner.split("</select>").next().unwrap();
        let options: Vec<&str> = inner.split("<option").skip(1).collect();
        let chosen = options.iter().find(|option| option.contains(" selected")).or(options.first());
        if let (Some(name), Some(option)) = (attribute(tag, "name"), chosen) {
            fields.push((name, attribute(option, "value").unwrap_or_default()));
        }
    }
    for area in form.split("<textarea").skip(1) {
        let (tag, inner) = area.split_once('>').unwrap();
        if let Some(name) = attribute(tag, "name") {
            fields.push((name, unescaped(inner.split("</textarea>").next().unwrap().trim_start_matches('\n'))));
        }
    }
    fields
}

fn encoded(fields: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    between(&format!(" {tag}"), &format!(" {name}=\""), "\"").map(|value| unescaped(&value))
}

fn between(text: &str, from: &str, to: &str) -> Option<String> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found.to_owned())
}

fn unescaped(text: &str) -> String {
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
