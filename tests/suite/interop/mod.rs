//! Other software as it really is, on the other side of the gateway.

mod fastapi;
// Elsewhere only the system's settings say which authorities are trusted.
#[cfg(target_os = "linux")]
mod mail_server;
mod starlette;
