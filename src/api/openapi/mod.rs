//! Makes the description of the auth API in `OpenAPI` 3.1, out of what the route table says of itself: each handler
//! names its path, body and responses beside its code; what holds for many is added here.

mod additional_fields;

use axum::{Extension, body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use utoipa::openapi::{
    Content, InfoBuilder, License, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder, ServerBuilder,
    path::{Operation, ParameterIn, PathItem},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::types::UserFields;

/// Lists paths that the first plan's frontends use, and those they stand for.
pub(crate) const ALIASES: [(&str, &str); 3] =
    [("/signup", "/sign-up/email"), ("/signin", "/sign-in/email"), ("/signout", "/sign-out")];

/// Holds status, description, and whether an operation may have it.
type ErrorResponse = (&'static str, &'static str, fn(&Operation, Method) -> bool);

/// Lists the error responses that any operation may have.
const ERROR_RESPONSES: [ErrorResponse; 7] = [
    ("400", "The request is malformed, or a field is missing or wrong.", |operation, _| reads_input(operation)),
    ("403", "The request does not come from a trusted origin, or names a target that is not trusted.", |_, method| {
        method == Method::Post
    }),
    ("404", "The path is not spelled as the gateway spells it: each endpoint has one spelling.", |operation, _| {
        has_path_parameter(operation)
    }),
    ("413", "The body is larger than 64 KiB.", |_, method| method == Method::Post),
    ("415", "The body is not of the one content type that is understood.", |_, method| method == Method::Post),
    ("429", "Too many attempts; `Retry-After` says when to come back.", |_, method| method == Method::Post),
    (
        "503",
        "The database does not answer, or too many passwords are waiting; `Retry-After` says when to come back.",
        |_, _| true,
    ),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
}

/// Completes what the route table described. `base_path` is where the auth API is mounted.
pub(crate) fn complete(table: OpenApi, base_path: &str, cookie_name: &str, fields: &UserFields) -> OpenApi {
    let mut document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("AuthGate")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(env!("CARGO_PKG_DESCRIPTION")))
                .license(Some(License::builder().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
                .build(),
        )
        .servers(Some([ServerBuilder::new().url(base_path).build()]))
        .paths(table.paths)
        .components(table.components)
        .build();
    for (alias, path) in ALIASES {
        if let Some(mut item) = document.paths.paths.get(path).cloned() {
            if let Some(operation) = &mut item.post {
                operation.summary = Some(format!("The same as `{path}`."));
            }
            document.paths.paths.insert(alias.to_owned(), item);
        }
    }
    for (path, item) in &mut document.paths.paths {
        let PathItem { get, post, .. } = item;
        for (operation, method) in [(get, Method::Get), (post, Method::Post)] {
            if let Some(operation) = operation {
                operation.operation_id = Some(operation_id(method, path));
                add_error_responses(operation, method);
            }
        }
    }
    let components = document.components.get_or_insert_default();
    additional_fields::describe(components, fields);
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie_name)));
    components.add_security_scheme("cookie", cookie);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    document
}

/// Returns the operation's name, which generated clients call it by: two operations must not share one.
fn operation_id(method: Method, path: &str) -> String {
    let method = match method {
        Method::Get => "get",
        Method::Post => "post",
    };
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    [method].into_iter().chain(words).collect::<Vec<_>>().join("_")
}

fn reads_input(operation: &Operation) -> bool {
    operation.request_body.is_some() || operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty())
}

fn has_path_parameter(operation: &Operation) -> bool {
    operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => matches!(parameter.parameter_in, ParameterIn::Path),
        RefOr::Ref(_) => false,
    })
}

fn add_error_responses(operation: &mut Operation, method: Method) {
    for (status, description, applies) in ERROR_RESPONSES {
        if applies(operation, method) && !operation.responses.responses.contains_key(status) {
            let content = Content::builder().schema(Some(Ref::from_schema_name("Problem"))).build();
            let response = ResponseBuilder::new().description(description).content("application/json", content);
            operation.responses.responses.insert(status.to_owned(), RefOr::T(response.build()));
        }
    }
}

/// Holds the document, serialised once.
#[derive(Debug, Clone)]
pub(crate) struct Document(pub(crate) Bytes);

/// Get this document
#[utoipa::path(get, path = "/openapi.json", tag = "Service",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)))]
pub(crate) async fn openapi(Extension(Document(json)): Extension<Document>) -> Response {
    let mut response = Response::new(Body::from(json));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
