//! Writes what a response of the auth API carries: cookies, JSON, redirects, QR codes. It also pads how long a response
//! takes.

pub(crate) mod admin_views;
pub(crate) mod api_key_view;
pub(crate) mod claims;
pub(crate) mod cookie;
pub(crate) mod json;
pub(crate) mod organization_view;
pub(crate) mod passkey_view;
pub(crate) mod provider_views;
pub(crate) mod qr_code;
pub(crate) mod redirect;
pub(crate) mod sign_in;
pub(crate) mod timing;
pub(crate) mod views;
