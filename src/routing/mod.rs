//! Is the route table: which upstream a request goes to and who may send it. The proxy and `authgate routes` read it
//! alike.

pub(crate) mod accepted_hosts;
pub(crate) mod own_paths;
pub mod path;
mod pattern;
mod table;

pub use path::{CanonicalPath, PathError};
pub use pattern::{PathPattern, PatternError};
pub use table::{
    Access, CorsBy, CrossOriginWrites, Fit, OnUnauthenticated, RateLimit, RatePer, Requirements, Route, RouteId,
    RouteTimeouts, Routes, UpstreamId,
};
