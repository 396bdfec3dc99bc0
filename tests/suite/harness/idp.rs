//! A provider of identities on loopback: OpenID Connect with discovery, and the paths of GitHub's and Apple's where those
//! differ. It holds the gateway to the protocol: a code works once, for its verifier, its address and its client.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};
use uuid::Uuid;

use super::gateway::{SECRET, merge};

/// The gateway's name at this provider.
pub(crate) const CLIENT_ID: &str = "the-gateway";

/// Says how a path is answered instead.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// Takes the request and says nothing.
    Never,
    Garbage,
    /// Five mebibytes of JSON.
    Huge,
    /// 302 leads to `/elsewhere`.
    Status(u16),
    /// Another status and body.
    Body(u16, String),
    /// The right answer under another status and content type; a form is written as one.
    As(u16, &'static str),
}

/// Changes what is right.
type Edit = Box<dyn Fn(&mut Value) + Send>;

/// Says how id tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    Right,
    /// `alg: none` and no signature.
    None,
    /// `HS256` with the public key as the secret.
    Hs256,
    /// Signs by a key that the provider does not publish, under the name of one that it does.
    OtherKey,
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) form: HashMap<String, String>,
}

struct State {
    issuer: String,
    pair: EcdsaKeyPair,
    key_id: String,
    claims: Value,
    discovery: Value,
    signing: Signing,
    trouble: HashMap<String, Trouble>,
    /// Holds the edits by path.
    edits: HashMap<&'static str, Edit>,
    /// Each refresh token works once; the newest.
    rotating: Option<String>,
    /// Lets one held renewal go at a time.
    hold: Option<Arc<Notify>>,
    /// Holds what was asked for, by code.
    codes: HashMap<String, HashMap<String, String>>,
    refreshed: u32,
    calls: Vec<Call>,
    /// Holds what GitHub's paths tell.
    github: (Value, Value),
}

/// The provider; it ends with this value.
pub(crate) struct Idp {
    state: Arc<Mutex<State>>,
    listening: JoinHandle<()>,
}

impl Drop for Idp {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Idp {
    /// Knows one person, `ada@example.com`, with a verified address.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let issuer = format!("http://{address}");
        let state = Arc::new(Mutex::new(State {
            claims: json!({ "sub": "ada-1", "email": "ada@example.com", "email_verified": true, "name": "Ada Lovelace" }),
            discovery: json!({}),
            pair: new_key(),
            key_id: "one".to_owned(),
            signing: Signing::Right,
            trouble: HashMap::new(),
            edits: HashMap::new(),
            rotating: None,
            hold: None,
            codes: HashMap::new(),
            refreshed: 0,
            calls: Vec::new(),
            github: (json!({}), json!([])),
            issuer,
        }));
        let shared = Arc::clone(&state);
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { state, listening }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }

    pub(crate) fn issuer(&self) -> String {
        self.state().issuer.clone()
    }

    /// Describes it as a provider of the gateway's: `type: oidc`.
    pub(crate) fn config(&self) -> Value {
        json!({
            "type": "oidc", "issuer": self.issuer(), "client_id": CLIENT_ID, "client_secret": { "env": "AUTHGATE_SECRET" },
        })
    }

    /// Changes what id tokens say; `null` removes.
    pub(crate) fn claim(&self, changes: &Value) {
        merge(&mut self.state().claims, changes);
    }

    /// Sets one claim of id tokens, also to `null`.
    pub(crate) fn claim_exactly(&self, name: &str, value: Value) {
        self.state().claims[name] = value;
    }

    /// Changes the JSON that a path answers with: the token response, the key set, userinfo.
    pub(crate) fn edit(&self, path: &'static str, edit: impl Fn(&mut Value) + Send + 'static) {
        self.state().edits.insert(path, Box::new(edit));
    }

    /// Gives a new refresh token with each renewal and takes the old one back.
    pub(crate) fn rotate_refresh_tokens(&self) {
        self.state().rotating = Some("refresh-0".to_owned());
    }

    /// Holds the answers to renewals back; each `notify_one` lets one go.
    pub(crate) fn hold_renewals(&self) -> Arc<Notify> {
        Arc::clone(self.state().hold.get_or_insert_default())
    }

    /// The renewals that were asked for.
    pub(crate) fn renewals(&self) -> usize {
        let is_renewal = |call: &&Call| call.form.get("grant_type").is_some_and(|grant| grant == "refresh_token");
        self.state().calls.iter().filter(is_renewal).count()
    }

    /// Changes the discovery document.
    pub(crate) fn discover(&self, changes: Value) {
        self.state().discovery = changes;
    }

    pub(crate) fn sign(&self, signing: Signing) {
        self.state().signing = signing;
    }

