//! Is the client's side of a request: HTTP/1.1 on a connection of its own or one after the other, HTTP/2 on a stream.

mod any_version;
pub(crate) mod http1;
pub(crate) mod http2;
pub(crate) mod load;
pub(crate) mod timer;

pub(crate) use any_version::{BODY_TIMEOUT, Client, ClientEnd, ClientError};
