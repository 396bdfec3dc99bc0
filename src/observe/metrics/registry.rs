//! Makes and registers one metric.

use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

fn options(name: &str, help: &str) -> Opts {
    Opts::new(format!("authgate_{name}"), help)
}

/// Registers a metric that was made; two of one name are a defect that every test finds.
pub(crate) fn register<M: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    made: prometheus::Result<M>,
) -> M {
    let metric = made.expect("the metric's name and labels are valid");
    registry.register(Box::new(metric.clone())).expect("metric names are unique");
    metric
}

pub(crate) fn counter(registry: &Registry, name: &str, help: &str) -> IntCounter {
    register(registry, IntCounter::with_opts(options(name, help)))
}

pub(crate) fn counters(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    register(registry, IntCounterVec::new(options(name, help), labels))
}

pub(crate) fn gauge(registry: &Registry, name: &str, help: &str) -> IntGauge {
    register(registry, IntGauge::with_opts(options(name, help)))
}

pub(crate) fn gauges(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
    register(registry, IntGaugeVec::new(options(name, help), labels))
}

pub(crate) fn histogram(registry: &Registry, name: &str, help: &str, buckets: &[f64]) -> Histogram {
    let options = HistogramOpts::new(format!("authgate_{name}"), help).buckets(buckets.to_vec());
    register(registry, Histogram::with_opts(options))
}
