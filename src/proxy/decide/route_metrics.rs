//! Holds metrics per route, looked up once at start instead of once a request.

use prometheus::{Histogram, IntCounter};

use crate::{observe::Metrics, proxy::decide::state::Responder, routing::Routes};

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Holds the handles of every route, of the auth API, and of requests that matched nothing.
#[derive(Debug)]
pub(crate) struct RouteMetrics {
    routes: Vec<Handles>,
    local: Handles,
    none: Handles,
}

#[derive(Debug)]
struct Handles {
    classes: [IntCounter; 5],
    duration: Histogram,
}

impl RouteMetrics {
    pub(crate) fn new(metrics: &Metrics, routes: &Routes) -> Self {
        let handles = |name: &str| Handles {
            classes: CLASSES.map(|class| metrics.requests.with_label_values(&[name, class])),
            duration: metrics.request_duration.with_label_values(&[name]),
        };
        Self {
            routes: routes.iter().map(|route| handles(&route.name)).collect(),
            local: handles("_auth"),
            none: handles("_none"),
        }
    }

    pub(crate) fn observe(&self, responder: Responder, status: u16, seconds: f64) {
        let handles = match responder {
            Responder::NoRoute => &self.none,
            Responder::Local => &self.local,
            Responder::Route(id) => &self.routes[id.index()],
        };
        if let Some(class) = handles.classes.get(usize::from(status / 100).wrapping_sub(1)) {
            class.inc();
        }
        handles.duration.observe(seconds);
    }
}
