//! Calls the token endpoint (RFC 6749 §3.2). Its request is made as the standard says; its response is read as
//! providers really write it (OAUTH-12): only what is needed must be right, and an error counts whatever its status is.

#[cfg(test)]
mod tests;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, Request, StatusCode, header};
use serde_json::{Map, Value};
use time::Duration;
use url::form_urlencoded;

use crate::{
    auth::oauth::provider::{
        endpoints::Endpoints,
        error::ProviderError,
        http_client::{HttpClient, HttpError},
    },
    types::Secret,
};

/// Providers that write a longer life than this mean that the token does not expire.
const MAX_LIFETIME: Duration = Duration::days(100 * 365);
/// Further characters of a provider's error code are not logged.
const MAX_ERROR_LENGTH: usize = 64;

/// Holds the tokens of a successful response (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Debug)]
pub(crate) struct Tokens {
    /// Some providers send only an id token where no scope asks for more.
    pub(crate) access: Option<Secret>,
    pub(crate) refresh: Option<Secret>,
    pub(crate) id: Option<Secret>,
    pub(crate) expires_in: Option<Duration>,
    pub(crate) refresh_expires_in: Option<Duration>,
    /// The list is empty where the response names none.
    pub(crate) scopes: Vec<String>,
}

/// Tells how the gateway authenticates itself to a provider.
#[derive(Debug)]
pub(crate) struct ClientCredentials<'a> {
    pub(crate) id: &'a str,
    pub(crate) secret: &'a Secret,
}

/// Sends a grant to the token endpoint and reads the response.
pub(crate) async fn request_tokens(
    http: &HttpClient,
    endpoints: &Endpoints,
    client: &ClientCredentials<'_>,
    grant: &[(&str, &str)],
) -> Result<Tokens, ProviderError> {
    let response = http.send(build_request(endpoints, client, grant)?).await;
    let response = response.map_err(ProviderError::unavailable("token endpoint"))?;
    parse_response(response.status(), response.body())
}

fn build_request(
    endpoints: &Endpoints,
    client: &ClientCredentials<'_>,
    grant: &[(&str, &str)],
) -> Result<Request<Vec<u8>>, ProviderError> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(grant);
    let mut request = Request::post(endpoints.token.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if endpoints.takes_secret_in_body {
        form.append_pair("client_id", client.id).append_pair("client_secret", client.secret.expose());
    } else {
        let (name, value) = basic_authorization(client);
        request = request.header(name, value);
    }
    let request = request.body(form.finish().into_bytes());
    request.map_err(|_| ProviderError::unavailable("token endpoint")(HttpError::Malformed))
}

/// Both halves are form-encoded first (RFC 6749 §2.3.1), unlike in other uses of `Basic`.
fn basic_authorization(client: &ClientCredentials<'_>) -> (HeaderName, String) {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(client.id), encode(client.secret.expose()));
    (header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)))
}

/// The response's text never becomes part of an error: it may hold a token.
fn parse_response(status: StatusCode, body: &[u8]) -> Result<Tokens, ProviderError> {
    let unavailable = ProviderError::unavailable("token endpoint");
    let fields = parse_fields(body);
    if let Some(error) = fields.as_ref().and_then(error_code) {
        return Err(match error.as_str() {
            "temporarily_unavailable" | "server_error" => unavailable(HttpError::Overloaded),
            code if status.is_server_error() && !code.starts_with("invalid_") => {
                unavailable(HttpError::Status(status.as_u16()))
            }
            _ => ProviderError::Refused(error),
        });
    }
    let is_busy = matches!(status.as_u16(), 408 | 425 | 429);
    if status.is_client_error() && !is_busy {
        return Err(ProviderError::Refused(format!("status {}", status.as_u16())));
    }
    if !status.is_success() {
        return Err(unavailable(HttpError::Status(status.as_u16())));
    }
    let fields = fields.ok_or_else(|| ProviderError::unavailable("token endpoint")(HttpError::Malformed))?;
    let secret = |name: &str| text(&fields, name).map(|text| Secret::new(text.to_owned()));
    let tokens = Tokens {
        access: secret("access_token"),
        refresh: secret("refresh_token"),
        id: secret("id_token"),
        expires_in: fields.get("expires_in").and_then(lifetime),
        refresh_expires_in: fields.get("refresh_token_expires_in").and_then(lifetime),
        scopes: fields.get("scope").map(scopes).unwrap_or_default(),
    };
    if tokens.access.is_none() && tokens.id.is_none() {
        return Err(unavailable(HttpError::Malformed));
    }
    Ok(tokens)
}

/// Reads JSON, whatever the content type says, or a form, which GitHub sends by default.
fn parse_fields(body: &[u8]) -> Option<Map<String, Value>> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if let Ok(fields) = serde_json::from_slice(body) {
        return Some(fields);
    }
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(body.trim_ascii()).into_owned() {
        fields.entry(name).or_insert(Value::String(value));
    }
    ["access_token", "error"].iter().any(|name| fields.contains_key(*name)).then_some(fields)
}

/// Returns a field that is there and not empty.
fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Returns the error code, reduced to what may be logged. Some providers put an object there, some `null` beside a
/// token.
fn error_code(fields: &Map<String, Value>) -> Option<String> {
    let code = match fields.get("error")? {
        Value::Null | Value::Bool(false) => return None,
        Value::String(code) if code.is_empty() => return None,
        Value::String(code) => code.as_str(),
        Value::Object(error) => text(error, "type").or_else(|| text(error, "code")).unwrap_or_default(),
        Value::Bool(true) | Value::Number(_) | Value::Array(_) => "",
    };
    let is_loggable = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let code: String = code.chars().filter(is_loggable).take(MAX_ERROR_LENGTH).collect();
    Some(if code.is_empty() { "no error code".to_owned() } else { code })
}

/// Reads seconds, also as a fraction or as text. `None` where a token does not expire, or nobody says when.
fn lifetime(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let lifetime = Duration::checked_seconds_f64(seconds)?;
    (lifetime.is_positive() && lifetime <= MAX_LIFETIME).then_some(lifetime)
}

/// Reads a text with blanks (RFC 6749) or commas (GitHub), or a list (Twitch).
fn scopes(value: &Value) -> Vec<String> {
    let texts: Vec<&str> = match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => return Vec::new(),
    };
    let words = texts.into_iter().flat_map(|text| text.split([',', ' '])).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}
