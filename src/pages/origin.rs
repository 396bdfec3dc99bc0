//! Says from which origin a page is asked for, and whether a form came from one of ours: as at the auth API, whose rules
//! hold for the pages too (CSRF-01, CSRF-04).

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

use crate::{pages::state::Pages, types::Origin};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Says where a form came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FormSource {
    /// A page of ours, of this origin.
    Own(Origin),
    /// A page of the further host that it was sent to, whose origin is not trusted.
    Untrusted(Origin),
    Foreign,
}

/// Returns the origin that a visitor sees: the public one, or a further host's where it is trusted.
pub(crate) fn own_origin(headers: &HeaderMap, pages: &Pages) -> Origin {
    let public = pages.auth.public_url.origin();
    let host = host_origin(headers, pages).filter(|origin| pages.auth.trusted_origins.allows(origin));
    host.unwrap_or_else(|| public.clone())
}

/// Tells where a form came from. Browsers name the origin, the referring page or the site; of what is named twice, nothing
/// counts. Old ones that name nothing have the form's token only.
pub(crate) fn form_source(headers: &HeaderMap, pages: &Pages) -> FormSource {
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter();
    if sites.next().is_some_and(|site| site != "same-origin") || sites.next().is_some() {
        return FormSource::Foreign;
    }
    let host = host_origin(headers, pages);
    let named = match one(headers, &header::ORIGIN) {
        Ok(Some(origin)) => origin.to_str().ok().and_then(|text| Origin::parse(text).ok()),
        Ok(None) => match one(headers, &header::REFERER) {
            Ok(Some(page)) => page.to_str().ok().and_then(|text| Origin::from_url(&Url::parse(text).ok()?).ok()),
            Ok(None) => host.clone(),
            Err(Twice) => None,
        },
        Err(Twice) => None,
    };
    match named {
        Some(named) if named == *pages.auth.public_url.origin() => FormSource::Own(named),
        Some(named) if Some(&named) != host.as_ref() => FormSource::Foreign,
        Some(named) if pages.auth.trusted_origins.allows(&named) => FormSource::Own(named),
        Some(named) => FormSource::Untrusted(named),
        None => FormSource::Foreign,
    }
}

/// Returns the origin of the host that was asked, which the proxy has found among those that are served. There is one
/// scheme, that of the public URL.
fn host_origin(headers: &HeaderMap, pages: &Pages) -> Option<Origin> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let scheme = if pages.is_secure() { "https" } else { "http" };
    Origin::parse(&format!("{scheme}://{host}")).ok()
}

/// Says that a field is there twice.
struct Twice;

fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h HeaderValue>, Twice> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (first, None) => Ok(first),
        (_, Some(_)) => Err(Twice),
    }
}
