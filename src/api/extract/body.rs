//! Reads request bodies strictly (DOS-03, CSRF-02): bounded, one content type, no key twice, no deep nesting.

use std::{fmt, sync::Arc};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::{
    api::Problem,
    auth::{Auth, AvatarSettings},
};

/// Bounds a body in bytes; only where a picture may be in it, one that is longer is read.
const MAX_BYTES: usize = 64 * 1024;
const MAX_DEPTH: u8 = 32;
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Holds a JSON body; `None` where nothing was sent.
#[derive(Debug)]
pub(crate) struct JsonBody(pub(crate) Option<Value>);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body, MAX_BYTES).await?.ok_or_else(Problem::payload_too_large)?;
        json_of(&parts.headers, &bytes).map(Self)
    }
}

/// Holds a JSON body in which a picture may be; `None` where nothing was sent.
#[derive(Debug)]
pub(crate) struct PictureBody(pub(crate) Option<Value>);

impl FromRequest<Arc<Auth>> for PictureBody {
    type Rejection = Problem;

    async fn from_request(request: Request, auth: &Arc<Auth>) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let rules = auth.settings.avatars;
        let bytes = read(&parts.headers, body, max_picture_body(rules)).await?;
        let bytes = bytes.ok_or_else(|| Problem::avatar_too_large(rules.max_size))?;
        if bytes.len() - picture_length(&bytes) > MAX_BYTES {
            return Err(Problem::payload_too_large());
        }
        json_of(&parts.headers, &bytes).map(Self)
    }
}

/// Returns how much of a body is one picture's data. Nothing else may be long: many small values take a multiple of the
/// memory.
fn picture_length(body: &[u8]) -> usize {
    let mut begins = false;
    let texts = body.split(|byte| matches!(byte, b'"' | b','));
    let data = texts.filter(|text| std::mem::replace(&mut begins, text.ends_with(b";base64")));
    data.map(<[u8]>::len).max().unwrap_or_default()
}

/// Bounds a body in which a picture may be.
pub(crate) fn max_picture_body(rules: AvatarSettings) -> usize {
    MAX_BYTES + rules.encoded_size()
}

fn json_of(headers: &HeaderMap, bytes: &[u8]) -> Result<Option<Value>, Problem> {
    if bytes.is_empty() {
        return Ok(None);
    }
    require_type(headers, JSON)?;
    parse_json(bytes).map(Some)
}

/// Holds the body of one of our own pages' forms.
#[derive(Debug)]
pub(crate) struct FormBody(pub(crate) Value);

impl<S: Send + Sync> FromRequest<S> for FormBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body, MAX_BYTES).await?.ok_or_else(Problem::payload_too_large)?;
        require_type(&parts.headers, FORM)?;
        Ok(Self(pairs(&bytes)))
    }
}

/// Returns form or query pairs as an object; a repeated key becomes an array, which no field accepts (contract §1).
pub(crate) fn pairs(text: &[u8]) -> Value {
    let mut object = Map::new();
    for (key, value) in url::form_urlencoded::parse(text) {
        let value = Value::from(value.into_owned());
        match object.get_mut(key.as_ref()) {
            None => drop(object.insert(key.into_owned(), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::from(vec![first.take(), value]),
        }
    }
    object.into()
}

/// Returns the body, or `None` where it is longer than `max`.
async fn read(headers: &HeaderMap, body: Body, max: usize) -> Result<Option<Bytes>, Problem> {
    // We unpack nothing: a small body must not become a large one.
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::unsupported_media_type("Content-Encoding is not supported"));
    }
    match Limited::new(body, max).collect().await {
        Ok(collected) => Ok(Some(collected.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Ok(None),
        Err(_) => Err(Problem::bad_request("BAD_REQUEST", "The request body ended early")),
    }
}

fn require_type(headers: &HeaderMap, wanted: &'static str) -> Result<(), Problem> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let essence = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().and_then(|text| text.split(';').next()),
        _ => None,
    };
    if essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(wanted)) {
        Ok(())
    } else {
        Err(Problem::unsupported_media_type(format!("Content-Type must be {wanted}")))
    }
}

fn parse_json(bytes: &[u8]) -> Result<Value, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut deserializer);
    // What was wrong with it is left unsaid: the message could quote a password.
    value
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|_| Problem::bad_request("BAD_REQUEST", "Invalid JSON in request body"))
}

