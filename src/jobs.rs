//! Periodic work beside the requests.
