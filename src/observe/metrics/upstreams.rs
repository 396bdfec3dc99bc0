//! Reads from the metrics which servers of upstreams are used.

use prometheus::core::Collector;

use crate::observe::Metrics;

/// Says whether requests go to a server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UpstreamState {
    pub upstream: String,
    pub server: String,
    pub is_up: bool,
}

impl Metrics {
    /// Lists the servers of the configuration in force by their names.
    #[must_use]
    pub fn upstreams(&self) -> Vec<UpstreamState> {
        let families = self.upstream_up.collect();
        let mut states: Vec<UpstreamState> = families
            .iter()
            .flat_map(prometheus::proto::MetricFamily::get_metric)
            .map(|metric| {
                let label = |name: &str| {
                    let label = metric.get_label().iter().find(|label| label.name() == name);
                    label.map(|label| label.value().to_owned()).unwrap_or_default()
                };
                UpstreamState {
                    upstream: label("upstream"),
                    server: label("server"),
                    is_up: metric.get_gauge().get_value() > 0.0,
                }
            })
            .collect();
        states.sort();
        states
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_listed_by_name() {
        let metrics = Metrics::new();
        metrics.upstream_up.with_label_values(&["web", "http://b:1"]).set(0);
        metrics.upstream_up.with_label_values(&["api", "http://a:1"]).set(1);
        let found: Vec<_> =
            metrics.upstreams().into_iter().map(|state| (state.upstream, state.server, state.is_up)).collect();
        let state = |upstream: &str, server: &str, is_up| (upstream.to_owned(), server.to_owned(), is_up);
        assert_eq!(found, [state("api", "http://a:1", true), state("web", "http://b:1", false)]);
    }
}
