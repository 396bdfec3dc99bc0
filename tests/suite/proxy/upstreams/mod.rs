//! Several servers, servers that fail, and the ways to reach them.

mod balance;
mod health;
mod http2;
mod names;
mod retry;
mod sockets;
mod tls;