    /// Publishes and uses another key from now on.
    pub(crate) fn rotate_key(&self) {
        let mut state = self.state();
        state.pair = new_key();
        state.key_id = Uuid::now_v7().to_string();
    }

    pub(crate) fn trouble(&self, path: &str, trouble: Trouble) {
        self.state().trouble.insert(path.to_owned(), trouble);
    }

    /// Answers a path as it should again.
    pub(crate) fn recover(&self, path: &str) {
        self.state().trouble.remove(path);
    }

    /// Sets what GitHub tells of the user and of their addresses.
    pub(crate) fn github(&self, user: Value, emails: Value) {
        self.state().github = (user, emails);
    }

    /// The requests to a path.
    pub(crate) fn calls(&self, path: &str) -> Vec<Call> {
        self.state().calls.iter().filter(|call| call.path == path).cloned().collect()
    }

    /// No connection is taken any more.
    pub(crate) fn stop(&self) {
        self.listening.abort();
    }

    /// An id token as for a code, with a nonce.
    pub(crate) fn id_token(&self, nonce: Option<&str>) -> String {
        self.state().id_token(nonce)
    }
}

fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key can be made");
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random).expect("it was just made")
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl State {
    fn id_token(&self, nonce: Option<&str>) -> String {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let mut claims = json!({ "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce });
        if nonce.is_none() {
            merge(&mut claims, &json!({ "nonce": null }));
        }
        merge(&mut claims, &self.claims);
        let algorithm = match self.signing {
            Signing::Right | Signing::OtherKey => "ES256",
            Signing::None => "none",
            Signing::Hs256 => "HS256",
        };
        let header = json!({ "alg": algorithm, "kid": self.key_id });
        let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let by = |pair: &EcdsaKeyPair| {
            let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).expect("signing works");
            encode(signature)
        };
        let signature = match self.signing {
            Signing::Right => by(&self.pair),
            Signing::OtherKey => by(&new_key()),
            Signing::None => String::new(),
            Signing::Hs256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.pair.public_key().as_ref());
                encode(hmac::sign(&key, message.as_bytes()))
            }
        };
        format!("{message}.{signature}")
    }

    fn answer(&mut self, call: &Call, query: &HashMap<String, String>) -> (u16, Vec<(&'static str, String)>, Value) {
        match (call.method.as_str(), call.path.as_str()) {
            ("GET", "/.well-known/openid-configuration") => {
                let mut document = json!({
                    "issuer": self.issuer,
                    "authorization_endpoint": format!("{}/authorize", self.issuer),
                    "token_endpoint": format!("{}/token", self.issuer),
                    "jwks_uri": format!("{}/jwks", self.issuer),
                });
                merge(&mut document, &self.discovery);
                (200, vec![], document)
            }
            ("GET", "/authorize" | "/login/oauth/authorize" | "/auth/authorize") => self.authorize(query),
            ("POST", "/token" | "/login/oauth/access_token" | "/auth/token") => self.token(call),
            ("GET", "/jwks" | "/auth/keys") => {
                let point = self.pair.public_key().as_ref();
                let key = json!({
                    "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.key_id,
                    "x": encode(&point[1..33]), "y": encode(&point[33..]),
                });
                (200, vec![], json!({ "keys": [key] }))
            }
            ("GET", "/userinfo") => (200, vec![], self.claims.clone()),
            ("GET", "/api/v3/user") => (200, vec![], self.github.0.clone()),
            ("GET", "/api/v3/user/emails") => match &self.github.1 {
                Value::Number(status) => {
                    (status.as_u64().and_then(|s| s.try_into().ok()).unwrap_or(500), vec![], json!({ "message": "no" }))
                }
                emails => (200, vec![], emails.clone()),
            },
            _ => (404, vec![], json!({})),
        }
    }

    fn authorize(&mut self, query: &HashMap<String, String>) -> (u16, Vec<(&'static str, String)>, Value) {
        assert_eq!(query["response_type"], "code", "{query:?}");
        assert_eq!(query["client_id"], CLIENT_ID, "{query:?}");
        assert_eq!((query["code_challenge_method"].as_str(), query["code_challenge"].len()), ("S256", 43), "{query:?}");
        assert!(query["state"].len() >= 22, "{query:?}");
        let code = Uuid::now_v7().to_string();
        self.codes.insert(code.clone(), query.clone());
        let mut target = url::Url::parse(&query["redirect_uri"]).expect("redirect_uri is a URL");
        target.query_pairs_mut().append_pair("code", &code).append_pair("state", &query["state"]);
        (302, vec![("Location", target.into())], json!({}))
    }

    fn token(&mut self, call: &Call) -> (u16, Vec<(&'static str, String)>, Value) {
        let form = &call.form;
        let refused = |error: &str| (400, vec![], json!({ "error": error }));
        let by_header = call.authorization.as_ref().and_then(|field| {
            let text = String::from_utf8(STANDARD.decode(field.strip_prefix("Basic ")?).ok()?).ok()?;
            text.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
        });
        let by_body = form.get("client_id").cloned().zip(form.get("client_secret").cloned());
        let (id, secret) = by_header.or(by_body).unwrap_or_default();
        // Apple's is signed anew each time; its test looks at it.
        if id != CLIENT_ID || (secret != SECRET && call.path != "/auth/token") {
            return (401, vec![], json!({ "error": "invalid_client" }));
        }
        if form.get("grant_type").is_some_and(|kind| kind == "refresh_token") {
            self.refreshed += 1;
            let access = format!("access-{}", self.refreshed);
            let right = self.rotating.as_deref().unwrap_or("refresh-0");
            let is_ours = form.get("refresh_token").is_some_and(|token| token == right);
            let mut body = json!({ "access_token": access, "token_type": "Bearer", "expires_in": 3600 });
            if self.rotating.is_some() {
                let next = format!("refresh-{}", self.refreshed);
                body["refresh_token"] = next.clone().into();
                self.rotating = Some(next);
            }
            return if is_ours { (200, vec![], body) } else { refused("invalid_grant") };
        }
        let asked = form.get("code").and_then(|code| self.codes.remove(code));
        let Some(asked) = asked else { return refused("invalid_grant") };
        let challenge = encode(Sha256::digest(form.get("code_verifier").map_or("", String::as_str)));
        if asked["code_challenge"] != challenge || form.get("redirect_uri") != asked.get("redirect_uri") {
            return refused("invalid_grant");
        }
        let mut body = json!({
            "access_token": "access-0", "refresh_token": "refresh-0", "token_type": "Bearer", "expires_in": 3600,
            "scope": asked["scope"],
        });
        if call.path != "/login/oauth/access_token" {
            body["id_token"] = self.id_token(asked.get("nonce").map(String::as_str)).into();
        }
        (200, vec![], body)
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) -> Option<()> {
    let mut bytes = Vec::new();
    let (call, query) = loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        if let Some(read) = parse(&bytes) {
            break read;
        }
    };
    let (trouble, hold, (status, fields, body)) = {
        let mut state = state.lock().expect("no holder panics");
        state.calls.push(call.clone());
        let (status, fields, mut body) = state.answer(&call, &query);
        if let Some(edit) = state.edits.get(call.path.as_str()) {
            edit(&mut body);
        }
        let is_renewal = call.form.get("grant_type").is_some_and(|grant| grant == "refresh_token");
        let hold = state.hold.clone().filter(|_| is_renewal);
        (state.trouble.get(&call.path).cloned(), hold, (status, fields, body))
    };
    if let Some(hold) = hold {
        hold.notified().await;
    }
    let mut content_type = "application/json";
    let (status, body) = match &trouble {
        None => (status, body.to_string()),
        Some(Trouble::Body(status, body)) => (*status, body.clone()),
        Some(Trouble::As(status, kind)) => {
            content_type = *kind;
            (*status, if kind.contains("urlencoded") { form_of(&body) } else { body.to_string() })
        }
        Some(Trouble::Never) => {
            // Until the other end gives up.
            while stream.read(&mut [0; 64]).await.is_ok_and(|count| count > 0) {}
            return None;
        }
        Some(Trouble::Garbage) => (200, "<html>it works".to_owned()),
        Some(Trouble::Huge) => (200, format!("{{\"x\":\"{}\"}}", "x".repeat(5 * 1024 * 1024))),
        Some(Trouble::Status(status)) => (*status, "{}".to_owned()),
    };
    let mut fields = fields;
    if let Some(Trouble::Status(302)) = trouble {
        fields.push(("Location", "/elsewhere".to_owned()));
    }
    let fields = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
    let answer = format!(
        "HTTP/1.1 {status} x\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n{fields}\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.ok()
}

/// An object's members as a form.
fn form_of(body: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members = body.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value)));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish()
}

/// The request, once it is all there.
fn parse(bytes: &[u8]) -> Option<(Call, HashMap<String, String>)> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?, first.next()?);
    let fields: HashMap<String, &str> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    let length: usize = fields.get("content-length").map_or(Ok(0), |length| length.parse()).ok()?;
    if body.len() < length {
        return None;
    }
    let pairs = |text: &str| url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let call = Call {
        method: method.to_owned(),
        path: path.to_owned(),
        authorization: fields.get("authorization").map(|value| (*value).to_owned()),
        form: pairs(body),
    };
    Some((call, pairs(query)))
}
