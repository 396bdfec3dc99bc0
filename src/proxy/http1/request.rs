//! Makes a request out of a head that was found to be good.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Version};
use pingora::{ErrorType, OrErr, http::RequestHeader};

use crate::proxy::http1::{head::Head, header_case::HeaderCase};

/// Returns the request whose head these bytes are, and how its names are spelled. The values stay where they are.
pub(crate) fn from_head(head: &Head, bytes: &Bytes) -> pingora::Result<(RequestHeader, HeaderCase)> {
    const INVALID: ErrorType = ErrorType::InvalidHTTPHeader;
    let method = bytes.get(head.method.clone()).unwrap_or_default();
    let target = bytes.get(head.target.clone()).unwrap_or_default();
    let mut request = RequestHeader::build_no_case(method, target, Some(head.fields.len()))?;
    request.set_version(if head.is_http_1_1 { Version::HTTP_11 } else { Version::HTTP_10 });
    for (name, value) in &head.fields {
        let name = HeaderName::from_bytes(&bytes[name.clone()]).or_err(INVALID, "a name")?;
        let value = HeaderValue::from_maybe_shared(bytes.slice(value.clone())).or_err(INVALID, "a value")?;
        request.append_header(name, value)?;
    }
    let header_case = HeaderCase::from_names(head.fields.iter().map(|(name, _)| &bytes[name.clone()]), bytes);
    Ok((request, header_case))
}