/// Builds a tree, rejecting what two parsers could read differently.
#[derive(Clone, Copy)]
struct Strict {
    depth: u8,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth < MAX_DEPTH { Ok(Self { depth: self.depth + 1 }) } else { Err(E::custom("too deep")) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom("a key twice"));
            }
            object.insert(key, map.next_value_seed(inner)?);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_read_strictly() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for (text, expected) in [
            (
                r#"{"a":1,"b":[true,null,"x",1.5,-2]}"#.to_owned(),
                Some(json!({"a": 1, "b": [true, null, "x", 1.5, -2]})),
            ),
            (" {} ".into(), Some(json!({}))),
            (r#"{"a":{"b":1},"c":{"b":1}}"#.into(), Some(json!({"a": {"b": 1}, "c": {"b": 1}}))),
            (r#"{"a":1,"a":2}"#.into(), None),
            (r#"{"a":1,"\u0061":2}"#.into(), None),
            (r#"{"x":{"a":1,"a":1}}"#.into(), None),
            (r#"{"a":1}{"#.into(), None),
            (r#"{"a":1} x"#.into(), None),
            (r#"{"a":}"#.into(), None),
            (r#"{"a":"\ud800"}"#.into(), None),
            (r#"{"a":1e999}"#.into(), None),
            ("{'a':1}".into(), None),
            ("\u{feff}{}".into(), None),
            ("NaN".into(), None),
            (nested(33), None),
            (nested(50_000), None),
        ] {
            let shown: String = text.chars().take(40).collect();
            match (parse_json(text.as_bytes()), expected) {
                (Ok(value), Some(expected)) => assert_eq!(value, expected, "{shown}"),
                (Err(problem), None) => {
                    assert_eq!((problem.status().as_u16(), problem.code()), (400, "BAD_REQUEST"), "{shown}");
                }
                (result, expected) => panic!("{shown}: {result:?} instead of {expected:?}"),
            }
        }
        assert!(parse_json(nested(32).as_bytes()).is_ok());
        assert!(parse_json(b"{\"a\":\"\xff\"}").is_err());
    }

    #[test]
    fn content_types_are_compared_without_parameters() {
        for (sent, accepted) in [
            (&["application/json"][..], true),
            (&["Application/JSON; charset=utf-8"], true),
            (&["application/json;charset=utf-8"], true),
            (&["text/plain"], false),
            (&["application/jsonp"], false),
            (&["text/plain; application/json"], false),
            (&["application/x-www-form-urlencoded"], false),
            (&["application/json", "text/plain"], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append(header::CONTENT_TYPE, HeaderValue::from_static(value));
            }
            assert_eq!(require_type(&headers, JSON).is_ok(), accepted, "{sent:?}");
        }
    }

    #[tokio::test]
    async fn bodies_are_bounded_and_not_unpacked() {
        let post = |length: usize| Request::post("/").header("content-type", JSON).body(Body::from("1".repeat(length)));
        let long = JsonBody::from_request(post(MAX_BYTES + 1).unwrap(), &()).await;
        assert_eq!(long.unwrap_err().status(), 413);
        let packed = Request::post("/").header("content-encoding", "gzip").body(Body::from("{}")).unwrap();
        assert_eq!(JsonBody::from_request(packed, &()).await.unwrap_err().status(), 415);
        let empty = Request::post("/").body(Body::empty()).unwrap();
        assert!(JsonBody::from_request(empty, &()).await.unwrap().0.is_none());
    }

    #[test]
    fn nothing_but_a_picture_may_be_long() {
        for (body, expected) in [
            (r#"{"image":"data:image/png;base64,AAAA","name":"aaaaaaaa"}"#, 4),
            (r#"{"image":"data:image/png;base64,AAAA","x":"data:image/gif;base64,AAAAAAAA"}"#, 8),
            (r#"{"image":"AAAAAAAAAAAA"}"#, 0),
            (r#"{"a":[0,0,0,0]}"#, 0),
            ("", 0),
        ] {
            assert_eq!(picture_length(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn repeated_pairs_become_arrays() {
        assert_eq!(pairs(b"a=1&b=x%20y+z&a=2&a=3"), json!({"a": ["1", "2", "3"], "b": "x y z"}));
    }
}
